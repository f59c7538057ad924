// Members of one chat room: opens N sockets, says RATE messages a second on the last one, and times every delivery on the same clock.
//   load PORT N RATE SECONDS MODE [TICKETS]     TICKETS: a file with a subprotocol a line, for members who are signed in; MODE: ours (the room comes over stdin, what is to be said goes over stdout), ws, sio
// Prints READY when all are in, BEGIN when the measured window begins, and one line of JSON at the end.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TOGETHER = 250, PIECE = 1 << 16, KEPT = 1 << 14, WORDS = 200, BUCKETS = 1000001 };
typedef struct { int fd, kept; unsigned char rest[KEPT]; } Member;
static Member *members;
static uint64_t buckets[BUCKETS], delivered, seen, begin_ns, end_ns, sent, counted;
static unsigned char piece[PIECE + KEPT + 1];

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int tell(int fd, const char *text, int size) {
  unsigned char frame[2048] = {0x81};
  int head = size < 126 ? 2 : 4;
  frame[1] = 0x80 | (size < 126 ? size : 126);
  if (head == 4) { frame[2] = size >> 8; frame[3] = size & 255; }
  memcpy(frame + head + 4, text, size);  // a mask of zeros stands before it
  for (int at = 0, all = head + 4 + size; at < all;) {
    int n = write(fd, frame + at, all - at);
    if (n < 0 && errno == EAGAIN && now_ns() < end_ns + 2000000000ull) continue;
    if (n < 0) return -1;
    at += n;
  }
  return 0;
}

static int dial(int port, const char *path, const char *extra) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1, tries = 0;
  if (fd < 0) return -1;
  while (connect(fd, (void *)&at, sizeof at)) { if (++tries > 100) return -1; usleep(20000); }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  char text[2048];
  int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n", path, port, extra);
  return write(fd, text, n) == n ? fd : -1;
}

static int answered(int fd) {
  char text[1024];
  int got = 0;
  for (*text = 0; !strstr(text, "\r\n\r\n");) {
    int k = recv(fd, text + got, 1, 0);  // not a byte of what follows
    if (k <= 0 || got > 1000) return 0;
    text[got += k] = 0;
  }
  return !!strstr(text, " 101 ");
}

static void await(int fd, const char *words) {
  char text[65536];
  for (int got = 0;;) {
    int k = recv(fd, text + got, sizeof text - got, 0);
    if (k <= 0) { fprintf(stderr, "closed while waiting for %s\n", words); exit(1); }
    got += k;
    if (memmem(text, got, words, strlen(words))) return;
    if (got > 60000) got = 0;
  }
}

static void count(unsigned char *at, int size) {
  unsigned char *found = memmem(at, size, "T=", 2);
  if (!found) return;
  uint64_t then = strtoull((char *)found + 2, 0, 10), now = now_ns();
  seen++;
  if (then < begin_ns || then >= end_ns) return;
  delivered++;
  uint64_t bucket = now > then ? (now - then) / 10000 : 0;
  buckets[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

static void hear(Member *member, int is_sio) {
  memcpy(piece, member->rest, member->kept);
  int k = recv(member->fd, piece + member->kept, PIECE, 0), at = 0;
  if (k == 0 || (k < 0 && errno != EAGAIN)) { fprintf(stderr, "a member was cut\n"); exit(1); }
  if (k < 0) return;
  int all = member->kept + k;
  while (all - at >= 2) {
    int head = 2, size = piece[at + 1] & 127, op = piece[at] & 15;
    if (size == 126) { if (all - at < 4) break; size = piece[at + 2] << 8 | piece[at + 3]; head = 4; }
    if (all - at < head + size) break;
    unsigned char *body = piece + at + head, after = body[size];
    body[size] = 0;
    if (op == 9) { unsigned char pong[6] = {0x8A, 0x80}; if (write(member->fd, pong, 6) < 0) exit(1); }
    else if (is_sio && size == 1 && *body == '2') tell(member->fd, "3", 1);
    else count(body, size);
    body[size] = after;
    at += head + size;
  }
  member->kept = all - at;
  if (member->kept > KEPT) { fprintf(stderr, "a frame is too large\n"); exit(1); }
  memcpy(member->rest, piece + at, member->kept);
}

static double percentile(double share) {
  uint64_t sum = 0, wanted = delivered * share;
  for (int i = 0; i < BUCKETS; i++) if ((sum += buckets[i]) > wanted) return i / 100.0;
  return -1;
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  int port = atoi(argv[1]), n = atoi(argv[2]), rate = atoi(argv[3]), ours = !strcmp(argv[5], "ours"), sio = !strcmp(argv[5], "sio");
  double seconds = atof(argv[4]);
  char room[128] = "", text[1024];
  if (ours && !fgets(room, sizeof room, stdin)) return 2;
  room[strcspn(room, "\n")] = 0;
  members = calloc(n, sizeof *members);
  int loop = epoll_create1(0);
  end_ns = now_ns() + 3600000000000ull;
  FILE *tickets = argc > 6 ? fopen(argv[6], "r") : 0;
  for (int from = 0; from < n; from += TOGETHER) {
    int to = from + TOGETHER < n ? from + TOGETHER : n;
    for (int i = from; i < to; i++) {
      char ticket[512] = "";
      if (tickets && !fgets(ticket, sizeof ticket, tickets)) return 2;
      ticket[strcspn(ticket, "\n")] = 0;
      snprintf(text, sizeof text, "Sec-WebSocket-Protocol: directfanz.v1%s%s\r\nX-Forwarded-For: 10.%d.%d.%d\r\n", *ticket ? ", " : "", ticket,
        i >> 14, i >> 7 & 127, i & 127);
      members[i].fd = dial(port, ours ? "/ws" : sio ? "/socket.io/?EIO=4&transport=websocket" : "/", ours ? text : "");
    }
    for (int i = from; i < to; i++) {
      int fd = members[i].fd;
      if (fd < 0 || !answered(fd)) { fprintf(stderr, "no way in at %d: %s\n", i, strerror(errno)); return 1; }
      if (ours) {
        await(fd, "\"hello\"");
        tell(fd, text, snprintf(text, sizeof text, "{\"type\":\"chat_enter\",\"room\":\"%s\"}", room));
      } else if (sio) tell(fd, "40", 2);
    }
    for (int i = from; i < to; i++) {
      int fd = members[i].fd;
      if (ours) await(fd, "chat_entered");
      else if (sio) await(fd, "40{");
      fcntl(fd, F_SETFL, O_NONBLOCK);
      struct epoll_event event = {.events = EPOLLIN, .data.ptr = &members[i]};
      epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
    }
    struct epoll_event waiting[1024];  // those who are in already answer pings meanwhile
    for (int k = 1024; k == 1024;) {
      k = epoll_wait(loop, waiting, 1024, 0);
      for (int j = 0; j < k; j++) hear(waiting[j].data.ptr, sio);
    }
  }
  printf("READY\n");
  fflush(stdout);
  uint64_t first = now_ns() + 300000000ull, gap = 1000000000ull / rate, next = first, last = 0;
  begin_ns = first + 1000000000ull;
  end_ns = begin_ns + (uint64_t)(seconds * 1e9);
  struct epoll_event events[1024];
  while ((last = now_ns()) < end_ns + 3000000000ull && (last < end_ns || seen < sent * n)) {
    static int begun;
    if (!begun && last >= begin_ns) { begun = 1; printf("BEGIN\n"); fflush(stdout); }
    for (; last >= next && next < end_ns; next += gap, sent++) {
      if (next >= begin_ns) counted++;
      char words[WORDS + 64];
      int k = snprintf(words, sizeof words, sio ? "42[\"msg\",\"T=%llu " : "T=%llu ", (unsigned long long)next);
      memset(words + k, 'x', WORDS - k);
      if (sio) memcpy(words + WORDS - 2, "\"]", 2);
      words[WORDS] = 0;
      if (ours) { printf("SAY %s\n", words); fflush(stdout); }  // said where it would come from: another process publishes it
      else if (tell(members[n - 1].fd, words, WORDS)) return 1;
    }
    int k = epoll_wait(loop, events, 1024, 1);
    for (int i = 0; i < k; i++) hear(events[i].data.ptr, sio);
  }
  printf("JSON{\"members\":%d,\"rate\":%d,\"expected\":%llu,\"delivered\":%llu,\"p50\":%.2f,\"p95\":%.2f,\"p99\":%.2f}\n", n, rate,
    (unsigned long long)(counted * n), (unsigned long long)delivered, percentile(.5), percentile(.95), percentile(.99));
  return 0;
}
