#include "loop/loop_memory.h"

#include <string.h>

#include "loop/loop_list.h"
#include "loop/loop_work.h"

#define RESERVE_BLOCKS (LOOP_RESERVE / POOL_BLOCK_BYTES + 4) /* each lease rounds up */
#define STASH_BLOCKS   (LOOP_STASHES / POOL_BLOCK_BYTES)
#define SHARE_BLOCKS   (SHARE_ROOM / POOL_BLOCK_BYTES)

size_t loop_memory_pool_bytes(const struct loop_setup *setup)
{
    return setup->pool_bytes + (RESERVE_BLOCKS + STASH_BLOCKS + SHARE_BLOCKS) * POOL_BLOCK_BYTES;
}

size_t loop_memory_reserve(const struct loop *l)
{
    return RESERVE_BLOCKS + STASH_BLOCKS - l->stash_blocks;
}

size_t loop_reserve(const struct loop *l)
{
    return loop_memory_reserve(l) + SHARE_BLOCKS;
}

/* A message that is put together begins with memory for what came, and so much more. */
#define MESSAGE_FIRST 16384
#define PARTS_ROOM    ((size_t)(3 + ATTACHMENTS_MAX) * HOLD_HEADROOM)
#define ANSWER_ROOM   (2 * OUT_SLACK)

/* ---- Shares ------------------------------------------------------------------------------ */

size_t loop_share(const struct loop *l)
{
    size_t kept = loop_reserve(l);
    size_t free = l->pool.free > kept ? l->pool.free - kept : 0;
    size_t share = free / SHARE_PART * POOL_BLOCK_BYTES;
    return share > SHARE_LEAST ? share : SHARE_LEAST;
}

struct lease *loop_lease_queue(struct loop *l, size_t owned, size_t bytes, bool some)
{
    size_t keep = owned + bytes > SHARE_LEAST ? loop_reserve(l) : loop_memory_reserve(l);
    if (owned + bytes > loop_share(l)) {
        l->counters.over_share++;
        return NULL;
    }
    return some ? pool_lease_some(&l->pool, bytes, keep) : pool_lease(&l->pool, bytes, keep);
}

/* ---- The list of slots that wait for memory ---------------------------------------------- */

void loop_memory_add_waiter(struct loop *l, struct loop_slot *s)
{
    loop_work_remove(l, s);
    s->waiting = true;
    s->wait_by = l->io.now + (uint64_t)LEASE_WAIT_MS * 1000000;
    if (l->wait_look == LOOP_NO_SLOT && l->waiters.first == LOOP_NO_SLOT)
        l->wait_releases = l->pool.releases; /* no slot has waited for what came back before */
    loop_list_append(l, &l->waiters, s);
    l->counters.lease_waits++;
}

void loop_memory_remove_waiter(struct loop *l, struct loop_slot *s)
{
    if (!s->waiting)
        return;
    if (l->wait_look == s->index)
        l->wait_look = s->list_next;
    loop_list_remove(l, &l->waiters, s);
    s->waiting = false;
}

/* ---- The message that conn holds --------------------------------------------------------- */

/* What a held unit needs for `used` bytes: room for the heads of further parts; and behind a body
 * as much again for the answers. Never more than conn asked for. */
static size_t measure_need(const struct loop_slot *s, size_t used)
{
    size_t need = used + PARTS_ROOM + (s->conn.state == CONN_BODY ? used + ANSWER_ROOM : 0);
    return need < s->wanted ? need : s->wanted;
}

/* A lease for a message under way: as long as it may become useful, or as long as it must be, or
 * the room that is kept for one. */
static struct lease *lease_message(struct loop *l, size_t wish, size_t need, size_t all)
{
    struct lease *lease = pool_lease(&l->pool, wish, loop_reserve(l));
    if (lease == NULL && need < wish)
        lease = pool_lease(&l->pool, need, loop_reserve(l));
    return lease != NULL ? lease : pool_take_room(&l->pool, all);
}

bool loop_memory_hold(struct loop *l, struct loop_slot *s, struct span part, size_t follows)
{
    s->wanted = s->conn.wanted;
    size_t need = measure_need(s, HOLD_HEADROOM + part.len + follows);
    size_t wish = measure_need(s, HOLD_HEADROOM + part.len + follows + MESSAGE_FIRST);
    if (l->setup.conn->client)
        need = wish = s->wanted;
    s->held = lease_message(l, wish, need, s->wanted);
    if (s->held == NULL)
        return false;
    conn_hold_give(&s->conn, &l->io, s->held->data, s->held->cap, part);
    return true;
}

bool loop_memory_grow(struct loop *l, struct loop_slot *s, size_t more)
{
    struct hold *hold = &s->conn.hold;
    if (s->held == NULL || hold->ptr == NULL || l->setup.conn->client)
        return true;
    size_t need = measure_need(s, hold->len + more);
    size_t twice = 2 * s->held->cap < s->wanted ? 2 * s->held->cap : s->wanted;
    size_t wish = need > twice ? need : twice;
    if (need <= s->held->cap)
        return true;
    if (pool_grow(&l->pool, s->held, wish, loop_reserve(l)) ||
        pool_grow(&l->pool, s->held, need, loop_reserve(l))) {
        hold_move(hold, s->held->data, s->held->cap);
        return true;
    }
    struct lease *lease = lease_message(l, wish, need, s->wanted);
    if (lease == NULL)
        return false;
    memcpy(lease->data, hold->ptr, hold->len);
    hold_move(hold, lease->data, lease->cap);
    pool_release(&l->pool, s->held);
    s->held = lease;
    return true;
}

uint8_t *loop_memory_tail(struct loop *l, struct loop_slot *s, size_t *len)
{
    uint8_t *tail = conn_hold_tail(&s->conn, len);
    const struct hold *hold = &s->conn.hold;
    if (*len == 0 || s->held == NULL || l->setup.conn->client)
        return tail;
    size_t ahead = hold->len > MESSAGE_FIRST ? hold->len : MESSAGE_FIRST;
    ahead = ahead < RECV_BYTES ? ahead : RECV_BYTES;
    loop_memory_grow(l, s, *len < ahead ? *len : ahead);
    tail = conn_hold_tail(&s->conn, len);
    *len = *len < RECV_BYTES ? *len : RECV_BYTES;
    while (*len > 0 && measure_need(s, hold->len + *len) > s->held->cap)
        *len /= 2;
    return tail;
}

void loop_memory_release_held(struct loop *l, struct loop_slot *s)
{
    hold_take(&s->conn.hold);
    if (l->reporting == s && s->held != NULL)
        l->orphan = s->held; /* the event is still being read */
    else
        pool_release(&l->pool, s->held);
    s->held = NULL;
}

/* ---- Input that is put aside ------------------------------------------------------------- */

static void copy_parts(struct lease *to, struct span part, struct span rest)
{
    if (part.len > 0)
        memcpy(to->data, part.ptr, part.len);
    if (rest.len > 0)
        memcpy(to->data + part.len, rest.ptr, rest.len);
    to->off = part.len;
    to->len = part.len + rest.len;
}

/* A lease from the room for stashes; NULL when that is used up. */
static struct lease *lease_stash(struct loop *l, size_t bytes)
{
    bool fits = l->stash_blocks + pool_blocks(bytes) <= STASH_BLOCKS;
    struct lease *lease = fits ? pool_lease(&l->pool, bytes, 0) : NULL;
    if (lease != NULL)
        l->stash_blocks += lease->count;
    return lease;
}

bool loop_memory_stash(struct loop *l, struct loop_slot *s, struct span part, struct span rest)
{
    s->stash = lease_stash(l, part.len + rest.len);
    s->stash_counts = true;
    if (s->stash == NULL)
        return false;
    copy_parts(s->stash, part, rest);
    loop_memory_add_waiter(l, s);
    return true;
}

bool loop_memory_stash_rest(struct loop *l, struct loop_slot *s, struct span rest)
{
    s->stash = pool_lease(&l->pool, rest.len, loop_reserve(l));
    s->stash_counts = s->stash == NULL;
    if (s->stash == NULL)
        s->stash = lease_stash(l, rest.len);
    if (s->stash == NULL)
        return false;
    copy_parts(s->stash, span_of(NULL, 0), rest);
    return true;
}

struct lease *loop_memory_take_stash(struct loop *l, struct loop_slot *s)
{
    struct lease *stash = s->stash;
    s->stash = NULL;
    if (stash != NULL && s->stash_counts)
        l->stash_blocks -= stash->count;
    return stash;
}

/* ---- Back to the system ------------------------------------------------------------------ */

#define TRIM_LEAST 256 /* blocks: not worth it below */
#define TRIM_SLICE 512 /* blocks of one turn: to give back a page costs about 100 ns */

/* Goes through the pool in order of addresses, from run to run. What was trimmed before is passed
 * over: with so little lent there are few runs. */
static void trim_some(struct loop *l)
{
    struct pool *p = &l->pool;
    size_t left = TRIM_SLICE;
    for (size_t at = 0; at < p->blocks && left > 0;) {
        size_t count = pool_run(p, at);
        bool is_free = p->tags[at].run > 0;
        size_t from = at < l->trimmed ? l->trimmed : at;
        size_t most = at + count > from ? at + count - from : 0;
        size_t part = most < left ? most : left;
        if (part > 0 && is_free)
            port_region_discard(p->base + from * POOL_BLOCK_BYTES, part * POOL_BLOCK_BYTES);
        l->trimmed = part > 0 ? from + part : l->trimmed;
        left -= is_free ? part : 0;
        at += count;
    }
}

void loop_memory_trim(struct loop *l, uint64_t now)
{
    struct pool *p = &l->pool;
    if (p->lately < TRIM_LEAST)
        return;
    if (l->trim_at == 0 || p->blocks - p->free >= TRIM_LEAST) {
        l->trim_at = now + (uint64_t)TRIM_AFTER_MS * 1000000;
        l->trimmed = 0;
        return;
    }
    if (now < l->trim_at)
        return;
    trim_some(l);
    if (l->trimmed == p->blocks) {
        l->trim_at = 0;
        p->lately = p->blocks - p->free;
    }
}

/* ---- The end ----------------------------------------------------------------------------- */

void loop_memory_discard_input(struct loop *l, struct loop_slot *s)
{
    loop_memory_remove_waiter(l, s);
    loop_memory_release_held(l, s);
    pool_release(&l->pool, loop_memory_take_stash(l, s));
}

void loop_memory_pop_output(struct loop *l, struct loop_slot *s)
{
    struct lease *first = s->out;
    s->out = first->next;
    pool_release(&l->pool, first);
}

void loop_memory_discard_output(struct loop *l, struct loop_slot *s)
{
    while (s->out != NULL)
        loop_memory_pop_output(l, s);
    s->out_bytes = 0;
}
