/* Preloaded, adds SLOW_MS to each sync of a file: a disk that is slower than the one here. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void dawdle(void) {
  struct timespec left = {0, SLOW_MS * 1000000L};
  while (nanosleep(&left, &left) != 0) {
  }
}

int fsync(int file) {
  dawdle();
  return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
  dawdle();
  return (int)syscall(SYS_fdatasync, file);
}
