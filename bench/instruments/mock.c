// Model upstream that is never the bottleneck: one thread, epoll, HTTP/1.1 on loopback. `mock [PORT]`
// takes a free port where none is given, and prints the one it took as its only line.
// A path with "messages" answers as Anthropic Messages, every other POST as OpenAI chat completions,
// a GET with a list of models. The request's body says how:
//   "model": "...pacedN..."  the events of a stream leave one every N ms (N <= 8000), else at once
//   "model": "...slowN..."   a reply that is no stream waits N ms
//   "stream": true           50 events, usage among them (OpenAI: then [DONE])
// These are looked for in the first and the last 4 KB of a body, so that a large one costs no scan.
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
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 50
#define WHEEL 8192  // milliseconds
#define EDGE 4096   // bytes of a body that are searched at each end

enum dialect { OPENAI, ANTHROPIC };

typedef struct connection {
    int fd, alive, waits_for_room, in_wheel, streaming, slow_ms, pace_ms, next_event;
    enum dialect dialect;
    char *in, *out;
    size_t in_length, in_room, out_length, out_sent, out_room;
    struct connection* wheel_next;
} connection;

typedef struct {
    char* bytes;
    size_t length;
} text;

static int poller;
static text event[2][EVENTS], reply[2], stream_head, models;
static int event_count[2];
static connection* wheel[WHEEL];
static uint64_t wheel_now;
static long wheel_count;

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

static text keep(const char* s) {
    return (text){strdup(s), strlen(s)};
}

static void add_event(enum dialect d, const char* s) {
    char chunk[4096];
    snprintf(chunk, sizeof chunk, "%zx\r\n%s\r\n", strlen(s), s);
    event[d][event_count[d]++] = keep(chunk);
}

static text json_reply(const char* extra_head, const char* body) {
    char whole[8192];
    snprintf(whole, sizeof whole,
             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
             "%s\r\n%s",
             strlen(body), extra_head, body);
    return keep(whole);
}

static void build_replies(void) {
    const char* words = "The quick brown fox jumps over the lazy dog while a gateway meters tokens. ";
    char content[600], body[4096];
    for (size_t i = 0; i < sizeof content - 1; i++) content[i] = words[i % strlen(words)];
    content[sizeof content - 1] = 0;
    snprintf(body, sizeof body,
             "{\"id\":\"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT\",\"object\":\"chat.completion\","
             "\"created\":1741569952,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,"
             "\"message\":{\"role\":\"assistant\",\"content\":\"%s\",\"refusal\":null,"
             "\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
             "\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":120,\"total_tokens\":139,"
             "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},"
             "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,"
             "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}},"
             "\"service_tier\":\"default\",\"system_fingerprint\":\"fp_06737a9306\"}",
             content);
    reply[OPENAI] = json_reply(
        "x-request-id: req_0123456789abcdef\r\nopenai-processing-ms: 12\r\n", body);
    snprintf(body, sizeof body,
             "{\"id\":\"msg_01XFDUDYJgAACzvnptvVoYEL\",\"type\":\"message\",\"role\":\"assistant\","
             "\"model\":\"claude-sonnet-4\",\"content\":[{\"type\":\"text\",\"text\":\"%s\"}],"
             "\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":19,"
             "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,"
             "\"output_tokens\":120,\"service_tier\":\"standard\"}}",
             content);
    reply[ANTHROPIC] = json_reply("request-id: req_0123456789abcdef\r\n", body);
    models = json_reply("", "{\"object\":\"list\",\"data\":[{\"id\":\"mock-fast\",\"object\":"
                            "\"model\",\"created\":1741569952,\"owned_by\":\"mock\"}]}");
    stream_head = keep(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
        "Transfer-Encoding: chunked\r\nx-request-id: req_0123456789abcdef\r\n\r\n");
}

static void openai_event(const char* rest) {
    char s[2048];
    snprintf(s, sizeof s,
             "data: {\"id\":\"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT\","
             "\"object\":\"chat.completion.chunk\",\"created\":1741569952,"
             "\"model\":\"gpt-4o-mini\",\"service_tier\":\"default\","
             "\"system_fingerprint\":\"fp_06737a9306\",\"choices\":[%s",
             rest);
    add_event(OPENAI, s);
}

static void build_openai_events(void) {
    char rest[512];
    openai_event("{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\","
                 "\"refusal\":null},\"logprobs\":null,\"finish_reason\":null}],"
                 "\"usage\":null}\n\n");
    for (int i = 0; i < EVENTS - 3; i++) {
        snprintf(rest, sizeof rest,
                 "{\"index\":0,\"delta\":{\"content\":\" token%02d\"},\"logprobs\":null,"
                 "\"finish_reason\":null}],\"usage\":null}\n\n",
                 i);
        openai_event(rest);
    }
    openai_event("{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
                 "\"usage\":null}\n\n");
    openai_event("],\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":48,"
                 "\"total_tokens\":67,\"prompt_tokens_details\":{\"cached_tokens\":0,"
                 "\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0,"
                 "\"audio_tokens\":0}}}\n\ndata: [DONE]\n\n");
}

static void build_anthropic_events(void) {
    char s[512];
    add_event(ANTHROPIC,
              "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{"
              "\"id\":\"msg_01XFDUDYJgAACzvnptvVoYEL\",\"type\":\"message\","
              "\"role\":\"assistant\",\"model\":\"claude-sonnet-4\",\"content\":[],"
              "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":19,"
              "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,"
              "\"output_tokens\":1}}}\n\n");
    add_event(ANTHROPIC,
              "event: content_block_start\ndata: {\"type\":\"content_block_start\","
              "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n");
    for (int i = 0; i < EVENTS - 5; i++) {
        snprintf(s, sizeof s,
                 "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
                 "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" token%02d\"}}\n\n",
                 i);
        add_event(ANTHROPIC, s);
    }
    add_event(ANTHROPIC,
              "event: content_block_stop\ndata: {\"type\":\"content_block_stop\","
              "\"index\":0}\n\n");
    add_event(ANTHROPIC,
              "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"
              "\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
              "\"usage\":{\"output_tokens\":48}}\n\n");
    add_event(ANTHROPIC, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

static void watch(connection* c, int operation, int for_room) {
    struct epoll_event e = {.events = EPOLLIN | (for_room ? EPOLLOUT : 0), .data.ptr = c};
    if (operation == EPOLL_CTL_MOD && c->waits_for_room == for_room)
        return;
    c->waits_for_room = for_room;
    epoll_ctl(poller, operation, c->fd, &e);
}

static void dispose(connection* c) {
    free(c->in);
    free(c->out);
    free(c);
}

static void drop(connection* c) {  // one in the wheel is disposed of when its time comes
    c->alive = 0;
    close(c->fd);
    if (!c->in_wheel)
        dispose(c);
}

static int flush(connection* c) {
    while (c->out_sent < c->out_length) {
        ssize_t n = send(c->fd, c->out + c->out_sent, c->out_length - c->out_sent, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN ? 0 : -1;
        c->out_sent += n;
    }
    c->out_sent = c->out_length = 0;
    watch(c, EPOLL_CTL_MOD, 0);
    return 0;
}

static int put(connection* c, text t) {
    if (c->out_length == 0) {
        ssize_t n = send(c->fd, t.bytes, t.length, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return -1;
        if (n > 0) {
            t.bytes += n;
            t.length -= n;
        }
        if (!t.length)
            return 0;
    }
    if (c->out_length + t.length > c->out_room) {
        c->out_room = (c->out_length + t.length) * 2;
        c->out = realloc(c->out, c->out_room);
    }
    memcpy(c->out + c->out_length, t.bytes, t.length);
    c->out_length += t.length;
    watch(c, EPOLL_CTL_MOD, 1);
    return 0;
}

static void wake_in(connection* c, int ms) {
    connection** slot = &wheel[(wheel_now + (ms < 1 ? 1 : ms)) % WHEEL];
    c->wheel_next = *slot;
    *slot = c;
    c->in_wheel = 1;
    wheel_count++;
}

static int end_stream(connection* c) {
    c->streaming = 0;
    return put(c, (text){"0\r\n\r\n", 5});
}

static const char* in_edges(const char* body, size_t length, const char* word) {
    size_t edge = length < EDGE ? length : EDGE;
    const char* found = memmem(body, edge, word, strlen(word));
    return found ? found : memmem(body + length - edge, edge, word, strlen(word));
}

static int number_after(const char* body, size_t length, const char* word) {
    const char* found = in_edges(body, length, word);
    return found ? atoi(found + strlen(word)) : 0;
}

static int asks_for_stream(const char* body, size_t length) {
    const char* found = in_edges(body, length, "\"stream\"");
    if (!found)
        return 0;
    found += strlen("\"stream\"");
    while (*found == ' ' || *found == ':') found++;
    return *found == 't';
}

static int answer(connection* c, const char* body, size_t length) {
    c->pace_ms = number_after(body, length, "paced");
    c->slow_ms = number_after(body, length, "slow");
    if (!asks_for_stream(body, length)) {
        if (!c->slow_ms)
            return put(c, reply[c->dialect]);
        wake_in(c, c->slow_ms);
        return 0;
    }
    c->slow_ms = 0;
    c->streaming = 1;
    c->next_event = 0;
    if (put(c, stream_head) < 0)
        return -1;
    if (c->pace_ms) {
        wake_in(c, c->pace_ms);
        return 0;
    }
    for (int i = 0; i < event_count[c->dialect]; i++)
        if (put(c, event[c->dialect][i]) < 0)
            return -1;
    return end_stream(c);
}

// Bytes of the whole request that starts at c->in, 0 while it is not all there.
static size_t request_size(connection* c, size_t* head) {
    char *end = c->in + c->in_length, *empty = memmem(c->in, c->in_length, "\r\n\r\n", 4);
    long length = 0;
    int chunked = 0;
    if (!empty)
        return 0;
    for (char* line = strchr(c->in, '\n'); line && line < empty; line = strchr(line, '\n')) {
        line++;
        if (!strncasecmp(line, "content-length:", 15))
            length = atol(line + 15);
        else if (!strncasecmp(line, "transfer-encoding: chunked", 26))
            chunked = 1;
    }
    *head = empty + 4 - c->in;
    if (!chunked)
        return *head + length <= c->in_length ? *head + length : 0;
    for (char* at = c->in + *head;;) {
        char* newline = memmem(at, end - at, "\r\n", 2);
        if (!newline)
            return 0;
        long size = strtol(at, NULL, 16);
        at = newline + 2;
        if (at + size + 2 > end)
            return 0;
        at += size + 2;
        if (!size)
            return at - c->in;
    }
}

static int process(connection* c) {
    while (!c->streaming && !c->slow_ms && c->in_length) {
        size_t head, size = request_size(c, &head);
        if (!size)
            return 0;
        char* line_end = memchr(c->in, '\r', head);
        c->dialect = memmem(c->in, line_end - c->in, "messages", 8) ? ANTHROPIC : OPENAI;
        int bad = c->in[0] == 'G' ? put(c, models) : answer(c, c->in + head, size - head);
        if (bad < 0)
            return -1;
        c->in_length -= size;
        memmove(c->in, c->in + size, c->in_length + 1);
    }
    return 0;
}

static int due(connection* c) {
    if (c->slow_ms) {
        c->slow_ms = 0;
        return put(c, reply[c->dialect]) < 0 ? -1 : process(c);
    }
    if (put(c, event[c->dialect][c->next_event++]) < 0)
        return -1;
    if (c->next_event < event_count[c->dialect]) {
        wake_in(c, c->pace_ms);
        return 0;
    }
    return end_stream(c) < 0 ? -1 : process(c);
}

static void turn_wheel(void) {
    for (uint64_t t = now_ms(); wheel_now < t;) {
        wheel_now++;
        connection* c = wheel[wheel_now % WHEEL];
        wheel[wheel_now % WHEEL] = NULL;
        while (c) {
            connection* following = c->wheel_next;
            c->in_wheel = 0;
            wheel_count--;
            if (!c->alive)
                dispose(c);
            else if (due(c) < 0)
                drop(c);
            c = following;
        }
    }
}

static int receive(connection* c) {
    for (;;) {
        if (c->in_room - c->in_length < 4096) {
            c->in_room *= 2;
            c->in = realloc(c->in, c->in_room + 1);
        }
        size_t room = c->in_room - c->in_length;
        ssize_t n = recv(c->fd, c->in + c->in_length, room, 0);
        if (n < 0 && errno == EAGAIN)
            break;
        if (n <= 0)
            return -1;
        c->in_length += n;
        c->in[c->in_length] = 0;
        if ((size_t)n < room)
            break;
    }
    return process(c);
}

static void accept_all(int listener) {
    int one = 1, fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        connection* c = calloc(1, sizeof *c);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        c->fd = fd;
        c->alive = 1;
        c->in_room = 8192;
        c->in = malloc(c->in_room + 1);
        watch(c, EPOLL_CTL_ADD, 0);
    }
}

static int listen_on(int port) {
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (void*)&address, sizeof address) || listen(listener, 4096)) {
        perror("mock");
        exit(1);
    }
    socklen_t size = sizeof address;
    getsockname(listener, (void*)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int argc, char** argv) {
    struct epoll_event events[512], accepting = {.events = EPOLLIN};
    int listener = listen_on(argc > 1 ? atoi(argv[1]) : 0);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    build_replies();
    build_openai_events();
    build_anthropic_events();
    poller = epoll_create1(0);
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &accepting);
    wheel_now = now_ms();
    for (;;) {
        int n = epoll_wait(poller, events, 512, wheel_count ? 1 : 1000);
        if (!wheel_count)
            wheel_now = now_ms();
        for (int i = 0; i < n; i++) {
            connection* c = events[i].data.ptr;
            if (!c) {
                accept_all(listener);
                continue;
            }
            int bad = (events[i].events & EPOLLOUT) && flush(c) < 0;
            if (!bad && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
                bad = receive(c) < 0;
            if (bad)
                drop(c);
        }
        turn_wheel();
    }
}
