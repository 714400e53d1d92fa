#include "client/user/requests_upgrade.h"

#include <string.h>

#include "base/status.h"
#include "loop/output.h"

/* The request for the WebSocket is the same as without polling, but for the sid. */
static void start_websocket(struct requests *q, struct loop_slot *s)
{
    const struct destination *d = q->base.crowd->destination;
    struct loop *l = q->base.crowd->loop;
    uint8_t url[REQUESTS_URL_BYTES];
    struct handshake_request request = d->request;
    struct conn_config config = d->conn;
    request.target = requests_url(q, request.target, url);
    config.request = &request;
    loop_begin(l, s);
    struct conn_io io = l->io;
    io.config = &config;
    conn_start_client(&s->conn, &io, NULL);
    loop_end(l, s);
}

void requests_upgrade_work(struct requests *q)
{
    const struct session *session = q->base.session;
    if (q->base.settled || q->pausing || q->leaving || session->state != SESSION_OPEN)
        return;
    if (!session->upgrades) {
        requests_fail_upgrade(q, STATUS_UNSUPPORTED, "\"upgrades\" lacks \"websocket\"");
        return;
    }
    struct loop_slot *s = requests_take_link(q, REQUESTS_WEBSOCKET);
    if (s == NULL)
        return;
    q->links[REQUESTS_WEBSOCKET].state = REQUESTS_LINK_BUSY;
    start_websocket(q, s);
}

/* ---- Probing ----------------------------------------------------------------------------- */

void requests_upgrade_probe(struct requests *q)
{
    struct loop *l = q->base.crowd->loop;
    q->mark = l->io.now;
    websocket_put(&l->out, WS_TEXT, SPAN("2probe"), &l->random);
}

/* A noop may come at any time; everything else waits for `5`. */
static void judge_answer(struct requests *q, struct span text)
{
    const struct crowd *c = q->base.crowd;
    uint64_t now = c->loop->io.now;
    requests_touch(q); /* a noop's end, too, may be what the switch waits for */
    if (span_equal_text(text, "6"))
        return;
    if (q->pausing || !span_equal_text(text, "3probe")) {
        requests_fail_upgrade(q, STATUS_EIO_PACKET, "not 3probe");
        return;
    }
    histogram_record(&c->trial->phases[PHASE_PROBE], now - q->mark);
    q->mark = now;
    q->pausing = true;
}

void requests_upgrade_receive(struct requests *q, const struct websocket_event *part)
{
    if (part->message_first)
        q->probe_len = 0;
    size_t room = sizeof q->probe - q->probe_len;
    size_t len = part->len < room ? part->len : room;
    if (len > 0)
        memcpy(q->probe + q->probe_len, part->ptr, len);
    q->probe_len = (uint8_t)(q->probe_len + len);
    if (part->opcode != WS_TEXT)
        q->probe_len = 0; /* no packet of Engine.IO is binary here: it is no answer */
    if (part->message_last)
        judge_answer(q, span_of(q->probe, q->probe_len));
}

/* ---- Switching --------------------------------------------------------------------------- */

bool requests_upgrade_can_switch(const struct requests *q)
{
    const struct loop_slot *s = q->links[REQUESTS_WEBSOCKET].slot;
    bool between = s != NULL && s->conn.ws.message == 0; /* not inside of a noop, say */
    return !q->leaving && between && q->pausing &&
           q->links[REQUESTS_GET].state != REQUESTS_LINK_BUSY &&
           q->links[REQUESTS_POST].state != REQUESTS_LINK_BUSY;
}

/* Packets that waited for a POST go on as frames. */
static void send_control(struct loop *l, struct buf *control)
{
    struct span rest = buf_span(control);
    struct span text;
    bool first = true;
    while (rest.len > 0 && eio_payload_next(&rest, &first, &text) > 0)
        websocket_put(&l->out, WS_TEXT, text, &l->random);
    control->len = 0;
}

/* The first parts of a binary packet may have come by polling: the others come in frames. */
static void carry_session(struct requests *q, struct loop_slot *s)
{
    s->held = q->lease;
    conn_carry(&s->conn, &q->base.crowd->loop->io, q->base.session, &q->parts);
    q->lease = NULL;
    hold_take(&q->parts);
}

void requests_upgrade_switch(struct requests *q)
{
    const struct crowd *c = q->base.crowd;
    struct loop *l = c->loop;
    struct loop_slot *s = q->links[REQUESTS_WEBSOCKET].slot;
    uint32_t generation = s->generation;
    loop_begin(l, s);
    websocket_put(&l->out, WS_TEXT, SPAN("5"), &l->random);
    if (!output_flush(l, s))
        return;
    loop_refresh(l);
    histogram_record(&c->trial->phases[PHASE_SWITCH], l->io.now - q->mark);
    send_control(l, &q->control);
    carry_session(q, s);
    q->links[REQUESTS_WEBSOCKET] = (struct requests_link){0};
    requests_drop_links(q);
    requests_report(q, &(struct transport_event){.kind = TRANSPORT_UPGRADED, .slot = s});
    if (s->generation == generation)
        loop_end(l, s);
}
