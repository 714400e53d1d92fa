#include "client/user/direct.h"

#include "base/status.h"
#include "loop/output.h"

static struct direct *find_direct(struct transport *t)
{
    return (struct direct *)t;
}

static struct loop_slot *find_slot(const struct transport *t)
{
    return ((const struct direct *)t)->slot;
}

static void report(const struct transport *t, const struct transport_event *event)
{
    t->report(t->user, event);
}

/* ---- What the user asks for ---------------------------------------------------------------- */

static int start_connect(struct transport *t, const struct port_address *address)
{
    return loop_connect(t->crowd->loop, address, t->tag, &find_direct(t)->slot);
}

static bool is_blocked(const struct transport *t)
{
    return output_blocked(find_slot(t));
}

static bool can_send(const struct transport *t)
{
    return !t->traffic->out.active && !is_blocked(t);
}

/* Puts what fits; the rest follows when the peer has taken this. */
static void put_messages(struct transport *t)
{
    const struct crowd *c = t->crowd;
    struct loop *l = c->loop;
    struct traffic *m = t->traffic;
    struct loop_slot *s = find_slot(t);
    uint32_t generation = s->generation;
    bool framed = c->destination->conn.request != NULL;
    while (traffic_begin(m, c)) {
        bool whole = message_put(&m->out, &c->destination->form, &l->out, &l->random);
        if (whole && s->conn.mid_frame)
            conn_settle(&s->conn, &l->io);
        if (whole)
            continue;
        s->conn.mid_frame = framed; /* nothing else may be put before the frame's end */
        if (!output_flush(l, s) || s->generation != generation || output_blocked(s))
            return;
    }
}

static bool fits(const struct transport *t, const struct message_form *form)
{
    return form->encoded.size <= t->session->max_payload;
}

static void set_alarm(struct transport *t, uint64_t at)
{
    loop_alarm(t->crowd->loop, find_slot(t), at);
}

static void leave(struct transport *t, bool failed)
{
    (void)failed;
    conn_close(&find_slot(t)->conn, &t->crowd->loop->io, 1000);
}

static void drop(struct transport *t)
{
    loop_drop(t->crowd->loop, find_slot(t), STATUS_STOPPED);
}

static void begin(struct transport *t)
{
    loop_begin(t->crowd->loop, find_slot(t));
}

static void end(struct transport *t)
{
    loop_end(t->crowd->loop, find_slot(t));
}

static const struct loop_slot *show_slot(const struct transport *t)
{
    return find_slot(t);
}

/* ---- What the loop reports ----------------------------------------------------------------- */

static void begin_protocol(struct transport *t, struct loop_slot *s)
{
    const struct destination *d = t->crowd->destination;
    bool has_session = d->target->kind == TARGET_SIO;
    report(t, &(struct transport_event){.kind = TRANSPORT_CONNECTED, .phase = PHASE_UPGRADE});
    conn_start_client(&s->conn, &t->crowd->loop->io, has_session ? t->session : NULL);
    if (d->conn.request == NULL)
        report(t, &(struct transport_event){.kind = TRANSPORT_READY});
}

static void report_upgrade(const struct transport *t, const struct loop_slot *s)
{
    bool has_session = s->conn.session != NULL;
    report(t, &(struct transport_event){.kind = TRANSPORT_PHASE_ENDED,
                                        .phase = has_session ? PHASE_EIO_OPEN : PHASE_FIRST_ECHO});
    if (!has_session)
        report(t, &(struct transport_event){.kind = TRANSPORT_READY});
}

static void report_data(const struct transport *t, const struct loop_slot *s,
                        const struct websocket_event *data)
{
    if (s->conn.state == CONN_RAW)
        report(t, &(struct transport_event){.kind = TRANSPORT_RAW,
                                            .data = span_of(data->ptr, data->len)});
    else
        report(t, &(struct transport_event){.kind = TRANSPORT_PART, .part = data});
}

static void report_close(const struct transport *t, const struct conn_event *event)
{
    char text[FAILURE_TEXT];
    transport_put_close(event, text);
    report(t, &(struct transport_event){.kind = TRANSPORT_CLOSED,
                                        .status = event->status,
                                        .code = event->code,
                                        .text = text});
}

static void pass_event(struct transport *t, struct loop_slot *s, struct conn_event *event)
{
    switch (event->kind) {
    case CONN_UPGRADED:
        report_upgrade(t, s);
        break;
    case CONN_DATA:
        report_data(t, s, &event->data);
        break;
    case CONN_SESSION:
        report(t, &(struct transport_event){.kind = TRANSPORT_SESSION, .session = &event->session});
        break;
    case CONN_CLOSE:
        report_close(t, event);
        break;
    default:
        transport_take_rest(t, event);
        break;
    }
}

static void resume(struct transport *t, struct loop_slot *s)
{
    (void)s;
    put_messages(t);
}

static void give_up(struct transport *t, struct loop_slot *s, bool due)
{
    struct loop *l = t->crowd->loop;
    if (due)
        loop_drop(l, s, STATUS_TIMEOUT);
    else
        loop_alarm(l, s, l->io.now + 1); /* in a later turn, behind what had come */
}

static void report_end(struct transport *t, struct loop_slot *s, int status)
{
    (void)s;
    report(t, &(struct transport_event){
                  .kind = TRANSPORT_ENDED, .status = status, .at = t->crowd->loop->io.now});
}

const struct transport_kind direct_kind = {
    .connect = start_connect,
    .can_send = can_send,
    .send = put_messages,
    .is_blocked = is_blocked,
    .fits = fits,
    .set_alarm = set_alarm,
    .leave = leave,
    .drop = drop,
    .begin = begin,
    .end = end,
    .slot = show_slot,
    .connected = begin_protocol,
    .event = pass_event,
    .drained = resume,
    .alarm = give_up,
    .ended = report_end,
};
