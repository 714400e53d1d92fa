#include "wire.h"

#include "codec/ws.h"
#include "conn/echo.h"
#include "guard.h"
#include "server/route.h"

const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};

struct conn conn;
struct conn_config config;
struct handshake_request request;
struct session session;
static struct random randomness;
struct buf out;
struct conn_io io;
static uint8_t out_bytes[1 << 20];
uint8_t lent[1 << 20];
size_t lent_bytes;
size_t most_lent;
bool refuses;
struct told told;

/* ---- Around the connection --------------------------------------------------------------- */

void start(bool client)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {5};
    memset(&config, 0, sizeof config);
    memset(&told, 0, sizeof told);
    memset(&session, 0, sizeof session);
    lent_bytes = most_lent = 0;
    refuses = false;
    config.client = client;
    config.max_head = 1024;
    config.handshake_timeout = HANDSHAKE;
    config.idle_timeout = IDLE;
    config.message_timeout = MESSAGE;
    config.close_timeout = CLOSE;
    config.session = (struct session_config){client, 300, 200, 1000, 64, {NULL, 0}, 1, {"/"}};
    random_seed(&randomness, seed);
    out = buf_over(out_bytes, sizeof out_bytes);
    io = (struct conn_io){&config, &out, &randomness, START};
}

void start_server(void)
{
    start(false);
    conn_start_server(&conn, &io, false);
}

static void answer(const struct http_head *head)
{
    static const struct option_texts nobody = {0, {NULL}};
    struct eio_query q;
    bool bare = route_is_engineio(head, &q);
    struct route route = bare || route_is_socketio(head, &q)
                             ? route_socketio(head, &q, ROUTE_SID_NONE, &nobody)
                             : route_other(head, &nobody);
    if (route.kind == ROUTE_ECHO)
        conn_accept(&conn, &io, head, CONN_FRAMES, NULL, 0);
    else if (route.kind == ROUTE_BROADCAST)
        conn_accept(&conn, &io, head, CONN_WHOLE, NULL, 0);
    else if (route.kind == ROUTE_SOCKETIO)
        conn_accept(&conn, &io, head, CONN_MESSAGES, &session, 0);
    else if (route.kind == ROUTE_REFUSE)
        conn_respond(&conn, &io, route.code, route.type, route.extra, span_text(route.body));
    else
        conn_respond(&conn, &io, 200, "text/plain", "", SPAN("ok\n"));
    if (bare)
        session_bare(&session);
}

static void data_echo(const struct websocket_event *data)
{
    struct span part = span_of(data->ptr, data->len);
    if (conn.state == CONN_RAW) {
        told.raw_bytes += data->len;
        buf_put_span(&out, part);
        return;
    }
    told.data_bytes += data->len;
    told.messages += data->message_last;
    if (conn.mode == CONN_WHOLE) {
        assert_true(data->message_last);
        assert_int_equal(ws_frame_put(&out, true, data->opcode, part, NULL), STATUS_OK);
    } else if (!config.client) {
        assert_true(data->frame_length > ECHO_WHOLE || (data->frame_first && data->frame_last));
        uint8_t opcode = data->message_first ? data->opcode : (uint8_t)WS_CONTINUATION;
        assert_int_equal(ws_frame_put(&out, data->message_last, opcode, part, NULL), STATUS_OK);
    }
}

static void event_echo(const struct session_event *event)
{
    struct session_io there = {&config.session, &out, io.random, io.now, false};
    if (event->kind == SESSION_EVENT)
        assert_int_equal(echo_put(&there, event, span_of(NULL, 0)), STATUS_OK);
    else if (event->kind == SESSION_TEXT || event->kind == SESSION_BINARY)
        assert_int_equal(echo_put_message(&there, event), STATUS_OK);
}

static void tell(struct conn_event *event)
{
    switch (event->kind) {
    case CONN_NOTHING:
    case CONN_HOLD:
        break;
    case CONN_BODY_WHOLE:
    case CONN_RESPONSE:
        fail_msg("no body is sent in these tests");
        break;
    case CONN_REQUEST:
        told.requests++;
        assert_int_equal(conn.state, CONN_ANSWER);
        answer(&event->head);
        break;
    case CONN_UPGRADED:
        told.upgrades++;
        break;
    case CONN_DATA:
        data_echo(&event->data);
        break;
    case CONN_PING:
        told.pings++;
        break;
    case CONN_PONG:
        told.pongs++;
        break;
    case CONN_SESSION:
        told.sessions++;
        if (!config.client)
            event_echo(&event->session);
        break;
    case CONN_CLOSE:
        told.closes++;
        told.status = event->status;
        told.code = event->code;
        span_copy_text(event->part, told.reason, sizeof told.reason);
        assert_int_equal(conn.state, CONN_CLOSED);
        break;
    }
    if (lent_bytes > 0 && conn.hold.over) {
        assert_ptr_equal(hold_take(&conn.hold), lent);
        lent_bytes = 0;
    }
}

static void lend(struct conn_event *event)
{
    assert_int_equal(lent_bytes, 0);
    assert_true(conn.wanted > HOLD_HEADROOM && conn.wanted < sizeof lent - 8);
    if (refuses) {
        conn_refuse(&conn, &io, event);
        tell(event);
        return;
    }
    lent_bytes = conn.wanted;
    most_lent = lent_bytes > most_lent ? lent_bytes : most_lent;
    memset(lent + lent_bytes, 0xab, 8);
    conn_hold_give(&conn, &io, lent, lent_bytes, event->part);
}

void feed(struct span piece)
{
    struct conn_event event;
    size_t tail;
    uint8_t *at = conn_hold_tail(&conn, &tail);
    if (tail == 0 || tail < piece.len)
        at = guard_room(piece.len);
    memcpy(at, piece.ptr, piece.len);
    for (size_t len = piece.len; len > 0;) {
        size_t used = conn_feed(&conn, &io, at, len, &event);
        assert_in_range(used, 1, len);
        if (event.kind == CONN_HOLD)
            lend(&event);
        else
            tell(&event);
        at += used;
        len -= used;
    }
    if (lent_bytes > 0)
        for (int i = 0; i < 8; i++)
            assert_int_equal(lent[lent_bytes + (size_t)i], 0xab);
}

void feed_text(const char *text)
{
    feed(span_text(text));
}

void feed_end(void)
{
    struct conn_event event;
    conn_feed_end(&conn, &io, &event);
    tell(&event);
}

void tick_at(uint64_t now)
{
    struct conn_event event;
    io.now = now;
    conn_tick(&conn, &io, &event);
    tell(&event);
}

/* ---- Reading the answers --------------------------------------------------------------- */

static void http_read(struct span *rest, struct buf *text)
{
    struct http_head head;
    uint64_t length;
    int used = http_response_parse(*rest, &head);
    assert_true(used > 0);
    http_content_length(&head, &length);
    *rest = span_after(*rest, (size_t)used + (size_t)length);
    buf_put_u64(text, (uint64_t)head.code);
    buf_put_byte(text, ' ');
}

static void control_read(uint8_t opcode, struct span body, struct buf *text)
{
    buf_put_text(text, opcode == WS_PING ? "<ping " : opcode == WS_PONG ? "<pong " : "<close ");
    if (opcode == WS_CLOSE) {
        buf_put_u64(text, body.len >= 2 ? bytes_get_u16(body.ptr) : 0);
        if (body.len > 2)
            buf_put_byte(text, ' ');
        body = body.len >= 2 ? span_after(body, 2) : body;
    }
    buf_put_span(text, body);
    buf_put_byte(text, '>');
}

/* Names that are random are left out: `0{"sid":"..."` is 0!, `40{"sid":...` is 40!. */
static void data_read(const struct ws_head *head, struct span body, struct buf *text)
{
    struct span open = SPAN("0{\"sid\":"), join = SPAN("40{\"sid\":");
    buf_put_byte(text, (uint8_t) "CTB"[head->opcode]);
    buf_put_byte(text, '{');
    if (span_starts(body, open))
        body = SPAN("0!");
    else if (span_starts(body, join))
        body = SPAN("40!");
    buf_put_span(text, body);
    buf_put_text(text, head->fin ? "}." : "}");
}

const char *sent(void)
{
    static char bytes[sizeof out_bytes];
    struct buf text = buf_over(bytes, sizeof bytes - 1);
    struct span rest = buf_span(&out);
    while (rest.len > 0) {
        struct ws_head head;
        if (span_starts(rest, SPAN("HTTP"))) {
            http_read(&rest, &text);
            continue;
        }
        int used = ws_head_parse(rest, config.client, &head);
        assert_true(used > 0 && head.length <= rest.len - (size_t)used);
        uint8_t *body = out.ptr + (out.len - rest.len) + used;
        ws_mask(body, (size_t)head.length, head.key, 0);
        if (ws_is_control(head.opcode))
            control_read(head.opcode, span_of(body, (size_t)head.length), &text);
        else
            data_read(&head, span_of(body, (size_t)head.length), &text);
        rest = span_after(rest, (size_t)used + (size_t)head.length);
    }
    bytes[text.len] = '\0';
    out.len = 0;
    return bytes;
}

void expect_closed(int status, unsigned code, enum conn_ending ending)
{
    assert_int_equal(told.closes, 1);
    assert_int_equal(told.status, status);
    assert_int_equal(told.code, code);
    assert_int_equal(conn.state, CONN_CLOSED);
    assert_int_equal(conn.ending, ending);
    assert_int_equal(lent_bytes, 0);
}

/* ---- More that a test sends and expects ----------------------------------------------- */

void expect_deadline(uint64_t at)
{
    assert_true(conn_deadline(&conn, &config) == at);
    tick_at(at - 1);
    assert_string_equal(sent(), "");
    assert_int_equal(told.closes, 0);
    tick_at(at);
}

void expect_farewell(const char *want, int status)
{
    assert_string_equal(sent(), want);
    expect_closed(status, 0, CONN_SHUTS);
    uint64_t last = io.now + CLOSE;
    assert_true(conn_deadline(&conn, &config) == last);
    tick_at(last - 1);
    assert_int_equal(conn.ending, CONN_SHUTS);
    tick_at(last);
    expect_closed(status, 0, CONN_ENDS);
}

void feed_pieces(struct span all, size_t piece)
{
    for (; all.len > piece; all = span_after(all, piece))
        feed(span_of(all.ptr, piece));
    feed(all);
}

void start_client(bool socketio)
{
    start(true);
    request =
        (struct handshake_request){SPAN("/chat?x=1"), SPAN("a.example:9000"), SPAN("http://o"),
                                   SPAN("one, two"), SPAN("X-Extra: 1\r\n")};
    config.request = &request;
    conn_start_client(&conn, &io, socketio ? &session : NULL);
}

struct span response(const char *status, const char *extra, struct span frames)
{
    static uint8_t bytes[2048];
    struct buf b = buf_over(bytes, sizeof bytes);
    char accept[WS_ACCEPT_LENGTH + 1];
    ws_accept_make(span_text(conn.key), accept);
    buf_put_text(&b, "HTTP/1.1 ");
    buf_put_text(&b, status);
    buf_put_text(&b, "\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\n");
    buf_put_text(&b, extra);
    if (strstr(extra, "Accept") == NULL) {
        buf_put_text(&b, "Sec-WebSocket-Accept: ");
        buf_put_text(&b, accept);
        buf_put_text(&b, "\r\n");
    }
    buf_put_text(&b, "\r\n");
    buf_put_span(&b, frames);
    return buf_span(&b);
}

void start_open(bool client)
{
    if (client) {
        start_client(false);
        out.len = 0;
        feed(response("101 Switching Protocols", "", SPAN("")));
    } else {
        start_server();
        feed_text(ECHO);
        out.len = 0;
    }
    assert_int_equal(conn.state, CONN_WEBSOCKET);
}

void feed_frame(uint8_t first, struct span payload)
{
    static uint8_t bytes[1 << 16];
    struct buf b = buf_over(bytes, sizeof bytes);
    assert_int_equal(ws_frame_put(&b, true, first & 0x0f, payload, config.client ? NULL : key),
                     STATUS_OK);
    bytes[0] = first;
    feed(buf_span(&b));
}
