/* From polling to WebSocket: probe, pause, switch. */
#include <string.h>

#include "base/status.h"
#include "client/user/transport_inner.h"
#include "loop/output.h"

void transport_websocket_work(struct run *r, struct user *u)
{
    struct transport *t = &u->transport;
    struct loop *l = &r->loop;
    if (t->leaving || t->state != TRANSPORT_UPGRADING || u->session.state != SESSION_OPEN)
        return;
    if (!u->session.upgrades) {
        transport_upgrade_fail(r, u);
        user_cause_note(u, STATUS_UNSUPPORTED, "\"upgrades\" lacks \"websocket\"");
        return;
    }
    struct loop_slot *s = transport_line_ready(r, u, TRANSPORT_WEBSOCKET);
    if (s == NULL)
        return;
    /* The same request as without polling, but for the sid. */
    struct handshake_request request = r->destination->request;
    struct conn_config config = r->destination->conn;
    struct conn_io io = l->io;
    request.target = transport_url(r, u, request.target);
    config.request = &request;
    io.config = &config;
    t->lines[TRANSPORT_WEBSOCKET].state = TRANSPORT_LINE_BUSY;
    loop_begin(l, s);
    io.now = l->io.now;
    conn_start_client(&s->conn, &io, NULL);
    loop_end(l, s);
}

void transport_probe_begin(struct run *r, struct user *u)
{
    u->transport.mark = r->loop.io.now;
    websocket_put(&r->loop.out, WS_TEXT, SPAN("2probe"), &r->loop.random);
}

/* A noop may come at any time; everything else waits for `5`. */
static void probe_answered(struct run *r, struct user *u, struct span text)
{
    struct transport *t = &u->transport;
    uint64_t now = r->loop.io.now;
    transport_touch(r, u); /* also a noop's end may be what the switch waits for */
    if (span_equal_text(text, "6"))
        return;
    if (t->state != TRANSPORT_UPGRADING || !span_equal_text(text, "3probe")) {
        transport_upgrade_fail(r, u);
        user_cause_note(u, STATUS_EIO_PACKET, "not 3probe");
        return;
    }
    histogram_record(&r->trial->phases[PHASE_PROBE], now - t->mark);
    t->mark = now;
    t->state = TRANSPORT_PAUSING;
    transport_touch(r, u);
}

void transport_probe_part(struct run *r, struct user *u, const struct websocket_event *part)
{
    struct transport *t = &u->transport;
    size_t room = sizeof t->probe;
    if (part->message_first)
        t->probe_len = 0;
    size_t len = part->len < room - t->probe_len ? part->len : room - t->probe_len;
    if (len > 0)
        memcpy(t->probe + t->probe_len, part->ptr, len);
    t->probe_len = (uint8_t)(t->probe_len + len);
    if (part->opcode != WS_TEXT)
        t->probe_len = 0; /* no packet of Engine.IO is binary here: it is no answer */
    if (part->message_last)
        probe_answered(r, u, span_of(t->probe, t->probe_len));
}

/* Packets that waited for a POST go on as frames. */
static void control_send(struct run *r, struct buf *control)
{
    struct span rest = buf_span(control);
    struct span text;
    bool first = true;
    while (rest.len > 0 && eio_payload_next(&rest, &first, &text) > 0)
        websocket_put(&r->loop.out, WS_TEXT, text, &r->loop.random);
    control->len = 0;
}

bool transport_may_switch(const struct transport *t)
{
    const struct loop_slot *s = t->lines[TRANSPORT_WEBSOCKET].slot;
    bool between = s != NULL && s->conn.ws.message == 0; /* not inside of a noop, say */
    return !t->leaving && between && t->state == TRANSPORT_PAUSING &&
           t->lines[TRANSPORT_GET].state != TRANSPORT_LINE_BUSY &&
           t->lines[TRANSPORT_POST].state != TRANSPORT_LINE_BUSY;
}

/* Of a binary packet a part may have come by polling: its other attachments come in frames. */
static void session_carry(struct run *r, struct user *u, struct loop_slot *s)
{
    struct transport *t = &u->transport;
    s->held = t->lease;
    conn_carry(&s->conn, &r->loop.io, &u->session, &t->parts);
    t->lease = NULL;
    hold_take(&t->parts);
}

void transport_switch(struct run *r, struct user *u)
{
    struct transport *t = &u->transport;
    struct loop *l = &r->loop;
    struct loop_slot *s = t->lines[TRANSPORT_WEBSOCKET].slot;
    uint32_t generation = s->generation;
    loop_begin(l, s);
    websocket_put(&l->out, WS_TEXT, SPAN("5"), &l->random);
    if (!output_flush(l, s))
        return;
    loop_refresh(l);
    histogram_record(&r->trial->phases[PHASE_SWITCH], l->io.now - t->mark);
    control_send(r, &t->control);
    session_carry(r, u, s);
    t->lines[TRANSPORT_WEBSOCKET] = (struct transport_line){0};
    t->state = TRANSPORT_DIRECT;
    u->slot = s;
    transport_lines_drop(r, u);
    user_upgraded(r, u);
    if (s->generation == generation)
        loop_end(l, s);
}
