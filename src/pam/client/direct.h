/*
 * Where the direct verifier is, and what it is started with: our words, PAM's variables, our stdin.
 */
#ifndef OTPGATE_DIRECT_H
#define OTPGATE_DIRECT_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "login.h"

#define DIRECT_NAME "otpgate-verify-direct"
#define ARGUMENT_LIMIT 24
/* Of "#!/bin/sh -p": cut off there, the launcher would say yes to everybody; further on it does not. */
#define FIRST_LINE_BYTES 13

/* Beside our own file, wherever that was started from. */
static void find_direct(struct login *login) {
  struct stat found;
  ssize_t length = readlink("/proc/self/exe", login->direct, sizeof login->direct - 1);
  login->direct[length < 0 ? 0 : length] = '\0';
  char *slash = strrchr(login->direct, '/');
  size_t at = slash == NULL ? 0 : (size_t)(slash - login->direct) + 1;
  if (at > 0 && at + sizeof DIRECT_NAME <= sizeof login->direct) {
    memcpy(login->direct + at, DIRECT_NAME, sizeof DIRECT_NAME);
    if (stat(login->direct, &found) == 0 && S_ISREG(found.st_mode) && (found.st_mode & 0111) != 0 &&
        found.st_size > FIRST_LINE_BYTES) {
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

static void write_hex(char text[2 * ATTEMPT_BYTES + 1], const uint8_t attempt[ATTEMPT_BYTES]) {
  for (size_t i = 0; i < ATTEMPT_BYTES; i++) {
    text[2 * i] = "0123456789abcdef"[attempt[i] >> 4];
    text[2 * i + 1] = "0123456789abcdef"[attempt[i] & 15];
  }
  text[2 * ATTEMPT_BYTES] = '\0';
}

/* What the direct verifier is started with. It points into itself and the login. */
struct call {
  char *argv[ARGUMENT_LIMIT + 6];
  char *variables[VARIABLES + 1];
  char attempt[2 * ATTEMPT_BYTES + 1];
  struct line time_left;
};

/* False where there are more words than anybody writes. */
static bool build_argv(struct login *login, int64_t left, struct call *call) {
  static char attempt_word[] = "--attempt", time_word[] = "--time-left";
  size_t count = 0;
  call->argv[count++] = login->direct;
  for (char *const *word = login->argv; *word != NULL; word++) {
    if (count > ARGUMENT_LIMIT) return false;
    call->argv[count++] = *word;
  }
  write_hex(call->attempt, login->attempt);
  add_number(&call->time_left, (uint64_t)left);
  add(&call->time_left, "", 1);
  call->argv[count++] = attempt_word;
  call->argv[count++] = call->attempt;
  call->argv[count++] = time_word;
  call->argv[count++] = call->time_left.text;
  call->argv[count] = NULL;
  return true;
}

static void build_variables(const struct login *login, struct call *call) {
  size_t count = 0;
  for (size_t i = 0; i < VARIABLES; i++) {
    if (login->entries[i] != NULL) call->variables[count++] = login->entries[i];
  }
  call->variables[count] = NULL;
}

#endif
