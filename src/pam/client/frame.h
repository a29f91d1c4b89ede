/*
 * What client and daemon send each other: frames of at most 4096 bytes.
 *   frame    "OTPG" | version | what | length of the rest (2) | attempt (16) | entries
 *   entry    tag | length (2) | bytes
 * Integers are big-endian. What is not exactly this is no answer.
 */
#ifndef OTPGATE_FRAME_H
#define OTPGATE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FRAME_LIMIT 4096
#define ATTEMPT_BYTES 16
#define HEADER_BYTES 8
/* In an answer: a line for the log of this severity at most, and a line for the person. */
#define LOG_TAG_LAST 7
#define LOG_LINE_LIMIT 1000
#define PERSON_TAG 64
#define PERSON_LINE_LIMIT 200
/* A login has two or three; a line to the person may take a while each. */
#define ENTRIES_LIMIT 8

enum verdict { VERDICT_ADMITTED = 'Y', VERDICT_DENIED = 'N', VERDICT_ASK_DIRECT = 'D' };

struct frame {
  /* One byte more shows that an answer is too long. */
  uint8_t bytes[FRAME_LIMIT + 1];
  size_t length;
  /* It cannot be said in a frame. */
  bool is_unfit;
};

static const uint8_t MAGIC_AND_VERSION[5] = {'O', 'T', 'P', 'G', 1};

static void begin_frame(struct frame *frame, uint8_t what, const uint8_t attempt[ATTEMPT_BYTES]) {
  memset(frame, 0, sizeof *frame);
  memcpy(frame->bytes, MAGIC_AND_VERSION, sizeof MAGIC_AND_VERSION);
  frame->bytes[sizeof MAGIC_AND_VERSION] = what;
  memcpy(frame->bytes + HEADER_BYTES, attempt, ATTEMPT_BYTES);
  frame->length = HEADER_BYTES + ATTEMPT_BYTES;
}

static void put_entry(struct frame *frame, uint8_t tag, const void *bytes, size_t length) {
  if (frame->is_unfit || length > FRAME_LIMIT || frame->length + 3 + length > FRAME_LIMIT) {
    frame->is_unfit = true;
    return;
  }
  uint8_t *at = frame->bytes + frame->length;
  at[0] = tag;
  at[1] = (uint8_t)(length >> 8);
  at[2] = (uint8_t)length;
  memcpy(at + 3, bytes, length);
  frame->length += 3 + length;
  size_t rest = frame->length - HEADER_BYTES;
  frame->bytes[6] = (uint8_t)(rest >> 8);
  frame->bytes[7] = (uint8_t)rest;
}

static size_t read_length(const uint8_t *at) {
  return (size_t)at[0] << 8 | at[1];
}

static bool is_printable(const uint8_t *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (text[i] < ' ' || text[i] > '~') return false;
  }
  return true;
}

/* What is to be done with a line of an answer. */
typedef void handle_line(uint8_t tag, const uint8_t *text, size_t length);

/* False where an entry is not what it should be; those before it were handled. NULL: only looks. */
static bool go_through_entries(const struct frame *answer, handle_line *handle) {
  size_t at = HEADER_BYTES + ATTEMPT_BYTES;
  for (unsigned count = 0; at < answer->length; count++) {
    if (count == ENTRIES_LIMIT) return false;
    if (answer->length - at < 3) return false;
    uint8_t tag = answer->bytes[at];
    size_t length = read_length(answer->bytes + at + 1);
    if (tag > LOG_TAG_LAST && tag != PERSON_TAG) return false;
    if (length > (tag == PERSON_TAG ? PERSON_LINE_LIMIT : LOG_LINE_LIMIT)) return false;
    at += 3;
    if (length > answer->length - at || !is_printable(answer->bytes + at, length)) return false;
    if (handle != NULL) handle(tag, answer->bytes + at, length);
    at += length;
  }
  return true;
}

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/*
 * Whether the bytes so far can become an answer to this attempt: nobody waits for the rest of
 * others.
 */
static bool is_beginning(const struct frame *answer, const uint8_t attempt[ATTEMPT_BYTES]) {
  const uint8_t *bytes = answer->bytes;
  size_t length = answer->length;
  size_t known = smaller(length, sizeof MAGIC_AND_VERSION);
  if (memcmp(bytes, MAGIC_AND_VERSION, known) != 0) return false;
  if (length <= HEADER_BYTES) return true;
  if (memcmp(bytes + HEADER_BYTES, attempt, smaller(length - HEADER_BYTES, ATTEMPT_BYTES)) != 0) {
    return false;
  }
  return length <= FRAME_LIMIT && length <= HEADER_BYTES + read_length(bytes + 6);
}

/* Whether a beginning is all there is to come. */
static bool is_whole(const struct frame *answer) {
  if (answer->length < HEADER_BYTES + ATTEMPT_BYTES) return false;
  if (answer->length != HEADER_BYTES + read_length(answer->bytes + 6)) return false;
  switch (answer->bytes[5]) {
    case VERDICT_ADMITTED:
    case VERDICT_DENIED: return go_through_entries(answer, NULL);
    case VERDICT_ASK_DIRECT: return answer->length == HEADER_BYTES + ATTEMPT_BYTES;
    default: return false;
  }
}

#endif
