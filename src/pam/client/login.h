/* What a login asks: by the environment, the arguments and the standard input of the program. */
#ifndef OTPGATE_LOGIN_H
#define OTPGATE_LOGIN_H

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deadline.h"
#include "frame.h"

#define DEFAULT_SOCKET "/run/otpgate/otpgated.sock"

/* As src/host/stdin-secret.ts reads it. */
#define ANSWER_LIMIT 512
#define PATH_LIMIT 4096
/* PAM and sshd set eight. */
#define VARIABLE_LIMIT 64

extern char **environ;

/* The first four stand in the frame. */
enum mode { NO_MODE, CODE, EXCUSED, ACCOUNT, OUTSIDE_GROUP, FIRST_FACTOR_MISSING, ONLY_DIRECT };

enum variable { USER, SERVICE, TYPE, TTY, RHOST, CONNECTION, AUTH_INFO, RUSER, VARIABLES };

/* Those before AUTH_INFO, in this order, are the entries of a request from USER_TAG on. */
static const char *const VARIABLE_NAMES[VARIABLES] = {
  "PAM_USER", "PAM_SERVICE", "PAM_TYPE", "PAM_TTY",
  "PAM_RHOST", "SSH_CONNECTION", "SSH_AUTH_INFO_0", "PAM_RUSER",
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

static void wipe(struct login *login) {
  explicit_bzero(&login->typed.bytes, sizeof login->typed.bytes);
  explicit_bzero(&login->request.bytes, sizeof login->request.bytes);
}

#endif
