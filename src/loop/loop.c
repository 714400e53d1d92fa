#include "loop/loop.h"

#include <string.h>

#include "loop/input.h"
#include "loop/listener.h"
#include "loop/output.h"

/* With 24 bytes of the server's, 20 of the heap of deadlines and 16 of the poller that is 512. */
static_assert(sizeof(struct loop_slot) <= 452,
              "an idle WebSocket connection costs at most 512 bytes");

#define RESERVE_BLOCKS (LOOP_RESERVE / POOL_BLOCK_BYTES + 4) /* each lease rounds up */
#define STASH_BLOCKS   (LOOP_STASHES / POOL_BLOCK_BYTES)

size_t loop_reserve(const struct loop *l)
{
    return RESERVE_BLOCKS + STASH_BLOCKS - l->stash_blocks;
}

bool loop_stash_fits(const struct loop *l, size_t bytes)
{
    return l->stash_blocks + pool_blocks(bytes) <= STASH_BLOCKS;
}

/* ---- Start and end --------------------------------------------------------------------- */

static size_t aligned(size_t bytes)
{
    return (bytes + 4095) / 4096 * 4096;
}

static size_t pool_bytes(const struct loop_setup *setup)
{
    return setup->pool_bytes + (RESERVE_BLOCKS + STASH_BLOCKS) * POOL_BLOCK_BYTES;
}

/* One region for everything, in this order. */
static int memory_take(struct loop *l)
{
    uint32_t slots = l->setup.slots;
    size_t pool = aligned(pool_size(pool_bytes(&l->setup)));
    size_t table = aligned(slots * sizeof(struct loop_slot));
    size_t times = aligned(deadline_size(slots));
    uint8_t *at = port_region(pool + table + times + RECV_BYTES + OUT_BYTES);
    if (at == NULL)
        return STATUS_NO_MEMORY;
    l->region = at;
    l->region_bytes = pool + table + times + RECV_BYTES + OUT_BYTES;
    pool_init(&l->pool, at, pool_bytes(&l->setup));
    l->slots = (struct loop_slot *)(void *)(at + pool);
    deadline_init(&l->deadline, at + pool + table, slots);
    l->receive_buffer = at + pool + table + times;
    l->out = buf_over(l->receive_buffer + RECV_BYTES, OUT_BYTES);
    return STATUS_OK;
}

static void slots_chain(struct loop *l)
{
    for (uint32_t i = 0; i < l->setup.slots; i++) {
        l->slots[i].socket = PORT_NO_SOCKET;
        l->slots[i].index = i;
        l->slots[i].wait_next = i + 1 < l->setup.slots ? i + 1 : LOOP_NOBODY;
    }
    l->free_first = 0;
    l->wait_first = l->wait_last = LOOP_NOBODY;
}

int loop_open(struct loop *l, const struct loop_setup *setup)
{
    uint8_t seed[RANDOM_SEED_BYTES];
    memset(l, 0, sizeof *l);
    l->setup = *setup;
    int status = port_entropy(seed, sizeof seed);
    if (status < 0)
        return status;
    random_seed(&l->random, seed);
    l->io.config = setup->conn;
    l->io.out = &l->out;
    l->io.random = &l->random;
    status = memory_take(l);
    if (status < 0)
        return status;
    slots_chain(l);
    status = setup->poller->open(setup->slots + LOOP_LISTENERS, &l->poller_state);
    if (status < 0)
        port_region_release(l->region, l->region_bytes);
    return status;
}

void loop_close(struct loop *l)
{
    listener_stop(l);
    for (uint32_t i = 0; i < l->setup.slots; i++)
        if (l->slots[i].socket != PORT_NO_SOCKET)
            loop_drop(l, &l->slots[i], STATUS_STOPPED);
    l->setup.poller->close(l->poller_state);
    port_region_release(l->region, l->region_bytes);
}

void loop_configure(struct loop *l, const struct conn_config *conn, const struct loop_app *app)
{
    l->setup.app = app;
    l->setup.conn = conn;
    l->io.config = conn;
}

/* ---- Slots ----------------------------------------------------------------------------- */

static struct loop_slot *slot_take(struct loop *l, port_socket socket)
{
    struct loop_slot *s = &l->slots[l->free_first];
    uint32_t index = s->index;
    uint32_t generation = s->generation + 1;
    l->free_first = s->wait_next;
    l->used++;
    memset(s, 0, sizeof *s);
    s->index = index;
    s->generation = generation;
    s->socket = socket;
    s->conn.deadline = DEADLINE_NEVER;
    return s;
}

static void slot_free(struct loop *l, struct loop_slot *s)
{
    s->socket = PORT_NO_SOCKET;
    s->generation++; /* rows of this round that still name it are outdated */
    s->wait_next = l->free_first;
    l->free_first = s->index;
    l->used--;
}

struct loop_slot *loop_slot_at(struct loop *l, uint32_t index)
{
    return l->slots[index].socket != PORT_NO_SOCKET ? &l->slots[index] : NULL;
}

static int interest_set(struct loop *l, struct loop_slot *s, unsigned interest)
{
    uint64_t token = (uint64_t)s->generation << 32 | s->index;
    if (interest == s->interest)
        return STATUS_OK;
    int status = l->setup.poller->set(l->poller_state, s->socket, s->interest, interest, token);
    if (status >= 0)
        s->interest = (uint8_t)interest;
    return status;
}

void loop_drop(struct loop *l, struct loop_slot *s, int status)
{
    interest_set(l, s, 0);
    port_close(s->socket);
    input_discard(l, s);
    output_discard(l, s);
    deadline_set(&l->deadline, s->index, DEADLINE_NEVER);
    if (l->owner == s)
        l->out.len = 0; /* what was put for it is for nobody */
    slot_free(l, s);
    if (l->setup.app->ended != NULL)
        l->setup.app->ended(l, s, status);
}

/* A server does not read a peer that does not read; a client always does, or both would wait for
 * ever: unless its own answers are all that it says, and there are too many. */
static bool reads_beside_output(const struct loop *l, const struct loop_slot *s)
{
    if (!output_blocked(s))
        return true;
    return l->setup.conn->client &&
           (l->setup.read_limit == 0 || s->out_bytes <= l->setup.read_limit);
}

static unsigned interest_wanted(const struct loop *l, const struct loop_slot *s)
{
    unsigned interest = output_blocked(s) ? PORT_WRITE : 0;
    if (s->connecting)
        return PORT_WRITE;
    bool behind = s->stash != NULL; /* something waits for a request to be answered */
    if (!s->waiting && !behind && s->conn.ending != CONN_ENDS && reads_beside_output(l, s))
        interest |= PORT_READ;
    return interest;
}

/* ---- Deadlines ------------------------------------------------------------------------- */

static uint64_t stall_deadline(const struct loop *l, const struct loop_slot *s)
{
    if (!output_blocked(s))
        return DEADLINE_NEVER;
    if (s->conn.state != CONN_CLOSED)
        return s->moved_at + (uint64_t)SEND_STALL_MS * 1000000;
    /* Something moved, or the close began, so long ago: the later of the two. */
    uint64_t moved = s->moved_at + l->setup.conn->close_timeout;
    return moved > s->conn.deadline ? moved : s->conn.deadline;
}

static uint64_t slot_deadline(const struct loop *l, const struct loop_slot *s)
{
    uint64_t deadline = stall_deadline(l, s);
    if (s->conn.ending != CONN_ENDS) {
        uint64_t conn = conn_deadline(&s->conn, l->setup.conn);
        deadline = conn < deadline ? conn : deadline;
    }
    if (s->waiting && s->wait_by < deadline)
        deadline = s->wait_by;
    if (s->alarm_at != 0 && s->alarm_at < deadline)
        deadline = s->alarm_at;
    /* Another request may be answered: soon, but never from within the answer to this one. */
    return input_may_unstash(s) ? 0 : deadline;
}

/* An entry that is too early only costs a look when it comes; so a deadline that moves on with
 * every message is not moved in the heap. */
static void deadline_arm(struct loop *l, struct loop_slot *s)
{
    uint64_t deadline = slot_deadline(l, s);
    if (deadline < deadline_of(&l->deadline, s->index))
        deadline_set(&l->deadline, s->index, deadline);
}

void loop_alarm(struct loop *l, struct loop_slot *s, uint64_t at)
{
    s->alarm_at = at;
    if (at != 0 && at < deadline_of(&l->deadline, s->index))
        deadline_set(&l->deadline, s->index, at);
}

static void slot_due(struct loop *l, struct loop_slot *s)
{
    struct conn_event event;
    uint32_t generation = s->generation;
    loop_begin(l, s);
    uint64_t now = l->io.now;
    deadline_set(&l->deadline, s->index, DEADLINE_NEVER);
    if (now >= stall_deadline(l, s)) {
        l->counters.stalls++;
        loop_drop(l, s, STATUS_TIMEOUT);
        return;
    }
    if (s->waiting && now >= s->wait_by)
        input_refuse(l, s);
    if (s->generation == generation && s->alarm_at != 0 && now >= s->alarm_at) {
        s->alarm_at = 0;
        if (l->setup.app->alarm != NULL)
            l->setup.app->alarm(l, s);
    }
    if (s->generation == generation && s->conn.ending != CONN_ENDS &&
        now >= conn_deadline(&s->conn, l->setup.conn)) {
        conn_tick(&s->conn, &l->io, &event);
        input_tell(l, s, &event);
    }
    if (s->generation == generation)
        input_unstash(l, s);
    if (s->generation == generation)
        loop_end(l, s);
}

static void deadlines_serve(struct loop *l, uint64_t now)
{
    uint32_t id = 0;
    while (deadline_first(&l->deadline, &id) <= now)
        slot_due(l, &l->slots[id]);
}

/* ---- One call after the other ---------------------------------------------------------- */

void loop_begin(struct loop *l, struct loop_slot *s)
{
    l->owner = s;
    l->io.now = port_clock();
}

void loop_refresh(struct loop *l)
{
    l->io.now = port_clock();
}

static void slot_settle(struct loop *l, struct loop_slot *s)
{
    if (!output_flush(l, s))
        return;
    loop_mark(l, LOOP_SEND);
    if (s->conn.state == CONN_CLOSED && s->waiting)
        input_discard(l, s);
    if (s->conn.ending == CONN_ENDS && !output_blocked(s)) {
        loop_drop(l, s, s->conn.late ? STATUS_TIMEOUT : STATUS_OK);
        return;
    }
    if (s->conn.ending == CONN_SHUTS && !s->shut && !output_blocked(s)) {
        s->shut = true;
        port_shutdown(s->socket);
    }
    int status = interest_set(l, s, interest_wanted(l, s));
    if (status < 0)
        loop_drop(l, s, status);
    else
        deadline_arm(l, s);
}

void loop_end(struct loop *l, struct loop_slot *s)
{
    slot_settle(l, s);
    l->owner = NULL;
}

struct loop_slot *loop_switch(struct loop *l, struct loop_slot *to)
{
    struct loop_slot *back = l->owner;
    if (back == to)
        return back;
    if (back != NULL && back->socket != PORT_NO_SOCKET)
        output_flush(l, back);
    l->out.len = 0; /* what was put for a slot that is gone */
    loop_begin(l, to);
    return back;
}

void loop_switch_back(struct loop *l, struct loop_slot *to, struct loop_slot *back)
{
    if (to == back)
        return;
    if (to->socket != PORT_NO_SOCKET)
        loop_end(l, to);
    l->out.len = 0;
    l->owner = back;
}

void loop_mark(struct loop *l, enum loop_stage stage)
{
    if (!l->sampling)
        return;
    uint64_t now = port_clock();
    l->stage_ns[stage] += now - l->stage_start;
    l->stage_start = now;
}

/* ---- Connecting and accepting ---------------------------------------------------------- */

int loop_connect(struct loop *l, const struct port_address *a, uint32_t tag, struct loop_slot **out)
{
    port_socket socket;
    *out = NULL;
    if (l->free_first == LOOP_NOBODY)
        return STATUS_LIMIT;
    int status = port_connect(a, NULL, l->setup.socket_buffer, &socket);
    if (status < 0)
        return status;
    struct loop_slot *s = slot_take(l, socket);
    s->tag = tag;
    s->connecting = true;
    status = interest_set(l, s, PORT_WRITE);
    if (status < 0) {
        port_close(socket);
        slot_free(l, s);
        return status;
    }
    *out = s;
    return STATUS_OK;
}

static void connect_finish(struct loop *l, struct loop_slot *s)
{
    uint32_t generation = s->generation;
    loop_begin(l, s);
    int status = port_socket_error(s->socket);
    if (status < 0) {
        loop_drop(l, s, status);
        return;
    }
    s->connecting = false;
    if (l->setup.app->connected != NULL)
        l->setup.app->connected(l, s);
    if (s->generation == generation)
        loop_end(l, s);
}

void loop_accepted(struct loop *l, port_socket socket, bool raw)
{
    struct loop_slot *s = slot_take(l, socket);
    uint32_t generation = s->generation;
    loop_begin(l, s);
    conn_start_server(&s->conn, &l->io, raw);
    l->counters.accepted++;
    if (l->setup.app->accepted != NULL)
        l->setup.app->accepted(l, s);
    if (s->generation == generation)
        loop_end(l, s);
}

/* ---- A turn ---------------------------------------------------------------------------- */

static void slot_ready(struct loop *l, const struct port_event *row)
{
    struct loop_slot *s = &l->slots[(uint32_t)row->token];
    uint32_t generation = (uint32_t)(row->token >> 32);
    if (s->generation != generation)
        return; /* outdated by an earlier row of this round */
    if (s->connecting) {
        connect_finish(l, s);
        return;
    }
    if ((row->ready & PORT_WRITE) && output_blocked(s)) {
        loop_begin(l, s);
        if (output_resume(l, s)) {
            if (!output_blocked(s) && l->setup.app->drained != NULL)
                l->setup.app->drained(l, s);
            if (s->generation == generation)
                loop_end(l, s);
        }
    }
    if (s->generation == generation && (row->ready & PORT_READ) && (s->interest & PORT_READ))
        input_ready(l, s);
}

static uint64_t turn_timeout(struct loop *l, uint64_t until)
{
    uint32_t id;
    uint64_t deadline = deadline_first(&l->deadline, &id);
    deadline = until < deadline ? until : deadline;
    if (l->listen_again != 0 && l->listen_again < deadline)
        deadline = l->listen_again;
    if (l->setup.busy_poll || deadline == 0)
        return 0;
    if (deadline == DEADLINE_NEVER)
        return PORT_FOREVER;
    uint64_t now = port_clock();
    return deadline > now ? deadline - now : 0;
}

int loop_turn(struct loop *l, uint64_t until)
{
    unsigned listener = 0;
    int rows =
        l->setup.poller->wait(l->poller_state, l->events, LOOP_EVENTS, turn_timeout(l, until));
    l->counters.waits++;
    if (rows < 0)
        return rows;
    for (int i = 0; i < rows; i++) {
        if (l->events[i].token <= LISTENER_TOKEN - LOOP_LISTENERS)
            slot_ready(l, &l->events[i]);
        else
            listener |= 1u << (LISTENER_TOKEN - l->events[i].token);
    }
    /* Whom we know already comes first. */
    for (unsigned i = 0; i < l->listener_count; i++)
        if (listener & 1u << i)
            listener_ready(l, i);
    deadlines_serve(l, port_clock());
    input_serve_waiters(l);
    l->owner = NULL; /* also where it was dropped */
    listener_resume(l);
    return STATUS_OK;
}
