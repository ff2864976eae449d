// Load generator: one thread, epoll, HTTP/1.1 keep-alive on loopback; prints one line of JSON.
//
//   lg -p PORT [-P PATH] [-b BODYFILE] [-H 'Name: value']... [-c CONNECTIONS]
//      [-d SECONDS] [-w WARM_SECONDS] [-r REQUESTS_PER_SECOND] [-e EVENTS] [-s RAMP_MS]
//
// Without -r the loop is closed: every connection sends its next request when a reply is complete.
// With -r requests leave on a fixed schedule and latency counts from the schedule, so a stalled
// server cannot hide its queue. Replies may be delimited by length, by chunks or by the close.
// Server-sent events are counted by their blank lines; a reply of fewer than EVENTS counts as short.
// A body that announces an error event (`event: error` or `"error":`) at its start is the server's
// matter: it shows in non200 or short. After the end, requests in flight are awaited (10 s at most)
// so that "total" is what the server really worked for.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD_LIMIT 16384
#define DRAIN_NS 10000000000ull

enum chunk_state { SIZE, DATA, DATA_CR, DATA_LF, END_CR, END_LF };

typedef struct {
    int fd, busy, writing, status, chunked, close_after, in_body, after_newline;
    enum chunk_state state;
    size_t sent, head_length;
    long left, chunk_left, events;
    uint64_t started, first_byte;
    char head[HEAD_LIMIT];
} connection;

static struct {
    int connections, port, expected_events;
    double rate, seconds, warm, ramp_ms;
    const char *path, *body_file;
    char headers[8192];
} option = {.connections = 64, .port = 8000, .seconds = 5, .warm = 1,
            .path = "/v1/chat/completions"};

static char* request;
static size_t request_length;
static int poller;
static connection* pool;
static int* idle;  // indices of connections that wait for work (fixed rate only)
static int idle_count;
static uint64_t measure_from, measure_until;
static uint64_t* queue;  // schedule times that found no idle connection
static size_t queue_head, queue_tail;
static uint32_t *latency, *first_bytes;
static size_t samples, sample_room;
static long total, errors, not_200, short_streams, reconnects, all_events, all_bytes;
static char first_failure[401];

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void fail(const char* what) {
    perror(what);
    exit(2);
}

static void watch(connection* c, int operation, int writing) {
    struct epoll_event e = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = c};
    c->writing = writing;
    if (epoll_ctl(poller, operation, c->fd, &e))
        fail("epoll_ctl");
}

static void dial(connection* c) {
    int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(option.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        fail("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(c->fd, (void*)&address, sizeof address))
        fail("connect");
    watch(c, EPOLL_CTL_ADD, 0);
}

static void redial(connection* c) {
    close(c->fd);
    reconnects++;
    dial(c);
}

// What the socket does not take now goes out when epoll says so: a blocked send of one large body
// must not hold up the other connections. A broken pipe shows at the next read.
static void push(connection* c) {
    while (c->sent < request_length) {
        ssize_t n = send(c->fd, request + c->sent, request_length - c->sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0) {
            if (errno == EAGAIN && !c->writing)
                watch(c, EPOLL_CTL_MOD, 1);
            return;
        }
        c->sent += n;
    }
    if (c->writing)
        watch(c, EPOLL_CTL_MOD, 0);
}

static void start(connection* c, uint64_t scheduled) {
    c->busy = 1;
    c->status = c->chunked = c->close_after = c->in_body = c->after_newline = 0;
    c->state = SIZE;
    c->sent = c->head_length = 0;
    c->left = -1;
    c->chunk_left = c->events = 0;
    c->started = scheduled;
    c->first_byte = 0;
    push(c);
}

static void next(connection* c) {
    uint64_t t = now_ns();
    if (option.rate <= 0) {
        if (t < measure_until)
            start(c, t);
    } else if (queue_head < queue_tail) {
        start(c, queue[queue_head++]);
    } else {
        idle[idle_count++] = c - pool;
    }
}

static void record(connection* c, uint64_t t) {
    if (samples == sample_room) {
        sample_room = sample_room ? sample_room * 2 : 1 << 16;
        latency = realloc(latency, sample_room * sizeof *latency);
        first_bytes = realloc(first_bytes, sample_room * sizeof *first_bytes);
    }
    latency[samples] = (t - c->started) / 1000;
    first_bytes[samples] = ((c->first_byte ? c->first_byte : t) - c->started) / 1000;
    samples++;
}

static void complete(connection* c) {
    uint64_t t = now_ns();
    c->busy = 0;
    total++;
    all_events += c->events;
    if (c->status != 200) {
        not_200++;
        if (!first_failure[0])
            snprintf(first_failure, sizeof first_failure, "%.400s", c->head);
    } else if (c->events < option.expected_events) {
        short_streams++;
    }
    if (t >= measure_from && t <= measure_until)
        record(c, t);
    if (c->close_after)
        redial(c);
    next(c);
}

static void broken(connection* c) {
    if (c->busy && c->in_body && c->left < 0 && !c->chunked) {  // delimited by the close
        c->close_after = 1;
        complete(c);
        return;
    }
    redial(c);
    if (c->busy) {
        errors++;
        c->busy = 0;
        next(c);
    }
}

static void count_events(connection* c, const char* at, size_t length) {
    const char* end = at + length;
    while (at < end) {
        const char* newline = memchr(at, '\n', end - at);
        if (!newline) {
            c->after_newline = 0;
            return;
        }
        if (newline == at && c->after_newline) {
            c->events++;
            c->after_newline = 0;
        } else {
            c->after_newline = 1;
        }
        at = newline + 1;
    }
}

static int feed_chunked(connection* c, const char* at, size_t length) {
    const char* end = at + length;
    while (at < end) {
        if (c->state == DATA) {
            long n = end - at < c->chunk_left ? end - at : c->chunk_left;
            count_events(c, at, n);
            at += n;
            if (!(c->chunk_left -= n))
                c->state = DATA_CR;
            continue;
        }
        char byte = *at++;
        int digit = byte | 32;
        switch (c->state) {
            case SIZE:
                if (byte == '\n')
                    c->state = c->chunk_left ? DATA : END_CR;
                else if (byte >= '0' && byte <= '9')
                    c->chunk_left = c->chunk_left * 16 + byte - '0';
                else if (digit >= 'a' && digit <= 'f')
                    c->chunk_left = c->chunk_left * 16 + digit - 'a' + 10;
                break;
            case DATA_CR: c->state = DATA_LF; break;
            case DATA_LF: c->state = SIZE; break;
            case END_CR: c->state = END_LF; break;
            default: return 1;
        }
    }
    return 0;
}

// Bytes of `length` that belong to the head; the head is complete once c->in_body is set.
static size_t feed_head(connection* c, const char* at, size_t length) {
    size_t before = c->head_length, room = HEAD_LIMIT - 1 - before;
    size_t taken = length < room ? length : room;
    memcpy(c->head + before, at, taken);
    c->head_length += taken;
    c->head[c->head_length] = 0;
    char* end = memmem(c->head, c->head_length, "\r\n\r\n", 4);
    if (!end) {
        if (c->head_length >= HEAD_LIMIT - 1) {
            fprintf(stderr, "lg: a reply head over %d bytes\n", HEAD_LIMIT);
            exit(2);
        }
        return length;
    }
    c->status = atoi(c->head + 9);
    for (char* line = strchr(c->head, '\n'); line && line < end; line = strchr(line, '\n')) {
        line++;
        if (!strncasecmp(line, "content-length:", 15))
            c->left = atol(line + 15);
        else if (!strncasecmp(line, "transfer-encoding:", 18))
            c->chunked = 1;
        else if (!strncasecmp(line, "connection: close", 17))
            c->close_after = 1;
    }
    c->in_body = 1;
    return end + 4 - c->head - before;
}

// Nonzero when the reply is complete.
static int feed(connection* c, const char* at, size_t length) {
    all_bytes += length;
    if (!c->in_body) {
        size_t taken = feed_head(c, at, length);
        at += taken;
        length -= taken;
        if (!c->in_body)
            return 0;
        if (c->left == 0 && !c->chunked)
            return 1;
    }
    if (!length)
        return 0;
    if (!c->first_byte)
        c->first_byte = now_ns();
    if (c->chunked)
        return feed_chunked(c, at, length);
    count_events(c, at, length);
    if (c->left < 0)
        return 0;
    c->left -= length;
    return c->left <= 0;
}

static void on_event(connection* c, uint32_t events) {
    static char buffer[1 << 18];
    if (events & EPOLLOUT)
        push(c);
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return;
    ssize_t n = recv(c->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        broken(c);
    else if (c->busy && feed(c, buffer, n))
        complete(c);
}

static void read_options(int argc, char** argv) {
    int letter;
    while ((letter = getopt(argc, argv, "c:r:d:w:p:b:P:H:e:s:")) != -1) switch (letter) {
            case 'c': option.connections = atoi(optarg); break;
            case 'r': option.rate = atof(optarg); break;
            case 'd': option.seconds = atof(optarg); break;
            case 'w': option.warm = atof(optarg); break;
            case 'p': option.port = atoi(optarg); break;
            case 'b': option.body_file = optarg; break;
            case 'P': option.path = optarg; break;
            case 'e': option.expected_events = atoi(optarg); break;
            case 's': option.ramp_ms = atof(optarg); break;
            case 'H':
                if (strlen(option.headers) + strlen(optarg) + 3 > sizeof option.headers) {
                    fprintf(stderr, "lg: headers too long\n");
                    exit(2);
                }
                strcat(strcat(option.headers, optarg), "\r\n");
                break;
            default: exit(2);
        }
}

static void build_request(void) {
    size_t length = 0;
    FILE* file = option.body_file ? fopen(option.body_file, "r") : NULL;
    if (option.body_file && !file)
        fail(option.body_file);
    if (file) {
        fseek(file, 0, SEEK_END);
        length = ftell(file);
        rewind(file);
    }
    request = malloc(length + sizeof option.headers + 4096);
    request_length = sprintf(request,
                             "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: */*\r\n"
                             "User-Agent: lg/2\r\n%s",
                             file ? "POST" : "GET", option.path, option.port, option.headers);
    if (file)
        request_length += sprintf(request + request_length,
                                  "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                                  length);
    request_length += sprintf(request + request_length, "\r\n");
    if (file && fread(request + request_length, 1, length, file) != length)
        fail("body");
    request_length += length;
    if (file)
        fclose(file);
}

static int any_busy(void) {
    for (int i = 0; i < option.connections; i++)
        if (pool[i].busy)
            return 1;
    return 0;
}

// Nanosecond of the next request that is due to leave, 0 when none will: the schedule of a fixed
// rate, or the ramp of a closed loop's first requests.
typedef struct {
    double next, step;
    int ramped;
} schedule;

static void release_due(schedule* s) {
    uint64_t t = now_ns();
    while (option.rate > 0 && s->next <= t && s->next < measure_until) {
        if (idle_count)
            start(&pool[idle[--idle_count]], (uint64_t)s->next);
        else
            queue[queue_tail++] = (uint64_t)s->next;
        s->next += s->step;
    }
    while (option.rate <= 0 && s->ramped < option.connections && s->next <= t) {
        start(&pool[s->ramped++], t);
        s->next += s->step;
    }
}

static int wait_ns(const schedule* s, struct timespec* until) {
    int pending = option.rate > 0 ? s->next < measure_until : s->ramped < option.connections;
    uint64_t t = now_ns();
    double gap = pending ? s->next - t : 100e6;
    if (gap < 0)
        gap = 0;
    until->tv_sec = (time_t)(gap / 1e9);
    until->tv_nsec = (long)(gap - until->tv_sec * 1e9);
    return pending;
}

static void run(void) {
    struct epoll_event events[512];
    struct timespec wait;
    uint64_t begin = now_ns();
    schedule s = {.next = begin};
    measure_from = begin + option.warm * 1e9;
    measure_until = measure_from + option.seconds * 1e9;
    s.step = option.rate > 0 ? 1e9 / option.rate : option.ramp_ms * 1e6 / option.connections;
    for (int i = 0; option.rate > 0 && i < option.connections; i++) idle[idle_count++] = i;
    for (;;) {
        uint64_t t = now_ns();
        if (t >= measure_until + DRAIN_NS || (t >= measure_until && !any_busy()))
            return;
        release_due(&s);
        wait_ns(&s, &wait);
        int n = epoll_pwait2(poller, events, 512, &wait, NULL);
        for (int i = 0; i < n; i++) on_event(events[i].data.ptr, events[i].events);
    }
}

static int by_value(const void* a, const void* b) {
    uint32_t x = *(const uint32_t*)a, y = *(const uint32_t*)b;
    return x < y ? -1 : x > y;
}

static uint32_t quantile(const uint32_t* sorted, double q) {
    return samples ? sorted[(size_t)((samples - 1) * q)] : 0;
}

static void report(void) {
    double sum = 0;
    for (size_t i = 0; i < samples; i++) sum += latency[i];
    qsort(latency, samples, sizeof *latency, by_value);
    qsort(first_bytes, samples, sizeof *first_bytes, by_value);
    for (char* p = first_failure; *p; p++)
        if (*p == '"' || *p == '\\' || (unsigned char)*p < 32 || (unsigned char)*p > 126)
            *p = ' ';
    printf("{\"n\":%zu,\"total\":%ld,\"rps\":%.1f,\"mean_us\":%.0f,\"p50_us\":%u,\"p90_us\":%u,"
           "\"p99_us\":%u,\"max_us\":%u,\"ttfb50_us\":%u,\"ttfb99_us\":%u,",
           samples, total, samples / option.seconds, samples ? sum / samples : 0,
           quantile(latency, .5), quantile(latency, .9), quantile(latency, .99),
           quantile(latency, 1), quantile(first_bytes, .5), quantile(first_bytes, .99));
    printf("\"events\":%ld,\"short\":%ld,\"errs\":%ld,\"non200\":%ld,\"reconn\":%ld,"
           "\"queued\":%zu,\"unfinished\":%d,\"bytes\":%ld,\"err\":\"%s\"}\n",
           all_events, short_streams, errors, not_200, reconnects, queue_tail, any_busy(),
           all_bytes, first_failure);
}

int main(int argc, char** argv) {
    signal(SIGPIPE, SIG_IGN);
    read_options(argc, argv);
    build_request();
    poller = epoll_create1(0);
    pool = calloc(option.connections, sizeof *pool);
    idle = malloc(sizeof *idle * option.connections);
    queue = malloc(sizeof *queue * (size_t)((option.seconds + option.warm) * option.rate + 1000));
    for (int i = 0; i < option.connections; i++) dial(&pool[i]);
    run();
    report();
    return 0;
}
