#include "stage.h"

#include "codec/http.h"
#include "loop/listener.h"
#include "server/server_session.h"

#define TURNS_MAX 400000

struct server server;
struct server_options options;
static struct caller callers[CALLERS];
static size_t caller_count;
static port_socket listener;
static struct port_address bound;

/* ---- Start and end ----------------------------------------------------------------------- */

void stage_open(const char *const *args)
{
    static char words[16][64];
    char error[OPTION_ERROR_BYTES];
    char *argv[16] = {words[0]};
    int argc = 1;
    struct port_address a;
    strcpy(words[0], "wsio-server");
    for (; *args != NULL; args++, argc++) {
        strcpy(words[argc], *args);
        argv[argc] = words[argc];
    }
    scripted_reset();
    memset(&server, 0, sizeof server);
    caller_count = 0;
    if (server_options_parse(&options, argc, argv, error) < 0)
        fail_msg("%s", error);
    if (!options.max_clients_given)
        options.max_clients = CALLERS;
    assert_int_equal(server_open(&server, &options, port_poller_find(NULL)), STATUS_OK);
    assert_int_equal(port_resolve("127.0.0.1", 0, &a, 1), 1);
    assert_int_equal(port_listen(&a, 100, &listener, &bound), STATUS_OK);
    assert_int_equal(listener_add(&server.loop, listener, false), STATUS_OK);
}

static void expect_all_given_back(void)
{
    const struct loop *l = &server.loop;
    for (uint32_t i = 0; i < options.max_clients; i++) {
        assert_false(server.sessions[i].used);
        assert_null(server.sessions[i].queue);
        assert_null(server.sessions[i].parts_lease);
        assert_int_equal(server.sessions[i].queue_bytes, 0);
    }
    assert_int_equal(server.session_deadlines.count, 0);
    assert_int_equal(server.staging.len, 0);
    assert_null(server.spare_lease);
    assert_null(server.jobs);
    assert_int_equal(l->used, 0);
    assert_int_equal(l->pool.free, l->pool.blocks);
    assert_int_equal(l->deadline.count, 0);
    assert_int_equal(l->waiters.first, LOOP_NO_SLOT);
    assert_int_equal(l->out.len, 0);
}

void stage_close(void)
{
    for (size_t i = 0; i < caller_count; i++)
        hang_up(&callers[i]);
    settle();
    advance(2 * CLOSE_TIMEOUT_MS * MS);
    for (int i = 0; i < 3; i++) /* sessions without requests run out */
        advance(50000 * MS);
    expect_all_given_back();
    server_close(&server);
    port_close(listener);
    assert_int_equal(scripted_sockets_open(), 0);
}

/* ---- Hearing ----------------------------------------------------------------------------- */

static void note_bytes(struct caller *c, const uint8_t *data, size_t len)
{
    c->letters += len;
    if (buf_room(&c->text) >= len)
        buf_put(&c->text, data, len);
}

/* Puts the marks for what is random. */
static void note_packet(struct caller *c, struct span s)
{
    struct span open = SPAN("0{\"sid\":\""), joined = SPAN("40{\"sid\":\"");
    struct span custom = SPAN("40/custom,{\"sid\":\"");
    const uint8_t *end = s.len > open.len ? memchr(s.ptr + open.len, '"', s.len - open.len) : NULL;
    if (span_starts(s, open) && end != NULL) {
        span_copy_text(span_of(s.ptr + open.len, (size_t)(end - s.ptr) - open.len), c->sid,
                       sizeof c->sid);
        s = SPAN("0!");
    } else if (span_starts(s, joined)) {
        s = SPAN("40!");
    } else if (span_starts(s, custom)) {
        s = SPAN("40/custom!");
    }
    note_bytes(c, s.ptr, s.len);
}

static void note_body(struct caller *c, struct span body)
{
    const uint8_t *end;
    while (body.len > 0 && (end = memchr(body.ptr, 0x1e, body.len)) != NULL) {
        note_packet(c, span_of(body.ptr, (size_t)(end - body.ptr)));
        buf_put_byte(&c->text, '|');
        body = span_after(body, (size_t)(end - body.ptr) + 1);
    }
    note_packet(c, body);
}

static void note_frame(struct caller *c, const struct websocket_event *e)
{
    switch (e->kind) {
    case WEBSOCKET_DATA:
        if (e->message_first)
            buf_put_text(&c->text, e->opcode == WS_TEXT ? "T{" : "B{");
        note_packet(c, span_of(e->ptr, e->len));
        if (e->message_last)
            buf_put_byte(&c->text, '}');
        break;
    case WEBSOCKET_CLOSE:
        buf_put_text(&c->text, "<close ");
        buf_put_u64(&c->text, e->code == 1005 ? 0 : e->code);
        buf_put_byte(&c->text, '>');
        break;
    case WEBSOCKET_PING:
    case WEBSOCKET_PONG:
        buf_put_text(&c->text, "<pong>");
        break;
    case WEBSOCKET_NOTHING:
        break;
    }
}

/* Bytes used: a head with its body, if that is short; or a head, and later pieces of the body. */
static size_t read_answer(struct caller *c)
{
    struct http_head head;
    if (c->body_left > 0) {
        size_t take = c->body_left < c->in_len ? (size_t)c->body_left : c->in_len;
        note_body(c, span_of(c->in, take));
        c->body_left -= take;
        if (c->body_left == 0)
            buf_put_byte(&c->text, '}');
        return take;
    }
    int used = http_response_parse(span_of(c->in, c->in_len), &head);
    assert_true(used >= 0);
    if (used == 0)
        return 0;
    uint64_t length;
    http_content_length(&head, &length);
    length = c->headless ? 0 : length;
    if (c->in_len < (size_t)used + length && length < 4096)
        return 0; /* until the whole is there */
    assert_true((size_t)used < sizeof c->head);
    memcpy(c->head, c->in, (size_t)used);
    c->head[used] = '\0';
    buf_put_u64(&c->text, (uint64_t)head.code);
    buf_put_byte(&c->text, ' ');
    c->upgraded = head.code == 101;
    c->body_left = c->upgraded ? 0 : length;
    if (!c->upgraded && head.code != 100)
        buf_put_text(&c->text, length > 0 ? "{" : "{}");
    return (size_t)used;
}

static void read_input(struct caller *c)
{
    struct websocket_event event;
    size_t used = 1;
    while (c->in_len > 0 && used > 0) {
        if (c->upgraded) {
            int got = websocket_feed(&c->machine, c->in, c->in_len, &event);
            assert_true(got > 0);
            note_frame(c, &event);
            used = (size_t)got;
        } else {
            used = read_answer(c);
        }
        c->in_len -= used;
        memmove(c->in, c->in + used, c->in_len);
    }
}

static bool listen_once(struct caller *c)
{
    if (c->socket == PORT_NO_SOCKET || c->ended || c->deaf || c->in_len == sizeof c->in)
        return false;
    int got = port_receive(c->socket, c->in + c->in_len, sizeof c->in - c->in_len);
    if (got > 0) {
        c->in_len += (size_t)got;
        read_input(c);
    } else if (got < 0) {
        c->ended = true;
        buf_put_text(&c->text, got == STATUS_CLOSED ? "$" : "!");
    }
    return got != 0;
}

/* ---- Acting ------------------------------------------------------------------------------ */

bool stage_turn(void)
{
    const struct loop *l = &server.loop;
    const struct loop_counters *n = &l->counters;
    uint64_t before = n->bytes_in + n->bytes_out + n->accepted + l->used;
    bool moved = false;
    for (size_t i = 0; i < caller_count; i++)
        moved |= listen_once(&callers[i]);
    assert_int_equal(loop_turn(&server.loop, 0), STATUS_OK);
    server_serve(&server);
    assert_int_equal(server.loop.out.len, 0);
    assert_null(server.loop.owner);
    moved |= server.jobs != NULL && !server.jobs_wait;
    return moved || n->bytes_in + n->bytes_out + n->accepted + l->used != before;
}

void settle(void)
{
    unsigned still = 0;
    for (int i = 0; still < 3; i++) {
        assert_true(i < TURNS_MAX && "no end to it");
        still = stage_turn() ? 0 : still + 1;
    }
}

void advance(uint64_t ns)
{
    scripted_clock_advance(ns);
    settle();
}

void caller_drop(struct caller *c)
{
    port_close(c->socket);
    c->socket = PORT_NO_SOCKET;
}

void caller_renew(struct caller *c)
{
    caller_drop(c);
    memset(c, 0, sizeof *c);
    c->text = buf_over(c->log, sizeof c->log - 1);
    c->machine.client = true;
    assert_int_equal(port_connect(&bound, NULL, 0, &c->socket), STATUS_OK);
}

struct caller *caller_new_unseen(void)
{
    assert_true(caller_count < CALLERS);
    struct caller *c = &callers[caller_count++];
    c->socket = PORT_NO_SOCKET;
    caller_renew(c);
    return c;
}

struct caller *caller_new(void)
{
    struct caller *c = caller_new_unseen();
    settle();
    return c;
}

void hang_up(struct caller *c)
{
    caller_drop(c);
    settle();
}

void say_bytes(struct caller *c, struct span bytes)
{
    while (bytes.len > 0) {
        int sent = port_send(c->socket, &bytes, 1);
        assert_true(sent >= 0);
        bytes = span_after(bytes, (size_t)sent);
        settle();
        assert_true(sent > 0 || bytes.len == 0);
    }
}

void send_at_once(struct caller *c, struct span bytes)
{
    assert_int_equal(port_send(c->socket, &bytes, 1), bytes.len);
}

void say(struct caller *c, const char *words)
{
    say_bytes(c, span_text(words));
}

const char *text(const char *format, ...)
{
    static char texts[8][4 * JSON_DEPTH_MAX];
    static unsigned next;
    char *out = texts[next++ % 8];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(out, sizeof texts[0], format, args);
    va_end(args);
    assert_in_range(length, 0, sizeof texts[0] - 1);
    return out;
}

const char *heard(struct caller *c)
{
    static char out[sizeof c->log];
    memcpy(out, c->log, c->text.len);
    out[c->text.len] = '\0';
    c->text.len = 0;
    return out;
}

void expect_heard(struct caller *c, const char *want)
{
    assert_string_equal(heard(c), want);
}

void say_open(struct caller *c)
{
    say(c, "GET " POLL_PATH " HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_heard(c, "200 {0!}");
}

void say_get(struct caller *c, const char *sid)
{
    say(c, text("GET " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\n\r\n", sid));
}

void say_post(struct caller *c, const char *sid, const char *body)
{
    say(c, text("POST " POLL_PATH "&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
                "Content-Length: %zu\r\n\r\n%s",
                sid, strlen(body), body));
}

void say_upgrade(struct caller *c, const char *sid)
{
    say(c, text("GET " WEB_PATH "%s%s HTTP/1.1\r\nHost: a\r\n" WEB_FIELDS "\r\n",
                sid != NULL ? "&sid=" : "", sid != NULL ? sid : ""));
}

void say_frame(struct caller *c, uint8_t opcode, struct span payload)
{
    static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};
    static uint8_t bytes[1 << 16];
    struct buf b = buf_over(bytes, sizeof bytes);
    assert_int_equal(ws_frame_put(&b, true, opcode, payload, key), STATUS_OK);
    say_bytes(c, buf_span(&b));
}

void say_text(struct caller *c, const char *payload)
{
    say_frame(c, WS_TEXT, span_text(payload));
}

struct caller *open_websocket(const char *path)
{
    struct caller *c = caller_new();
    say(c, text("GET %s HTTP/1.1\r\nHost: a\r\n" WEB_FIELDS "\r\n", path));
    assert_memory_equal(heard(c), "101 ", 4);
    return c;
}

void add_frame(struct buf *to, const char *payload)
{
    static const uint8_t key[4] = {1, 2, 3, 4};
    assert_int_equal(ws_frame_put(to, true, WS_TEXT, span_text(payload), key), STATUS_OK);
}

void expect_unknown(const char *sid)
{
    struct caller *c = caller_new();
    say_get(c, sid);
    expect_heard(c, "400 {{\"code\":1,\"message\":\"Session ID unknown\"}}");
    hang_up(c);
    caller_count--;
}
