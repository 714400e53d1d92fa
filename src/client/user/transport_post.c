/* POSTs: what the session and its messages have to say, joined in bodies. */
#include <string.h>

#include "client/user/transport_inner.h"
#include "conn/polling.h"
#include "loop/output.h"

/* Bytes of a POST where the server does not say its maxPayload: socket.io's default. */
#define POST_MAX MESSAGE_LIMIT_DEFAULT

/* What goes into one POST: packets of the session's own, then messages. */
struct content {
    struct span control;
    size_t bytes;
    unsigned packets;
    uint64_t until; /* messages before this one */
};

static size_t post_limit(const struct user *u)
{
    return u->session.max_payload < POST_MAX ? (size_t)u->session.max_payload : POST_MAX;
}

static void messages_add(const struct run *r, const struct user *u, struct content *c)
{
    while (c->until < u->sent) {
        const struct message_form *form = user_form(r, c->until);
        size_t bytes = message_joined_length(form, c->until, user_asks_ack(r, c->until));
        unsigned packets = message_joined_packets(form);
        size_t gap = c->packets > 0 ? 1 : 0;
        bool first = c->packets == 0;
        if (!first &&
            (c->packets + packets > POLLING_PACKETS_MAX || c->bytes + gap + bytes > post_limit(u)))
            return;
        c->bytes += gap + bytes;
        c->packets += packets;
        c->until++;
    }
}

static struct content content_choose(const struct run *r, const struct user *u)
{
    const struct transport *t = &u->transport;
    struct content c = {.until = u->written};
    c.packets = polling_cut(buf_span(&t->control), POLLING_PACKETS_MAX, &c.bytes);
    c.control = span_of(t->control.ptr, c.bytes);
    if (c.bytes == t->control.len && !t->leaving)
        messages_add(r, u, &c);
    return c;
}

static void control_take(struct buf *control, size_t len)
{
    size_t used = len < control->len ? len + 1 : len; /* with the separator behind */
    memmove(control->ptr, control->ptr + used, control->len - used);
    control->len -= used;
}

/* Begins the next message of the POST under way; false when there is none. */
static bool next_begin(struct run *r, struct user *u)
{
    struct transport *t = &u->transport;
    if (u->out.active)
        return true;
    if (u->written >= t->post_until)
        return false;
    message_begin(&u->out, user_form(r, u->written), u->written, user_asks_ack(r, u->written));
    u->written++;
    if (t->post_begun)
        buf_put_byte(&r->loop.out, EIO_SEPARATOR);
    t->post_begun = true;
    return true;
}

/* Puts what fits of the messages; the rest follows when the server has taken this. */
void transport_post_pump(struct run *r, struct user *u, struct loop_slot *s)
{
    struct loop *l = &r->loop;
    while (true) {
        if (buf_room(&l->out) < MESSAGE_ROOM_MIN && (!output_flush(l, s) || output_blocked(s)))
            return;
        if (!next_begin(r, u))
            return;
        message_put_joined(&u->out, user_form(r, u->out.sequence), &l->out);
    }
}

void transport_post_work(struct run *r, struct user *u)
{
    struct transport *t = &u->transport;
    struct loop *l = &r->loop;
    bool wanted = t->control.len > 0 || (u->written < u->sent && !t->leaving);
    if (!wanted || (t->state == TRANSPORT_PAUSING && !t->leaving))
        return;
    struct loop_slot *s = transport_line_ready(r, u, TRANSPORT_POST);
    if (s == NULL)
        return;
    struct content c = content_choose(r, u);
    struct span body = span_of(NULL, c.bytes);
    t->lines[TRANSPORT_POST].state = TRANSPORT_LINE_BUSY;
    loop_begin(l, s);
    conn_start_exchange(&s->conn, &l->io, transport_url(r, u, r->destination->polling), &body);
    buf_put_span(&l->out, c.control);
    control_take(&t->control, c.control.len);
    t->post_begun = c.control.len > 0;
    t->post_until = c.until;
    uint32_t generation = s->generation;
    transport_post_pump(r, u, s);
    if (s->generation == generation)
        loop_end(l, s);
}

void transport_drained(struct run *r, struct user *u, struct loop_slot *s)
{
    if (s == u->transport.lines[TRANSPORT_POST].slot)
        transport_post_pump(r, u, s);
}

bool transport_flushed(const struct user *u)
{
    const struct loop_slot *post = u->transport.lines[TRANSPORT_POST].slot;
    return u->written == u->sent && !u->out.active && (post == NULL || !output_blocked(post));
}

bool transport_fits(const struct user *u, const struct message_form *form)
{
    return message_joined_length(form, 0, form->ack) <= u->session.max_payload;
}
