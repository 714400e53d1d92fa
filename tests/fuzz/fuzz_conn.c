/* Proves that no stream and no pause crashes a connection of either role or makes it break the
 * protocol. The first byte chooses the role, what the connection already holds, and its mode. Then
 * each piece begins with its length: 0 is a jump in time, 255 our own close, 254 the end of the
 * stream. The output of the connection and of the echo must fit the room that they are promised, be
 * read by the other role's machine, and end with Close. */
#include <assert.h>
#include <string.h>

#include "base/status.h"
#include "codec/ws.h"
#include "conn/conn.h"
#include "conn/echo.h"
#include "../unit/guard.h"
#include "server/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUEST(path)                                                                              \
    "GET " path " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"            \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

static struct conn_config config;
static struct handshake_request request;
static struct conn conn;
static struct session session;
static struct random randomness;
static struct buf out;
static struct conn_io io = {&config, &out, &randomness, 0};
static uint8_t out_bytes[1024 + OUT_SLACK], lent[ECHO_WHOLE + 1024];
static size_t lent_bytes;
static struct websocket other; /* reads what is put, from the upgrade on */
static bool reads;
static unsigned closes;

static void out_check(struct span bytes)
{
    static uint8_t copy[sizeof lent + OUT_SLACK];
    struct websocket_event event = {0};
    memcpy(copy, bytes.ptr, bytes.len);
    for (size_t at = 0; reads && at < bytes.len;) {
        assert(event.kind != WEBSOCKET_CLOSE);
        int used = websocket_feed(&other, copy + at, bytes.len - at, &event);
        assert(used > 0);
        at += (size_t)used;
    }
    reads = reads && event.kind != WEBSOCKET_CLOSE;
    assert(!other.in_frame && other.spill_len == 0 && !out.full);
}

static void held_check(size_t from, size_t to)
{
    assert(to <= conn.hold.len);
    out_check(buf_span(&out));
    out.len = 0;
    out_check(span_of(lent + from, to - from));
}

static void data_echo(const struct websocket_event *data)
{
    uint8_t head[WS_HEAD_MAX];
    uint8_t opcode = data->message_first ? data->opcode : (uint8_t)WS_CONTINUATION;
    if (conn.hold.over && lent_bytes > 0) {
        size_t length = ws_head_write(head, data->message_last, opcode, data->len, NULL);
        memcpy(data->ptr - length, head, length);
        held_check(conn.hold.start - length, conn.hold.start + data->len);
    } else {
        int status =
            ws_frame_put(&out, data->message_last, opcode, span_of(data->ptr, data->len), NULL);
        assert(status == STATUS_OK);
    }
}

static void session_answer(const struct session_event *event)
{
    bool held = conn.hold.over && lent_bytes > 0;
    struct buf in_place = buf_over(lent, lent_bytes);
    if (config.client || event->kind != SESSION_EVENT)
        return;
    struct session_io there = {&config.session, held ? &in_place : &out, io.random, io.now, false};
    int status = echo_put(&there, event, span_of(NULL, 0));
    assert(status == STATUS_OK);
    if (held)
        held_check(0, in_place.len);
}

static void request_answer(const struct http_head *head)
{
    static const struct option_texts nobody = {0, {NULL}};
    struct eio_query q;
    struct route route = route_is_socketio(head, &q)
                             ? route_socketio(head, &q, ROUTE_SID_NONE, &nobody)
                             : route_other(head, &nobody);
    if (route.code != 101) {
        conn_respond(&conn, &io, route.code, route.type, "", SPAN("body"));
        return;
    }
    bool socketio = route.kind == ROUTE_SOCKETIO;
    conn_accept(&conn, &io, head, socketio ? CONN_MESSAGES : CONN_FRAMES,
                socketio ? &session : NULL, 0);
}

static void tell(struct conn_event *event)
{
    if (event->kind == CONN_REQUEST)
        request_answer(&event->head);
    else if (event->kind == CONN_DATA && !config.client && conn.state != CONN_RAW)
        data_echo(&event->data);
    else if (event->kind == CONN_SESSION)
        session_answer(&event->session);
    closes += event->kind == CONN_CLOSE;
    assert(closes == (conn.state == CONN_CLOSED && closes > 0));
    if (event->kind == CONN_HOLD) {
        assert(conn.wanted < sizeof lent && lent_bytes == 0);
        lent_bytes = conn.wanted;
        lent[lent_bytes] = 0xab;
        conn_hold_give(&conn, &io, lent, lent_bytes, event->part);
    }
    assert(lent_bytes == 0 || lent[lent_bytes] == 0xab);
    if (conn.hold.over) {
        hold_take(&conn.hold);
        lent_bytes = 0;
    }
}

static void feed(struct span piece)
{
    struct conn_event event;
    uint8_t *at = guard_room(piece.len);
    memcpy(at, piece.ptr, piece.len);
    while (piece.len > 0) {
        out = buf_over(out_bytes, piece.len + OUT_SLACK);
        size_t used = conn_feed(&conn, &io, at, piece.len, &event);
        assert(used >= 1 && used <= piece.len);
        tell(&event);
        out_check(buf_span(&out));
        at += used;
        piece = span_after(piece, used);
    }
}

static void pass_time(uint64_t ns)
{
    struct conn_event event;
    io.now += ns;
    for (int i = 0; io.now >= conn_deadline(&conn, &config) && conn.ending != CONN_ENDS; i++) {
        assert(i < 4);
        out = buf_over(out_bytes, OUT_SLACK);
        conn_tick(&conn, &io, &event);
        tell(&event);
        out_check(buf_span(&out));
    }
}

static void upgrade(uint8_t how)
{
    char accept[WS_ACCEPT_LENGTH + 1];
    uint8_t bytes[512];
    struct buf head = buf_over(bytes, sizeof bytes);
    if (config.client) {
        ws_accept_make(span_text(conn.key), accept);
        buf_put_text(&head, "HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                            "Sec-WebSocket-Accept: ");
        buf_put_text(&head, accept);
        buf_put_text(&head, "\r\n\r\n");
    } else {
        buf_put_text(&head,
                     how & 4 ? REQUEST("/socket.io/?EIO=4&transport=websocket") : REQUEST("/"));
    }
    feed(buf_span(&head));
    assert(conn.state == CONN_WEBSOCKET);
    other = (struct websocket){.client = !config.client};
    reads = true;
}

static void start(uint8_t how)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {1};
    memset(&session, 0, sizeof session);
    config = (struct conn_config){.client = how & 1,
                                  .max_head = 512,
                                  .handshake_timeout = 1000,
                                  .idle_timeout = 5000,
                                  .silent_timeout = 4000,
                                  .message_timeout = 3000,
                                  .close_timeout = 2000};
    request = (struct handshake_request){SPAN("/"), SPAN("a"), SPAN(""), SPAN(""), SPAN("")};
    config.request = config.client && !(how & 8) ? &request : NULL;
    config.session =
        (struct session_config){how & 1, 300, 200, 1000, 200, {NULL, 0}, 2, {"/", "/a"}};
    random_seed(&randomness, seed);
    io.now = lent_bytes = closes = 0;
    reads = false;
    out = buf_over(out_bytes, OUT_SLACK);
    if (config.client)
        conn_start_client(&conn, &io, how & 4 ? &session : NULL);
    else
        conn_start_server(&conn, &io, (how & 8) != 0);
    if ((how & 2) && !(how & 8))
        upgrade(how);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct conn_event event;
    struct span rest = span_of(data, size);
    if (size == 0)
        return 0;
    start(data[0]);
    rest = span_after(rest, 1);
    while (rest.len >= 2 && conn.ending != CONN_ENDS) {
        size_t len = rest.ptr[0];
        rest = span_after(rest, 1);
        out = buf_over(out_bytes, OUT_SLACK);
        if (len == 0) {
            pass_time((uint64_t)1 << rest.ptr[0] % 36);
            rest = span_after(rest, 1);
        } else if (len == 255) {
            conn_close(&conn, &io, 1000);
            out_check(buf_span(&out));
        } else if (len == 254) {
            break;
        } else {
            len = len < rest.len ? len : rest.len;
            feed(span_of(rest.ptr, len));
            rest = span_after(rest, len);
        }
    }
    if (conn.ending != CONN_ENDS) {
        conn_feed_end(&conn, &io, &event);
        tell(&event);
    }
    assert(conn.ending == CONN_ENDS);
    return 0;
}
