#include "server/server.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "codec/ws.h"
#include "loop/listener.h"
#include "loop/output.h"
#include "server/route.h"

static struct server *server_of(const struct loop *l)
{
    return l->setup.app->self;
}

static void phase_end(struct server *v, struct server_peer *peer, enum stats_phase phase)
{
    uint64_t now = v->loop.io.now;
    histogram_record(&v->stats.phases[phase], now - peer->mark);
    peer->mark = now;
}

/* ---- HTTP
 * ------------------------------------------------------------------------------------------- */

static void stats_respond(struct server *v, struct loop_slot *s)
{
    struct buf page = buf_over(v->page, sizeof v->page);
    stats_put_json(&v->stats, &v->loop, &page);
    conn_respond(&s->conn, &v->loop.io, 200, "application/json", "Cache-Control: no-store\r\n",
                 buf_span(&page));
}

static void request_answer(struct server *v, struct loop_slot *s, const struct http_head *head)
{
    struct session *session = &v->sessions[s->index];
    struct route route = route_decide(head, &v->options->origins);
    switch (route.kind) {
    case ROUTE_ECHO:
        v->stats.websocket_connections++;
        conn_accept(&s->conn, &v->loop.io, head, CONN_FRAMES, NULL, 0);
        phase_end(v, &v->peers[s->index], STATS_HANDSHAKE);
        break;
    case ROUTE_SOCKETIO:
        v->stats.socketio_sessions++;
        conn_accept(&s->conn, &v->loop.io, head, CONN_MESSAGES, session, s->index);
        phase_end(v, &v->peers[s->index], STATS_HANDSHAKE);
        break;
    case ROUTE_HEALTH:
        conn_respond(&s->conn, &v->loop.io, 200, "text/plain", "", SPAN("ok\n"));
        break;
    case ROUTE_STATS:
        stats_respond(v, s);
        break;
    case ROUTE_REFUSE:
        v->stats.requests_refused++;
        conn_respond(&s->conn, &v->loop.io, route.code, route.type, route.extra,
                     span_text(route.body));
        break;
    }
}

/* ---- Echo
 * ------------------------------------------------------------------------------------------- */

static void message_count(struct server *v, struct loop_slot *s, uint64_t *counter)
{
    struct server_peer *peer = &v->peers[s->index];
    (*counter)++;
    if (peer->counted_first)
        return;
    peer->counted_first = true;
    phase_end(v, peer, STATS_FIRST);
}

static void raw_echo(struct server *v, struct loop_slot *s, const struct websocket_event *data)
{
    message_count(v, s, &v->stats.raw_messages);
    buf_put(&v->loop.out, data->ptr, data->len);
}

/* A frame that was held is answered where it is: its head goes into the room before it. */
static void held_echo(struct server *v, struct loop_slot *s, const struct websocket_event *data,
                      uint8_t opcode)
{
    uint8_t head[WS_HEAD_MAX];
    size_t head_length = ws_head_write(head, data->message_last, opcode, data->len, NULL);
    size_t at = s->conn.hold.start;
    memcpy(data->ptr - head_length, head, head_length);
    output_send_held(&v->loop, s, at - head_length, at + data->len);
}

static void websocket_echo(struct server *v, struct loop_slot *s,
                           const struct websocket_event *data)
{
    uint8_t opcode = data->message_first ? data->opcode : (uint8_t)WS_CONTINUATION;
    if (data->message_last)
        message_count(v, s, &v->stats.websocket_messages);
    loop_mark(&v->loop, LOOP_HANDLE);
    if (s->conn.hold.over && s->held != NULL)
        held_echo(v, s, data, opcode);
    else
        ws_frame_put(&v->loop.out, data->message_last, opcode, span_of(data->ptr, data->len), NULL);
}

static void event_echo(struct server *v, struct loop_slot *s, const struct session_event *event)
{
    message_count(v, s, &v->stats.socketio_messages);
    loop_mark(&v->loop, LOOP_HANDLE);
    struct session_io io = {&v->conn.session, &v->loop.out, &v->loop.random, v->loop.io.now, false};
    struct buf held = buf_over(s->conn.hold.ptr, s->conn.hold.cap);
    bool in_place = s->conn.hold.over && s->held != NULL;
    if (in_place)
        io.out = &held;
    if (session_echo(&io, event, span_of(NULL, 0)) == STATUS_OK && in_place)
        output_send_held(&v->loop, s, 0, held.len);
}

static void session_answer(struct server *v, struct loop_slot *s, const struct session_event *event)
{
    struct server_peer *peer = &v->peers[s->index];
    switch (event->kind) {
    case SESSION_EVENT:
        event_echo(v, s, event);
        break;
    case SESSION_JOINED:
        if (!peer->joined)
            phase_end(v, peer, STATS_JOIN);
        peer->joined = true;
        break;
    case SESSION_HEARTBEAT:
        v->stats.heartbeats++;
        break;
    case SESSION_ACK: /* we ask for none */
    case SESSION_LEFT:
    case SESSION_NOTHING:
    case SESSION_HEADER:
    case SESSION_OPENED:
    case SESSION_REFUSED:
        break;
    }
}

/* ---- The loop's calls
 * --------------------------------------------------------------------------------- */

static void peer_accepted(struct loop *l, struct loop_slot *s)
{
    struct server *v = server_of(l);
    struct server_peer *peer = &v->peers[s->index];
    memset(peer, 0, sizeof *peer);
    peer->mark = l->io.now;
    if (s->conn.state == CONN_RAW)
        v->stats.raw_connections++;
}

static void peer_closing(struct server *v, struct loop_slot *s, const struct conn_event *event)
{
    struct server_peer *peer = &v->peers[s->index];
    if (peer->closing == 0)
        peer->closing = v->loop.io.now;
    /* python-socketio says Engine.IO's `1` whenever it leaves. */
    if (event->status == STATUS_OK || event->status == STATUS_EIO_CLOSED)
        v->stats.closed_properly++;
    else if (event->status == STATUS_CLOSED)
        v->stats.lost++;
    else
        stats_count_fault(&v->stats, event->status);
}

static void peer_event(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    struct server *v = server_of(l);
    switch (event->kind) {
    case CONN_REQUEST:
        request_answer(v, s, &event->head);
        break;
    case CONN_DATA:
        if (s->conn.state == CONN_RAW)
            raw_echo(v, s, &event->data);
        else
            websocket_echo(v, s, &event->data);
        break;
    case CONN_SESSION:
        session_answer(v, s, &event->session);
        break;
    case CONN_CLOSE:
        peer_closing(v, s, event);
        break;
    case CONN_PING:
    case CONN_PONG:
    case CONN_UPGRADED:
    case CONN_BODY_WHOLE:
    case CONN_RESPONSE:
    case CONN_HOLD:
    case CONN_NOTHING:
        break;
    }
}

static void peer_ended(struct loop *l, struct loop_slot *s, int status)
{
    struct server *v = server_of(l);
    const struct server_peer *peer = &v->peers[s->index];
    if (peer->closing != 0 && status == STATUS_OK)
        histogram_record(&v->stats.phases[STATS_CLOSE], port_clock() - peer->closing);
    if (status < 0 && status != STATUS_STOPPED && peer->closing == 0)
        stats_count_fault(&v->stats, status);
}

static void receive_sampled(struct loop *l, const uint64_t ns[LOOP_STAGES])
{
    stats_add_sample(&server_of(l)->stats, ns);
}

/* ---- Start and stop
 * ------------------------------------------------------------------------------------ */

static void config_fill(struct conn_config *c, const struct server_options *o)
{
    memset(c, 0, sizeof *c);
    c->max_head = o->max_head;
    c->handshake_timeout = (uint64_t)o->handshake_timeout_ms * 1000000;
    c->idle_timeout = (uint64_t)o->idle_timeout_ms * 1000000;
    c->message_timeout = (uint64_t)MESSAGE_TIMEOUT_MS * 1000000;
    c->close_timeout = (uint64_t)CLOSE_TIMEOUT_MS * 1000000;
    c->session.ping_interval = o->ping_interval_ms;
    c->session.ping_timeout = o->ping_timeout_ms;
    c->session.connect_timeout = o->connect_timeout_ms;
    c->session.max_payload = o->max_message;
    snprintf(c->session.namespaces[0], NAMESPACE_NAME_MAX, "/");
    for (uint32_t i = 0; i < o->namespaces.count; i++)
        snprintf(c->session.namespaces[i + 1], NAMESPACE_NAME_MAX, "%s", o->namespaces.item[i]);
    c->session.namespace_count = 1 + o->namespaces.count;
}

int server_open(struct server *v, const struct server_options *options,
                const struct port_poller *poller)
{
    size_t slots = options->max_clients;
    v->options = options;
    config_fill(&v->conn, options);
    v->app = (struct loop_app){v,    peer_accepted, NULL,       peer_event,
                               NULL, NULL,          peer_ended, receive_sampled};
    uint8_t *region = port_region(slots * (sizeof *v->sessions + sizeof *v->peers));
    if (region == NULL)
        return STATUS_NO_MEMORY;
    v->sessions = (struct session *)(void *)region;
    v->peers = (struct server_peer *)(void *)(region + slots * sizeof *v->sessions);
    v->stats.started = port_clock();
    struct loop_setup setup = {
        .conn = &v->conn,
        .app = &v->app,
        .poller = poller,
        .slots = options->max_clients,
        .pool_bytes = SERVER_POOL_BYTES,
        .queue_limit = 2 * options->max_message + OUT_BYTES,
        .socket_buffer = options->socket_buffer,
        .busy_poll = options->busy_poll,
    };
    int status = loop_open(&v->loop, &setup);
    if (status < 0)
        port_region_release(region, slots * (sizeof *v->sessions + sizeof *v->peers));
    return status;
}

void server_close(struct server *v)
{
    loop_close(&v->loop);
    port_region_release(v->sessions,
                        v->options->max_clients * (sizeof *v->sessions + sizeof *v->peers));
}

void server_stop(struct server *v)
{
    struct loop *l = &v->loop;
    listener_stop(l);
    for (uint32_t i = 0; i < l->setup.slots; i++) {
        struct loop_slot *s = loop_slot_at(l, i);
        if (s == NULL)
            continue;
        loop_begin(l, s);
        v->peers[i].closing = l->io.now;
        conn_close(&s->conn, &l->io, 1001);
        loop_end(l, s);
    }
}
