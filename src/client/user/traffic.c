#include "client/user/traffic.h"

/* ---- Out --------------------------------------------------------------------------------- */

bool traffic_asks_ack(const struct crowd *c, uint64_t sequence)
{
    const struct message_form *form = &c->destination->form;
    return form->ack || (sequence == c->last_sequence && form->kind == TARGET_SIO);
}

static struct payload_id identify(const struct traffic *m, uint64_t sequence)
{
    return (struct payload_id){&m->sender, sequence};
}

static uint64_t *find_start(const struct traffic *m, const struct crowd *c, uint64_t sequence)
{
    return &m->starts[sequence % c->depth];
}

bool traffic_has_room(const struct traffic *m, const struct crowd *c)
{
    return *find_start(m, c, m->sent) == 0;
}

uint64_t traffic_send(struct traffic *m, struct crowd *c)
{
    struct tally *tally = &c->trial->tally;
    uint64_t now = port_clock();
    if (c->outstanding++ == 0)
        c->outstanding_since = now;
    m->outstanding++;
    *find_start(m, c, m->sent) = now;
    tally->sent++;
    tally->frames_out++;
    tally->payload_out += c->destination->form.plain.size;
    m->sent++;
    return now;
}

bool traffic_begin(struct traffic *m, const struct crowd *c)
{
    if (!m->out.active && m->written < m->sent) {
        message_begin(&m->out, &c->destination->form, identify(m, m->written),
                      traffic_asks_ack(c, m->written));
        m->written++;
    }
    return m->out.active;
}

bool traffic_is_written(const struct traffic *m)
{
    return m->written == m->sent && !m->out.active;
}

void traffic_abandon(struct traffic *m, struct crowd *c)
{
    c->trial->tally.unanswered += m->outstanding;
    if (c->outstanding > 0 && c->outstanding == m->outstanding)
        c->trial->outstanding_ns += c->loop->io.now - c->outstanding_since;
    c->outstanding -= m->outstanding;
    m->outstanding = 0;
}

/* ---- In ---------------------------------------------------------------------------------- */

static void count_reply(struct traffic *m, struct crowd *c, uint64_t sequence,
                        enum message_reply verdict, struct traffic_reply *reply)
{
    struct tally *tally = &c->trial->tally;
    uint64_t now = c->loop->io.now;
    uint64_t *start = find_start(m, c, sequence);
    *reply = (struct traffic_reply){sequence, now - *start, verdict == MESSAGE_RIGHT};
    *start = 0;
    m->outstanding--;
    tally->payload_in += c->destination->form.plain.size;
    tally->frames_in++;
    if (reply->right)
        tally->answered++;
    else
        tally->wrong++;
    if (--c->outstanding == 0)
        c->trial->outstanding_ns += now - c->outstanding_since;
    c->last_reply = now;
}

static void count_unexpected(struct crowd *c)
{
    c->trial->tally.unexpected++;
}

/* In order, the next reply answers the oldest message outstanding, if there is one. */
static bool is_expected(const struct traffic *m, const struct crowd *c)
{
    return m->outstanding > 0 && *find_start(m, c, m->matched) != 0;
}

static bool is_outstanding(const struct traffic *m, const struct crowd *c, uint64_t sequence)
{
    return sequence < m->sent && m->sent - sequence <= c->depth && *find_start(m, c, sequence) != 0;
}

/* A message that is not written to its end, or that was sent after this receive, has no reply yet:
 * what came is a second reply to an earlier message, or nobody asked for it. Bytes that wait in the
 * loop are only looked at where all messages are equal: else an equal reply proves that its message
 * has left, and what waits may be a pong behind it. */
static bool has_left(const struct traffic *m, const struct crowd *c, bool blocked,
                     uint64_t sequence)
{
    const struct message_form *form = &c->destination->form;
    bool equal = form->any || form->plain.text != NULL;
    bool half_put = m->out.active && m->out.id.sequence == sequence;
    bool half_sent = equal && blocked && m->written == sequence + 1;
    return sequence < m->written && !half_put && !half_sent &&
           *find_start(m, c, sequence) <= c->loop->io.now;
}

bool traffic_match_raw(struct traffic *m, struct crowd *c, bool blocked, struct span *data,
                       struct traffic_reply *reply)
{
    while (data->len > 0) {
        enum message_reply verdict;
        if (!is_expected(m, c)) {
            count_unexpected(c);
            return false;
        }
        size_t used = message_match_raw(&m->in, &c->destination->form, identify(m, m->matched),
                                        *data, &verdict);
        *data = span_after(*data, used);
        if (verdict == MESSAGE_NONE)
            return false;
        if (has_left(m, c, blocked, m->matched)) {
            count_reply(m, c, m->matched++, verdict, reply);
            return true;
        }
        count_unexpected(c);
    }
    return false;
}

/* ---- In, by identity --------------------------------------------------------------------- */

/* --ignore-unexpected: what equals an outstanding message answers it, whichever that is. Anything
 * else is left out. */
static bool take_picked(struct traffic *m, struct crowd *c, uint64_t sequence,
                        enum message_reply verdict, struct traffic_reply *reply)
{
    if (verdict == MESSAGE_RIGHT && has_left(m, c, false, sequence)) {
        count_reply(m, c, sequence, verdict, reply);
        return true;
    }
    c->trial->tally.ignored++;
    return false;
}

/* The outstanding message that begins with these bytes; false: none. */
static bool find_picked(const struct traffic *m, const struct crowd *c,
                        const uint8_t identity[PAYLOAD_IDENTITY_BYTES], uint64_t *sequence)
{
    *sequence = payload_read_sequence(&m->sender, m->sent, identity);
    return is_outstanding(m, c, *sequence) &&
           payload_match(&c->destination->form.plain, identify(m, *sequence), 0, identity,
                         PAYLOAD_IDENTITY_BYTES);
}

static bool pick_part(struct traffic *m, struct crowd *c, const struct websocket_event *part,
                      struct traffic_reply *reply)
{
    struct websocket_event rest = *part;
    size_t used = message_take_identity(&m->in, span_of(part->ptr, part->len));
    if (used > 0 && m->in.offset == PAYLOAD_IDENTITY_BYTES)
        m->in.wrong = !find_picked(m, c, m->in.identity, &m->in.sequence);
    uint64_t sequence = m->in.sequence;
    rest.ptr += used;
    rest.len -= used;
    enum message_reply verdict =
        message_match_part(&m->in, &c->destination->form, identify(m, sequence), &rest);
    return verdict != MESSAGE_NONE && take_picked(m, c, sequence, verdict, reply);
}

static bool pick_event(struct traffic *m, struct crowd *c, const struct session_event *event,
                       struct traffic_reply *reply)
{
    const struct message_form *form = &c->destination->form;
    enum message_reply verdict = MESSAGE_WRONG;
    uint64_t sequence = 0;
    struct span payload;
    if (message_find_payload(form, event, &payload) && payload.len == form->plain.size &&
        find_picked(m, c, payload.ptr, &sequence))
        verdict = message_match_event(form, identify(m, sequence), event);
    return take_picked(m, c, sequence, verdict, reply);
}

/* ---- In, by order or by id --------------------------------------------------------------- */

bool traffic_match_part(struct traffic *m, struct crowd *c, bool blocked,
                        const struct websocket_event *part, struct traffic_reply *reply)
{
    const struct message_form *form = &c->destination->form;
    if (form->picked)
        return pick_part(m, c, part, reply);
    if (m->outstanding == 0) {
        m->in.wrong = !part->message_last; /* whatever follows, it began before its question */
        c->trial->tally.unexpected += part->message_last;
        return false;
    }
    enum message_reply verdict = message_match_part(&m->in, form, identify(m, m->matched), part);
    if (verdict == MESSAGE_NONE)
        return false;
    if (!has_left(m, c, blocked, m->matched)) {
        count_unexpected(c);
        return false;
    }
    count_reply(m, c, m->matched++, verdict, reply);
    return true;
}

/* An ack names its message, which may be any that is outstanding and asks for one. Where only the
 * last one does, the ack is proof by coming: servers acknowledge with any arguments or none. */
static bool match_ack(struct traffic *m, struct crowd *c, bool blocked,
                      const struct session_event *event, struct traffic_reply *reply)
{
    const struct message_form *form = &c->destination->form;
    uint64_t id = event->packet.id;
    if (!event->packet.has_id || !is_outstanding(m, c, id) || !traffic_asks_ack(c, id) ||
        !has_left(m, c, blocked, id)) {
        count_unexpected(c);
        return false;
    }
    enum message_reply verdict =
        form->ack ? message_match_event(form, identify(m, id), event) : MESSAGE_RIGHT;
    count_reply(m, c, id, verdict, reply);
    return true;
}

/* The last message of send asks for an ack, and its first answer ends the traffic: python-socketio
 * answers it by an event and by an ack, and polls still bring both. */
static bool is_over(const struct traffic *m, const struct crowd *c)
{
    return m->sent > c->last_sequence && *find_start(m, c, c->last_sequence) == 0;
}

bool traffic_match_event(struct traffic *m, struct crowd *c, bool blocked, bool ready,
                         const struct session_event *event, struct traffic_reply *reply)
{
    const struct message_form *form = &c->destination->form;
    uint64_t sequence = m->matched;
    if (is_over(m, c))
        return false;
    if (event->kind == SESSION_ACK)
        return match_ack(m, c, blocked, event, reply);
    if (form->ack || !message_is_reply(form, event)) {
        c->trial->tally.ignored++;
        return false;
    }
    if (form->picked)
        return pick_event(m, c, event, reply);
    if (!ready || !is_expected(m, c) || !has_left(m, c, blocked, sequence)) {
        count_unexpected(c);
        return false;
    }
    m->matched++;
    count_reply(m, c, sequence, message_match_event(form, identify(m, sequence), event), reply);
    return true;
}
