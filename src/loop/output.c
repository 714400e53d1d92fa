#include "loop/output.h"

#include <string.h>

#include "loop/loop_memory.h"

uint64_t output_stall_deadline(const struct loop *l, const struct loop_slot *s)
{
    if (!output_blocked(s))
        return DEADLINE_NEVER;
    if (s->conn.state != CONN_CLOSED && !l->setup.conn->client && s->out_bytes > loop_share(l))
        return s->moved_at + (uint64_t)SHARE_WAIT_MS * 1000000;
    if (s->conn.state != CONN_CLOSED)
        return s->moved_at + (uint64_t)SEND_STALL_MS * 1000000;
    /* Something moved, or the close began, so long ago: the later of the two. */
    uint64_t moved = s->moved_at + l->setup.conn->close_timeout;
    return moved > s->conn.deadline ? moved : s->conn.deadline;
}

uint64_t output_look_deadline(const struct loop *l, const struct loop_slot *s)
{
    uint64_t stall = output_stall_deadline(l, s);
    uint64_t look = l->io.now + (uint64_t)SHARE_WAIT_MS * 1000000;
    bool may_shrink = !l->setup.conn->client && s->out_bytes > SHARE_LEAST;
    return may_shrink && look < stall ? look : stall;
}

static void append_lease(struct loop_slot *s, struct lease *lease)
{
    lease->next = NULL;
    if (s->out == NULL)
        s->out = lease;
    else
        s->out_last->next = lease;
    s->out_last = lease;
    s->out_bytes += lease->len - lease->off;
}

/* Copies into leases, as many as it takes. */
static bool copy_to_queue(struct loop *l, struct loop_slot *s, struct span rest)
{
    while (rest.len > 0) {
        struct lease *lease = l->setup.conn->client
                                  ? pool_lease_some(&l->pool, rest.len, 0)
                                  : loop_lease_queue(l, s->out_bytes, rest.len, true);
        if (lease == NULL)
            return false;
        lease->len = rest.len < lease->cap ? rest.len : lease->cap;
        memcpy(lease->data, rest.ptr, lease->len);
        rest = span_after(rest, lease->len);
        append_lease(s, lease);
    }
    return true;
}

/* One send; bytes taken, 0 for not now, -1 when the slot was dropped for it. */
static int send_spans(struct loop *l, struct loop_slot *s, const struct span *spans, size_t count)
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

static bool drop_overflow(struct loop *l, struct loop_slot *s)
{
    l->counters.overflows++;
    loop_drop(l, s, STATUS_QUEUE_FULL);
    return false;
}

/* The peer is slow, and more is to be sent than may be queued: that is dropped. What is queued
 * stays, and a Close follows it, if the queue ends where a frame does. */
static bool deny_overflow(struct loop *l, struct loop_slot *s)
{
    conn_close(&s->conn, &l->io, 1013);
    struct span close = buf_span(&l->out);
    struct lease *lease = loop_lease_queue(l, 0, close.len, false);
    l->out.len = 0;
    if (lease == NULL)
        return drop_overflow(l, s);
    l->counters.overflows++;
    s->denied = true;
    memcpy(lease->data, close.ptr, close.len);
    lease->len = close.len;
    append_lease(s, lease);
    return true;
}

static bool may_deny(const struct loop *l, const struct loop_slot *s)
{
    return s->conn.state == CONN_WEBSOCKET && !s->conn.mid_frame && !l->setup.conn->client;
}

bool output_admit(struct loop *l, struct loop_slot *s, size_t bytes)
{
    if (s->out == NULL || !may_deny(l, s))
        return true;
    size_t all = s->out_bytes + l->out.len + bytes;
    if (all <= l->setup.queue_limit && all <= loop_share(l))
        return true;
    l->counters.over_share += all > loop_share(l);
    return output_flush(l, s) && (s->denied || !may_deny(l, s) || deny_overflow(l, s));
}

bool output_flush(struct loop *l, struct loop_slot *s)
{
    struct span rest = buf_span(&l->out);
    size_t queued = s->out_bytes;
    bool whole = !l->inside; /* frames begin here, and end */
    l->out.len = 0;
    l->inside = false;
    if (rest.len == 0 || s->denied)
        return true;
    if (s->out == NULL) {
        int sent = send_spans(l, s, &rest, 1);
        if (sent < 0)
            return false;
        rest = span_after(rest, (size_t)sent);
    }
    if (rest.len == 0)
        return true;
    if (s->out == NULL)
        s->moved_at = l->io.now;
    if (s->out_bytes + rest.len <= l->setup.queue_limit && copy_to_queue(l, s, rest))
        return true;
    bool deny = whole && queued > 0 && s->out_bytes == queued && may_deny(l, s);
    return deny ? deny_overflow(l, s) : drop_overflow(l, s);
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
        l->inside = bytes.len > 0;
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
    append_lease(s, lease);
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
static void advance_queue(struct loop *l, struct loop_slot *s, size_t sent)
{
    s->out_bytes -= sent;
    while (s->out != NULL && sent >= s->out->len - s->out->off) {
        sent -= s->out->len - s->out->off;
        loop_memory_pop_output(l, s);
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
    int sent = send_spans(l, s, spans, count);
    if (sent < 0)
        return false;
    advance_queue(l, s, (size_t)sent);
    return true;
}
