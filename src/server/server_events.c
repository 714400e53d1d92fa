/* What the server does when the loop calls: it routes requests, echoes, and parts connections from
 * their sessions. */
#include "server/server.h"

#include <string.h>

#include "base/status.h"
#include "codec/ws.h"
#include "loop/output.h"
#include "server/answer.h"
#include "server/app.h"
#include "server/delivery.h"
#include "server/longpoll.h"
#include "server/route.h"
#include "server/server_deadlines.h"
#include "server/server_session.h"
#include "server/upgrade.h"

static struct server *find_server(const struct loop *l)
{
    return l->setup.app->self;
}

static void end_phase(struct server *v, struct loop_slot *s, enum stats_phase phase)
{
    stats_end_phase(&v->stats, phase, &v->peers[s->index].mark, v->loop.io.now);
}

/* ---- HTTP ------------------------------------------------------------------------------ */

static void accept_websocket(struct server *v, struct loop_slot *s, const struct http_head *head,
                             bool broadcasts)
{
    v->stats.websocket_connections++;
    v->peers[s->index].broadcasts = broadcasts;
    conn_accept(&s->conn, &v->loop.io, head, broadcasts ? CONN_WHOLE : CONN_FRAMES, NULL, 0);
    end_phase(v, s, STATS_HANDSHAKE);
}

static void accept_socketio(struct server *v, struct loop_slot *s, const struct http_head *head,
                            bool bare)
{
    struct server_session *session = server_session_take(v, s);
    if (session == NULL) {
        conn_respond(&s->conn, &v->loop.io, 503, "", "", span_of(NULL, 0));
        return;
    }
    v->stats.socketio_sessions++;
    session->websocket = s->index;
    server_session_bind(v, s->index, session);
    conn_accept(&s->conn, &v->loop.io, head, CONN_MESSAGES, &session->protocol,
                server_session_index(v, session));
    if (bare)
        session_bare(&session->protocol);
    end_phase(v, s, STATS_HANDSHAKE);
}

/* Serves what is due to the session that a request names, so that one whose time is over is not
 * found. The peer's earlier answers are sent before; false when it was dropped for that. */
static bool serve_due(struct server *v, const struct loop_slot *s, const char *sid)
{
    struct server_session *session = server_session_find(v, sid);
    if (session != NULL)
        server_deadlines_serve_session(v, session);
    return s->socket != PORT_NO_SOCKET;
}

/* NULL when the request names no session, or none of this endpoint's. */
static struct server_session *find_session(struct server *v, const struct eio_query *q, bool bare)
{
    struct server_session *session = q->has_sid ? server_session_find(v, q->sid) : NULL;
    return session != NULL && session->protocol.bare == bare ? session : NULL;
}

static enum route_sid judge_sid(const struct eio_query *q, const struct server_session *session)
{
    if (!q->has_sid)
        return ROUTE_SID_NONE;
    if (session == NULL)
        return ROUTE_SID_UNKNOWN;
    return session->polling ? ROUTE_SID_POLLING : ROUTE_SID_WEBSOCKET;
}

/* It came when all places were taken, and they still are. */
static bool is_turned_away(struct server *v, const struct loop_slot *s, enum route_kind kind)
{
    struct server_peer *peer = &v->peers[s->index];
    if (peer->crowded && v->loop.used - v->crowd < v->options->max_clients) {
        peer->crowded = false;
        v->crowd--;
    }
    return peer->crowded && kind != ROUTE_HEALTH && kind != ROUTE_STATS;
}

/* What a request is, once it was routed. */
struct routed {
    const struct http_head *head;
    struct server_session *session; /* that it names; NULL: none */
    bool socketio;                  /* its path is one of Socket.IO or Engine.IO */
    bool bare;                      /* Engine.IO alone */
    struct route route;
};

static void follow_route(struct server *v, struct loop_slot *s, const struct routed *to)
{
    switch (to->route.kind) {
    case ROUTE_ECHO:
    case ROUTE_BROADCAST:
        accept_websocket(v, s, to->head, to->route.kind == ROUTE_BROADCAST);
        break;
    case ROUTE_SOCKETIO:
        accept_socketio(v, s, to->head, to->bare);
        break;
    case ROUTE_UPGRADE:
        upgrade_begin(v, s, to->session, to->head);
        break;
    case ROUTE_OPEN:
        longpoll_open(v, s, to->bare);
        break;
    case ROUTE_GET:
        longpoll_get(v, s, to->session);
        break;
    case ROUTE_POST:
        longpoll_post(v, s, to->session, to->head);
        break;
    case ROUTE_HEALTH:
        answer_put_page(v, s, to->head, "text/plain", SPAN("ok\n"));
        break;
    case ROUTE_STATS:
        answer_put_stats(v, s, to->head);
        break;
    case ROUTE_REFUSE:
        answer_refuse(v, s, to->head, &to->route, to->socketio);
        break;
    }
}

static void answer_request(struct server *v, struct loop_slot *s, const struct http_head *head)
{
    struct eio_query q = {0};
    struct routed to = {.head = head};
    const struct option_texts *origins = &v->options->origins;
    const struct option_texts *hosts = &v->options->hosts;
    bool any_host = !v->options->is_loopback && hosts->count == 0;
    if (!route_takes_host(head, any_host ? NULL : hosts, &to.route)) {
        answer_refuse(v, s, head, &to.route, false);
        return;
    }
    to.bare = v->options->app == SERVER_APP_CONFORMANCE && route_is_engineio(head, &q);
    to.socketio = to.bare || route_is_socketio(head, &q);
    if (q.has_sid && !serve_due(v, s, q.sid))
        return;
    to.session = find_session(v, &q, to.bare);
    to.route = to.socketio ? route_socketio(head, &q, judge_sid(&q, to.session), origins)
                           : route_other(head, origins);
    v->peers[s->index].origin = (uint8_t)route_origin_entry(head, origins);
    if (is_turned_away(v, s, to.route.kind)) {
        v->stats.crowd_refused++;
        s->conn.keep_alive = false;
        conn_respond(&s->conn, &v->loop.io, 503, "text/plain", "", SPAN("all places are taken\n"));
        return;
    }
    follow_route(v, s, &to);
}

/* ---- Echo ------------------------------------------------------------------------------ */

static void count_message(struct server *v, struct loop_slot *s, uint64_t *counter)
{
    struct server_peer *peer = &v->peers[s->index];
    (*counter)++;
    if (!peer->counted_first)
        end_phase(v, s, STATS_FIRST);
    peer->counted_first = true;
    selftest_delay(&v->stats.selftest, &v->loop);
}

static void echo_raw(struct server *v, struct loop_slot *s, const struct websocket_event *data)
{
    count_message(v, s, &v->stats.raw_messages);
    buf_put(&v->loop.out, data->ptr, data->len);
}

/* A held frame is answered where it lies: the head of the answer goes into the room before it. */
static void echo_held(struct server *v, struct loop_slot *s, const struct websocket_event *data,
                      uint8_t opcode)
{
    uint8_t head[WS_HEAD_MAX];
    size_t head_length = ws_head_write(head, data->message_last, opcode, data->len, NULL);
    size_t at = s->conn.hold.start;
    memcpy(data->ptr - head_length, head, head_length);
    output_send_held(&v->loop, s, at - head_length, at + data->len);
}

static void echo_frame(struct server *v, struct loop_slot *s, const struct websocket_event *data)
{
    uint8_t opcode = data->message_first ? data->opcode : (uint8_t)WS_CONTINUATION;
    if (data->message_last)
        count_message(v, s, &v->stats.websocket_messages);
    loop_mark(&v->loop, LOOP_HANDLE);
    if (s->conn.hold.over && s->held != NULL)
        echo_held(v, s, data, opcode);
    else
        ws_frame_put(&v->loop.out, data->message_last, opcode, span_of(data->ptr, data->len), NULL);
}

static void broadcast_message(struct server *v, struct loop_slot *s,
                              const struct websocket_event *data)
{
    count_message(v, s, &v->stats.websocket_messages);
    loop_mark(&v->loop, LOOP_HANDLE);
    delivery_send_everyone(v, s, data->opcode, span_of(data->ptr, data->len));
}

static bool is_message(const struct session_event *event)
{
    return event->kind == SESSION_EVENT || event->kind == SESSION_TEXT ||
           event->kind == SESSION_BINARY;
}

/* A whole packet came on a WebSocket. A held one is answered where it lies. */
static void receive_packet(struct server *v, struct loop_slot *s, struct server_session *session,
                           const struct session_event *event)
{
    bool in_place = s->conn.hold.over && s->held != NULL && is_message(event);
    struct buf held = buf_over(s->conn.hold.ptr, s->conn.hold.cap);
    struct session_io io = server_session_io(v, session);
    if (in_place)
        io.out = &held;
    server_session_note_event(v, session, event->kind);
    app_answer(v, &io, session, event);
    /* The slot may have been dropped or closed by then. */
    if (held.len > 0 && s->held != NULL && s->conn.state == CONN_WEBSOCKET)
        output_send_held(&v->loop, s, 0, held.len);
}

/* ---- The loop's calls ------------------------------------------------------------------ */

static bool count_address(struct server *v, const struct loop_slot *s)
{
    if (v->options->max_per_address == 0)
        return true;
    char text[PORT_ADDRESS_TEXT];
    port_address_text(&v->loop.accepted_from, text);
    uint64_t key = addresses_key(&v->addresses, text);
    v->address_keys[s->index] = key;
    return addresses_add(&v->addresses, key) <= v->options->max_per_address;
}

/* Is there a place for it? Else raw TCP is closed, and so is a connection too many of its address;
 * HTTP has CROWD_MS for a request. */
static bool admit(struct server *v, struct loop_slot *s)
{
    struct server_peer *peer = &v->peers[s->index];
    uint64_t by = v->loop.io.now + (uint64_t)CROWD_MS * 1000000;
    bool allowed = count_address(v, s);
    peer->crowded = v->loop.used - v->crowd > v->options->max_clients;
    v->crowd += peer->crowded;
    if (allowed && !peer->crowded)
        return true;
    v->stats.address_refused += !allowed;
    if (!allowed || s->conn.state == CONN_RAW)
        conn_close(&s->conn, &v->loop.io, 0);
    else if (by < s->conn.deadline)
        s->conn.deadline = by;
    return false;
}

static void on_accepted(struct loop *l, struct loop_slot *s)
{
    struct server *v = find_server(l);
    struct server_peer *peer = &v->peers[s->index];
    memset(peer, 0, sizeof *peer);
    peer->mark = l->io.now;
    if (!admit(v, s))
        return;
    if (s->conn.state == CONN_RAW)
        v->stats.raw_connections++;
}

static struct server_session *find_peer_session(struct server *v, const struct loop_slot *s)
{
    uint32_t number = v->peers[s->index].session;
    return number > 0 ? &v->sessions[number - 1] : NULL;
}

/* The connection is gone: what it served of a session ends. */
static void release_session(struct server *v, struct loop_slot *s)
{
    struct server_session *session = find_peer_session(v, s);
    if (session == NULL)
        return;
    server_session_bind(v, s->index, NULL);
    s->conn.session = NULL;
    if (session->probe == s->index) {
        session->probe = LOOP_NO_SLOT;
        server_session_drop_probe(v, session);
    } else if (session->websocket == s->index) {
        session->websocket = LOOP_NO_SLOT;
        server_session_end(v, session, STATUS_OK, NULL);
    } else {
        longpoll_abort(v, s, session);
    }
}

static void note_close(struct server *v, struct loop_slot *s, const struct conn_event *event)
{
    struct server_peer *peer = &v->peers[s->index];
    release_session(v, s);
    if (peer->closing == 0)
        peer->closing = v->loop.io.now;
    /* python-socketio sends Engine.IO's `1` whenever it leaves. */
    if (event->status == STATUS_OK || event->status == STATUS_EIO_CLOSED)
        v->stats.closed_properly++;
    else if (event->status == STATUS_CLOSED)
        v->stats.lost++;
    else
        stats_count_fault(&v->stats, event->status);
}

/* There is a session: its end would have dropped a post whose body is being received. */
static void answer_body(struct server *v, struct loop_slot *s, const struct conn_event *event)
{
    if (event->status == STATUS_OK)
        longpoll_body(v, s, find_peer_session(v, s), event->part);
    else
        longpoll_refuse_body(v, s, find_peer_session(v, s));
}

static void on_event(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    struct server *v = find_server(l);
    v->sender = s;
    switch (event->kind) {
    case CONN_REQUEST:
        answer_request(v, s, &event->head);
        break;
    case CONN_DATA:
        if (s->conn.state == CONN_RAW)
            echo_raw(v, s, &event->data);
        else if (find_peer_session(v, s) != NULL)
            upgrade_feed(v, s, find_peer_session(v, s), &event->data);
        else if (v->peers[s->index].broadcasts)
            broadcast_message(v, s, &event->data);
        else
            echo_frame(v, s, &event->data);
        break;
    case CONN_SESSION:
        if (find_peer_session(v, s) != NULL)
            receive_packet(v, s, find_peer_session(v, s), &event->session);
        break;
    case CONN_BODY_WHOLE:
        answer_body(v, s, event);
        break;
    case CONN_CLOSE:
        note_close(v, s, event);
        break;
    case CONN_PING:
    case CONN_PONG:
    case CONN_UPGRADED:
    case CONN_RESPONSE:
    case CONN_HOLD:
    case CONN_NOTHING:
        break;
    }
    v->sender = NULL;
}

static void on_ended(struct loop *l, struct loop_slot *s, int status)
{
    struct server *v = find_server(l);
    struct server_peer *peer = &v->peers[s->index];
    release_session(v, s);
    peer->broadcasts = false;
    v->crowd -= peer->crowded;
    peer->crowded = false;
    if (v->options->max_per_address > 0 && v->address_keys[s->index] != 0) {
        addresses_remove(&v->addresses, v->address_keys[s->index]);
        v->address_keys[s->index] = 0;
    }
    if (peer->closing != 0 && status == STATUS_OK)
        histogram_record(&v->stats.phases[STATS_CLOSE], port_clock() - peer->closing);
    bool cut = status != STATUS_STOPPED && peer->closing == 0 && s->conn.state != CONN_CLOSED;
    if (status == STATUS_QUEUE_FULL || (status < 0 && cut))
        stats_count_fault(&v->stats, status);
}

static void on_sampled(struct loop *l, const uint64_t ns[LOOP_STAGES])
{
    stats_add_sample(&find_server(l)->stats, ns);
}

void server_set_calls(struct server *v)
{
    v->app = (struct loop_app){.self = v,
                               .accepted = on_accepted,
                               .event = on_event,
                               .ended = on_ended,
                               .sampled = on_sampled};
}
