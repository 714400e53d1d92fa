#include "loop/output.h"

#include <string.h>

bool output_blocked(const struct loop_slot *s)
{
    return s->out != NULL;
}

static void queue_append(struct loop_slot *s, struct lease *lease)
{
    lease->next = NULL;
    if (s->out == NULL)
        s->out = lease;
    else
        s->out_last->next = lease;
    s->out_last = lease;
    s->out_bytes += lease->len - lease->off;
}

static void queue_pop(struct loop *l, struct loop_slot *s)
{
    struct lease *first = s->out;
    s->out = first->next;
    pool_release(&l->pool, first);
}

void output_discard(struct loop *l, struct loop_slot *s)
{
    while (s->out != NULL)
        queue_pop(l, s);
    s->out_bytes = 0;
}

/* Copies into leases, as many as it takes. */
static bool queue_copy(struct loop *l, struct loop_slot *s, struct span rest)
{
    while (rest.len > 0) {
        struct lease *lease = pool_lease_some(&l->pool, rest.len);
        if (lease == NULL)
            return false;
        lease->len = rest.len < lease->cap ? rest.len : lease->cap;
        memcpy(lease->data, rest.ptr, lease->len);
        rest = span_after(rest, lease->len);
        queue_append(s, lease);
    }
    return true;
}

/* One send; bytes taken, 0 for not now, -1 when the slot was dropped for it. */
static int send_now(struct loop *l, struct loop_slot *s, const struct span *spans, size_t count)
{
    int sent = port_send(s->socket, spans, count);
    l->counters.sends++;
    if (sent < 0) {
        loop_drop(l, s, sent);
        return -1;
    }
    l->counters.bytes_out += (uint64_t)sent;
    if (sent > 0)
        s->moved_at = l->io.now;
    return sent;
}

static bool overflow_drop(struct loop *l, struct loop_slot *s)
{
    l->counters.overflows++;
    loop_drop(l, s, STATUS_QUEUE_FULL);
    return false;
}

bool output_flush(struct loop *l, struct loop_slot *s)
{
    struct span rest = buf_span(&l->out);
    l->out.len = 0;
    if (rest.len == 0)
        return true;
    if (s->out == NULL) {
        int sent = send_now(l, s, &rest, 1);
        if (sent < 0)
            return false;
        rest = span_after(rest, (size_t)sent);
    }
    if (rest.len == 0)
        return true;
    if (s->out == NULL)
        s->moved_at = l->io.now;
    if (s->out_bytes + rest.len > l->setup.queue_limit || !queue_copy(l, s, rest))
        return overflow_drop(l, s);
    return true;
}

bool output_copy(struct loop *l, struct loop_slot *s, struct span bytes)
{
    while (bytes.len > 0) {
        size_t room = buf_room(&l->out);
        size_t take = bytes.len < room ? bytes.len : room;
        buf_put(&l->out, bytes.ptr, take);
        bytes = span_after(bytes, take);
        if (bytes.len > 0 && !output_flush(l, s))
            return false;
    }
    return true;
}

bool output_send_lease(struct loop *l, struct loop_slot *s, struct lease *lease)
{
    if (!output_flush(l, s)) {
        pool_release(&l->pool, lease);
        return false;
    }
    bool first = s->out == NULL;
    queue_append(s, lease);
    s->moved_at = l->io.now;
    return !first || output_resume(l, s);
}

bool output_send_held(struct loop *l, struct loop_slot *s, size_t from, size_t to)
{
    struct lease *lease = s->held;
    s->held = NULL;
    hold_take(&s->conn.hold);
    lease->off = from;
    lease->len = to;
    return output_send_lease(l, s, lease);
}

/* Takes what was sent off the queue. */
static void queue_advance(struct loop *l, struct loop_slot *s, size_t sent)
{
    s->out_bytes -= sent;
    while (s->out != NULL && sent >= s->out->len - s->out->off) {
        sent -= s->out->len - s->out->off;
        queue_pop(l, s);
    }
    if (s->out != NULL)
        s->out->off += sent;
}

bool output_resume(struct loop *l, struct loop_slot *s)
{
    struct span spans[PORT_SEND_SPANS];
    size_t count = 0;
    for (struct lease *lease = s->out; lease != NULL && count < PORT_SEND_SPANS;
         lease = lease->next)
        spans[count++] = span_of(lease->data + lease->off, lease->len - lease->off);
    if (count == 0)
        return true;
    int sent = send_now(l, s, spans, count);
    if (sent < 0)
        return false;
    queue_advance(l, s, (size_t)sent);
    return true;
}
