#include "server/guest.h"

#include <string.h>

#include "base/status.h"
#include "loop/output.h"
#include "server/app.h"
#include "server/longpoll.h"
#include "server/upgrade.h"

/* ---- The table --------------------------------------------------------------------------- */

uint32_t guest_index(const struct server *v, const struct guest *g)
{
    return (uint32_t)(g - v->guests);
}

struct guest *guest_take(struct server *v)
{
    uint32_t count = v->options->max_clients;
    for (uint32_t i = 0; i < count; i++) {
        struct guest *g = &v->guests[(v->guest_free + i) % count];
        if (g->used)
            continue;
        memset(g, 0, sizeof *g);
        g->used = true;
        g->web = g->get = g->post = g->probe = GUEST_NOBODY;
        g->mark = v->loop.io.now;
        v->guest_free = (guest_index(v, g) + 1) % count;
        return g;
    }
    return NULL;
}

static void guest_tick(struct server *v, struct guest *g);

struct guest *guest_find(struct server *v, const char *sid)
{
    uint32_t number = session_number(sid);
    if (number >= v->options->max_clients)
        return NULL;
    struct guest *g = &v->guests[number];
    if (!g->used || strcmp(g->session.sid, sid) != 0)
        return NULL;
    guest_tick(v, g);
    return g->used ? g : NULL;
}

static struct loop_slot *slot_of(struct server *v, uint32_t index)
{
    return index != GUEST_NOBODY ? loop_slot_at(&v->loop, index) : NULL;
}

void guest_note(struct server *v, struct guest *g, enum session_kind kind)
{
    uint64_t now = v->loop.io.now;
    if (kind == SESSION_JOINED && !g->joined) {
        g->joined = true;
        stats_end_phase(&v->stats, STATS_JOIN, &g->mark, now);
    }
    bool message = kind == SESSION_EVENT || kind == SESSION_TEXT || kind == SESSION_BINARY;
    if (message && !g->counted_first) {
        g->counted_first = true;
        stats_end_phase(&v->stats, STATS_FIRST, &g->mark, now);
    }
}

/* ---- Packets out ------------------------------------------------------------------------- */

/* Its packets go behind the body that is being worked off. */
static bool uses_spare(const struct server *v, const struct guest *g)
{
    return g == v->feeding && g->polling && v->spare_lease != NULL;
}

struct session_io guest_io(struct server *v, const struct guest *g)
{
    bool under_way = !g->polling && v->loop.owner != NULL && v->loop.owner->index == g->web;
    struct buf *out = under_way ? &v->loop.out : uses_spare(v, g) ? &v->spare : &v->staging;
    return (struct session_io){&v->conn.session, out, &v->loop.random, v->loop.io.now, g->polling};
}

static void queue_link(struct guest *g, struct lease *lease)
{
    lease->next = NULL;
    if (g->queue == NULL)
        g->queue = lease;
    else
        g->queue_last->next = lease;
    g->queue_last = lease;
    g->queue_bytes += lease->len - lease->off;
}

/* Behind what the last lease has, if that is small; else into a lease of its own. One byte stays
 * for a separator. NULL when there is no memory, or more than a peer may leave unfetched. */
static uint8_t *queue_room(struct server *v, struct guest *g, size_t bytes)
{
    struct lease *last = g->queue_last;
    if (g->queue_bytes + bytes > 2 * v->options->max_message)
        return NULL;
    if (g->queue != NULL && last->cap - last->len >= bytes + 2) {
        last->data[last->len++] = EIO_SEPARATOR;
        last->len += bytes;
        g->queue_bytes += bytes + 1;
        return last->data + last->len - bytes;
    }
    struct lease *lease = pool_lease(&v->loop.pool, bytes + 1, 0);
    if (lease == NULL)
        return NULL;
    lease->len = bytes;
    queue_link(g, lease);
    return lease->data;
}

uint8_t *guest_queue_extend(struct server *v, struct guest *g, size_t bytes)
{
    uint8_t *memory = g->overfull ? NULL : queue_room(v, g, bytes);
    g->overfull = memory == NULL;
    guest_arm(v, g);
    return memory;
}

static bool queue_put(struct server *v, struct guest *g, struct span packets)
{
    if (packets.len == 0)
        return true;
    uint8_t *memory = queue_room(v, g, packets.len);
    if (memory == NULL) {
        guest_end(v, g, STATUS_QUEUE_FULL, "1");
        return false;
    }
    memcpy(memory, packets.ptr, packets.len);
    return true;
}

bool guest_adopt(struct server *v, struct guest *g, struct lease *lease)
{
    struct span packets = span_of(lease->data + lease->off, lease->len - lease->off);
    bool fits = g->queue_bytes + packets.len <= 2 * v->options->max_message;
    bool small = packets.len < lease->cap / 4; /* too much memory for it, if there is other */
    uint8_t *memory = fits && small ? queue_room(v, g, packets.len) : NULL;
    if (fits && memory == NULL) {
        queue_link(g, lease);
        return true;
    }
    if (memory != NULL)
        memcpy(memory, packets.ptr, packets.len);
    pool_release(&v->loop.pool, lease);
    if (!fits)
        guest_end(v, g, STATUS_QUEUE_FULL, "1");
    return g->used;
}

/* Frames that were made while another slot was under way. */
static void web_put(struct server *v, struct guest *g, struct span frames)
{
    struct loop_slot *s = slot_of(v, g->web);
    if (s == NULL || s->conn.state != CONN_WEBSOCKET || frames.len == 0)
        return;
    struct loop_slot *back = guest_switch(v, s);
    guest_copy_out(v, s, frames);
    guest_switch_back(v, s, back);
}

bool guest_commit(struct server *v, struct guest *g)
{
    struct buf *from = uses_spare(v, g) ? &v->spare : &v->staging;
    struct span packets = buf_span(from);
    from->len = 0;
    if (!g->used)
        return false;
    if (g->polling)
        return queue_put(v, g, packets);
    web_put(v, g, packets);
    return g->used;
}

bool guest_copy_out(struct server *v, struct loop_slot *s, struct span bytes)
{
    while (bytes.len > 0) {
        size_t room = buf_room(&v->loop.out);
        size_t take = bytes.len < room ? bytes.len : room;
        buf_put(&v->loop.out, bytes.ptr, take);
        bytes = span_after(bytes, take);
        if (bytes.len > 0 && !output_flush(&v->loop, s))
            return false;
    }
    return true;
}

struct loop_slot *guest_switch(struct server *v, struct loop_slot *to)
{
    struct loop_slot *back = v->loop.owner;
    if (back == to)
        return back;
    if (back != NULL && back->socket != PORT_NO_SOCKET)
        output_flush(&v->loop, back);
    v->loop.out.len = 0; /* what was put for one that is gone */
    loop_begin(&v->loop, to);
    return back;
}

void guest_switch_back(struct server *v, struct loop_slot *to, struct loop_slot *back)
{
    if (to == back)
        return;
    if (to->socket != PORT_NO_SOCKET)
        loop_end(&v->loop, to);
    v->loop.out.len = 0;
    v->loop.owner = back;
}

/* ---- The end ----------------------------------------------------------------------------- */

void guest_release_parts(struct server *v, struct guest *g)
{
    hold_take(&g->parts);
    pool_release(&v->loop.pool, g->parts_lease);
    g->parts_lease = NULL;
}

static void list_return(struct server *v, struct lease **list)
{
    while (*list != NULL) {
        struct lease *next = (*list)->next;
        pool_release(&v->loop.pool, *list);
        *list = next;
    }
}

static void memory_return(struct server *v, struct guest *g)
{
    list_return(v, &g->queue);
    list_return(v, &g->later);
    g->queue_bytes = 0;
    if (g != v->feeding) /* else an event that is being answered may lie there */
        guest_release_parts(v, g);
}

/* A WebSocket of the session gets an empty Close; the slot ends by itself. */
static void web_close(struct server *v, uint32_t index)
{
    struct loop_slot *s = slot_of(v, index);
    if (s == NULL)
        return;
    v->peers[index].guest = 0;
    struct loop_slot *back = guest_switch(v, s);
    s->conn.session = NULL;
    conn_close(&s->conn, &v->loop.io, 0);
    guest_switch_back(v, s, back);
}

/* A post that is being received: its connection is dropped. */
static void post_drop(struct server *v, struct guest *g)
{
    struct loop_slot *s = slot_of(v, g->post);
    if (s == NULL)
        return;
    v->peers[g->post].guest = 0;
    if (s->conn.state == CONN_BODY)
        loop_drop(&v->loop, s, STATUS_STOPPED);
}

void guest_end(struct server *v, struct guest *g, int status, const char *farewell)
{
    if (!g->used)
        return;
    g->used = false;
    if (status < 0 && status != STATUS_EIO_CLOSED && status != STATUS_STOPPED)
        stats_count_fault(&v->stats, status);
    session_close(&g->session);
    rooms_leave_all(&v->rooms, &g->rooms);
    if (farewell != NULL)
        longpoll_release(v, g, farewell);
    else
        longpoll_refuse(v, g);
    post_drop(v, g);
    web_close(v, g->probe);
    web_close(v, g->web);
    memory_return(v, g);
    deadline_set(&v->guest_deadlines, guest_index(v, g), DEADLINE_NEVER);
}

void guest_leave(struct server *v, struct guest *g, int status)
{
    if (g->leaving || !g->used)
        return;
    if (!g->polling) {
        guest_end(v, g, status, NULL);
        return;
    }
    if (status < 0)
        stats_count_fault(&v->stats, status);
    struct session_io io = guest_io(v, g);
    session_close(&g->session);
    rooms_leave_all(&v->rooms, &g->rooms);
    g->leaving = true;
    g->leave_by = v->loop.io.now + ((uint64_t)LEAVE_MS * 1000000);
    upgrade_cancel(v, g);
    size_t mark = session_begin(&io);
    buf_put_byte(io.out, '1');
    session_end(&io, mark);
    if (guest_commit(v, g)) {
        longpoll_deliver(v, g);
        guest_arm(v, g);
    }
}

/* ---- Time -------------------------------------------------------------------------------- */

static uint64_t sooner(uint64_t deadline, uint64_t other)
{
    return other != 0 && other < deadline ? other : deadline;
}

static uint64_t guest_deadline(const struct guest *g)
{
    bool delivers = g->queue != NULL && g->get != GUEST_NOBODY;
    if (delivers || g->overfull)
        return 0; /* at the end of this turn */
    uint64_t deadline = sooner(DEADLINE_NEVER, g->leave_by);
    deadline = sooner(deadline, g->probe_by);
    if (g->get != GUEST_NOBODY)
        deadline = sooner(deadline, g->noop_at);
    uint64_t session = session_deadline(&g->session);
    return session < deadline ? session : deadline; /* of a WebSocket's session conn takes care */
}

void guest_arm(struct server *v, struct guest *g)
{
    uint64_t deadline = DEADLINE_NEVER;
    if (g->used && g->polling)
        deadline = guest_deadline(g);
    if (g->used)
        deadline = sooner(deadline, g->later_at);
    deadline_set(&v->guest_deadlines, guest_index(v, g), deadline);
}

/* The session's own: a ping is queued, or it is over. False when it is gone. */
static bool session_serve(struct server *v, struct guest *g)
{
    struct session_io io = guest_io(v, g);
    if (v->loop.io.now < session_deadline(&g->session))
        return true;
    int status = session_tick(&g->session, &io);
    if (status == STATUS_PING_TIMEOUT)
        guest_end(v, g, status, "1");
    else if (status < 0)
        guest_leave(v, g, status);
    else if (guest_commit(v, g))
        longpoll_deliver(v, g);
    return g->used;
}

static void guest_tick(struct server *v, struct guest *g)
{
    uint64_t now = v->loop.io.now;
    if (g->later_at != 0 && now >= g->later_at)
        app_send_later(v, g);
    if (!g->polling || !g->used) {
        guest_arm(v, g);
        return;
    }
    if (g->overfull) {
        guest_end(v, g, STATUS_QUEUE_FULL, "1");
        return;
    }
    longpoll_deliver(v, g);
    if (!g->used)
        return;
    if (g->leave_by != 0 && now >= g->leave_by) {
        guest_end(v, g, STATUS_OK, "1");
        return;
    }
    if (!g->leaving && !session_serve(v, g))
        return;
    if (g->probe_by != 0 && now >= g->probe_by)
        upgrade_cancel(v, g);
    if (g->noop_at != 0 && now >= g->noop_at && g->get != GUEST_NOBODY) {
        g->noop_at = now + ((uint64_t)NOOP_EVERY_MS * 1000000);
        longpoll_release(v, g, "6");
    }
    guest_arm(v, g);
}

void guest_serve_deadlines(struct server *v)
{
    uint32_t id = 0;
    loop_refresh(&v->loop);
    while (deadline_first(&v->guest_deadlines, &id) <= v->loop.io.now)
        guest_tick(v, &v->guests[id]);
}
