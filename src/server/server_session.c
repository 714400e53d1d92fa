#include "server/server_session.h"

#include <string.h>

/* ---- The table --------------------------------------------------------------------------- */

uint32_t server_session_index(const struct server *v, const struct server_session *session)
{
    return (uint32_t)(session - v->sessions);
}

uint32_t *server_session_rooms(struct server *v, const struct server_session *session)
{
    return &v->memberships[server_session_index(v, session)];
}

struct server_session *server_session_take(struct server *v)
{
    uint32_t count = v->options->max_clients;
    for (uint32_t i = 0; i < count; i++) {
        struct server_session *session = &v->sessions[(v->session_next + i) % count];
        if (session->used)
            continue;
        memset(session, 0, sizeof *session);
        session->used = true;
        session->websocket = session->get = session->post = session->probe = LOOP_NO_SLOT;
        session->mark = v->loop.io.now;
        v->session_next = (server_session_index(v, session) + 1) % count;
        return session;
    }
    return NULL;
}

struct server_session *server_session_find(struct server *v, const char *sid)
{
    uint32_t number = session_number(sid);
    if (number >= v->options->max_clients)
        return NULL;
    struct server_session *session = &v->sessions[number];
    return session->used && strcmp(session->protocol.sid, sid) == 0 ? session : NULL;
}

void server_session_bind(struct server *v, uint32_t slot, const struct server_session *session)
{
    v->peers[slot].session = session != NULL ? server_session_index(v, session) + 1 : 0;
}

struct loop_slot *server_session_take_poll(struct server *v, struct server_session *session)
{
    uint32_t slot = session->get;
    session->get = LOOP_NO_SLOT;
    if (slot == LOOP_NO_SLOT || loop_slot_at(&v->loop, slot) == NULL)
        return NULL;
    server_session_bind(v, slot, NULL);
    return loop_slot_at(&v->loop, slot);
}

void server_session_note_event(struct server *v, struct server_session *session,
                               enum session_kind kind)
{
    uint64_t now = v->loop.io.now;
    if (kind == SESSION_JOINED && !session->joined) {
        session->joined = true;
        stats_end_phase(&v->stats, STATS_JOIN, &session->mark, now);
    }
    bool message = kind == SESSION_EVENT || kind == SESSION_TEXT || kind == SESSION_BINARY;
    if (message && !session->counted_first) {
        session->counted_first = true;
        stats_end_phase(&v->stats, STATS_FIRST, &session->mark, now);
    }
}

/* ---- Packets ----------------------------------------------------------------------------- */

bool server_session_uses_spare(const struct server *v, const struct server_session *session)
{
    return session == v->feeding && session->polling && v->spare_lease != NULL;
}

struct session_io server_session_io(struct server *v, const struct server_session *session)
{
    const struct loop_slot *owner = v->loop.owner;
    struct buf *out = &v->staging;
    if (!session->polling && owner != NULL && owner->index == session->websocket)
        out = &v->loop.out;
    else if (server_session_uses_spare(v, session))
        out = &v->spare;
    return (struct session_io){.config = &v->conn.session,
                               .out = out,
                               .random = &v->loop.random,
                               .now = v->loop.io.now,
                               .polling = session->polling};
}

static bool fits_queue(const struct server *v, const struct server_session *session, size_t bytes)
{
    return session->queue_bytes + bytes <= 2 * v->options->max_message;
}

static void link_lease(struct server_session *session, struct lease *lease)
{
    lease->next = NULL;
    if (session->queue == NULL)
        session->queue = lease;
    else
        session->queue_last->next = lease;
    session->queue_last = lease;
    session->queue_bytes += lease->len - lease->off;
}

/* Behind what the last lease has, if that has room; else in a lease of its own. One byte stays for
 * a separator. NULL when there is no memory, or the queue would be too long. */
static uint8_t *make_room(struct server *v, struct server_session *session, size_t bytes)
{
    struct lease *last = session->queue_last;
    if (!fits_queue(v, session, bytes))
        return NULL;
    if (session->queue != NULL && last->cap - last->len >= bytes + 2) {
        last->data[last->len++] = EIO_SEPARATOR;
        last->len += bytes;
        session->queue_bytes += bytes + 1;
        return last->data + last->len - bytes;
    }
    struct lease *lease = pool_lease(&v->loop.pool, bytes + 1, 0);
    if (lease == NULL)
        return NULL;
    lease->len = bytes;
    link_lease(session, lease);
    return lease->data;
}

uint8_t *server_session_extend_queue(struct server *v, struct server_session *session, size_t bytes)
{
    uint8_t *memory = session->overfull ? NULL : make_room(v, session, bytes);
    session->overfull = memory == NULL;
    server_session_arm(v, session);
    return memory;
}

bool server_session_queue(struct server *v, struct server_session *session, struct span packets)
{
    uint8_t *memory = make_room(v, session, packets.len);
    if (memory != NULL)
        memcpy(memory, packets.ptr, packets.len);
    return memory != NULL;
}

bool server_session_queue_lease(struct server *v, struct server_session *session,
                                struct lease *lease)
{
    struct span packets = span_of(lease->data + lease->off, lease->len - lease->off);
    bool fits = fits_queue(v, session, packets.len);
    bool wasteful = packets.len < lease->cap / 4; /* too much memory for it, if there is other */
    if (fits && !(wasteful && server_session_queue(v, session, packets))) {
        link_lease(session, lease);
        return true;
    }
    pool_release(&v->loop.pool, lease);
    return fits;
}

void server_session_release_parts(struct server *v, struct server_session *session)
{
    hold_take(&session->parts);
    pool_release(&v->loop.pool, session->parts_lease);
    session->parts_lease = NULL;
}

/* ---- Time -------------------------------------------------------------------------------- */

static uint64_t choose_sooner(uint64_t deadline, uint64_t other)
{
    return other != 0 && other < deadline ? other : deadline;
}

static uint64_t find_deadline(const struct server_session *session)
{
    bool delivers = session->queue != NULL && session->get != LOOP_NO_SLOT;
    if (!session->used)
        return DEADLINE_NEVER;
    if (!session->polling) /* conn serves the protocol's deadlines */
        return choose_sooner(DEADLINE_NEVER, session->later_at);
    if (delivers || session->overfull)
        return 0; /* at the end of this turn */
    uint64_t deadline = session_deadline(&session->protocol);
    deadline = choose_sooner(deadline, session->later_at);
    deadline = choose_sooner(deadline, session->leave_by);
    deadline = choose_sooner(deadline, session->probe_by);
    return session->get != LOOP_NO_SLOT ? choose_sooner(deadline, session->noop_at) : deadline;
}

void server_session_arm(struct server *v, struct server_session *session)
{
    deadline_set(&v->session_deadlines, server_session_index(v, session), find_deadline(session));
}
