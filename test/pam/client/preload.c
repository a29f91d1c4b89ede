/* What LD_PRELOAD would run before anything of the program. */
#include <unistd.h>

__attribute__((constructor)) static void take_over(void) {
  (void)!write(1, "taken over\n", 11);
  _exit(0);
}
