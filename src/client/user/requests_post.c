#include "client/user/requests_post.h"

#include <string.h>

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

static size_t find_limit(const struct requests *q)
{
    uint64_t max = q->base.session->max_payload;
    return max < POST_MAX ? (size_t)max : POST_MAX;
}

static void add_messages(const struct requests *q, struct content *content)
{
    const struct crowd *c = q->base.crowd;
    const struct message_form *form = &c->destination->form;
    while (content->until < q->base.traffic->sent) {
        uint64_t sequence = content->until;
        size_t bytes = message_joined_length(form, sequence, traffic_asks_ack(c, sequence));
        unsigned packets = message_joined_packets(form);
        bool first = content->packets == 0;
        size_t gap = first ? 0 : 1;
        if (!first && (content->packets + packets > POLLING_PACKETS_MAX ||
                       content->bytes + gap + bytes > find_limit(q)))
            return;
        content->bytes += gap + bytes;
        content->packets += packets;
        content->until++;
    }
}

static struct content choose_content(const struct requests *q)
{
    struct content content = {.until = q->base.traffic->written};
    content.packets = polling_cut(buf_span(&q->control), POLLING_PACKETS_MAX, &content.bytes);
    content.control = span_of(q->control.ptr, content.bytes);
    if (content.bytes == q->control.len && !q->leaving)
        add_messages(q, &content);
    return content;
}

static void take_control(struct buf *control, size_t len)
{
    size_t used = len < control->len ? len + 1 : len; /* with the separator behind */
    memmove(control->ptr, control->ptr + used, control->len - used);
    control->len -= used;
}

/* Begins the next message of the POST under way; false when there is none. */
static bool begin_next(struct requests *q)
{
    struct traffic *m = q->base.traffic;
    if (m->out.active)
        return true;
    if (m->written >= q->post_until)
        return false;
    traffic_begin(m, q->base.crowd);
    if (q->post_begun)
        buf_put_byte(&q->base.crowd->loop->out, EIO_SEPARATOR);
    q->post_begun = true;
    return true;
}

void requests_post_put(struct requests *q, struct loop_slot *s)
{
    const struct crowd *c = q->base.crowd;
    struct loop *l = c->loop;
    struct message_out *m = &q->base.traffic->out;
    while (true) {
        if (buf_room(&l->out) < MESSAGE_ROOM_MIN && (!output_flush(l, s) || output_blocked(s)))
            return;
        if (!begin_next(q))
            return;
        message_put_joined(m, &c->destination->form, &l->out);
    }
}

void requests_post_work(struct requests *q)
{
    struct loop *l = q->base.crowd->loop;
    const struct traffic *m = q->base.traffic;
    bool wanted = q->control.len > 0 || (m->written < m->sent && !q->leaving);
    if (!wanted || (q->pausing && !q->leaving))
        return;
    struct loop_slot *s = requests_take_link(q, REQUESTS_POST);
    if (s == NULL)
        return;
    uint8_t url[REQUESTS_URL_BYTES];
    struct content content = choose_content(q);
    struct span body = span_of(NULL, content.bytes);
    q->links[REQUESTS_POST].state = REQUESTS_LINK_BUSY;
    loop_begin(l, s);
    conn_start_exchange(&s->conn, &l->io, requests_url(q, q->base.crowd->destination->polling, url),
                        &body);
    buf_put_span(&l->out, content.control);
    take_control(&q->control, content.control.len);
    q->post_begun = content.control.len > 0;
    q->post_until = content.until;
    uint32_t generation = s->generation;
    requests_post_put(q, s);
    if (s->generation == generation)
        loop_end(l, s);
}
