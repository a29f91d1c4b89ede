/*
 * The first factor that sshd names in SSH_AUTH_INFO_0, as src/domain/first-factor.ts reads it: the
 * first line whose method proves one, then the key's type and the key. sshd_config(5),
 * ExposeAuthInfo.
 */
#ifndef OTPGATE_FIRST_FACTOR_H
#define OTPGATE_FIRST_FACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sha256.h"

/* "SHA256:" and 43 characters: 32 bytes in base64 without padding. */
#define FINGERPRINT_LENGTH 50

/* A part of a longer text. */
struct slice {
  const char *at;
  size_t length;
};

struct first_factor {
  struct slice method;
  /* Empty where the method shows none. */
  struct slice key_type;
  char fingerprint[FINGERPRINT_LENGTH];
  bool has_fingerprint;
};

/*
 * ODD: proven, but sshd writes it in another way; only the direct verifier says what it comes to.
 */
enum proof { PROOF_NONE, PROOF_SHOWN, PROOF_ODD };

/* RFC 4648, table 1. */
static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_word(struct slice slice, const char *word) {
  return slice.length == strlen(word) && memcmp(slice.at, word, slice.length) == 0;
}

/* An allow-list: a keyboard-interactive pass is no first factor, it may be ours. */
static bool is_proving(struct slice method) {
  static const char gssapi[] = "gssapi-";
  const size_t prefix = sizeof gssapi - 1;
  if (is_word(method, "publickey") || is_word(method, "password")) return true;
  if (is_word(method, "hostbased")) return true;
  if (method.length <= prefix || memcmp(method.at, gssapi, prefix) != 0) return false;
  for (size_t i = prefix; i < method.length; i++) {
    if (method.at[i] != '-' && (method.at[i] < 'a' || method.at[i] > 'z')) return false;
  }
  return true;
}

/*
 * False unless it is base64 with its padding, as sshd writes it: others would be read in several
 * ways.
 */
static bool hash_base64(struct slice text, uint8_t digest[SHA256_BYTES]) {
  if (text.length == 0 || text.length % 4 != 0) return false;
  size_t padding = 0;
  while (padding < 2 && text.at[text.length - 1 - padding] == '=') padding++;
  struct sha256 hash;
  sha256_start(&hash);
  uint32_t bits = 0;
  for (size_t i = 0; i < text.length - padding; i++) {
    const char *found = memchr(BASE64, text.at[i], sizeof BASE64 - 1);
    if (found == NULL) return false;
    bits = bits << 6 | (uint32_t)(found - BASE64);
    /* Of each group of four, the last three complete a byte. */
    if (i % 4 != 0) sha256_add(&hash, (uint8_t)(bits >> (6 - 2 * (i % 4))));
  }
  /* What padding cuts off has to be zero (RFC 4648, section 3.5). */
  if ((bits & ((1u << 2 * padding) - 1)) != 0) return false;
  sha256_end(&hash, digest);
  return true;
}

static bool write_fingerprint(struct slice key, char fingerprint[FINGERPRINT_LENGTH]) {
  static const char prefix[] = "SHA256:";
  uint8_t digest[SHA256_BYTES + 1] = {0};
  if (!hash_base64(key, digest)) return false;
  memcpy(fingerprint, prefix, sizeof prefix - 1);
  for (unsigned i = 0; i < FINGERPRINT_LENGTH - (sizeof prefix - 1); i++) {
    const uint8_t *at = digest + 6 * i / 8;
    unsigned window = (unsigned)at[0] << 8 | at[1];
    fingerprint[sizeof prefix - 1 + i] = BASE64[window >> (10 - 6 * i % 8) & 63];
  }
  return true;
}

/*
 * The word that `rest` begins with; `rest` is then what follows the blank behind it, if there is
 * one.
 */
static struct slice take_word(struct slice *rest, bool *has_more) {
  const char *blank = memchr(rest->at, ' ', rest->length);
  *has_more = blank != NULL;
  struct slice word = {rest->at, blank == NULL ? rest->length : (size_t)(blank - rest->at)};
  size_t used = word.length + (blank == NULL ? 0 : 1);
  rest->at += used;
  rest->length -= used;
  return word;
}

static enum proof read_key(struct slice rest, struct first_factor *factor) {
  bool has_key, has_more;
  factor->key_type = take_word(&rest, &has_key);
  if (factor->key_type.length == 0) return PROOF_ODD;
  if (!has_key) return PROOF_SHOWN;
  factor->has_fingerprint = write_fingerprint(take_word(&rest, &has_more), factor->fingerprint);
  return factor->has_fingerprint ? PROOF_SHOWN : PROOF_ODD;
}

/* `info`: the variable's value, NULL where there is none. Fills `factor` where one is shown. */
static enum proof read_first_factor(const char *info, struct first_factor *factor) {
  memset(factor, 0, sizeof *factor);
  while (info != NULL && *info != '\0') {
    struct slice line = {info, strcspn(info, "\n")};
    info += line.length + (info[line.length] == '\n' ? 1 : 0);
    bool has_more;
    factor->method = take_word(&line, &has_more);
    if (is_proving(factor->method)) return has_more ? read_key(line, factor) : PROOF_SHOWN;
  }
  return PROOF_NONE;
}

#endif
