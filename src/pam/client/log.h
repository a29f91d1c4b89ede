/* What is said: lines to the authpriv log and to the person. None of them decides anything. */
#ifndef OTPGATE_LOG_H
#define OTPGATE_LOG_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "deadline.h"
#include "frame.h"

/* syslog(3) */
#define AUTHPRIV (10 << 3)
#define SEVERITY_ERR 3
#define SEVERITY_WARNING 4

/* Somebody who has hung up holds up nobody. */
#define SAY_MS 300

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

/* One line to the authpriv log. */
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

/* One line to the person, by pam_exec's `stdout`. */
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

#endif
