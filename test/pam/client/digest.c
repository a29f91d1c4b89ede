/* Prints the SHA-256 of stdin in hex, by the client's own code. */
#include <stdio.h>

#include "../../../src/pam/client/sha256.h"

int main(void) {
  struct sha256 hash;
  uint8_t digest[SHA256_BYTES];
  sha256_start(&hash);
  for (int byte = getchar(); byte != EOF; byte = getchar()) sha256_add(&hash, (uint8_t)byte);
  sha256_end(&hash, digest);
  for (unsigned i = 0; i < SHA256_BYTES; i++) printf("%02x", digest[i]);
  return 0;
}
