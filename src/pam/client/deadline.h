/* Waiting that ends, by a clock that nobody sets. */
#ifndef OTPGATE_DEADLINE_H
#define OTPGATE_DEADLINE_H

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

static int64_t now_ms(void) {
  struct timespec now;
  /* Without a clock no time is left, for anything. */
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return INT64_MAX / 2;
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether the descriptor is ready, or at its end, before `until`. */
static bool wait_for(int fd, short events, int64_t until) {
  struct pollfd wanted = {.fd = fd, .events = events};
  for (;;) {
    int64_t left = until - now_ms();
    if (left <= 0) return false;
    int ready = poll(&wanted, 1, (int)left);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

#endif
