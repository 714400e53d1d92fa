/* Proves the loop with the server on it, over a network in memory and a clock that is wound by
 * hand. Every test ends with all slots, leases, deadlines and sockets given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../port/scripted.h"
#include "base/status.h"
#include "codec/http.h"
#include "loop/listener.h"
#include "loop/loop_memory.h"
#include "codec/ws.h"
#include "server/server.h"

#define MS        UINT64_C(1000000)
#define PEERS     40
#define BIG       ((size_t)16 << 20)
#define TURNS_MAX 400000

#define REQUEST(path)                                                                              \
    "GET " path " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"            \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define ECHO     REQUEST("/")
#define SOCKETIO REQUEST("/socket.io/?EIO=4&transport=websocket")

static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};

static struct server server;
static struct server_options options;
static port_socket listeners[2];
static struct port_address bound[2]; /* HTTP, raw */

/* The other end of a connection: sends what it is given, reads as long as it wants to. */
static struct peer {
    port_socket socket;
    bool deaf;  /* reads nothing */
    size_t sip; /* reads at most so much at once; 0: all */
    bool ended; /* the server has ended the stream */
    int failure;
    struct span to_send;
    uint8_t in[1 << 16]; /* what came, from `taken` on not looked at yet */
    size_t in_len;
    struct websocket machine; /* behind the head of the response */
    bool raw, upgraded;
    int http; /* status of the last response */
    char log[1024];
    struct buf text;   /* over log: short messages, {in braces}; <close CODE> */
    uint64_t letters;  /* bytes of data that came in all */
    uint64_t wrong;    /* those that differ from `expects` */
    struct span wants; /* what the data must be; empty: anything */
    unsigned messages;
} peers[PEERS];
static size_t peer_count;

/* ---- Start and end --------------------------------------------------------------------- */

static void listen_at(int i)
{
    struct port_address a;
    assert_int_equal(port_resolve("127.0.0.1", 0, &a, 1), 1);
    assert_int_equal(port_listen(&a, 100, &listeners[i], &bound[i]), STATUS_OK);
    assert_int_equal(listener_add(&server.loop, listeners[i], i == 1), STATUS_OK);
}

static void start_with(uint32_t clients, size_t max_message)
{
    char error[OPTION_ERROR_BYTES];
    char *argv[] = {(char[]){"wsio-server"}, NULL};
    scripted_reset();
    memset(&server, 0, sizeof server);
    peer_count = 0;
    assert_int_equal(server_options_parse(&options, 1, argv, error), STATUS_OK);
    options.max_clients = clients;
    options.max_message = max_message;
    assert_int_equal(server_open(&server, &options, port_poller_find(NULL)), STATUS_OK);
    listen_at(0);
    listen_at(1);
}

static void start(void)
{
    start_with(PEERS, MESSAGE_LIMIT_DEFAULT);
}

static struct peer *peer_new(bool raw)
{
    assert_true(peer_count < PEERS);
    struct peer *p = &peers[peer_count++];
    memset(p, 0, sizeof *p);
    p->text = buf_over(p->log, sizeof p->log - 1);
    p->raw = raw;
    p->machine.client = true;
    assert_int_equal(port_connect(&bound[raw], NULL, 0, &p->socket), STATUS_OK);
    return p;
}

static void peer_close(struct peer *p)
{
    port_close(p->socket);
    p->socket = PORT_NO_SOCKET;
}

/* ---- Peers ----------------------------------------------------------------------------- */

static void data_take(struct peer *p, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len && p->wants.len > 0; i++)
        p->wrong += data[i] != p->wants.ptr[(p->letters + i) % p->wants.len];
    p->letters += len;
    if (p->wants.len == 0)
        buf_put(&p->text, data, len);
}

static void frame_take(struct peer *p, const struct websocket_event *e)
{
    switch (e->kind) {
    case WEBSOCKET_DATA:
        if (e->message_first)
            buf_put_byte(&p->text, '{');
        data_take(p, e->ptr, e->len);
        if (e->message_last)
            buf_put_byte(&p->text, '}');
        p->messages += e->message_last;
        break;
    case WEBSOCKET_CLOSE:
        buf_put_text(&p->text, "<close ");
        buf_put_u64(&p->text, e->code);
        buf_put_byte(&p->text, '>');
        break;
    case WEBSOCKET_PING:
    case WEBSOCKET_PONG:
        buf_put_text(&p->text, "<pong>");
        break;
    case WEBSOCKET_NOTHING:
        break;
    }
}

static void head_take(struct peer *p)
{
    struct http_head head;
    uint64_t length;
    int used = http_response_parse(span_of(p->in, p->in_len), &head);
    assert_true(used >= 0);
    if (used == 0)
        return;
    http_content_length(&head, &length);
    p->http = head.code;
    p->upgraded = head.code == 101;
    p->in_len -= (size_t)used;
    memmove(p->in, p->in + used, p->in_len);
    assert_true(p->upgraded || p->in_len <= length);
}

static void input_take(struct peer *p)
{
    struct websocket_event event;
    size_t at = 0;
    if (p->raw) {
        data_take(p, p->in, p->in_len);
        p->in_len = 0;
        return;
    }
    if (p->http == 0)
        head_take(p);
    while (p->upgraded && at < p->in_len) {
        int used = websocket_feed(&p->machine, p->in + at, p->in_len - at, &event);
        assert_true(used > 0);
        frame_take(p, &event);
        at += (size_t)used;
    }
    if (p->upgraded)
        p->in_len = 0;
}

static bool peer_send(struct peer *p)
{
    if (p->to_send.len == 0 || p->failure < 0)
        return false;
    int sent = port_send(p->socket, &p->to_send, 1);
    if (sent < 0)
        p->failure = sent;
    else
        p->to_send = span_after(p->to_send, (size_t)sent);
    return sent != 0;
}

static bool peer_receive(struct peer *p)
{
    if (p->deaf || p->ended)
        return false;
    size_t most = p->sip > 0 ? p->sip : sizeof p->in - p->in_len;
    int got = port_receive(p->socket, p->in + p->in_len, most);
    if (got > 0) {
        p->in_len += (size_t)got;
        input_take(p);
    }
    p->ended = got < 0;
    return got != 0;
}

/* Every peer and the server do one step. Returns whether anything moved. */
static bool turn(void)
{
    struct loop *l = &server.loop;
    uint64_t before = l->counters.bytes_in + l->counters.bytes_out + l->counters.accepted + l->used;
    bool moved = false;
    for (size_t i = 0; i < peer_count; i++) {
        struct peer *p = &peers[i];
        if (p->socket == PORT_NO_SOCKET)
            continue;
        moved |= peer_send(p);
        moved |= peer_receive(p);
    }
    assert_int_equal(loop_turn(l, 0), STATUS_OK);
    uint64_t now = l->counters.bytes_in + l->counters.bytes_out + l->counters.accepted + l->used;
    return moved || now != before;
}

/* Until nothing moves any more. The clock stands still. */
static void settle(void)
{
    unsigned still = 0;
    for (int i = 0; still < 3; i++) {
        assert_true(i < TURNS_MAX && "no end to it");
        still = turn() ? 0 : still + 1;
    }
}

static void advance(uint64_t ns)
{
    scripted_clock_advance(ns);
    settle();
}

/* From now on the data is compared and not logged. */
static void want(struct peer *p, struct span data)
{
    p->wants = data;
    p->letters = p->wrong = 0;
    p->messages = 0;
}

static void expect_wanted(const struct peer *p)
{
    assert_int_equal(p->messages, 1);
    assert_int_equal(p->letters, p->wants.len);
    assert_int_equal(p->wrong, 0);
}

static void say(struct peer *p, struct span bytes)
{
    settle();
    assert_int_equal(p->to_send.len, 0);
    p->to_send = bytes;
    settle();
}

static void say_text(struct peer *p, const char *text)
{
    say(p, span_text(text));
}

/* One masked frame; the bytes are used at once. */
static void say_frame(struct peer *p, uint8_t opcode, struct span payload)
{
    static uint8_t bytes[256];
    struct buf b = buf_over(bytes, sizeof bytes);
    assert_int_equal(ws_frame_put(&b, true, opcode, payload, key), STATUS_OK);
    say(p, buf_span(&b));
    assert_int_equal(p->to_send.len, 0);
}

static void say_message(struct peer *p, const char *text)
{
    say_frame(p, WS_TEXT, span_text(text));
}

static struct peer *echo_peer(void)
{
    struct peer *p = peer_new(false);
    say_text(p, ECHO);
    assert_int_equal(p->http, 101);
    return p;
}

static struct peer *socketio_peer(void)
{
    struct peer *p = peer_new(false);
    say_text(p, SOCKETIO);
    say_message(p, "40");
    assert_non_null(strstr(p->log, "}{40{\"sid\":\""));
    p->text.len = 0;
    memset(p->log, 0, sizeof p->log);
    return p;
}

static void expect_all_given_back(const struct loop *l)
{
    assert_int_equal(l->used, 0);
    assert_int_equal(l->pool.free, l->pool.blocks);
    assert_int_equal(l->deadline.count, 0);
    assert_int_equal(l->waiters.first, LOOP_NO_SLOT);
    assert_int_equal(l->waiters.last, LOOP_NO_SLOT);
    assert_int_equal(l->out.len, 0);
}

/* All peers leave, and nothing is left. */
#define TAKEN 64
static struct lease *taken[TAKEN]; /* by exhaust() */
static size_t taken_count;

static void finish(void)
{
    while (taken_count > 0)
        pool_release(&server.loop.pool, taken[--taken_count]);
    for (size_t i = 0; i < peer_count; i++)
        if (peers[i].socket != PORT_NO_SOCKET)
            peer_close(&peers[i]);
    settle();
    advance(2 * CLOSE_TIMEOUT_MS * MS);
    expect_all_given_back(&server.loop);
    server_close(&server);
    port_close(listeners[0]);
    port_close(listeners[1]);
    assert_int_equal(scripted_sockets_open(), 0);
}

/* A masked text frame of printable letters, and what its payload is. */
static uint8_t big_frame_bytes[BIG + 64];
static uint8_t big_payload[BIG];

static struct span big_frame(const char *head, size_t len, const char *tail)
{
    struct buf b = buf_over(big_frame_bytes, sizeof big_frame_bytes);
    for (size_t i = 0; i < len; i++)
        big_payload[i] = (uint8_t)('a' + i % 23);
    memcpy(big_payload, head, strlen(head));
    memcpy(big_payload + len - strlen(tail), tail, strlen(tail));
    assert_int_equal(ws_frame_put(&b, true, WS_TEXT, span_of(big_payload, len), key), STATUS_OK);
    return buf_span(&b);
}

/* ---- Tests ----------------------------------------------------------------------------- */

static void talk_of_all_kinds(void)
{
    struct peer *raw = peer_new(true);
    struct peer *page = peer_new(false);
    struct peer *echo = echo_peer();
    struct peer *io = socketio_peer();
    say_text(raw, "raw bytes");
    say_text(page, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    say_message(echo, "Hello");
    say_frame(echo, WS_PING, SPAN("p"));
    say_message(io, "421[\"event\",{\"a\":1}]");
    say_message(io, "451-[\"b\",{\"_placeholder\":true,\"num\":0}]");
    say_frame(io, WS_BINARY, SPAN("binary"));
    assert_string_equal(raw->log, "raw bytes");
    assert_int_equal(page->http, 200);
    assert_string_equal(echo->log, "{Hello}<pong>");
    assert_string_equal(io->log, "{431[{\"a\":1}]}{451-[\"b\",{\"_placeholder\":true,\"num\":0}]}"
                                 "{binary}");
    assert_int_equal(server.loop.used, 4);
    say_frame(echo, WS_CLOSE, SPAN("\x03\xe8"));
    say_frame(io, WS_CLOSE, SPAN(""));
    port_shutdown(raw->socket);
    settle();
    assert_string_equal(echo->log, "{Hello}<pong><close 1000>");
    assert_true(echo->ended && io->ended && raw->ended); /* the server ends first */
}

static void test_single_bytes(void **state)
{
    (void)state;
    start();
    scripted_cut_set(1);
    talk_of_all_kinds();
    finish();
    start();
    scripted_capacity_set(1);
    talk_of_all_kinds();
    finish();
    start();
    talk_of_all_kinds();
    assert_true(server.loop.counters.receives < 60);
    finish();
}

/* A send for all that one receive brought, or delayed ACKs would stall the peer. */
static void test_0_one_send_for_a_batch_of_frames(void **state)
{
    uint8_t bytes[256];
    struct buf b = buf_over(bytes, sizeof bytes);
    (void)state;
    start();
    struct peer *p = echo_peer();
    for (unsigned i = 0; i < 3; i++) {
        ws_frame_put(&b, true, WS_TEXT, SPAN("text"), key);
        ws_frame_put(&b, true, WS_PING, SPAN(""), key);
        ws_frame_put(&b, true, WS_BINARY, SPAN(""), key);
    }
    uint64_t before = server.loop.counters.sends;
    say(p, buf_span(&b));
    assert_string_equal(p->log, "{text}<pong>{}{text}<pong>{}{text}<pong>{}");
    assert_int_equal(server.loop.counters.sends - before, 1);
    say_message(p, "one");
    assert_int_equal(server.loop.counters.sends - before, 2);
    finish();
}

/* Through pipes of 4 KiB, both at once: the frame comes back as fragments, the event whole. */
static void test_large_messages_through_narrow_pipes(void **state)
{
    static uint8_t event_bytes[900064];
    static uint8_t event[900000];
    (void)state;
    start();
    scripted_capacity_set(4096);
    struct peer *io = socketio_peer();
    struct peer *echo = echo_peer();
    struct span frame = big_frame("42[\"m\",\"", sizeof event, "\"]");
    memcpy(event_bytes, frame.ptr, frame.len);
    memcpy(event, big_payload, sizeof event);
    io->to_send = span_of(event_bytes, frame.len);
    want(io, span_of(event, sizeof event));
    echo->to_send = big_frame("", 1 << 20, "");
    want(echo, span_of(big_payload, 1 << 20));
    settle();
    expect_wanted(io);
    expect_wanted(echo);
    assert_int_equal(server.loop.pool.free, server.loop.pool.blocks);
    finish();
}

/* A peer that does not read is not read either, and in the end is dropped; all others go on. */
static void test_peer_that_never_reads(void **state)
{
    struct span frame;
    (void)state;
    start();
    struct peer *deaf = echo_peer();
    struct peer *other = echo_peer();
    frame = big_frame("", 4 << 20, "");
    deaf->deaf = true;
    deaf->to_send = frame;
    settle();
    assert_true(deaf->to_send.len > 3 << 20);
    assert_true(server.loop.pool.free < server.loop.pool.blocks);
    say_message(other, "still here");
    assert_string_equal(other->log, "{still here}");
    advance(SEND_STALL_MS * MS - 1);
    assert_int_equal(server.loop.used, 2);
    advance(1);
    assert_int_equal(server.loop.used, 1);
    assert_int_equal(server.loop.counters.stalls, 1);
    assert_int_equal(server.loop.pool.free, server.loop.pool.blocks);
    say_message(other, "and here");
    assert_string_equal(other->log, "{still here}{and here}");
    finish();
}

/* A slow reader is no stall as long as anything moves. */
static void test_slow_reader_is_kept(void **state)
{
    (void)state;
    start();
    struct peer *slow = echo_peer();
    want(slow, span_of(big_payload, 1 << 20));
    slow->to_send = big_frame("", 1 << 20, "");
    slow->deaf = true;
    settle();
    for (int i = 0; i < 5; i++) {
        advance((SEND_STALL_MS - 1) * MS);
        slow->deaf = false;
        peer_receive(slow);
        slow->deaf = true;
        settle();
    }
    assert_int_equal(server.loop.used, 1);
    slow->deaf = false;
    settle();
    expect_wanted(slow);
    finish();
}

/* ---- Memory that is short -------------------------------------------------------------- */

#define LONG ((size_t)15 << 20)

/* Announces a long event and sends a first part of it. */
static struct span announce(struct peer *p)
{
    struct span frame = big_frame("42[\"m\",\"", LONG, "\"]");
    say(p, span_of(frame.ptr, 10000));
    return span_after(frame, 10000);
}

/* What is declared costs nothing; more than there is memory for is sent at once; and all the same
 * each message is finished, one after the other, since there is room for one. Nothing hangs, and
 * all memory comes back. */
static void test_too_many_half_built_messages(void **state)
{
    struct peer *p[10];
    struct span rest = {0};
    (void)state;
    start_with(PEERS, BIG);
    struct loop *l = &server.loop;
    size_t free = l->pool.free;
    for (size_t i = 0; i < 10; i++)
        p[i] = socketio_peer();
    for (size_t i = 0; i < 10; i++)
        rest = announce(p[i]);
    assert_int_equal(l->counters.lease_waits, 0);
    assert_in_range(free - l->pool.free, 10, 100); /* blocks of 4 KiB for 150 MB */
    struct peer *small = echo_peer();
    say_message(small, "x");
    assert_string_equal(small->log, "{x}");
    for (size_t i = 0; i < 10; i++) {
        want(p[i], span_of(big_payload, LONG));
        p[i]->to_send = rest;
    }
    settle();
    assert_true(l->counters.lease_waits > 0);
    assert_int_equal(l->counters.lease_refusals, 0);
    for (size_t i = 0; i < 10; i++)
        expect_wanted(p[i]);
    assert_int_equal(l->waiters.first, LOOP_NO_SLOT);
    assert_non_null(l->pool.room);
    finish();
}

/* The same while the peer that has the room never sends its rest: those for which there is no
 * memory are refused in time, and it ends, too. */
static void test_half_built_messages_without_end(void **state)
{
    struct peer *p[12];
    struct span rest = {0};
    size_t refused = 0;
    (void)state;
    start_with(PEERS, BIG);
    for (size_t i = 0; i < 12; i++)
        p[i] = socketio_peer();
    for (size_t i = 0; i < 12; i++) {
        rest = announce(p[i]);
        p[i]->to_send = span_of(rest.ptr, rest.len - 1);
    }
    settle();
    assert_null(server.loop.pool.room);
    advance(LEASE_WAIT_MS * MS);
    for (size_t i = 0; i < 12; i++)
        refused += strcmp(p[i]->log, "<close 1013>") == 0;
    assert_in_range(refused, 1, 8);
    assert_int_equal(server.loop.counters.lease_refusals, refused);
    advance(MESSAGE_TIMEOUT_MS * MS);
    for (size_t i = 0; i < 12; i++)
        assert_true(p[i]->ended);
    finish();
}

/* Takes leases until not one block beyond the reserve is left, nor the room. */
static void exhaust(void)
{
    struct loop *l = &server.loop;
    while (l->pool.free > loop_reserve(l)) {
        assert_true(taken_count < TAKEN);
        taken[taken_count++] = pool_lease_some(&l->pool, LONG, loop_reserve(l));
    }
    taken[taken_count++] = pool_take_room(&l->pool, 1);
    assert_int_equal(l->pool.free, loop_reserve(l));
}

/* With no memory at all every peer still gets an answer in time: its own, or a refusal. A peer that
 * has memory, or needs none, goes on at once. */
static void test_no_memory_at_all(void **state)
{
    (void)state;
    start_with(PEERS, BIG);
    struct peer *small = echo_peer();
    struct peer *big = socketio_peer();
    struct peer *holder = socketio_peer();
    say(holder, SPAN("\x81\x8c\0\0\0\0"
                     "42[\"m"));
    exhaust();
    say(big,
        span_of(big_frame("42[\"m\",\"", 100000, "\"]").ptr, 10000)); /* the reserve has room */
    assert_int_equal(server.loop.counters.lease_waits, 1);
    assert_true(server.loop.stash_blocks >
                0); /* what came of it is put aside in memory of its own */
    assert_int_equal(server.loop.pool.free, loop_reserve(&server.loop));
    say(holder, SPAN("xxxxx\"]"));
    assert_string_equal(holder->log, "{42[\"mxxxxx\"]}");
    advance(500 * MS);
    small->to_send = SPAN("\x81\x81\x01\x01\x01\x01x");
    settle();
    assert_string_equal(small->log, "{y}"); /* a peer that needs no memory does not notice */
    advance(LEASE_WAIT_MS * MS - 500 * MS);
    assert_string_equal(big->log, "<close 1013>");
    assert_int_equal(server.loop.stash_blocks, 0);
    finish();
}

/* No peer is read whose answer might find no memory: output that others are slow to take is in the
 * reserve by then. He waits, and goes on when it is given back. */
static void test_what_might_not_be_answered_is_not_read(void **state)
{
    struct loop *l = &server.loop;
    (void)state;
    start_with(PEERS, BIG);
    struct peer *small = echo_peer();
    struct peer *deaf = peer_new(true);
    settle();
    deaf->deaf = true;
    say(deaf, span_of(big_payload, SCRIPTED_CAPACITY)); /* fills the pipe, and nothing is queued */
    exhaust();
    struct lease *more = pool_lease(&l->pool, SHARE_ROOM, 0); /* what no slot may do */
    assert_true(l->pool.free < loop_memory_reserve(l));
    uint64_t receives = l->counters.receives;
    uint64_t waits = l->counters.lease_waits;
    small->to_send = SPAN("\x81\x81\x01\x01\x01\x01x");
    settle();
    assert_string_equal(small->log, "");
    assert_int_equal(l->counters.receives, receives);
    assert_int_equal(l->counters.lease_waits, waits + 1);
    deaf->deaf = false;
    pool_release(&l->pool, more);
    settle();
    assert_string_equal(small->log, "{y}");
    assert_int_equal(l->counters.lease_refusals, 0);
    finish();
}

/* What may be put aside has a bound: beyond it a peer is refused at once, and the others go on. */
static void test_stashes_are_bounded(void **state)
{
    struct peer *p[31];
    size_t refused = 0;
    (void)state;
    start_with(PEERS, BIG);
    struct peer *small = echo_peer();
    for (size_t i = 0; i < 31; i++)
        p[i] = socketio_peer();
    exhaust();
    for (uint32_t i = 0; i < PEERS; i++)
        server.loop.slots[i].receive_size = 5; /* as after a lot of input: RECV_BYTES */
    for (size_t i = 0; i < 31; i++) {
        say(p[i], span_of(big_frame("42[\"m\",\"", 200000, "\"]").ptr, 100000));
        refused += strcmp(p[i]->log, "<close 1013>") == 0;
    }
    assert_in_range(refused, 1, 30);
    assert_in_range(server.loop.stash_blocks, 1, LOOP_STASHES / POOL_BLOCK_BYTES);
    assert_int_equal(server.loop.pool.free, loop_reserve(&server.loop));
    small->to_send = SPAN("\x81\x81\x01\x01\x01\x01x");
    settle();
    assert_string_equal(small->log, "{y}");
    finish();
}

/* What a peer sends after its refusal is thrown away, and does not keep the loop busy. */
static void test_refused_peer_is_drained_without_memory(void **state)
{
    (void)state;
    start_with(PEERS, BIG);
    struct peer *first = socketio_peer();
    struct peer *second = socketio_peer();
    exhaust();
    struct span rest = announce(first);
    first->to_send = span_of(rest.ptr, 200000);
    advance(LEASE_WAIT_MS * MS / 2);
    assert_true(first->to_send.len > 0);
    announce(second);
    advance(LEASE_WAIT_MS * MS / 2);
    assert_string_equal(first->log, "<close 1013>");
    assert_string_equal(second->log, "");
    assert_true(server.loop.stash_blocks > 0);
    assert_int_equal(first->to_send.len, 0);
    assert_int_equal(server.loop.counters.lease_refusals, 1);
    peer_close(first);
    settle();
    assert_int_equal(server.loop.counters.lease_waits, 2); /* each for its message */
    finish();
}

/* A deadline of the connection comes while it waits: what was put aside for it is given back. */
static void test_timeout_while_waiting_for_memory(void **state)
{
    (void)state;
    start_with(PEERS, BIG);
    struct peer *half = peer_new(false);
    settle();
    advance((HANDSHAKE_TIMEOUT_DEFAULT - 100) * MS);
    exhaust();
    say_text(half, "GET / HT");
    assert_true(server.loop.stash_blocks > 0);
    advance(100 * MS);
    assert_int_equal(half->http, 408);
    assert_int_equal(server.loop.stash_blocks, 0);
    assert_int_equal(server.loop.waiters.first, LOOP_NO_SLOT);
    assert_int_equal(server.loop.pool.free, loop_reserve(&server.loop));
    finish();
}

/* ---- Queued output ---- */

/* An answer in its own memory that is taken in sips, and the next message behind it. */
static void test_sips_of_a_held_answer(void **state)
{
    static uint8_t bytes[24000], data[23800];
    (void)state;
    start();
    scripted_capacity_set(12000);
    struct peer *p = echo_peer();
    struct span first = big_frame("", 20000, "");
    memcpy(bytes, first.ptr, first.len);
    memcpy(data, big_payload, 20000);
    struct span second = big_frame("", 3800, "");
    memcpy(bytes + first.len, second.ptr, second.len);
    memcpy(data + 20000, big_payload, 3800);
    want(p, span_of(data, sizeof data));
    p->deaf = true;
    p->to_send = span_of(bytes, first.len + second.len);
    settle();
    p->deaf = false;
    p->sip = 3500;
    settle();
    assert_int_equal(p->letters, sizeof data);
    assert_int_equal(p->wrong, 0);
    assert_int_equal(p->messages, 2);
    assert_int_equal(server.loop.used, 1);
    finish();
}

/* The later of the last movement and the close counts, not the first. */
static void test_a_close_leaves_time_for_what_is_queued(void **state)
{
    (void)state;
    start();
    scripted_capacity_set(100);
    struct peer *p = peer_new(true);
    settle();
    p->deaf = true;
    say(p, span_of(big_payload, 100));
    say(p, span_of(big_payload + 100, 50));
    advance(SEND_STALL_MS / 3 * MS); /* slow for longer than a close may take, and allowed to be */
    server_stop(&server);
    settle();
    assert_int_equal(server.loop.used, 1);
    p->deaf = false;
    settle();
    assert_int_equal(server.loop.counters.bytes_out, 150);
    assert_int_equal(server.loop.used, 0);
    finish();
}

/* The time that a peer has to take something runs from when there was something to take. */
static void test_stall_runs_from_the_first_queued_byte(void **state)
{
    (void)state;
    start();
    scripted_capacity_set(100);
    struct peer *p = peer_new(true);
    settle();
    p->deaf = true;
    say(p, span_of(big_payload, 100)); /* fills the pipe, and nothing is queued */
    advance(2 * SEND_STALL_MS * MS);
    say(p, span_of(big_payload, 1));
    advance(SEND_STALL_MS * MS - 1);
    assert_int_equal(server.loop.used, 1);
    advance(1);
    assert_int_equal(server.loop.used, 0);
    finish();
}

/* A poller may report a peer as writable that takes nothing. */
static void test_stall_is_not_over_because_the_poller_says_so(void **state)
{
    (void)state;
    start();
    scripted_capacity_set(100);
    struct peer *p = peer_new(true);
    settle();
    p->deaf = true;
    say(p, span_of(big_payload, 101));
    scripted_writable_always(true);
    advance(SEND_STALL_MS / 2 * MS);
    advance(SEND_STALL_MS / 2 * MS - 1);
    assert_int_equal(server.loop.used, 1);
    advance(1);
    assert_int_equal(server.loop.used, 0);
    finish();
}

/* Stopped while output is queued: it is still sent before the end. */
static void test_stop_sends_what_is_queued(void **state)
{
    (void)state;
    start();
    scripted_capacity_set(1000);
    struct peer *p = peer_new(true);
    settle();
    p->deaf = true;
    p->to_send = span_of(big_payload, 2000);
    settle();
    assert_int_equal(server.loop.counters.bytes_in, 2000);
    server_stop(&server);
    p->deaf = false;
    want(p, span_of(big_payload, 2000));
    settle();
    assert_int_equal(p->letters, 2000);
    assert_int_equal(p->wrong, 0);
    assert_true(p->ended);
    finish();
}

/* ---- Slots ----------------------------------------------------------------------------- */

/* All places are taken: a few more are answered, but served nothing; raw TCP is closed. Beyond that
 * they wait. */
static void test_more_clients_than_slots(void **state)
{
    (void)state;
    start_with(2, MESSAGE_LIMIT_DEFAULT);
    for (int i = 0; i < 5; i++)
        peer_new(false)->to_send = SPAN(ECHO "\x81\x81\x01\x01\x01\x01x");
    settle();
    for (int i = 0; i < 5; i++) {
        assert_string_equal(peers[i].log, i < 2 ? "{y}" : "");
        assert_int_equal(peers[i].http, i < 2 ? 101 : 503);
    }
    assert_int_equal(server.stats.crowd_refused, 3);
    struct peer *asks = peer_new(false);
    say_text(asks, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(asks->http, 200);
    struct peer *raw = peer_new(true);
    settle();
    assert_true(raw->ended);
    for (int i = 0; i < CROWD_SLOTS; i++)
        peer_new(false);
    settle();
    assert_int_equal(server.loop.used, 2 + CROWD_SLOTS);
    uint64_t now = port_clock(); /* those in the backlog do not keep the loop busy */
    assert_int_equal(loop_turn(&server.loop, now + MS), STATUS_OK);
    assert_true(port_clock() == now + MS);
    peer_close(&peers[0]);
    advance(CROWD_MS * MS);
    advance(server.conn.handshake_timeout); /* silent peers from the backlog got the place */
    advance(2 * CLOSE_TIMEOUT_MS * MS);
    struct peer *next = echo_peer(); /* the free place is used */
    say_message(next, "x");
    assert_string_equal(next->log, "{x}");
    finish();
}

static void test_stop_says_1001_and_drains(void **state)
{
    (void)state;
    start();
    struct peer *echo = echo_peer();
    struct peer *io = socketio_peer();
    struct peer *silent = echo_peer();
    struct peer *raw = peer_new(true);
    struct peer *half = peer_new(false);
    say_text(half, "GET / HT");
    say_text(raw, "x");
    server_stop(&server);
    settle();
    assert_string_equal(echo->log, "<close 1001>");
    assert_string_equal(io->log, "<close 1001>");
    assert_true(raw->ended && half->ended);
    assert_int_equal(server.loop.used, 3);
    say_frame(echo, WS_CLOSE, SPAN("\x03\xe9"));
    say_frame(io, WS_CLOSE, SPAN("\x03\xe9"));
    assert_true(echo->ended && io->ended && !silent->ended);
    peer_close(echo);
    peer_close(io);
    struct peer *late = peer_new(false);
    late->to_send = SPAN(ECHO);
    advance(CLOSE_TIMEOUT_MS * MS - 1);
    assert_int_equal(server.loop.used, 1);
    advance(1);
    assert_int_equal(server.loop.used, 0);
    assert_true(silent->ended);
    assert_int_equal(late->http, 0);
    finish();
}

static void test_deadlines_to_the_nanosecond(void **state)
{
    (void)state;
    start();
    struct peer *silent = peer_new(false);
    settle();
    advance(HANDSHAKE_TIMEOUT_DEFAULT * MS - 1);
    assert_int_equal(silent->http, 0);
    advance(1);
    assert_int_equal(silent->http, 408);
    struct peer *io = socketio_peer();
    advance(PING_INTERVAL_DEFAULT * MS - 1);
    assert_string_equal(io->log, "");
    advance(1);
    assert_string_equal(io->log, "{2}");
    say_message(io, "3");
    advance(PING_INTERVAL_DEFAULT * MS);
    assert_string_equal(io->log, "{2}{2}");
    advance(PING_TIMEOUT_DEFAULT * MS - 1);
    assert_int_equal(server.loop.used, 1);
    advance(1);
    assert_string_equal(io->log, "{2}{2}<close 1005>");
    finish();
}

/* A wait without end ends when the next deadline does. */
static void test_waits_until_what_is_next(void **state)
{
    (void)state;
    start();
    struct peer *p = peer_new(false);
    settle();
    uint64_t now = port_clock();
    assert_int_equal(loop_turn(&server.loop, now + 5 * MS), STATUS_OK);
    assert_true(port_clock() == now + 5 * MS);
    assert_int_equal(loop_turn(&server.loop, PORT_FOREVER), STATUS_OK);
    assert_true(port_clock() == now + HANDSHAKE_TIMEOUT_DEFAULT * MS);
    settle();
    assert_int_equal(p->http, 408);
    finish();
}

/* ---- Another application --------------------------------------------------------------- */

static struct loop loop;
static struct {
    unsigned accepted, connected, events, alarms, drained, ended;
    int status;
    uint64_t alarm_at;
} seen;

static void seen_accepted(struct loop *l, struct loop_slot *s)
{
    (void)l;
    (void)s;
    seen.accepted++;
}

static void seen_connected(struct loop *l, struct loop_slot *s)
{
    seen.connected++;
    conn_start_client(&s->conn, &l->io, NULL);
    for (int i = 0; i < 100; i++)
        buf_put_text(&l->out, "0123456789");
}

/* The peer that is heard first has all others dropped. */
static void event_drops_others(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    if (event->kind != CONN_DATA)
        return;
    seen.events++;
    for (uint32_t i = 0; i < l->setup.slots; i++) {
        struct loop_slot *other = loop_slot_at(l, i);
        if (other != NULL && other != s)
            loop_drop(l, other, STATUS_STOPPED);
    }
}

/* Puts something, gives the peer up, and puts more. */
static void event_drops_itself(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    assert_int_equal(event->kind, CONN_DATA);
    seen.events++;
    buf_put_text(&l->out, "for nobody");
    loop_drop(l, s, STATUS_STOPPED);
    buf_put_text(&l->out, "nor this");
}

static void accepted_drops_the_first(struct loop *l, struct loop_slot *s)
{
    if (seen.accepted++ > 0)
        return;
    buf_put_text(&l->out, "for nobody");
    loop_drop(l, s, STATUS_STOPPED);
}

static struct port_address elsewhere;

/* The slots of dropped peers are taken again while their rows are still to come. */
static void event_reconnects(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    struct loop_slot *again;
    event_drops_others(l, s, event);
    while (event->kind == CONN_DATA && loop_connect(l, &elsewhere, 0, &again) == STATUS_OK)
        continue;
}

static void event_puts_much(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    (void)s;
    seen.events += event->kind == CONN_DATA;
    buf_put(&l->out, big_payload, 100000);
}

static void event_seen(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    (void)l;
    (void)s;
    seen.events += event->kind == CONN_DATA;
}

static void seen_drained(struct loop *l, struct loop_slot *s)
{
    (void)l;
    (void)s;
    seen.drained++;
}

static void seen_alarm(struct loop *l, struct loop_slot *s)
{
    assert_int_equal(s->alarm_at, 0);
    seen.alarms++;
    seen.alarm_at = l->io.now;
}

static void seen_ended(struct loop *l, struct loop_slot *s, int status)
{
    (void)l;
    (void)s;
    seen.ended++;
    seen.status = status;
}

static struct conn_config plain_config;
static struct loop_app app = {NULL,         seen_accepted, seen_connected, NULL,
                              seen_drained, seen_alarm,    seen_ended,     NULL};

static void start_plain(bool client)
{
    scripted_reset();
    memset(&seen, 0, sizeof seen);
    memset(&plain_config, 0, sizeof plain_config);
    plain_config.client = client;
    plain_config.handshake_timeout = plain_config.close_timeout = 1000 * MS;
    app.accepted = seen_accepted;
    app.event = client ? event_seen : event_drops_others;
    struct loop_setup setup = {.conn = &plain_config,
                               .app = &app,
                               .poller = port_poller_find(NULL),
                               .slots = 3,
                               .pool_bytes = 1 << 20,
                               .queue_limit = 1 << 20};
    assert_int_equal(loop_open(&loop, &setup), STATUS_OK);
}

static port_socket plain_listen(struct port_address *at, int backlog)
{
    port_socket listener;
    struct port_address a;
    assert_int_equal(port_resolve("127.0.0.1", 0, &a, 1), 1);
    assert_int_equal(port_listen(&a, backlog, &listener, at), STATUS_OK);
    return listener;
}

static void finish_plain(port_socket listener)
{
    expect_all_given_back(&loop);
    loop_close(&loop);
    port_close(listener);
    assert_int_equal(scripted_sockets_open(), 0);
}

static void plain_turns(int n)
{
    while (n-- > 0)
        assert_int_equal(loop_turn(&loop, 0), STATUS_OK);
}

/* Both are ready in one round, and the first one's handler drops the second, whose row is outdated:
 * also when a new connection has its slot by then. */
static void test_rows_of_dropped_slots_are_skipped(void **state)
{
    struct port_address at;
    port_socket peer[3];
    (void)state;
    start_plain(false);
    port_socket listener = plain_listen(&at, 10);
    assert_int_equal(listener_add(&loop, listener, true), STATUS_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(port_connect(&at, NULL, 0, &peer[i]), STATUS_OK);
    plain_turns(2);
    assert_int_equal(loop.used, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(port_send(peer[i], &SPAN("x"), 1), 1);
    plain_turns(1);
    assert_int_equal(seen.events, 1);
    assert_int_equal(seen.ended, 2);
    assert_int_equal(seen.status, STATUS_STOPPED);
    assert_int_equal(loop.used, 1);
    plain_turns(3);
    assert_int_equal(seen.events, 1);
    for (int i = 0; i < 3; i++)
        port_close(peer[i]);
    plain_turns(2);
    finish_plain(listener);
}

static void raw_peers(port_socket listener, const struct port_address *at, port_socket peer[3])
{
    assert_int_equal(listener_add(&loop, listener, true), STATUS_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(port_connect(at, NULL, 0, &peer[i]), STATUS_OK);
    plain_turns(2);
    assert_int_equal(loop.used, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(port_send(peer[i], &SPAN("x"), 1), 1);
}

static void test_rows_of_slots_taken_again_are_skipped(void **state)
{
    struct port_address at;
    port_socket peer[3];
    (void)state;
    start_plain(false);
    app.event = event_reconnects;
    port_socket listener = plain_listen(&at, 10);
    port_socket full = plain_listen(&elsewhere, 0); /* no connect gets through */
    raw_peers(listener, &at, peer);
    plain_turns(1);
    assert_int_equal(seen.events, 1);
    assert_int_equal(seen.ended, 2);
    assert_int_equal(seen.connected, 0);
    assert_int_equal(loop.used, 3);
    for (uint32_t i = 0; i < 3; i++)
        loop_drop(&loop, loop_slot_at(&loop, i), STATUS_STOPPED);
    for (int i = 0; i < 3; i++)
        port_close(peer[i]);
    plain_turns(1);
    port_close(full);
    finish_plain(listener);
}

static void test_application_drops_the_slot_it_is_told_of(void **state)
{
    struct port_address at;
    port_socket peer[3];
    uint8_t bytes[100];
    (void)state;
    start_plain(false);
    app.event = event_drops_itself;
    port_socket listener = plain_listen(&at, 10);
    raw_peers(listener, &at, peer);
    plain_turns(2);
    assert_int_equal(seen.events, 3);
    assert_int_equal(seen.ended, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(port_receive(peer[i], bytes, sizeof bytes), STATUS_CLOSED);
        port_close(peer[i]);
    }
    assert_int_equal(loop.counters.bytes_out, 0);
    finish_plain(listener);
}

/* Output that was put for a dropped peer does not go to the next one. */
static void test_application_drops_whom_it_accepted(void **state)
{
    struct port_address at;
    port_socket first, second;
    uint8_t bytes[100];
    (void)state;
    start_plain(false);
    app.accepted = accepted_drops_the_first;
    port_socket listener = plain_listen(&at, 10);
    assert_int_equal(listener_add(&loop, listener, true), STATUS_OK);
    assert_int_equal(port_connect(&at, NULL, 0, &first), STATUS_OK);
    assert_int_equal(port_connect(&at, NULL, 0, &second), STATUS_OK);
    plain_turns(1);
    assert_int_equal(seen.accepted, 2);
    assert_int_equal(port_receive(first, bytes, sizeof bytes), STATUS_CLOSED);
    assert_int_equal(port_receive(second, bytes, sizeof bytes), 0);
    port_close(first);
    port_close(second);
    plain_turns(2);
    finish_plain(listener);
}

/* Three pieces in the queue, taken in bites that end within them. */
static void test_bites_across_queued_pieces(void **state)
{
    struct port_address at;
    struct loop_slot *s;
    port_socket peer;
    uint8_t bite[1700];
    size_t total = 0;
    (void)state;
    start_plain(true);
    scripted_capacity_set(2000);
    app.event = event_puts_much;
    big_frame("", 100000, "");
    port_socket listener = plain_listen(&at, 10);
    assert_int_equal(loop_connect(&loop, &at, 0, &s), STATUS_OK);
    plain_turns(1);
    assert_int_equal(port_accept(listener, &peer, NULL), 1);
    total = (size_t)port_receive(peer, bite, 1000); /* what is sent at the start */
    assert_int_equal(total, 1000);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(port_send(peer, &SPAN("y"), 1), 1);
        plain_turns(1);
    }
    for (total = 0; total < 300000; plain_turns(1)) {
        int got = port_receive(peer, bite, sizeof bite);
        assert_true(got > 0);
        for (int i = 0; i < got; i++)
            if (bite[i] != big_payload[(total + (size_t)i) % 100000])
                fail_msg("byte %zu", total + (size_t)i);
        total += (size_t)got;
    }
    assert_int_equal(port_receive(peer, bite, sizeof bite), 0);
    assert_int_equal(s->out_bytes, 0);
    assert_int_equal(seen.drained, 1);
    port_close(peer);
    plain_turns(2);
    finish_plain(listener);
}

static void test_too_much_queued_for_one_peer(void **state)
{
    struct port_address at;
    struct loop_slot *s;
    port_socket peer;
    (void)state;
    start_plain(true);
    scripted_capacity_set(2000);
    app.event = event_puts_much;
    port_socket listener = plain_listen(&at, 10);
    assert_int_equal(loop_connect(&loop, &at, 0, &s), STATUS_OK);
    plain_turns(1);
    assert_int_equal(port_accept(listener, &peer, NULL), 1);
    for (int i = 0; i < 20 && loop.used > 0; i++) { /* a client reads on; 1 MiB is the limit here */
        assert_int_equal(port_send(peer, &SPAN("y"), 1), 1);
        plain_turns(1);
    }
    assert_int_equal(seen.events, 11);
    assert_int_equal(seen.status, STATUS_QUEUE_FULL);
    assert_int_equal(loop.counters.overflows, 1);
    port_close(peer);
    finish_plain(listener);
}

static void test_connecting_alarms_and_draining(void **state)
{
    struct port_address at;
    struct loop_slot *s, *lost;
    port_socket peer;
    uint8_t bytes[1000];
    (void)state;
    start_plain(true);
    scripted_capacity_set(300);
    port_socket listener = plain_listen(&at, 10);
    assert_int_equal(loop_connect(&loop, &at, 7, &s), STATUS_OK);
    assert_int_equal(s->tag, 7);
    plain_turns(1);
    assert_int_equal(seen.connected, 1);
    assert_int_equal(port_accept(listener, &peer, NULL), 1);
    loop_alarm(&loop, s, port_clock() + 3 * MS);
    for (int total = 0; total < 1000; plain_turns(1)) {
        assert_int_equal(seen.drained, total == 900);
        /* a client reads, whatever waits to be sent */
        assert_int_equal(port_send(peer, &SPAN("y"), 1), 1);
        int got = port_receive(peer, bytes, sizeof bytes);
        assert_true(got > 0);
        total += got;
    }
    assert_int_equal(seen.drained, 1);
    assert_int_equal(seen.events, 4);
    uint64_t now = port_clock();
    assert_int_equal(loop_turn(&loop, PORT_FOREVER), STATUS_OK);
    assert_int_equal(seen.alarms, 1);
    assert_true(seen.alarm_at == now + 3 * MS);

    /* no listener is there */
    struct port_address nowhere;
    assert_int_equal(port_resolve("127.0.0.1", 1, &nowhere, 1), 1);
    assert_int_equal(loop_connect(&loop, &nowhere, 8, &lost), STATUS_OK);
    plain_turns(1);
    assert_int_equal(seen.ended, 1);
    assert_int_equal(seen.status, STATUS_REFUSED);
    scripted_refuse_at_once(true);
    assert_int_equal(loop_connect(&loop, &nowhere, 8, &lost), STATUS_REFUSED);
    assert_null(lost);
    assert_int_equal(loop.used, 1);

    loop_begin(&loop, s);
    conn_close(&s->conn, &loop.io, 1000);
    loop_end(&loop, s);
    assert_int_equal(port_receive(peer, bytes, sizeof bytes), STATUS_CLOSED);
    assert_int_equal(loop.used, 1);
    port_close(peer);
    plain_turns(2);
    assert_int_equal(seen.ended, 2);
    assert_int_equal(seen.status, STATUS_OK);
    finish_plain(listener);
}

static void test_all_slots_taken(void **state)
{
    struct port_address at;
    struct loop_slot *s;
    (void)state;
    start_plain(true);
    port_socket listener = plain_listen(&at, 10);
    for (int i = 0; i < 3; i++)
        assert_int_equal(loop_connect(&loop, &at, 0, &s), STATUS_OK);
    assert_int_equal(loop_connect(&loop, &at, 0, &s), STATUS_LIMIT);
    assert_null(s);
    plain_turns(1);
    for (uint32_t i = 0; i < 3; i++)
        loop_drop(&loop, loop_slot_at(&loop, i), STATUS_STOPPED);
    assert_int_equal(seen.ended, 3);
    finish_plain(listener);
}

/* ---- Listeners --------------------------------------------------------------------------- */

#define LISTEN_PAUSE (100 * MS)

/* Waits, at most so long; whether all of it passed. */
static bool plain_sleeps(uint64_t ns)
{
    uint64_t until = port_clock() + ns;
    assert_int_equal(loop_turn(&loop, until), STATUS_OK);
    return port_clock() == until;
}

/* A connection waits in the backlog, and could not be accepted. */
static port_socket start_turned_away(port_socket *peer)
{
    struct port_address at;
    start_plain(false);
    port_socket listener = plain_listen(&at, 10);
    assert_int_equal(listener_add(&loop, listener, true), STATUS_OK);
    assert_int_equal(port_connect(&at, NULL, 0, peer), STATUS_OK);
    scripted_accepts_fail(1);
    plain_turns(1);
    return listener;
}

/* Out of descriptors: a connection that waits in the backlog would wake the loop at once, again and
 * again. So the listener rests for a while, and is watched as before from then on. */
static void test_listener_rests_when_it_cannot_accept(void **state)
{
    port_socket peer;
    (void)state;
    port_socket listener = start_turned_away(&peer);
    assert_int_equal(loop.counters.turned_away, 1);
    uint64_t now = port_clock();
    assert_true(plain_sleeps(LISTEN_PAUSE - 1));
    assert_int_equal(loop_turn(&loop, PORT_FOREVER), STATUS_OK);
    assert_true(port_clock() == now + LISTEN_PAUSE);
    assert_int_equal(scripted_counts().accepts, 1);
    plain_turns(1);
    assert_int_equal(seen.accepted, 1);
    assert_true(plain_sleeps(MS)); /* and does not wake the loop any more */
    port_close(peer);
    plain_turns(2);
    finish_plain(listener);
}

/* The system may lack what watching a listener again takes. Then the listener rests on. */
static void test_listener_that_cannot_be_watched_rests_on(void **state)
{
    struct port_address at[2];
    port_socket listener[2], peer[2];
    (void)state;
    start_plain(false);
    for (int i = 0; i < 2; i++) {
        listener[i] = plain_listen(&at[i], 10);
        assert_int_equal(listener_add(&loop, listener[i], true), STATUS_OK);
    }
    assert_int_equal(port_connect(&at[0], NULL, 0, &peer[0]), STATUS_OK);
    scripted_accepts_fail(1);
    plain_turns(1);
    scripted_watches_fail(3); /* both, and then the first one */
    for (int i = 0; i < 3; i++) {
        uint64_t now = port_clock();
        assert_int_equal(loop_turn(&loop, PORT_FOREVER), STATUS_OK);
        assert_true(port_clock() == now + LISTEN_PAUSE);
    }
    assert_int_equal(seen.accepted, 0);
    plain_turns(1);
    assert_int_equal(seen.accepted, 1);
    assert_int_equal(port_connect(&at[1], NULL, 0, &peer[1]), STATUS_OK);
    plain_turns(1);
    assert_int_equal(seen.accepted, 2);
    assert_true(plain_sleeps(3 * LISTEN_PAUSE));
    for (int i = 0; i < 2; i++)
        port_close(peer[i]);
    plain_turns(2);
    listener_stop(&loop);
    port_close(listener[1]);
    finish_plain(listener[0]);
}

static void test_listener_is_stopped_while_it_rests(void **state)
{
    port_socket peer;
    (void)state;
    port_socket listener = start_turned_away(&peer);
    listener_stop(&loop);
    assert_true(plain_sleeps(3 * LISTEN_PAUSE));
    assert_true(plain_sleeps(MS));
    assert_int_equal(seen.accepted, 0);
    port_close(peer);
    finish_plain(listener);
}

/* One listener has run out of descriptors, and in the same turn another one fills the last slot. */
static void test_full_table_while_a_listener_rests(void **state)
{
    struct port_address at[2];
    port_socket listener[2], peer[4];
    (void)state;
    start_plain(false);
    for (int i = 0; i < 2; i++) {
        listener[i] = plain_listen(&at[i], 10);
        assert_int_equal(listener_add(&loop, listener[i], true), STATUS_OK);
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(port_connect(&at[i < 3], NULL, 0, &peer[i]), STATUS_OK);
    scripted_accepts_fail(1);
    plain_turns(1);
    assert_int_equal(loop.counters.turned_away, 1);
    assert_int_equal(loop.used, 3);
    plain_sleeps(LISTEN_PAUSE);
    assert_true(plain_sleeps(MS)); /* nothing to do until a peer leaves */
    for (int i = 0; i < 4; i++)
        port_close(peer[i]);
    plain_turns(3);
    listener_stop(&loop);
    port_close(listener[1]);
    finish_plain(listener[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_bytes),
        cmocka_unit_test(test_0_one_send_for_a_batch_of_frames),
        cmocka_unit_test(test_large_messages_through_narrow_pipes),
        cmocka_unit_test(test_peer_that_never_reads),
        cmocka_unit_test(test_slow_reader_is_kept),
        cmocka_unit_test(test_too_many_half_built_messages),
        cmocka_unit_test(test_half_built_messages_without_end),
        cmocka_unit_test(test_no_memory_at_all),
        cmocka_unit_test(test_what_might_not_be_answered_is_not_read),
        cmocka_unit_test(test_stashes_are_bounded),
        cmocka_unit_test(test_refused_peer_is_drained_without_memory),
        cmocka_unit_test(test_timeout_while_waiting_for_memory),
        cmocka_unit_test(test_sips_of_a_held_answer),
        cmocka_unit_test(test_a_close_leaves_time_for_what_is_queued),
        cmocka_unit_test(test_stall_runs_from_the_first_queued_byte),
        cmocka_unit_test(test_stall_is_not_over_because_the_poller_says_so),
        cmocka_unit_test(test_stop_sends_what_is_queued),
        cmocka_unit_test(test_more_clients_than_slots),
        cmocka_unit_test(test_stop_says_1001_and_drains),
        cmocka_unit_test(test_deadlines_to_the_nanosecond),
        cmocka_unit_test(test_waits_until_what_is_next),
        cmocka_unit_test(test_rows_of_dropped_slots_are_skipped),
        cmocka_unit_test(test_rows_of_slots_taken_again_are_skipped),
        cmocka_unit_test(test_application_drops_the_slot_it_is_told_of),
        cmocka_unit_test(test_application_drops_whom_it_accepted),
        cmocka_unit_test(test_bites_across_queued_pieces),
        cmocka_unit_test(test_too_much_queued_for_one_peer),
        cmocka_unit_test(test_connecting_alarms_and_draining),
        cmocka_unit_test(test_all_slots_taken),
        cmocka_unit_test(test_listener_rests_when_it_cannot_accept),
        cmocka_unit_test(test_listener_that_cannot_be_watched_rests_on),
        cmocka_unit_test(test_listener_is_stopped_while_it_rests),
        cmocka_unit_test(test_full_table_while_a_listener_rests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
