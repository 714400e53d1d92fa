#include "server/server_session.h"

#include <string.h>

#include "conn/session_sid.h"

/* ---- The table --------------------------------------------------------------------------- */

uint32_t server_session_index(const struct server *v, const struct server_session *session)
{
    return (uint32_t)(session - v->sessions);
}

uint32_t *server_session_rooms(struct server *v, const struct server_session *session)
{
    return &v->memberships[server_session_index(v, session)];
}

/* ---- Owners ---- */

static struct server_peer *find_owner(struct server *v, const struct server_session *session)
{
    bool lives = v->loop.slots[session->opener].generation == session->opener_generation;
    return lives ? &v->peers[session->opener] : NULL;
}

bool server_session_is_opener_open(struct server *v, const struct server_session *session)
{
    return find_owner(v, session) != NULL;
}

size_t server_session_owned(struct server *v, const struct server_session *session)
{
    const struct server_peer *owner = find_owner(v, session);
    return owner != NULL ? owner->queued : session->queue_bytes + session->parts_bytes;
}

void server_session_add_queued(struct server *v, struct server_session *session, size_t bytes)
{
    struct server_peer *owner = find_owner(v, session);
    session->queue_bytes += bytes;
    if (owner != NULL)
        owner->queued += (uint32_t)bytes;
    if (session->queue_by != 0 || session->queue_bytes <= SHARE_LEAST)
        return;
    session->queued_at = v->loop.io.now;
    session->queue_by = v->loop.io.now + (uint64_t)SHARE_WAIT_MS * 1000000;
}

void server_session_sub_queued(struct server *v, struct server_session *session, size_t bytes)
{
    struct server_peer *owner = find_owner(v, session);
    session->queue_bytes -= bytes;
    if (owner != NULL)
        owner->queued -= (uint32_t)bytes;
    session->queue_by = 0;
}

/* May this connection open one more? */
static bool may_open(struct server *v, const struct loop_slot *opener)
{
    struct server_peer *peer = &v->peers[opener->index];
    uint32_t second = (uint32_t)(v->loop.io.now / 1000000000);
    if (peer->opened_at != second) {
        peer->opened_at = second;
        peer->opened = 0;
    }
    if (peer->sessions >= SESSIONS_EACH || peer->opened >= SESSIONS_PER_SECOND) {
        v->stats.sessions_refused++;
        return false;
    }
    peer->sessions++;
    peer->opened++;
    return true;
}

/* The free ones are a chain, the longest free one first: so a sid's place is not used again soon.
 */
void server_session_give(struct server *v, struct server_session *session)
{
    struct server_peer *owner = find_owner(v, session);
    uint32_t number = server_session_index(v, session) + 1;
    if (owner != NULL)
        owner->sessions--;
    session->opener = 0;
    session->opener_generation = 0;
    if (v->session_last == 0)
        v->session_free = number;
    else
        v->sessions[v->session_last - 1].opener = number;
    v->session_last = number;
}

struct server_session *server_session_take(struct server *v, const struct loop_slot *opener)
{
    if (v->session_free == 0 || !may_open(v, opener))
        return NULL;
    struct server_session *session = &v->sessions[v->session_free - 1];
    v->session_free = session->opener;
    if (v->session_free == 0)
        v->session_last = 0;
    memset(session, 0, sizeof *session);
    session->used = true;
    session->websocket = session->get = session->post = session->probe = LOOP_NO_SLOT;
    session->opener = opener->index;
    session->opener_generation = opener->generation;
    session->mark = v->loop.io.now;
    return session;
}

struct server_session *server_session_find(struct server *v, const char *sid)
{
    uint32_t number = session_sid_number(sid);
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

static void link_lease(struct server *v, struct server_session *session, struct lease *lease)
{
    lease->next = NULL;
    if (session->queue == NULL)
        session->queue = lease;
    else
        session->queue_last->next = lease;
    session->queue_last = lease;
    server_session_add_queued(v, session, lease->len - lease->off);
}

/* Room behind the packets of the last lease, or else in a new one. One byte stays free there, for a
 * separator. NULL when there is no memory, or the queue would be too long. */
static uint8_t *make_room(struct server *v, struct server_session *session, size_t bytes)
{
    struct lease *last = session->queue_last;
    if (!fits_queue(v, session, bytes))
        return NULL;
    if (session->queue != NULL && last->cap - last->len >= bytes + 2) {
        last->data[last->len++] = EIO_SEPARATOR;
        last->len += bytes;
        server_session_add_queued(v, session, bytes + 1);
        return last->data + last->len - bytes;
    }
    struct lease *lease =
        loop_lease_queue(&v->loop, server_session_owned(v, session), bytes + 1, false);
    if (lease == NULL)
        return NULL;
    lease->len = bytes;
    link_lease(v, session, lease);
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
    size_t owned = server_session_owned(v, session);
    bool fits = fits_queue(v, session, packets.len) &&
                (owned == 0 || owned + lease->cap <= loop_share(&v->loop));
    bool wasteful = packets.len < lease->cap / 4; /* copied, if there is other memory */
    if (fits && !(wasteful && server_session_queue(v, session, packets))) {
        link_lease(v, session, lease);
        return true;
    }
    pool_release(&v->loop.pool, lease);
    return fits;
}

/* ---- The binary packet that posts are bringing ------------------------------------------- */

/* Counts what its memory has grown by, for the owner. */
static void add_parts(struct server *v, struct server_session *session, size_t bytes)
{
    struct server_peer *owner = find_owner(v, session);
    session->parts_bytes += bytes;
    if (owner != NULL)
        owner->queued += (uint32_t)bytes;
}

struct lease *server_session_take_parts(struct server *v, struct server_session *session)
{
    struct server_peer *owner = find_owner(v, session);
    struct lease *lease = session->parts_lease;
    if (owner != NULL)
        owner->queued -= (uint32_t)session->parts_bytes;
    session->parts_bytes = 0;
    session->parts_lease = NULL;
    hold_take(&session->parts);
    return lease;
}

void server_session_release_parts(struct server *v, struct server_session *session)
{
    pool_release(&v->loop.pool, server_session_take_parts(v, session));
}

/* Moves the parts into memory of `bytes`, where they lie or elsewhere. */
static bool grow_parts(struct server *v, struct server_session *session, size_t bytes)
{
    struct hold *parts = &session->parts;
    struct lease *old = session->parts_lease;
    if (old != NULL && pool_grow(&v->loop.pool, old, bytes, loop_reserve(&v->loop))) {
        hold_move(parts, old->data, old->cap);
        return true;
    }
    struct lease *lease = pool_lease(&v->loop.pool, bytes, loop_reserve(&v->loop));
    if (lease == NULL)
        return false;
    if (old != NULL) {
        memcpy(lease->data, parts->ptr, parts->len);
        hold_move(parts, lease->data, lease->cap);
        pool_release(&v->loop.pool, old);
    }
    session->parts_lease = lease;
    return true;
}

bool server_session_extend_parts(struct server *v, struct server_session *session, size_t bytes)
{
    size_t most = POLLING_PARTS_BYTES(v->options->max_message);
    size_t have = session->parts_lease != NULL ? session->parts_lease->cap : 0;
    size_t others = server_session_owned(v, session) - session->parts_bytes;
    size_t need = bytes < most ? bytes : most;
    size_t wish = 2 * have > need ? 2 * have : need;
    wish = wish < most ? wish : most;
    if (need <= have)
        return true;
    if (others > 0 && others + need > loop_share(&v->loop)) {
        v->loop.counters.over_share++;
        return false;
    }
    if (!grow_parts(v, session, wish) && !grow_parts(v, session, need))
        return false;
    add_parts(v, session, session->parts_lease->cap - have);
    return true;
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
    deadline = choose_sooner(deadline, session->queue_by);
    return session->get != LOOP_NO_SLOT ? choose_sooner(deadline, session->noop_at) : deadline;
}

void server_session_arm(struct server *v, struct server_session *session)
{
    deadline_set(&v->session_deadlines, server_session_index(v, session), find_deadline(session));
}
