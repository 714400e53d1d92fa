#include "loop/input.h"

#include <string.h>

#include "loop/loop_memory.h"
#include "loop/loop_work.h"
#include "loop/output.h"

#define WAITERS_MAX 16 /* that are looked at in one turn */

void input_refuse(struct loop *l, struct loop_slot *s)
{
    struct conn_event event;
    l->counters.lease_refusals++;
    loop_memory_remove_waiter(l, s);
    pool_release(&l->pool, loop_memory_take_stash(l, s));
    conn_refuse(&s->conn, &l->io, &event);
    if (input_report(l, s, &event))
        loop_memory_release_held(l, s);
}

/* ---- Feeding --------------------------------------------------------------------------- */

bool input_report(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    uint32_t generation = s->generation;
    bool tells = event->kind != CONN_NOTHING && event->kind != CONN_HOLD;
    l->reporting = s;
    if (tells && l->setup.app->event != NULL)
        l->setup.app->event(l, s, event);
    l->reporting = NULL;
    pool_release(&l->pool, l->orphan);
    l->orphan = NULL;
    if (s->generation != generation) {
        l->out.len = 0; /* what was put for it after it was dropped */
        return false;
    }
    if (s->held != NULL && s->conn.hold.over)
        loop_memory_release_held(l, s);
    return true;
}

/* What one step may put: the echo of all that is left, and what the protocol adds. What was held is
 * answered from where it is. */
static bool make_room(struct loop *l, struct loop_slot *s, size_t left)
{
    return buf_room(&l->out) >= left + OUT_SLACK || output_flush(l, s);
}

/* What stands behind a request that is not answered yet. Nothing more is received until then. */
static bool put_aside(struct loop *l, struct loop_slot *s, struct span rest)
{
    l->counters.cuts += s->paused;
    if (loop_memory_stash_rest(l, s, rest))
        return true;
    loop_drop(l, s, STATUS_NO_MEMORY);
    return false;
}

/* What one peer may do at once. */
struct slice {
    uint64_t end; /* ns */
    unsigned steps;
};

static struct slice begin_slice(const struct loop *l)
{
    return (struct slice){.end = l->io.now + loop_work_slice(l)};
}

/* Has this step used up the slice? The clock is read only behind steps that may be long, and now
 * and then: a peer with few messages at once costs none. */
static bool is_slice_over(struct loop *l, struct slice *slice, const struct conn_event *event,
                          size_t used)
{
    if (l->setup.conn->client)
        return false;
    bool request = event->kind == CONN_REQUEST || event->kind == CONN_BODY_WHOLE;
    slice->steps++;
    if (request || used >= RECEIVE_LEAST || slice->steps % 64 == 0)
        loop_refresh(l);
    return slice->steps >= LOOP_SLICE_STEPS || l->io.now >= slice->end;
}

/* The others have their turn first. False, and the caller goes on, when there is no memory to put
 * the rest aside. */
static bool cut(struct loop *l, struct loop_slot *s, struct span rest)
{
    if (!loop_memory_stash_rest(l, s, rest))
        return false;
    l->counters.cuts++;
    s->receive_size = 0;
    loop_work_add(l, s);
    return true;
}

/* Room for these bytes in the message that is held, if one is, and if they were not received right
 * where they belong. */
static bool make_room_held(struct loop *l, struct loop_slot *s, const uint8_t *data, size_t len)
{
    const struct lease *held = s->held;
    bool lies_there = held != NULL && data >= held->data && data < held->data + held->cap;
    return held == NULL || lies_there || loop_memory_grow(l, s, len);
}

/* Returns whether the slot still lives. */
static bool feed(struct loop *l, struct loop_slot *s, uint8_t *data, size_t len)
{
    struct conn_event event;
    struct slice slice = begin_slice(l);
    bool over = false;
    while (len > 0) {
        if (!conn_takes(&s->conn) || s->paused)
            return put_aside(l, s, span_of(data, len));
        if (over && cut(l, s, span_of(data, len)))
            return true;
        if (!make_room(l, s, len))
            return false;
        if (!make_room_held(l, s, data, len)) {
            if (!loop_memory_stash(l, s, span_of(NULL, 0), span_of(data, len)))
                input_refuse(l, s);
            return true;
        }
        size_t used = conn_feed(&s->conn, &l->io, data, len, &event);
        loop_mark(l, LOOP_DECODE);
        if (!input_report(l, s, &event))
            return false;
        loop_mark(l, LOOP_ENCODE);
        data += used;
        len -= used;
        if (event.kind == CONN_HOLD && !loop_memory_hold(l, s, event.part, len)) {
            if (!loop_memory_stash(l, s, event.part, span_of(data, len)))
                input_refuse(l, s);
            return true;
        }
        over = len > 0 && is_slice_over(l, &slice, &event, used);
    }
    return true;
}

static void end_input(struct loop *l, struct loop_slot *s)
{
    struct conn_event event;
    conn_feed_end(&s->conn, &l->io, &event);
    input_report(l, s, &event);
}

/* Where the next bytes go: into the message under way, or the common buffer. What comes after the
 * end is dropped, and needs nothing. */
static uint8_t *choose_place(struct loop *l, struct loop_slot *s, size_t *len)
{
    uint8_t *tail = loop_memory_tail(l, s, len);
    bool client = l->setup.conn->client;
    if (*len > 0)
        return tail;
    size_t follows = (size_t)RECEIVE_LEAST << s->receive_size;
    *len = follows < RECV_BYTES && !client ? follows : RECV_BYTES;
    bool may = l->pool.free >= loop_memory_reserve(l) || s->conn.state == CONN_CLOSED;
    return may ? l->receive_buffer : NULL;
}

/* A receive that came full, and whose work was not cut, may be larger the next time. */
static void adapt_receive(struct loop *l, struct loop_slot *s, const uint8_t *place, size_t len,
                          size_t got)
{
    if (got == len && place == l->receive_buffer && len < RECV_BYTES && s->work == LOOP_IDLE)
        s->receive_size++;
}

static void start_sample(struct loop *l)
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
    uint8_t *place = choose_place(l, s, &len);
    uint32_t generation = s->generation;
    if (place == NULL) {
        loop_begin(l, s);
        loop_memory_add_waiter(l, s);
        loop_end(l, s);
        return;
    }
    start_sample(l);
    int got = port_receive(s->socket, place, len);
    l->counters.receives++;
    loop_begin(l, s);
    loop_work_charge(l, s);
    loop_mark(l, LOOP_RECEIVE);
    if (got == STATUS_CLOSED) {
        end_input(l, s);
    } else if (got < 0) {
        loop_drop(l, s, got);
    } else if (got > 0) {
        l->counters.bytes_in += (uint64_t)got;
        if (feed(l, s, place, (size_t)got))
            adapt_receive(l, s, place, len, (size_t)got);
    }
    if (s->generation == generation)
        loop_end(l, s);
    if (l->sampling)
        l->setup.app->sampled(l, l->stage_ns);
    l->sampling = false;
}

void input_unstash(struct loop *l, struct loop_slot *s)
{
    if (!loop_memory_may_unstash(s))
        return;
    struct lease *stash = loop_memory_take_stash(l, s);
    feed(l, s, stash->data, stash->len);
    pool_release(&l->pool, stash);
}

void input_go_on(struct loop *l, struct loop_slot *s)
{
    uint32_t generation = s->generation;
    loop_begin(l, s);
    loop_work_charge(l, s);
    input_unstash(l, s);
    if (s->generation == generation)
        loop_end(l, s);
}

/* ---- Memory came back ------------------------------------------------------------------ */

/* For what conn asked for, or for more of what it holds. */
static bool find_memory(struct loop *l, struct loop_slot *s, const struct lease *stash)
{
    size_t follows = stash->len - stash->off;
    if (s->conn.wanted > 0)
        return loop_memory_hold(l, s, span_of(stash->data, stash->off), follows);
    return loop_memory_grow(l, s, follows);
}

/* Returns false when there is still none for this one. */
static bool serve_waiter(struct loop *l, struct loop_slot *s)
{
    uint32_t generation = s->generation;
    if (s->stash == NULL && l->pool.free < loop_memory_reserve(l))
        return false;
    loop_begin(l, s);
    if (s->stash != NULL) {
        struct lease *stash = s->stash;
        if (!find_memory(l, s, stash))
            return false;
        loop_memory_remove_waiter(l, s);
        loop_memory_take_stash(l, s);
        feed(l, s, stash->data + stash->off, stash->len - stash->off);
        pool_release(&l->pool, stash);
    } else {
        loop_memory_remove_waiter(l, s);
    }
    if (s->generation == generation)
        loop_end(l, s);
    return true;
}

void input_serve_waiters(struct loop *l)
{
    if (l->waiters.first == LOOP_NO_SLOT || l->wait_releases == l->pool.releases)
        return;
    if (l->wait_look == LOOP_NO_SLOT) {
        l->wait_look = l->waiters.first;
        l->wait_began = l->pool.releases;
    }
    for (int i = 0; i < WAITERS_MAX && l->wait_look != LOOP_NO_SLOT; i++) {
        if (i > 0 && loop_work_is_over(l))
            break;
        struct loop_slot *s = &l->slots[l->wait_look];
        l->wait_look = s->list_next; /* moves on if that one leaves the list meanwhile */
        serve_waiter(l, s);
    }
    if (l->wait_look == LOOP_NO_SLOT)
        l->wait_releases = l->wait_began; /* what came back since then is for the next round */
}
