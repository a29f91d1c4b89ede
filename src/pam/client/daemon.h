/*
 * One question to otpgated, and its answer: frames of at most 4096 bytes over a Unix socket.
 *   frame    "OTPG" | version | what | length of the rest (2) | attempt (16) | entries
 *   entry    tag | length (2) | bytes
 * Integers are big-endian. What is not exactly this is no answer.
 */
#ifndef OTPGATE_DAEMON_H
#define OTPGATE_DAEMON_H

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "deadline.h"

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

enum trust { TRUSTED, UNTRUSTED, ABSENT };

/* Whether only the owner can make entries there, or in a sticky one nobody take away another's. */
static bool is_closed(const struct stat *directory, bool may_be_sticky) {
  if (!S_ISDIR(directory->st_mode)) return false;
  if ((directory->st_mode & 022) == 0) return true;
  return may_be_sticky && (directory->st_mode & S_ISVTX) != 0;
}

/*
 * Whether root, we, or the service that root gave the directory to made the socket, and nobody else
 * could: no links on the way, no directory that others can write to. In a sticky one (/tmp) anybody
 * can make the next entry, but only its owner take it away: good enough above, where that one is
 * root's or ours, not for the last.
 */
static enum trust judge_path(const char *path, uid_t *owner) {
  struct stat socket_stat, directory;
  char parent[sizeof((struct sockaddr_un *)NULL)->sun_path];
  if (strlen(path) >= sizeof parent) return UNTRUSTED;
  if (lstat(path, &socket_stat) != 0) {
    return errno == ENOENT || errno == ENOTDIR ? ABSENT : UNTRUSTED;
  }
  if (!S_ISSOCK(socket_stat.st_mode) || (socket_stat.st_mode & 022) != 0) return UNTRUSTED;
  *owner = socket_stat.st_uid;
  bool is_sticky_above = false;
  for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    /* Of the root its own slash stays. */
    size_t kept = slash == path ? 1 : (size_t)(slash - path);
    memcpy(parent, path, kept);
    parent[kept] = '\0';
    bool is_last = strchr(slash + 1, '/') == NULL;
    if (lstat(parent, &directory) != 0 || !is_closed(&directory, !is_last)) return UNTRUSTED;
    bool is_ours = directory.st_uid == 0 || directory.st_uid == geteuid();
    bool is_of_service = is_last && !is_sticky_above && directory.st_uid == *owner;
    if (!is_ours && !is_of_service) return UNTRUSTED;
    is_sticky_above = (directory.st_mode & 022) != 0;
  }
  return TRUSTED;
}

/* Whether root, we or the socket's owner listens (with socket activation, systemd does). */
static bool is_peer_trusted(int fd, uid_t owner) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid() || peer.uid == owner;
}

/*
 * A full backlog would make a connect wait for ever; one that does not block says EAGAIN at once.
 */
static bool connect_until(int fd, const char *path, int64_t until) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path, path, strlen(path));
  for (;;) {
    int64_t left = until - now_ms();
    if (left <= 0) {
      errno = EAGAIN;
      return false;
    }
    struct timeval patience = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0) return false;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) return true;
    if (errno != EINTR) return false;
  }
}

static bool send_until(int fd, const struct frame *request, int64_t until) {
  for (size_t sent = 0; sent < request->length;) {
    if (!wait_for(fd, POLLOUT, until)) return false;
    size_t left = request->length - sent;
    ssize_t count = send(fd, request->bytes + sent, left, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) sent += (size_t)count;
    /* A daemon too busy to read may have answered so: what it sent is still there. */
    else if (errno == EPIPE || errno == ECONNRESET) return true;
    else if (errno != EAGAIN && errno != EINTR) return false;
  }
  return true;
}

/* Up to the end of file. NULL: exactly one frame came; else what is wrong. */
static const char *receive_until(int fd, struct frame *answer,
                                 const uint8_t attempt[ATTEMPT_BYTES], int64_t until) {
  memset(answer, 0, sizeof *answer);
  for (;;) {
    if (!wait_for(fd, POLLIN, until)) return "daemon-timeout";
    size_t room = sizeof answer->bytes - answer->length;
    ssize_t count = recv(fd, answer->bytes + answer->length, room, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count < 0 || (count == 0 && answer->length == 0)) return "daemon-closed";
    if (count == 0) return is_whole(answer) ? NULL : "daemon-garbled";
    answer->length += (size_t)count;
    if (!is_beginning(answer, attempt)) return "daemon-garbled";
  }
}

static const char *exchange(int fd, const char *path, uid_t owner, const struct frame *request,
                            struct frame *answer, int64_t until) {
  if (!connect_until(fd, path, until)) return errno == EAGAIN ? "daemon-timeout" : "daemon-refused";
  if (!is_peer_trusted(fd, owner)) return "daemon-untrusted";
  if (!send_until(fd, request, until)) return "daemon-timeout";
  return receive_until(fd, answer, request->bytes + HEADER_BYTES, until);
}

/*
 * NULL: `answer` is a whole frame with a verdict. Else a word for what went wrong, which is empty
 * where there is no socket.
 */
static const char *ask_daemon(const char *path, const struct frame *request, struct frame *answer,
                              int64_t until) {
  uid_t owner;
  enum trust trust = judge_path(path, &owner);
  if (trust != TRUSTED) return trust == ABSENT ? "" : "daemon-untrusted";
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return "daemon-refused";
  const char *wrong = exchange(fd, path, owner, request, answer, until);
  close(fd);
  return wrong;
}

#endif
