#include "conn/conn.h"

#include <string.h>

#include "base/base64.h"
#include "base/status.h"
#include "conn/assemble.h"
#include "conn/conn_state.h"
#include "conn/exchange.h"

/* ---- Ending ------------------------------------------------------------------------------ */

void conn_close(struct conn *c, const struct conn_io *io, unsigned code)
{
    struct session_io sio = conn_state_session_io(io);
    if (c->state == CONN_CLOSING || c->state == CONN_CLOSED)
        return;
    if (c->mid_frame) {
        c->close_owed = code != 0 ? (uint16_t)code : 1000; /* 0 is "none" here */
        return;
    }
    c->deadline = io->now + io->config->close_timeout;
    if (c->state == CONN_WEBSOCKET) {
        if (c->session != NULL && c->session->state == SESSION_OPEN && io->config->client)
            session_put_leave(c->session, &sio);
        websocket_put_close(io->out, code, "", conn_state_masks(io));
        c->state = CONN_CLOSING;
    } else if (c->state == CONN_RAW && io->config->client) {
        c->state = CONN_CLOSING;
        c->ending = CONN_SHUTS;
    } else {
        conn_state_end(c, io, CONN_ENDS);
    }
}

/* Section 5.5.1: Close is answered with Close; section 7.1.1: the server closes TCP first. */
static void receive_close(struct conn *c, const struct conn_io *io,
                          const struct websocket_event *data, struct conn_event *event)
{
    if (c->state == CONN_WEBSOCKET && c->mid_frame) { /* the answer may wait for the frame's end */
        c->peer_code = (uint16_t)data->code;
        conn_close(c, io, data->code == 1005 ? 0 : data->code);
        return;
    }
    if (c->state == CONN_WEBSOCKET)
        websocket_put_close(io->out, data->code == 1005 ? 0 : data->code, "", conn_state_masks(io));
    conn_state_report_close(c, STATUS_OK, data->code, event);
    event->part = span_of(data->ptr, data->len);
    conn_state_end(c, io, io->config->client ? CONN_STAYS : CONN_SHUTS);
}

void conn_feed_end(struct conn *c, const struct conn_io *io, struct conn_event *event)
{
    event->kind = CONN_NOTHING;
    if (exchange_feed_end(c, event))
        return;
    /* Raw TCP ends by shutting; so does HTTP between two requests. Everything else is cut off. */
    bool proper = io->config->client
                      ? c->state == CONN_CLOSING && io->config->request == NULL
                      : c->state == CONN_RAW || (c->state == CONN_HEAD && c->hold.ptr == NULL);
    if (c->state != CONN_CLOSED)
        conn_state_report_close(c, proper || c->peer_code != 0 ? STATUS_OK : STATUS_CLOSED,
                                c->peer_code, event);
    conn_state_end(c, io, CONN_ENDS);
}

/* ---- Holding ----------------------------------------------------------------------------- */

void conn_hold_give(struct conn *c, const struct conn_io *io, uint8_t *memory, size_t cap,
                    struct span part)
{
    hold_give(&c->hold, memory, cap);
    hold_add(&c->hold, part.ptr, part.len);
    c->wanted = 0;
    c->hold_by = io->now + io->config->message_timeout;
}

uint8_t *conn_hold_tail(const struct conn *c, size_t *len)
{
    *len = 0;
    if (c->state == CONN_BODY && c->hold.ptr != NULL && c->body_framing == CONN_BODY_LENGTH) {
        *len = (size_t)c->body_left;
        return c->hold.ptr + c->hold.len;
    }
    if (c->state != CONN_WEBSOCKET || c->hold.ptr == NULL || !c->ws.in_frame || c->ws.done == 0 ||
        ws_is_control(c->ws.head.opcode))
        return NULL;
    uint64_t rest = c->ws.head.length - c->ws.done;
    size_t room = c->hold.cap - c->hold.len;
    *len = rest < room ? (size_t)rest : room;
    return c->hold.ptr + c->hold.len;
}

/* ---- Data of a WebSocket ----------------------------------------------------------------- */

static void receive_data(struct conn *c, const struct conn_io *io,
                         const struct websocket_event *data, struct conn_event *event)
{
    if (c->state == CONN_CLOSING)
        return; /* our Close is out: what was under way is not answered any more */
    assemble_part(c, io, data, event);
}

/* At most a head came. What is too big is refused before it is sent. */
static void receive_head(struct conn *c, const struct conn_io *io, struct conn_event *event)
{
    bool asks = c->state == CONN_WEBSOCKET && c->ws.in_frame && c->ws.done == 0;
    int status = asks ? assemble_head(c, io) : STATUS_OK;
    if (status < 0)
        conn_fail(c, io, status, event);
}

/* Answers the newest of several pings, which section 5.5.3 allows: its body still is where
 * it was received. */
static void put_pong(struct conn *c, const struct conn_io *io, struct span body)
{
    c->pong_owed = c->mid_frame;
    c->pong_length = (uint8_t)body.len;
    if (!c->mid_frame)
        websocket_put(io->out, WS_PONG, body, conn_state_masks(io));
}

void conn_settle(struct conn *c, const struct conn_io *io)
{
    c->mid_frame = false;
    if (c->state != CONN_WEBSOCKET)
        return;
    if (c->pong_owed)
        put_pong(c, io, span_of(c->ws.control, c->pong_length));
    if (c->beat_owed)
        websocket_put(io->out, WS_TEXT, SPAN("3"), conn_state_masks(io));
    c->beat_owed = false;
    if (c->close_owed != 0)
        conn_close(c, io, c->close_owed);
}

static size_t feed_websocket(struct conn *c, const struct conn_io *io, uint8_t *data, size_t len,
                             struct conn_event *event)
{
    struct websocket_event ws;
    int used = websocket_feed(&c->ws, data, len, &ws);
    if (used < 0) {
        conn_fail(c, io, used, event);
        return len;
    }
    switch (ws.kind) {
    case WEBSOCKET_NOTHING:
        receive_head(c, io, event);
        break;
    case WEBSOCKET_DATA:
        receive_data(c, io, &ws, event);
        break;
    case WEBSOCKET_PING:
        if (c->state != CONN_WEBSOCKET)
            break;
        put_pong(c, io, span_of(ws.ptr, ws.len));
        event->kind = CONN_PING;
        break;
    case WEBSOCKET_PONG:
        event->kind = CONN_PONG;
        break;
    case WEBSOCKET_CLOSE:
        receive_close(c, io, &ws, event);
        break;
    }
    return (size_t)used;
}

/* ---- Answers ----------------------------------------------------------------------------- */

void conn_accept(struct conn *c, const struct conn_io *io, const struct http_head *head,
                 enum conn_mode mode, struct session *session, uint32_t number)
{
    struct session_io sio = conn_state_session_io(io);
    handshake_accept_put(io->out, head);
    c->ws = (struct websocket){0};
    c->state = CONN_WEBSOCKET;
    c->deadline = UINT64_MAX;
    c->mode = mode;
    c->session = session;
    if (session != NULL)
        session_open(session, &sio, number);
}

void conn_carry(struct conn *c, const struct conn_io *io, struct session *session,
                const struct hold *parts)
{
    c->mode = CONN_MESSAGES;
    c->session = session;
    c->hold = *parts;
    c->hold_by = io->now + io->config->message_timeout;
    c->message_bytes = 0;
    for (unsigned i = 0; i < session->parts; i++)
        c->message_bytes += session->part_length[i];
}

int conn_accept_body(struct conn *c, const struct conn_io *io, const struct http_head *head,
                     size_t limit, size_t spare)
{
    return exchange_accept_body(c, io, head, limit, spare);
}

static void finish_answer(struct conn *c, const struct conn_io *io)
{
    if (!c->keep_alive) {
        conn_state_end(c, io, CONN_SHUTS);
        return;
    }
    c->state = CONN_HEAD;
    c->deadline = io->now + io->config->handshake_timeout;
}

void conn_respond(struct conn *c, const struct conn_io *io, int code, const char *content_type,
                  const char *extra, struct span body)
{
    http_response_put(io->out, code, content_type, extra, !c->keep_alive, body);
    finish_answer(c, io);
}

void conn_respond_head(struct conn *c, const struct conn_io *io, int code, const char *content_type,
                       const char *extra, size_t length)
{
    http_response_put_head(io->out, code, content_type, extra, !c->keep_alive, length);
    finish_answer(c, io);
}

/* ---- Start and input --------------------------------------------------------------------- */

static void start(struct conn *c, const struct conn_io *io, bool raw)
{
    memset(c, 0, sizeof *c);
    c->state = raw ? CONN_RAW : CONN_HEAD;
    c->started = c->heard = io->now;
    c->deadline = raw ? UINT64_MAX : io->now + io->config->handshake_timeout;
}

void conn_start_server(struct conn *c, const struct conn_io *io, bool raw)
{
    start(c, io, raw);
}

void conn_start_client(struct conn *c, const struct conn_io *io, struct session *session)
{
    uint8_t nonce[16];
    struct buf key = buf_over(c->key, WS_KEY_LENGTH);
    start(c, io, io->config->request == NULL);
    c->mode = session != NULL ? CONN_MESSAGES : CONN_PARTS;
    c->session = session;
    c->upgrading = true;
    if (io->config->request == NULL)
        return;
    random_bytes(io->random, nonce, sizeof nonce);
    base64_put(&key, span_of(nonce, sizeof nonce));
    handshake_request_put(io->out, io->config->request, c->key);
}

void conn_start_exchange(struct conn *c, const struct conn_io *io, struct span target,
                         const struct span *body)
{
    if (c->started == 0)
        start(c, io, false);
    handshake_plain_put(io->out, io->config->request, target, body);
    c->state = CONN_HEAD;
    c->deadline =
        UINT64_MAX; /* a long poll takes as long as it takes: the application's business */
}

bool conn_takes(const struct conn *c)
{
    return c->state != CONN_ANSWER;
}

size_t conn_feed(struct conn *c, const struct conn_io *io, uint8_t *data, size_t len,
                 struct conn_event *event)
{
    event->kind = CONN_NOTHING;
    c->heard = io->now;
    switch (c->state) {
    case CONN_RAW:
        c->spoke = true;
        event->kind = CONN_DATA;
        event->data.ptr = data;
        event->data.len = len;
        return len;
    case CONN_HEAD:
        return exchange_feed_head(c, io, data, len, event);
    case CONN_BODY:
        return exchange_feed_body(c, io, data, len, event);
    case CONN_WEBSOCKET:
    case CONN_CLOSING:
        c->spoke = true;
        if (c->peer_code != 0)
            return len; /* nothing follows a Close */
        return c->state == CONN_WEBSOCKET || io->config->request != NULL || !io->config->client
                   ? feed_websocket(c, io, data, len, event)
                   : len;
    case CONN_IDLE:
    case CONN_ANSWER:
    case CONN_CLOSED:
        break;
    }
    return len;
}

/* ---- Time -------------------------------------------------------------------------------- */

static uint64_t find_idle_deadline(const struct conn *c, const struct conn_config *config)
{
    bool applies = c->state == CONN_RAW || c->state == CONN_WEBSOCKET;
    bool silent = !c->spoke && config->silent_timeout != 0 &&
                  (c->state == CONN_RAW || c->mode == CONN_FRAMES);
    uint64_t idle = applies && config->idle_timeout != 0 ? config->idle_timeout : UINT64_MAX;
    if (applies && silent && config->silent_timeout < idle)
        idle = config->silent_timeout;
    return idle != UINT64_MAX ? c->heard + idle : UINT64_MAX;
}

static uint64_t find_hold_deadline(const struct conn *c)
{
    return c->hold.ptr != NULL && c->state != CONN_CLOSED ? c->hold_by : UINT64_MAX;
}

uint64_t conn_deadline(const struct conn *c, const struct conn_config *config)
{
    uint64_t deadline = c->deadline;
    uint64_t idle = find_idle_deadline(c, config);
    uint64_t hold = find_hold_deadline(c);
    uint64_t session = c->session != NULL && c->state == CONN_WEBSOCKET
                           ? session_deadline(c->session)
                           : UINT64_MAX;
    deadline = idle < deadline ? idle : deadline;
    deadline = hold < deadline ? hold : deadline;
    return session < deadline ? session : deadline;
}

/* HTTP without a request under way: no answer is owed. */
static bool is_between_requests(const struct conn *c)
{
    return c->state == CONN_HEAD && c->keep_alive && c->hold.ptr == NULL;
}

void conn_tick(struct conn *c, const struct conn_io *io, struct conn_event *event)
{
    struct session_io sio = conn_state_session_io(io);
    event->kind = CONN_NOTHING;
    if (io->now >= c->deadline && c->state == CONN_CLOSED) {
        c->ending = CONN_ENDS;
        c->late = true;
        return;
    }
    if (io->now >= c->deadline && !io->config->client && is_between_requests(c)) {
        conn_state_report_close(c, STATUS_OK, 0, event);
        conn_state_end(c, io, CONN_ENDS);
        return;
    }
    if (io->now >= c->deadline || io->now >= find_hold_deadline(c) ||
        io->now >= find_idle_deadline(c, io->config)) {
        conn_fail(c, io, STATUS_TIMEOUT, event);
        return;
    }
    if (c->session != NULL && c->state == CONN_WEBSOCKET) {
        int status = session_tick(c->session, &sio);
        if (status < 0)
            conn_fail(c, io, status, event);
    }
}
