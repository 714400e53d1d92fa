#include "loop/input.h"

#include <string.h>

#include "loop/output.h"

/* ---- The list of those who wait for memory ----------------------------------------------- */

static void waiter_add(struct loop *l, struct loop_slot *s)
{
    s->waiting = true;
    s->wait_by = l->io.now + (uint64_t)LEASE_WAIT_MS * 1000000;
    s->wait_next = LOOP_NOBODY;
    s->wait_before = l->wait_last;
    if (l->wait_last == LOOP_NOBODY)
        l->wait_first = s->index;
    else
        l->slots[l->wait_last].wait_next = s->index;
    l->wait_last = s->index;
    l->counters.lease_waits++;
}

static void waiter_remove(struct loop *l, struct loop_slot *s)
{
    if (!s->waiting)
        return;
    if (s->wait_before == LOOP_NOBODY)
        l->wait_first = s->wait_next;
    else
        l->slots[s->wait_before].wait_next = s->wait_next;
    if (s->wait_next == LOOP_NOBODY)
        l->wait_last = s->wait_before;
    else
        l->slots[s->wait_next].wait_before = s->wait_before;
    s->waiting = false;
}

/* ---- Memory for what conn wants to hold ------------------------------------------------ */

static void held_release(struct loop *l, struct loop_slot *s)
{
    hold_take(&s->conn.hold);
    if (l->telling == s && s->held != NULL)
        l->orphan = s->held; /* the event is still being read */
    else
        pool_release(&l->pool, s->held);
    s->held = NULL;
}

/* Takes the stash off the slot; its memory is the caller's to release. */
static struct lease *stash_take(struct loop *l, struct loop_slot *s)
{
    struct lease *stash = s->stash;
    s->stash = NULL;
    if (stash != NULL && s->stash_counts)
        l->stash_blocks -= stash->count;
    return stash;
}

static void stash_release(struct loop *l, struct loop_slot *s)
{
    pool_release(&l->pool, stash_take(l, s));
}

void input_discard(struct loop *l, struct loop_slot *s)
{
    waiter_remove(l, s);
    held_release(l, s);
    stash_release(l, s);
}

void input_refuse(struct loop *l, struct loop_slot *s)
{
    struct conn_event event;
    l->counters.lease_refusals++;
    waiter_remove(l, s);
    stash_release(l, s);
    conn_refuse(&s->conn, &l->io, &event);
    input_tell(l, s, &event);
}

static bool hold_lease(struct loop *l, struct loop_slot *s, struct span part)
{
    s->held = pool_lease(&l->pool, s->conn.wanted, loop_reserve(l));
    if (s->held == NULL)
        return false;
    conn_hold_give(&s->conn, &l->io, s->held->data, s->held->cap, part);
    return true;
}

/* There is no memory now. What came already is put aside, in memory that is kept for this, and the
 * peer is not read. */
static void stash_put(struct loop *l, struct loop_slot *s, struct span part, struct span rest)
{
    size_t bytes = part.len + rest.len;
    s->stash = loop_stash_fits(l, bytes) ? pool_lease(&l->pool, bytes, 0) : NULL;
    if (s->stash == NULL) {
        input_refuse(l, s);
        return;
    }
    l->stash_blocks += s->stash->count;
    s->stash_counts = true;
    memcpy(s->stash->data, part.ptr, part.len);
    if (rest.len > 0)
        memcpy(s->stash->data + part.len, rest.ptr, rest.len);
    s->stash->off = part.len;
    s->stash->len = bytes;
    waiter_add(l, s);
}

/* ---- Feeding --------------------------------------------------------------------------- */

bool input_tell(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    uint32_t generation = s->generation;
    bool tells = event->kind != CONN_NOTHING && event->kind != CONN_HOLD;
    l->telling = s;
    if (tells && l->setup.app->event != NULL)
        l->setup.app->event(l, s, event);
    l->telling = NULL;
    pool_release(&l->pool, l->orphan);
    l->orphan = NULL;
    if (s->generation != generation) {
        l->out.len = 0; /* what was put for it after it was dropped */
        return false;
    }
    if (s->held != NULL && s->conn.hold.over)
        held_release(l, s);
    return true;
}

/* What one step may put: the echo of all that is left, and what the protocol adds. What was held is
 * answered from where it is. */
static bool room_make(struct loop *l, struct loop_slot *s, size_t left)
{
    return buf_room(&l->out) >= left + OUT_SLACK || output_flush(l, s);
}

/* It stands behind a request that is not answered yet, and waits its turn. Nothing more is received
 * until then. That may be long, so the reserve is not for it. */
static bool behind_put(struct loop *l, struct loop_slot *s, struct span rest)
{
    s->stash = pool_lease(&l->pool, rest.len, loop_reserve(l));
    s->stash_counts = false;
    if (s->stash == NULL) {
        loop_drop(l, s, STATUS_NO_MEMORY);
        return false;
    }
    memcpy(s->stash->data, rest.ptr, rest.len);
    s->stash->len = rest.len;
    return true;
}

static bool input_feed(struct loop *l, struct loop_slot *s, uint8_t *data, size_t len)
{
    struct conn_event event;
    while (len > 0) {
        if (!conn_takes(&s->conn))
            return behind_put(l, s, span_of(data, len));
        if (!room_make(l, s, len))
            return false;
        size_t used = conn_feed(&s->conn, &l->io, data, len, &event);
        loop_mark(l, LOOP_DECODE);
        if (!input_tell(l, s, &event))
            return false;
        loop_mark(l, LOOP_ENCODE);
        data += used;
        len -= used;
        if (event.kind == CONN_HOLD && !hold_lease(l, s, event.part)) {
            stash_put(l, s, event.part, span_of(data, len));
            return true;
        }
    }
    return true;
}

static void input_end(struct loop *l, struct loop_slot *s)
{
    struct conn_event event;
    conn_feed_end(&s->conn, &l->io, &event);
    input_tell(l, s, &event);
}

/* Where the next bytes go: into the message under way, or the common buffer. What comes after the
 * end is dropped, and needs nothing. */
static uint8_t *input_place(struct loop *l, struct loop_slot *s, size_t *len)
{
    uint8_t *tail = conn_hold_tail(&s->conn, len);
    if (*len > 0)
        return tail;
    *len = RECV_BYTES;
    bool may = l->pool.free >= loop_reserve(l) || s->conn.state == CONN_CLOSED;
    return may ? l->receive_buffer : NULL;
}

static void sample_start(struct loop *l)
{
    l->sampling = l->setup.app->sampled != NULL && l->counters.receives % LOOP_SAMPLE_EVERY == 0;
    if (!l->sampling)
        return;
    memset(l->stage_ns, 0, sizeof l->stage_ns);
    l->stage_start = port_clock();
}

void input_ready(struct loop *l, struct loop_slot *s)
{
    size_t len;
    uint8_t *place = input_place(l, s, &len);
    uint32_t generation = s->generation;
    if (place == NULL) {
        loop_begin(l, s);
        waiter_add(l, s);
        loop_end(l, s);
        return;
    }
    sample_start(l);
    int got = port_receive(s->socket, place, len);
    l->counters.receives++;
    loop_begin(l, s);
    loop_mark(l, LOOP_RECEIVE);
    if (got == STATUS_CLOSED) {
        input_end(l, s);
    } else if (got < 0) {
        loop_drop(l, s, got);
    } else if (got > 0) {
        l->counters.bytes_in += (uint64_t)got;
        input_feed(l, s, place, (size_t)got);
    }
    if (s->generation == generation)
        loop_end(l, s);
    if (l->sampling)
        l->setup.app->sampled(l, l->stage_ns);
    l->sampling = false;
}

bool input_may_unstash(const struct loop_slot *s)
{
    return s->stash != NULL && !s->waiting && conn_takes(&s->conn) && !output_blocked(s);
}

void input_unstash(struct loop *l, struct loop_slot *s)
{
    if (!input_may_unstash(s))
        return;
    struct lease *stash = stash_take(l, s);
    input_feed(l, s, stash->data, stash->len);
    pool_release(&l->pool, stash);
}

/* ---- Memory came back ------------------------------------------------------------------ */

/* Returns false when there is still none for this one. */
static bool waiter_serve(struct loop *l, struct loop_slot *s)
{
    uint32_t generation = s->generation;
    if (s->stash == NULL && l->pool.free < loop_reserve(l))
        return false;
    loop_begin(l, s);
    if (s->stash != NULL) {
        struct lease *stash = s->stash;
        if (!hold_lease(l, s, span_of(stash->data, stash->off)))
            return false;
        waiter_remove(l, s);
        stash_take(l, s);
        input_feed(l, s, stash->data + stash->off, stash->len - stash->off);
        pool_release(&l->pool, stash);
    } else {
        waiter_remove(l, s);
    }
    if (s->generation == generation)
        loop_end(l, s);
    return true;
}

void input_serve_waiters(struct loop *l)
{
    uint32_t rounds = l->used; /* who comes back to the end of the list waits for the next turn */
    uint32_t next = l->wait_first;
    while (rounds-- > 0 && next != LOOP_NOBODY && l->slots[next].waiting) {
        struct loop_slot *s = &l->slots[next]; /* (one served may have dropped the next) */
        next = s->wait_next; /* one who needs less may be served before one who needs more */
        waiter_serve(l, s);
    }
}
