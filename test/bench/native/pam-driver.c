/* Logs in as sshd would, behind a key, each login in a process of its own, and times it. stdin: a line
 * "workers count service answer" and count lines with a name each; at most `workers` of them log in at
 * the same time. stdout: a line "wall-ns", then for each login, in order, "result ns cpu-us". What is
 * timed is all that PAM does before the session: start, authenticate, acct_mgmt, setcred, end. */
#define _DEFAULT_SOURCE
#include <security/pam_appl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* pam_exec closes every descriptor up to this limit: its time depends on it. */
#define DESCRIPTORS 1024
#define MOST_LOGINS 4096
#define KEY "AAAAC3NzaC1lZDI1NTE5AAAAIIbJyYk0pdQfB1qWUXsl0nJHLwcS9EjFK8ESbVmbHxM0"

struct login {
  char user[64];
  pid_t pid;
  int result;
  long long ns, cpu_us;
};

static struct login *logins;

static int answer_all(int count, const struct pam_message **asked, struct pam_response **given,
                      void *answer) {
  struct pam_response *all = calloc(count, sizeof *all);
  if (all == NULL) return PAM_BUF_ERR;
  for (int i = 0; i < count; i++) {
    int style = asked[i]->msg_style;
    if (style == PAM_PROMPT_ECHO_OFF || style == PAM_PROMPT_ECHO_ON) all[i].resp = strdup(answer);
  }
  *given = all;
  return PAM_SUCCESS;
}

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long micros(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

static int log_in(const char *service, const char *user, char *answer, int index) {
  struct pam_conv conversation = {answer_all, answer};
  pam_handle_t *pam;
  char connection[64];
  snprintf(connection, sizeof connection, "SSH_CONNECTION=192.0.2.7 %d 192.0.2.1 22", 20000 + index);
  int result = pam_start(service, user, &conversation, &pam);
  if (result != PAM_SUCCESS) return result;
  pam_set_item(pam, PAM_TTY, "ssh");
  pam_set_item(pam, PAM_RHOST, "192.0.2.7");
  pam_putenv(pam, connection);
  pam_putenv(pam, "SSH_AUTH_INFO_0=publickey ssh-ed25519 " KEY "\n");
  result = pam_authenticate(pam, 0);
  if (result == PAM_SUCCESS) result = pam_acct_mgmt(pam, 0);
  if (result == PAM_SUCCESS) result = pam_setcred(pam, PAM_ESTABLISH_CRED);
  pam_end(pam, result);
  return result;
}

static void start(const char *service, char *answer, int index) {
  struct login *login = &logins[index];
  login->result = -1;
  login->ns = 0;
  pid_t child = fork();
  if (child < 0) exit(2);
  if (child > 0) {
    login->pid = child;
    return;
  }
  long long begun = now();
  int result = log_in(service, login->user, answer, index);
  login->ns = now() - begun;
  login->result = result;
  _exit(0);
}

static void await_one(int started) {
  struct rusage used;
  pid_t pid = wait4(-1, NULL, 0, &used);
  for (int i = 0; i < started; i++)
    if (logins[i].pid == pid) logins[i].cpu_us = micros(used.ru_utime) + micros(used.ru_stime);
}

int main(void) {
  struct rlimit limit = {DESCRIPTORS, DESCRIPTORS};
  size_t size = MOST_LOGINS * sizeof *logins;
  logins = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (logins == MAP_FAILED || setrlimit(RLIMIT_NOFILE, &limit) != 0) return 2;
  /* As under sshd: a program that does not read the code must not end the login. */
  signal(SIGPIPE, SIG_IGN);
  char service[64], answer[64];
  int workers, count;
  while (scanf("%d %d %63s %63s", &workers, &count, service, answer) == 4) {
    if (count > MOST_LOGINS) return 2;
    for (int i = 0; i < count; i++)
      if (scanf("%63s", logins[i].user) != 1) return 2;
    long long begun = now();
    for (int i = 0; i < count; i++) {
      if (i >= workers) await_one(i);
      start(service, answer, i);
    }
    for (int i = count < workers ? count : workers; i > 0; i--) await_one(count);
    printf("%lld\n", now() - begun);
    for (int i = 0; i < count; i++)
      printf("%d %lld %lld\n", logins[i].result, logins[i].ns, logins[i].cpu_us);
    fflush(stdout);
  }
  return 0;
}
