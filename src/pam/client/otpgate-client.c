/*
 * otpgate-verify, where it is compiled: asks otpgated, and becomes otpgate-verify-direct where
 * there is none or no answer. Started by pam_exec with whatever is in PAM's environment, hence
 * static, without heap and without stdio. Ends with 0 only for an exact yes.
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
#include "first-factor.h"

#define DEFAULT_SOCKET "/run/otpgate/otpgated.sock"
#define DIRECT_NAME "otpgate-verify-direct"
/* Of src/domain/message.ts: what is asked where nothing can tell another text. */
#define DEFAULT_PROMPT "Enter the 6-digit code from your authenticator app, or a recovery code."

/* Of the whole verifier, as in src/pam/main.ts: sshd waits for 120 s (LoginGraceTime). */
#define DEADLINE_MS 20000
#define PATIENCE_MS 2000
/* Where nobody else can answer. */
#define PATIENCE_ALONE_MS 5000
#define SAY_MS 300

/* As src/host/stdin-secret.ts reads it. */
#define ANSWER_LIMIT 512
#define ARGUMENT_LIMIT 24
#define PATH_LIMIT 4096
/* PAM and sshd set eight. */
#define VARIABLE_LIMIT 64

/* syslog(3) */
#define AUTHPRIV (10 << 3)
#define SEVERITY_ERR 3
#define SEVERITY_WARNING 4

extern char **environ;

/* The first four stand in the frame. */
enum mode { NO_MODE, CODE, EXCUSED, ACCOUNT, OUTSIDE_GROUP, FIRST_FACTOR_MISSING, ONLY_DIRECT };

enum variable { USER, SERVICE, TYPE, TTY, RHOST, CONNECTION, AUTH_INFO, RUSER, VARIABLES };

/* Those before AUTH_INFO, in this order, are the entries of a request from USER_TAG on. */
static const char *const VARIABLE_NAMES[VARIABLES] = {
  "PAM_USER", "PAM_SERVICE", "PAM_TYPE", "PAM_TTY",
  "PAM_RHOST", "SSH_CONNECTION", "SSH_AUTH_INFO_0", "PAM_RUSER",
};

enum request_tag {
  CONFIG_TAG = 1, GROUP_TAG, USER_TAG, METHOD_TAG = 9, KEY_TYPE_TAG, FINGERPRINT_TAG, ANSWER_TAG,
};

struct arguments {
  enum mode mode;
  /* NULL: not named. */
  const char *config, *group, *socket;
};

/* What the person typed. */
struct typed {
  uint8_t bytes[ANSWER_LIMIT];
  size_t length;
  bool was_read;
};

/* One run. */
struct login {
  int64_t started;
  char *const *argv;
  struct arguments arguments;
  /* KEY=VALUE each, as it came; NULL: not there. */
  char *entries[VARIABLES];
  uint8_t attempt[ATTEMPT_BYTES];
  struct typed typed;
  struct frame request, answer;
  /* Of the direct verifier; empty: there is none. */
  char direct[PATH_LIMIT];
};

/* ---- what is said ---- */

struct line {
  char text[LOG_LINE_LIMIT + 64];
  size_t length;
};

static void add(struct line *line, const void *text, size_t length) {
  length = smaller(length, sizeof line->text - line->length);
  memcpy(line->text + line->length, text, length);
  line->length += length;
}

static void add_text(struct line *line, const char *text) {
  add(line, text, strlen(text));
}

static void add_number(struct line *line, uint64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do digits[--at] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  add(line, digits + at, sizeof digits - at);
}

/* Where syslog listens on a stream, a NUL ends the message. */
static bool send_to_log(int kind, const struct line *line, size_t length) {
  const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
  int fd = socket(AF_UNIX, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return true;
  bool is_kind = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
  bool is_other = !is_kind && errno == EPROTOTYPE;
  if (is_kind) (void)!send(fd, line->text, length, MSG_NOSIGNAL);
  close(fd);
  return !is_other;
}

/* One line to the authpriv log. Whatever becomes of it decides nothing. */
static void log_line(unsigned severity, const void *text, size_t length) {
  struct line line = {.length = 0};
  add_text(&line, "<");
  add_number(&line, AUTHPRIV | severity);
  add_text(&line, ">otpgate-verify[");
  add_number(&line, (uint64_t)getpid());
  add_text(&line, "]: ");
  add(&line, text, length);
  size_t end = line.length;
  add(&line, "", 1);
  if (!send_to_log(SOCK_DGRAM, &line, end)) (void)send_to_log(SOCK_STREAM, &line, line.length);
}

/* One line to the person, by pam_exec's `stdout`. Somebody who has hung up holds up nobody. */
static void say(const void *text, size_t length) {
  struct line line = {.length = 0};
  add(&line, text, length);
  add_text(&line, "\n");
  if (wait_for(STDOUT_FILENO, POLLOUT, now_ms() + SAY_MS)) {
    (void)!write(STDOUT_FILENO, line.text, line.length);
  }
}

static void pass_on(uint8_t tag, const uint8_t *text, size_t length) {
  if (tag == PERSON_TAG) say(text, length);
  else log_line(tag, text, length);
}

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

/* ---- what is asked ---- */

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

static bool is_key(const char *entry, size_t length, const char *key) {
  return length == strlen(key) && memcmp(entry, key, length) == 0;
}

/* Keys that tell who logs in, or may do so one day. */
static bool is_of_login(const char *entry, size_t key_length) {
  if (strncmp(entry, "PAM_", 4) == 0) return true;
  return is_key(entry, key_length, VARIABLE_NAMES[CONNECTION]) ||
         is_key(entry, key_length, VARIABLE_NAMES[AUTH_INFO]);
}

/*
 * As src/host/pam-env.ts: false where a variable occurs twice or has no value, since whoever could
 * add to PAM's list would otherwise choose which of the two is believed.
 */
static bool read_environment(struct login *login) {
  const char *seen[VARIABLE_LIMIT];
  size_t count = 0;
  for (char **entry = environ; *entry != NULL; entry++) {
    size_t key_length = strcspn(*entry, "=");
    if (!is_of_login(*entry, key_length)) continue;
    if ((*entry)[key_length] == '\0' || count == VARIABLE_LIMIT) return false;
    for (size_t i = 0; i < count; i++) {
      if (strncmp(seen[i], *entry, key_length + 1) == 0) return false;
    }
    seen[count++] = *entry;
    for (size_t i = 0; i < VARIABLES; i++) {
      if (is_key(*entry, key_length, VARIABLE_NAMES[i])) login->entries[i] = *entry;
    }
  }
  return true;
}

static const char *value_of(const struct login *login, enum variable variable) {
  const char *entry = login->entries[variable];
  return entry == NULL ? NULL : strchr(entry, '=') + 1;
}

static enum mode mode_of(const char *word) {
  if (strcmp(word, "--excused") == 0) return EXCUSED;
  if (strcmp(word, "--account") == 0) return ACCOUNT;
  if (strcmp(word, "--outside-group") == 0) return OUTSIDE_GROUP;
  if (strcmp(word, "--first-factor-missing") == 0) return FIRST_FACTOR_MISSING;
  /* The daemon runs without the right to look at a password. */
  if (strcmp(word, "--password-and-code") == 0) return ONLY_DIRECT;
  return NO_MODE;
}

/* As src/pam/arguments.ts; what is not understood is for the direct verifier to refuse. */
static struct arguments read_arguments(char *const *argv) {
  struct arguments read = {.mode = CODE, .socket = DEFAULT_SOCKET};
  const struct arguments unclear = {.mode = ONLY_DIRECT};
  while (*argv != NULL) {
    const char *word = *argv++;
    enum mode mode = mode_of(word);
    const char **value = NULL;
    if (mode != NO_MODE && read.mode != CODE) return unclear;
    if (mode != NO_MODE) read.mode = mode;
    if (mode == OUTSIDE_GROUP) value = &read.group;
    else if (strcmp(word, "--config") == 0) value = &read.config;
    else if (strcmp(word, "--socket") == 0) value = &read.socket;
    else if (mode == NO_MODE) return unclear;
    if (value == NULL) continue;
    if (*argv == NULL) return unclear;
    *value = *argv++;
    bool is_name = **value != '\0' && **value != '-';
    if (mode == OUTSIDE_GROUP ? !is_name : **value != '/') return unclear;
  }
  return read;
}

/* A terminal gives one line; all else is read to its end, or until it is longer than any answer. */
static bool read_typed(struct typed *typed, int64_t until) {
  struct stat input;
  if (fstat(STDIN_FILENO, &input) != 0) return false;
  while (typed->length < sizeof typed->bytes) {
    if (!wait_for(STDIN_FILENO, POLLIN, until)) return false;
    size_t room = sizeof typed->bytes - typed->length;
    ssize_t count = read(STDIN_FILENO, typed->bytes + typed->length, room);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count < 0) return false;
    typed->length += (size_t)count;
    if (count == 0 || S_ISCHR(input.st_mode)) break;
  }
  typed->was_read = true;
  return true;
}

/* Whether all that the direct verifier would read is ASCII, so that it is UTF-8 for certain. */
static bool is_ascii(const struct login *login) {
  for (size_t i = 0; i < VARIABLES; i++) {
    for (const char *at = login->entries[i]; at != NULL && *at != '\0'; at++) {
      if ((unsigned char)*at > 127) return false;
    }
  }
  return true;
}

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

/* Beside our own file, wherever that was started from. */
static void find_direct(struct login *login) {
  struct stat found;
  ssize_t length = readlink("/proc/self/exe", login->direct, sizeof login->direct - 1);
  login->direct[length < 0 ? 0 : length] = '\0';
  char *slash = strrchr(login->direct, '/');
  size_t at = slash == NULL ? 0 : (size_t)(slash - login->direct) + 1;
  if (at > 0 && at + sizeof DIRECT_NAME <= sizeof login->direct) {
    memcpy(login->direct + at, DIRECT_NAME, sizeof DIRECT_NAME);
    if (stat(login->direct, &found) == 0 && S_ISREG(found.st_mode) && (found.st_mode & 0111) != 0) {
      return;
    }
  }
  login->direct[0] = '\0';
}

/* What was read has to be there once more: a pipe holds it all, and its end. */
static bool restore_typed(struct typed *typed) {
  int ends[2];
  if (!typed->was_read) return true;
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  bool is_written = write(ends[1], typed->bytes, typed->length) == (ssize_t)typed->length;
  return is_written && dup2(ends[0], STDIN_FILENO) == STDIN_FILENO;
}

static void wipe(struct login *login) {
  explicit_bzero(&login->typed.bytes, sizeof login->typed.bytes);
  explicit_bzero(&login->request.bytes, sizeof login->request.bytes);
}

static void write_hex(char text[2 * ATTEMPT_BYTES + 1], const uint8_t attempt[ATTEMPT_BYTES]) {
  for (size_t i = 0; i < ATTEMPT_BYTES; i++) {
    text[2 * i] = "0123456789abcdef"[attempt[i] >> 4];
    text[2 * i + 1] = "0123456789abcdef"[attempt[i] & 15];
  }
  text[2 * ATTEMPT_BYTES] = '\0';
}

/*
 * Comes back only where it failed. The attempt lets it find what the daemon may have decided since.
 */
static int become_direct(struct login *login) {
  static char attempt_word[] = "--attempt", time_word[] = "--time-left";
  char attempt[2 * ATTEMPT_BYTES + 1];
  struct line time_left = {.length = 0};
  char *argv[ARGUMENT_LIMIT + 6] = {login->direct};
  char *variables[VARIABLES + 1] = {NULL};
  size_t count = 1, kept = 0;
  for (char *const *word = login->argv; *word != NULL; word++) {
    if (count > ARGUMENT_LIMIT) return deny(login, "ERR_USAGE", "too many arguments");
    argv[count++] = *word;
  }
  int64_t left = login->started + DEADLINE_MS - now_ms();
  if (left <= 0) return deny(login, "ERR_DEADLINE", "no time is left");
  write_hex(attempt, login->attempt);
  add_number(&time_left, (uint64_t)left);
  add(&time_left, "", 1);
  argv[count++] = attempt_word;
  argv[count++] = attempt;
  argv[count++] = time_word;
  argv[count] = time_left.text;
  for (size_t i = 0; i < VARIABLES; i++) {
    if (login->entries[i] != NULL) variables[kept++] = login->entries[i];
  }
  if (restore_typed(&login->typed)) {
    wipe(login);
    execve(login->direct, argv, variables);
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

static int ask(struct login *login) {
  if (login->arguments.mode == CODE && !read_typed(&login->typed, login->started + DEADLINE_MS)) {
    return deny(login, "ERR_PAM_ENVIRONMENT", "standard input cannot be read");
  }
  if (login->arguments.mode > OUTSIDE_GROUP) return fall_back(login, "");
  write_request(login);
  /* Names of 40 kB come from strangers: the line of the direct verifier is enough. */
  if (login->request.is_unfit) return fall_back(login, "");
  int64_t patience = login->direct[0] == '\0' ? PATIENCE_ALONE_MS : PATIENCE_MS;
  const char *wrong = ask_daemon(login->arguments.socket, &login->request, &login->answer,
                                 now_ms() + patience);
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
