#include "server/server.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "codec/ws.h"
#include "loop/listener.h"
#include "loop/output.h"
#include "server/app.h"
#include "server/delivery.h"
#include "server/guest.h"
#include "server/longpoll.h"
#include "server/route.h"
#include "server/upgrade.h"

static struct server *server_of(const struct loop *l)
{
    return l->setup.app->self;
}

static void phase_end(struct server *v, struct server_peer *peer, enum stats_phase phase)
{
    stats_end_phase(&v->stats, phase, &peer->mark, v->loop.io.now);
}

/* ---- HTTP ------------------------------------------------------------------------------ */

static void stats_respond(struct server *v, struct loop_slot *s)
{
    struct buf page = buf_over(v->page, sizeof v->page);
    stats_put_json(&v->stats, &v->loop, &page);
    conn_respond(&s->conn, &v->loop.io, 200, "application/json", "Cache-Control: no-store\r\n",
                 buf_span(&page));
}

static void refuse(struct server *v, struct loop_slot *s, const struct http_head *head,
                   const struct route *route, bool socketio)
{
    struct buf lines = buf_over(v->lines, sizeof v->lines - 1);
    v->stats.requests_refused += route->code >= 400;
    buf_put_text(&lines, route->extra);
    if (socketio)
        route_put_cors(&lines, &v->options->origins, v->peers[s->index].origin);
    if (route->code == 204)
        route_put_preflight(&lines, head);
    if (lines.full) /* somebody asks for a thousand header fields */
        lines.len = 0;
    v->lines[lines.len] = '\0';
    if (socketio && handshake_wanted(head)) /* as engine.io: who failed to upgrade begins anew */
        s->conn.keep_alive = false;
    if (span_equal_text(head->method, "HEAD")) /* RFC 9110 section 9.3.2: never a body */
        conn_respond_head(&s->conn, &v->loop.io, route->code, route->type, v->lines,
                          strlen(route->body));
    else
        conn_respond(&s->conn, &v->loop.io, route->code, route->type, v->lines,
                     span_text(route->body));
}

static void websocket_accept(struct server *v, struct loop_slot *s, const struct http_head *head,
                             bool broadcasts)
{
    v->stats.websocket_connections++;
    v->peers[s->index].broadcasts = broadcasts;
    conn_accept(&s->conn, &v->loop.io, head, broadcasts ? CONN_WHOLE : CONN_FRAMES, NULL, 0);
    phase_end(v, &v->peers[s->index], STATS_HANDSHAKE);
}

static void socketio_accept(struct server *v, struct loop_slot *s, const struct http_head *head,
                            bool bare)
{
    struct guest *g = guest_take(v);
    if (g == NULL) {
        conn_respond(&s->conn, &v->loop.io, 503, "", "", span_of(NULL, 0));
        return;
    }
    v->stats.socketio_sessions++;
    g->web = s->index;
    v->peers[s->index].guest = guest_index(v, g) + 1;
    conn_accept(&s->conn, &v->loop.io, head, CONN_MESSAGES, &g->session, guest_index(v, g));
    if (bare)
        session_bare(&g->session);
    phase_end(v, &v->peers[s->index], STATS_HANDSHAKE);
}

static void request_answer(struct server *v, struct loop_slot *s, const struct http_head *head)
{
    struct eio_query q = {0};
    const struct option_texts *origins = &v->options->origins;
    bool bare = v->options->app == SERVER_APP_CONFORMANCE && route_is_engineio(head, &q);
    bool socketio = bare || route_is_socketio(head, &q);
    struct guest *g = q.has_sid ? guest_find(v, q.sid) : NULL;
    if (s->socket == PORT_NO_SOCKET)
        return; /* what was due to the session came first, and sending it found this peer gone */
    if (g != NULL && g->session.bare != bare)
        g = NULL; /* another endpoint's */
    enum route_sid sid = !q.has_sid   ? ROUTE_SID_NONE
                         : g == NULL  ? ROUTE_SID_UNKNOWN
                         : g->polling ? ROUTE_SID_POLLING
                                      : ROUTE_SID_WEBSOCKET;
    struct route route =
        socketio ? route_socketio(head, &q, sid, origins) : route_other(head, origins);
    v->peers[s->index].origin = (uint8_t)route_origin_entry(head, origins);
    switch (route.kind) {
    case ROUTE_ECHO:
    case ROUTE_BROADCAST:
        websocket_accept(v, s, head, route.kind == ROUTE_BROADCAST);
        break;
    case ROUTE_SOCKETIO:
        socketio_accept(v, s, head, bare);
        break;
    case ROUTE_UPGRADE:
        upgrade_begin(v, s, g, head);
        break;
    case ROUTE_OPEN:
        longpoll_open(v, s, bare);
        break;
    case ROUTE_GET:
        longpoll_get(v, s, g);
        break;
    case ROUTE_POST:
        longpoll_post(v, s, g, head);
        break;
    case ROUTE_HEALTH:
        conn_respond(&s->conn, &v->loop.io, 200, "text/plain", "", SPAN("ok\n"));
        break;
    case ROUTE_STATS:
        stats_respond(v, s);
        break;
    case ROUTE_REFUSE:
        refuse(v, s, head, &route, socketio);
        break;
    }
}

/* ---- Echo ------------------------------------------------------------------------------ */

static void message_count(struct server *v, struct loop_slot *s, uint64_t *counter)
{
    struct server_peer *peer = &v->peers[s->index];
    (*counter)++;
    if (!peer->counted_first)
        phase_end(v, peer, STATS_FIRST);
    peer->counted_first = true;
    selftest_delay(&v->stats.selftest, &v->loop);
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

static void websocket_broadcast(struct server *v, struct loop_slot *s,
                                const struct websocket_event *data)
{
    message_count(v, s, &v->stats.websocket_messages);
    loop_mark(&v->loop, LOOP_HANDLE);
    delivery_send_everyone(v, s, data->opcode, span_of(data->ptr, data->len));
}

static bool is_message(const struct session_event *event)
{
    return event->kind == SESSION_EVENT || event->kind == SESSION_TEXT ||
           event->kind == SESSION_BINARY;
}

/* What came as a whole packet on a WebSocket. What was held is answered where it is. */
static void session_received(struct server *v, struct loop_slot *s, struct guest *g,
                             const struct session_event *event)
{
    bool in_place = s->conn.hold.over && s->held != NULL && is_message(event);
    struct buf held = buf_over(s->conn.hold.ptr, s->conn.hold.cap);
    struct session_io io = guest_io(v, g);
    if (in_place)
        io.out = &held;
    guest_note(v, g, event->kind);
    app_answer(v, &io, g, event);
    /* By then it may have been dropped, or closed. */
    if (held.len > 0 && s->held != NULL && s->conn.state == CONN_WEBSOCKET)
        output_send_held(&v->loop, s, 0, held.len);
}

/* ---- The loop's calls ------------------------------------------------------------------ */

static void peer_accepted(struct loop *l, struct loop_slot *s)
{
    struct server *v = server_of(l);
    struct server_peer *peer = &v->peers[s->index];
    memset(peer, 0, sizeof *peer);
    peer->mark = l->io.now;
    if (s->conn.state == CONN_RAW)
        v->stats.raw_connections++;
}

static struct guest *guest_of(struct server *v, const struct loop_slot *s)
{
    uint32_t number = v->peers[s->index].guest;
    return number > 0 ? &v->guests[number - 1] : NULL;
}

/* A connection that carried something of a session is gone. */
static void guest_parted(struct server *v, struct loop_slot *s)
{
    struct guest *g = guest_of(v, s);
    if (g == NULL)
        return;
    v->peers[s->index].guest = 0;
    s->conn.session = NULL;
    if (g->probe == s->index) {
        g->probe = GUEST_NOBODY;
        upgrade_cancel(v, g);
    } else if (g->web == s->index) {
        g->web = GUEST_NOBODY;
        guest_end(v, g, STATUS_OK, NULL);
    } else {
        longpoll_aborted(v, s, g);
    }
}

static void peer_closing(struct server *v, struct loop_slot *s, const struct conn_event *event)
{
    struct server_peer *peer = &v->peers[s->index];
    guest_parted(v, s);
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

/* There is a guest: with its end a body that is being received ends too. */
static void body_answer(struct server *v, struct loop_slot *s, const struct conn_event *event)
{
    if (event->status == STATUS_OK)
        longpoll_body(v, s, guest_of(v, s), event->part);
    else
        longpoll_body_refused(v, s, guest_of(v, s));
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
        else if (guest_of(v, s) != NULL)
            upgrade_feed(v, s, guest_of(v, s), &event->data);
        else if (v->peers[s->index].broadcasts)
            websocket_broadcast(v, s, &event->data);
        else
            websocket_echo(v, s, &event->data);
        break;
    case CONN_SESSION:
        if (guest_of(v, s) != NULL)
            session_received(v, s, guest_of(v, s), &event->session);
        break;
    case CONN_BODY_WHOLE:
        body_answer(v, s, event);
        break;
    case CONN_CLOSE:
        peer_closing(v, s, event);
        break;
    case CONN_PING:
    case CONN_PONG:
    case CONN_UPGRADED:
    case CONN_RESPONSE:
    case CONN_HOLD:
    case CONN_NOTHING:
        break;
    }
}

static void peer_ended(struct loop *l, struct loop_slot *s, int status)
{
    struct server *v = server_of(l);
    struct server_peer *peer = &v->peers[s->index];
    guest_parted(v, s);
    peer->broadcasts = false;
    if (peer->closing != 0 && status == STATUS_OK)
        histogram_record(&v->stats.phases[STATS_CLOSE], port_clock() - peer->closing);
    if (status < 0 && status != STATUS_STOPPED && peer->closing == 0 &&
        s->conn.state != CONN_CLOSED)
        stats_count_fault(&v->stats, status);
}

static void receive_sampled(struct loop *l, const uint64_t ns[LOOP_STAGES])
{
    stats_add_sample(&server_of(l)->stats, ns);
}

/* ---- Start and stop -------------------------------------------------------------------- */

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

/* Guests, peers, their deadlines, and the staging buffer, in this order. */
static size_t memory_bytes(size_t slots)
{
    return slots * (sizeof(struct guest) + sizeof(struct server_peer)) +
           deadline_size((uint32_t)slots) + OUT_BYTES + 64;
}

static int memory_take(struct server *v, size_t slots)
{
    uint8_t *region = port_region(memory_bytes(slots));
    if (region == NULL)
        return STATUS_NO_MEMORY;
    v->guests = (struct guest *)(void *)region;
    uint8_t *at = region + slots * sizeof *v->guests;
    deadline_init(&v->guest_deadlines, at, (uint32_t)slots);
    at += (deadline_size((uint32_t)slots) + 7) / 8 * 8;
    v->peers = (struct server_peer *)(void *)at;
    v->staging = buf_over(at + slots * sizeof *v->peers, OUT_BYTES);
    return STATUS_OK;
}

int server_open(struct server *v, const struct server_options *options,
                const struct port_poller *poller)
{
    v->options = options;
    config_fill(&v->conn, options);
    v->app = (struct loop_app){.self = v,
                               .accepted = peer_accepted,
                               .event = peer_event,
                               .ended = peer_ended,
                               .sampled = receive_sampled};
    int status = memory_take(v, options->max_clients);
    if (status < 0)
        return status;
    v->stats.started = port_clock();
    selftest_start(&v->stats.selftest, options->delay_ns, options->stall_ns,
                   options->stall_every_ns, v->stats.started);
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
    status = loop_open(&v->loop, &setup);
    if (status < 0)
        port_region_release(v->guests, memory_bytes(options->max_clients));
    return status;
}

uint64_t server_due(const struct server *v)
{
    uint32_t id;
    uint64_t guest = deadline_first(&v->guest_deadlines, &id);
    uint64_t stall = selftest_due(&v->stats.selftest);
    return guest < stall ? guest : stall;
}

void server_serve(struct server *v)
{
    selftest_serve(&v->stats.selftest);
    guest_serve_deadlines(v);
}

void server_close(struct server *v)
{
    loop_close(&v->loop); /* with it the pool, and so all that guests have queued */
    port_region_release(v->guests, memory_bytes(v->options->max_clients));
}

void server_stop(struct server *v)
{
    struct loop *l = &v->loop;
    listener_stop(l);
    for (uint32_t i = 0; i < v->options->max_clients; i++)
        if (v->guests[i].used && v->guests[i].polling)
            guest_leave(v, &v->guests[i], STATUS_OK);
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
