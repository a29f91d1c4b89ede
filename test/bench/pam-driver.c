/* Logs in as sshd would, behind a key, and times it: for each line "service user answer" on stdin one
 * line "result nanoseconds" on stdout. pam_authenticate and, where that succeeds, pam_acct_mgmt. */
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* pam_exec closes every descriptor up to this limit: its time depends on it. */
#define DESCRIPTORS 1024

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

int main(void) {
  struct rlimit limit = {DESCRIPTORS, DESCRIPTORS};
  char service[64], user[64], answer[64];
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return 2;
  while (scanf("%63s %63s %63s", service, user, answer) == 3) {
    struct pam_conv conversation = {answer_all, answer};
    pam_handle_t *pam;
    if (pam_start(service, user, &conversation, &pam) != PAM_SUCCESS) return 2;
    pam_set_item(pam, PAM_TTY, "ssh");
    pam_set_item(pam, PAM_RHOST, "192.0.2.7");
    pam_putenv(pam, "SSH_CONNECTION=192.0.2.7 50000 192.0.2.1 22");
    pam_putenv(pam, "SSH_AUTH_INFO_0=publickey ssh-ed25519 AAAA\n");
    long long begun = now();
    int result = pam_authenticate(pam, 0);
    if (result == PAM_SUCCESS) result = pam_acct_mgmt(pam, 0);
    printf("%d %lld\n", result, now() - begun);
    fflush(stdout);
    pam_end(pam, result);
  }
  return 0;
}
