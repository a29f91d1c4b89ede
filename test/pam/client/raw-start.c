/*
 * raw-start COUNT ENTRY... -CLOSED PROGRAM ARGUMENT...: starts a program with exactly these
 * entries, in hex, as its environment, also such as no shell and no Node would hand over. CLOSED
 * names the descriptors it finds closed, as in `-02`, or none.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *from_hex(const char *hex) {
  size_t length = strlen(hex) / 2;
  char *text = calloc(length + 1, 1);
  for (size_t i = 0; text != NULL && i < length; i++) {
    const char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
    text[i] = (char)strtol(digits, NULL, 16);
  }
  return text;
}

int main(int argc, char **argv) {
  if (argc < 4) return 99;
  long count = strtol(argv[1], NULL, 10);
  char **rest = argv + 2 + count;
  char **entries = calloc((size_t)count + 1, sizeof *entries);
  if (entries == NULL) return 99;
  for (long i = 0; i < count; i++) entries[i] = from_hex(argv[2 + i]);
  for (const char *fd = *rest + 1; *fd != '\0'; fd++) close(*fd - '0');
  execve(rest[1], rest + 1, entries);
  return 99;
}
