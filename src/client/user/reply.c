#include "client/user/reply.h"

#include "client/user/user.h"
#include "loop/output.h"

static void reply_tell(struct run *r, struct user *u, uint64_t latency)
{
    u->echoed = true;
    r->driver->reply(r, u, latency);
}

static void reply_count(struct run *r, struct user *u, uint64_t sequence, enum message_reply reply)
{
    struct tally *tally = &r->trial->tally;
    uint64_t *start = &u->starts[sequence % r->plan.depth];
    uint64_t now = r->loop.io.now;
    uint64_t latency = now - *start;
    bool first = u->phase == PHASE_FIRST_ECHO;
    *start = 0;
    u->outstanding--;
    tally->payload_in += user_form(r, sequence)->plain.size;
    tally->frames_in++;
    if (--r->outstanding == 0)
        r->trial->outstanding_ns += now - r->outstanding_since;
    r->last_reply = now;
    if (reply == MESSAGE_RIGHT)
        tally->answered++;
    else
        tally->wrong++;
    if (first && reply == MESSAGE_RIGHT)
        histogram_record(&r->trial->phases[PHASE_FIRST_ECHO], latency);
    if (first)
        u->phase = PHASE_COUNT;
    user_alarm_renew(r, u);
    u->replied = sequence;
    latency = reply == MESSAGE_RIGHT ? latency : UINT64_MAX;
    u->held = !transport_settled(&u->transport);
    u->held_latency = latency;
    if (!u->held)
        reply_tell(r, u, latency);
}

void reply_release(struct run *r, struct user *u)
{
    if (!u->held)
        return;
    u->held = false;
    reply_tell(r, u, u->held_latency);
}

/* By order: the oldest message that is not answered. */
static bool reply_expected(struct run *r, const struct user *u)
{
    if (u->outstanding > 0 && u->starts[u->matched % r->plan.depth] != 0)
        return true;
    r->trial->tally.unexpected++;
    return false;
}

/* Nothing answers what has not been sent: this is a surplus reply to something before it. */
static bool is_premature(struct run *r, const struct user *u, uint64_t sequence)
{
    bool direct = u->transport.state == TRANSPORT_DIRECT;
    bool half_put = u->out.active && u->out.sequence == sequence;
    if (direct && u->written == sequence + 1 && output_blocked(u->slot))
        half_put = true; /* its end is still queued */
    if (!half_put && u->starts[sequence % r->plan.depth] <= r->loop.io.now)
        return false;
    r->trial->tally.unexpected++;
    return true;
}

/* Something moves: a long message may take as long as it likes. */
static void progress_note(struct run *r, struct user *u)
{
    if (u->outstanding > 0)
        user_alarm_renew(r, u);
}

void reply_raw(struct run *r, struct user *u, struct span data)
{
    const struct loop_slot *s = u->slot; /* it may be another one, or none, when the user is new */
    uint32_t generation = s->generation;
    progress_note(r, u);
    while (data.len > 0 && s->generation == generation) {
        enum message_reply reply;
        if (!reply_expected(r, u))
            return;
        size_t used = message_match_raw(&u->in, user_form(r, u->matched), u->matched, data, &reply);
        data = span_after(data, used);
        if (reply != MESSAGE_NONE && !is_premature(r, u, u->matched))
            reply_count(r, u, u->matched++, reply);
    }
}

void reply_part(struct run *r, struct user *u, const struct websocket_event *part)
{
    progress_note(r, u);
    if (u->outstanding == 0) {
        r->trial->tally.unexpected += part->message_last;
        return;
    }
    enum message_reply reply =
        message_match_part(&u->in, user_form(r, u->matched), u->matched, part);
    if (reply != MESSAGE_NONE && !is_premature(r, u, u->matched))
        reply_count(r, u, u->matched++, reply);
}

/* By id: the message may be any that is not answered. Where acks were not asked for, this one is of
 * send's last message, and proves by coming: servers acknowledge with any arguments or none. */
static void ack_received(struct run *r, struct user *u, const struct session_event *event)
{
    uint64_t id = event->packet.id;
    bool known = event->packet.has_id && id < u->sent && u->sent - id <= r->plan.depth &&
                 u->starts[id % r->plan.depth] != 0;
    if (!known) {
        r->trial->tally.unexpected++;
        return;
    }
    if (is_premature(r, u, id))
        return;
    enum message_reply reply =
        r->destination->form.ack ? message_match_event(user_form(r, id), id, event) : MESSAGE_RIGHT;
    reply_count(r, u, id, reply);
}

/* send's last message is over with its first answer. python-socketio answers it by an event and by
 * an ack, and polls still bring both. */
static bool is_over(const struct run *r, const struct user *u)
{
    return u->sent > r->last_sequence && u->starts[r->last_sequence % r->plan.depth] == 0;
}

void reply_event(struct run *r, struct user *u, const struct session_event *event)
{
    bool by_order = !r->destination->form.ack;
    if (is_over(r, u))
        return;
    if (event->kind == SESSION_ACK) {
        ack_received(r, u, event);
        return;
    }
    if (!by_order || u->state != USER_READY || !message_is_reply(&r->destination->form, event)) {
        r->trial->tally.unexpected++;
        return;
    }
    uint64_t sequence = u->matched;
    if (!reply_expected(r, u) || is_premature(r, u, sequence))
        return;
    u->matched++; /* before the driver acts on it */
    reply_count(r, u, sequence, message_match_event(user_form(r, sequence), sequence, event));
}
