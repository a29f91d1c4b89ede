/*
 * One question to otpgated, and its answer, over a Unix socket: whether those who listen there are
 * to be believed, and what they say in time.
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
#include "frame.h"

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
