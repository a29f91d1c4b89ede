/*
 * otpgate-verify, where it is compiled: asks otpgated, and becomes otpgate-verify-direct where
 * there is none or no answer. Started by pam_exec with whatever is in PAM's environment, hence
 * static, without heap and without stdio. Ends with 0 only for an exact yes.
 *
 * This file and the headers beside it are one program, compiled as one file: a header holds the
 * static functions of one matter, with their code.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon.h"
#include "deadline.h"
#include "direct.h"
#include "first-factor.h"
#include "frame.h"
#include "log.h"
#include "login.h"

/* Of src/domain/message.ts: what is asked where nothing can tell another text. */
#define DEFAULT_PROMPT "Enter the 6-digit code from your authenticator app, or a recovery code."

/* Of the whole verifier, as in src/pam/main.ts: sshd waits for 120 s (LoginGraceTime). */
#define DEADLINE_MS 20000
/*
 * With the daemon. Where it hangs, each of a login's three lines waits so long, and all of that is
 * to stay below 5 s. Only the line with the code may have a hash to compute, of a recovery code.
 */
#define PATIENCE_CODE_MS 2000
#define PATIENCE_MS 1000
/* Where nobody else can answer. */
#define PATIENCE_ALONE_MS 5000

enum request_tag {
  CONFIG_TAG = 1, GROUP_TAG, USER_TAG, METHOD_TAG = 9, KEY_TYPE_TAG, FINGERPRINT_TAG, ANSWER_TAG,
};

/*
 * No, with its cause. The question comes next whatever broke: from outside nothing looks different.
 */
static int deny(const struct login *login, const char *reason, const char *what) {
  struct line line = {.length = 0};
  add_text(&line, "error reason=");
  add_text(&line, reason);
  add_text(&line, " what=\"");
  add_text(&line, what);
  add_text(&line, "\"");
  log_line(SEVERITY_ERR, line.text, line.length);
  for (char *const *word = login->argv; *word != NULL; word++) {
    if (strcmp(*word, "--excused") == 0) {
      say(DEFAULT_PROMPT, sizeof DEFAULT_PROMPT - 1);
      break;
    }
  }
  return 1;
}

/*
 * Where 0 to 2 are closed, a socket must not become one of them. A core dump would hold the code.
 */
static bool secure_process(void) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) return false;
  }
  const struct rlimit none = {0, 0};
  const struct sigaction ignore = {.sa_handler = SIG_IGN};
  return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
         sigaction(SIGPIPE, &ignore, NULL) == 0;
}

/* ---- what is asked ---- */

static void put_text(struct frame *frame, uint8_t tag, const char *text) {
  if (text != NULL) put_entry(frame, tag, text, strlen(text));
}

static void write_request(struct login *login) {
  struct frame *request = &login->request;
  struct first_factor factor;
  enum proof proof = read_first_factor(value_of(login, AUTH_INFO), &factor);
  begin_frame(request, (uint8_t)login->arguments.mode, login->attempt);
  put_text(request, CONFIG_TAG, login->arguments.config);
  put_text(request, GROUP_TAG, login->arguments.group);
  for (unsigned i = USER; i <= CONNECTION; i++) {
    put_text(request, (uint8_t)(USER_TAG + i), value_of(login, i));
  }
  if (proof == PROOF_SHOWN) {
    put_entry(request, METHOD_TAG, factor.method.at, factor.method.length);
    if (factor.key_type.length > 0) {
      put_entry(request, KEY_TYPE_TAG, factor.key_type.at, factor.key_type.length);
    }
    if (factor.has_fingerprint) {
      put_entry(request, FINGERPRINT_TAG, factor.fingerprint, sizeof factor.fingerprint);
    }
  }
  const struct typed *typed = &login->typed;
  if (typed->was_read) put_entry(request, ANSWER_TAG, typed->bytes, typed->length);
  if (proof == PROOF_ODD) request->is_unfit = true;
}

/* ---- who answers ---- */

/*
 * Comes back only where it failed. The attempt lets it find what the daemon may have decided since.
 */
static int become_direct(struct login *login) {
  struct call call = {.time_left = {.length = 0}};
  int64_t left = login->started + DEADLINE_MS - now_ms();
  if (left <= 0) return deny(login, "ERR_DEADLINE", "no time is left");
  if (!build_argv(login, left, &call)) return deny(login, "ERR_USAGE", "too many arguments");
  build_variables(login, &call);
  if (restore_typed(&login->typed)) {
    wipe(login);
    execve(login->direct, call.argv, call.variables);
  }
  return deny(login, "ERR_VERIFIER_FAILED", "the direct verifier does not start");
}

static int fall_back(struct login *login, const char *why) {
  struct line line = {.length = 0};
  if (*why != '\0') {
    add_text(&line, "fallback reason=");
    add_text(&line, why);
    log_line(SEVERITY_WARNING, line.text, line.length);
  }
  if (login->direct[0] != '\0') return become_direct(login);
  return deny(login, "ERR_VERIFIER_FAILED", "nobody is there to answer");
}

static int64_t patience_of(const struct login *login) {
  if (login->direct[0] == '\0') return PATIENCE_ALONE_MS;
  return login->arguments.mode == CODE ? PATIENCE_CODE_MS : PATIENCE_MS;
}

static int ask(struct login *login) {
  if (login->arguments.mode == CODE && !read_typed(&login->typed, login->started + DEADLINE_MS)) {
    return deny(login, "ERR_PAM_ENVIRONMENT", "standard input cannot be read");
  }
  if (login->arguments.mode > OUTSIDE_GROUP) return fall_back(login, "");
  write_request(login);
  /* Names of 40 kB come from strangers: the line of the direct verifier is enough. */
  if (login->request.is_unfit) return fall_back(login, "");
  const char *wrong = ask_daemon(login->arguments.socket, &login->request, &login->answer,
                                 now_ms() + patience_of(login));
  if (wrong != NULL) return fall_back(login, wrong);
  uint8_t verdict = login->answer.bytes[5];
  /* As it should be: another configuration, or a daemon that ends. */
  if (verdict == VERDICT_ASK_DIRECT) return fall_back(login, "");
  (void)go_through_entries(&login->answer, pass_on);
  return verdict == VERDICT_ADMITTED ? 0 : 1;
}

/* One login by the verifier's line in pam.d. */
static int verify(struct login *login) {
  if (!secure_process()) return 1;
  if (!read_environment(login)) {
    return deny(login, "ERR_PAM_ENVIRONMENT", "a variable occurs twice or has no value");
  }
  const char *type = value_of(login, TYPE);
  if (value_of(login, USER) == NULL || value_of(login, SERVICE) == NULL || type == NULL) {
    return deny(login, "ERR_PAM_ENVIRONMENT", "not run by pam_exec");
  }
  login->arguments = read_arguments(login->argv);
  if (login->arguments.mode == FIRST_FACTOR_MISSING && is_ascii(login)) {
    struct first_factor factor;
    if (strcmp(type, "auth") != 0) {
      return deny(login, "ERR_PAM_ENVIRONMENT", "not in the auth phase");
    }
    return read_first_factor(value_of(login, AUTH_INFO), &factor) == PROOF_NONE ? 0 : 1;
  }
  if (getrandom(login->attempt, sizeof login->attempt, 0) != sizeof login->attempt) {
    return deny(login, "ERR_INTERNAL", "no random numbers");
  }
  find_direct(login);
  return ask(login);
}

int main(int argc, char **argv) {
  struct login login = {.started = now_ms(), .argv = argv + (argc > 0 ? 1 : 0)};
  int status = verify(&login);
  wipe(&login);
  return status;
}
