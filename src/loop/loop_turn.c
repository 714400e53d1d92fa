#include "loop/loop.h"

#include <string.h>

#include "loop/input.h"
#include "loop/listener.h"
#include "loop/loop_memory.h"
#include "loop/loop_slot.h"
#include "loop/loop_work.h"
#include "loop/output.h"

#define DEADLINES_LEAST 8 /* served in each turn, however long that lasts */
#define LOOKS_MORE      2 /* than the rows of all sockets take, in a round */

/* Budget per idle connection: slot 432 + peer 40 + rooms 4 + heap 20 + poller 16 = 512. */
static_assert(sizeof(struct loop_slot) <= 432,
              "an idle WebSocket connection costs at most 512 bytes");

/* ---- Start and end --------------------------------------------------------------------- */

static size_t align_up(size_t bytes)
{
    return (bytes + 4095) / 4096 * 4096;
}

/* One region for everything, in this order. */
static int take_memory(struct loop *l)
{
    uint32_t slots = l->setup.slots;
    size_t pool = align_up(pool_size(loop_memory_pool_bytes(&l->setup), l->setup.room));
    size_t table = align_up(slots * sizeof(struct loop_slot));
    size_t times = align_up(deadline_size(slots));
    uint8_t *at = port_region(pool + table + times + RECV_BYTES + OUT_BYTES);
    if (at == NULL)
        return STATUS_NO_MEMORY;
    l->region = at;
    l->region_bytes = pool + table + times + RECV_BYTES + OUT_BYTES;
    pool_init(&l->pool, at, loop_memory_pool_bytes(&l->setup), l->setup.room);
    l->slots = (struct loop_slot *)(void *)(at + pool);
    deadline_init(&l->deadline, at + pool + table, slots);
    l->receive_buffer = at + pool + table + times;
    l->out = buf_over(l->receive_buffer + RECV_BYTES, OUT_BYTES);
    return STATUS_OK;
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
    status = take_memory(l);
    if (status < 0)
        return status;
    loop_slot_chain(l);
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

/* ---- Deadlines ------------------------------------------------------------------------- */

/* The application's own deadline is served on time; what the peer is judged for, by judge_by. */
static void serve_slot(struct loop *l, struct loop_slot *s)
{
    struct conn_event event;
    uint32_t generation = s->generation;
    loop_begin(l, s);
    uint64_t judge_by = l->judge_by;
    deadline_set(&l->deadline, s->index, DEADLINE_NEVER);
    if (judge_by >= output_stall_deadline(l, s)) {
        l->counters.stalls++;
        loop_drop(l, s, STATUS_TIMEOUT);
        return;
    }
    if (s->waiting && judge_by >= s->wait_by)
        input_refuse(l, s);
    if (s->generation == generation && s->alarm_at != 0 && l->io.now >= s->alarm_at) {
        s->alarm_at = 0;
        if (l->setup.app->alarm != NULL)
            l->setup.app->alarm(l, s);
    }
    if (s->generation == generation && s->conn.ending != CONN_ENDS &&
        judge_by >= conn_deadline(&s->conn, l->setup.conn)) {
        conn_tick(&s->conn, &l->io, &event);
        input_report(l, s, &event);
    }
    if (s->generation == generation)
        loop_end(l, s);
}

/* What is due by `now`, as long as the turn may last. */
static void serve_deadlines(struct loop *l, uint64_t now)
{
    uint32_t id = 0;
    uint64_t at;
    for (int i = 0; (at = deadline_first(&l->deadline, &id)) <= now; i++) {
        const struct loop_slot *s = &l->slots[id];
        bool alarm = s->alarm_at != 0 && s->alarm_at <= now;
        if ((at > l->judge_by && !alarm) || (i >= DEADLINES_LEAST && loop_work_is_over(l)))
            return;
        serve_slot(l, &l->slots[id]);
    }
}

/* What was there when a round began has been read when each slot had its chance: the poller has
 * reported all that were ready, and what was left over by then is served once. A busy machine is
 * never done, but each round ends: a turn serves one slot of each list at least. */
static bool is_round_over(struct loop *l, bool looked, bool whole)
{
    struct loop_round *r = &l->round;
    bool left = false;
    if (looked && r->looks > 0 && (whole || --r->looks == 0)) {
        r->looks = 0;
        for (int i = 0; i < LOOP_WORKS; i++)
            r->left[i] = l->work[i].count;
    }
    for (int i = 0; i < LOOP_WORKS; i++)
        left = left || (r->left[i] > 0 && l->work[i].count > 0);
    return r->looks == 0 && !left;
}

/* Deadlines are judged by a time at which all that had come until then is read. */
static void move_judgement(struct loop *l, bool looked, bool whole)
{
    if (looked && whole && !loop_work_is_left(l))
        l->judge_by = l->looked_at;
    else if (is_round_over(l, looked, whole))
        l->judge_by = l->round.from;
    else
        return;
    l->round = (struct loop_round){
        .from = l->io.now,
        .looks = (l->setup.slots + LOOP_LISTENERS) / LOOP_EVENTS + LOOKS_MORE,
    };
}

/* ---- Connecting ---------------------------------------------------------- */

int loop_connect(struct loop *l, const struct port_address *a, uint32_t tag, struct loop_slot **out)
{
    port_socket socket;
    *out = NULL;
    if (l->free_first == LOOP_NO_SLOT)
        return STATUS_LIMIT;
    int status = port_connect(a, NULL, l->setup.socket_buffer, &socket);
    if (status < 0)
        return status;
    struct loop_slot *s = loop_slot_take(l, socket);
    s->tag = tag;
    s->connecting = true;
    status = loop_slot_watch(l, s, PORT_WRITE);
    if (status < 0) {
        port_close(socket);
        loop_slot_free(l, s);
        return status;
    }
    *out = s;
    return STATUS_OK;
}

static void finish_connect(struct loop *l, struct loop_slot *s)
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

/* ---- A turn ---------------------------------------------------------------------------- */

static void handle_ready(struct loop *l, struct loop_slot *s, unsigned ready)
{
    uint32_t generation = s->generation;
    if (s->connecting) {
        finish_connect(l, s);
        return;
    }
    if ((ready & PORT_WRITE) && output_blocked(s)) {
        loop_begin(l, s);
        loop_work_charge(l, s);
        if (output_resume(l, s)) {
            if (!output_blocked(s) && l->setup.app->drained != NULL)
                l->setup.app->drained(l, s);
            if (s->generation == generation)
                loop_end(l, s);
        }
    }
    if (s->generation == generation && (ready & PORT_READ) && (s->interest & PORT_READ))
        input_ready(l, s);
}

static void handle_row(struct loop *l, const struct port_event *row)
{
    struct loop_slot *s = &l->slots[(uint32_t)row->token];
    if (s->generation != (uint32_t)(row->token >> 32))
        return; /* outdated by an earlier row of this round */
    if (s->work == LOOP_IDLE && (s->waiting || !loop_work_must_wait(l, s))) {
        handle_ready(l, s, row->ready);
        return;
    }
    s->ready |= (uint8_t)row->ready;
    loop_work_add(l, s);
}

/* Goes on with what was left over, the oldest first. */
static void serve_work(struct loop *l)
{
    struct loop_work_share share[LOOP_WORKS];
    struct loop_slot *s;
    for (int i = 0; i < LOOP_WORKS; i++)
        share[i] = (struct loop_work_share){l->work[i].count, false};
    while ((s = loop_work_next(l, share)) != NULL) {
        unsigned ready = s->ready;
        s->ready = 0;
        if (s->stash != NULL)
            input_go_on(l, s);
        else
            handle_ready(l, s, ready);
    }
}

static uint64_t find_timeout(struct loop *l, uint64_t until)
{
    uint32_t id;
    uint64_t deadline = deadline_first(&l->deadline, &id);
    deadline = until < deadline ? until : deadline;
    if (l->trim_at != 0 && l->trim_at < deadline)
        deadline = l->trim_at;
    if (l->listen_again != 0 && l->listen_again < deadline)
        deadline = l->listen_again;
    bool waiters = l->waiters.first != LOOP_NO_SLOT && l->wait_releases != l->pool.releases;
    if (l->setup.busy_poll || deadline == 0 || waiters)
        return 0;
    if (deadline == DEADLINE_NEVER)
        return PORT_FOREVER;
    uint64_t now = port_clock();
    uint64_t timeout = deadline > now ? deadline - now : 0;
    return l->setup.conn->client && timeout > LOOP_LOOK_NS ? LOOP_LOOK_NS : timeout;
}

static void note_late(struct loop *l, uint64_t due, uint64_t now)
{
    if (now < due + LOOP_PAUSE_NS)
        return;
    l->counters.pauses++;
    l->counters.paused += now - due;
}

/* Did the wait end much later than it was to, or did the work, which is short, last long? */
static void note_pauses(struct loop *l, uint64_t timeout)
{
    uint64_t back = l->turn_start != 0 ? l->turn_start : l->io.now;
    if (timeout != PORT_FOREVER && l->looked_at != 0)
        note_late(l, l->looked_at + timeout, back);
    note_late(l, back, l->io.now);
}

static void handle_rows(struct loop *l, int rows)
{
    unsigned listener = 0;
    for (int i = 0; i < rows; i++) {
        if (l->events[i].token <= LISTENER_TOKEN - LOOP_LISTENERS)
            handle_row(l, &l->events[i]);
        else
            listener |= 1u << (LISTENER_TOKEN - l->events[i].token);
    }
    serve_work(l);
    /* New connections are accepted after those that exist. */
    for (unsigned i = 0; i < l->listener_count; i++)
        if (listener & 1u << i)
            listener_ready(l, i);
}

static int look(struct loop *l, uint64_t until, uint64_t *timeout)
{
    bool left = loop_work_is_left(l);
    *timeout = left ? 0 : find_timeout(l, until);
    uint64_t asked = left ? port_clock() : 0;
    int rows = l->setup.poller->wait(l->poller_state, l->events, LOOP_EVENTS, *timeout);
    l->counters.waits++;
    loop_work_owe(l, left ? port_clock() - asked : 0, rows);
    return rows;
}

int loop_turn(struct loop *l, uint64_t until)
{
    loop_work_note(l);
    uint64_t timeout = 0;
    bool looks = !loop_work_is_owed(l);
    int rows = looks ? look(l, until, &timeout) : 0;
    if (rows < 0)
        return rows;
    loop_work_begin(l);
    handle_rows(l, rows);
    l->io.now = port_clock();
    loop_work_charge(l, NULL);
    note_pauses(l, timeout);
    move_judgement(l, looks, rows < LOOP_EVENTS);
    l->looked_at = l->io.now;
    serve_deadlines(l, l->looked_at);
    input_serve_waiters(l);
    loop_memory_trim(l, l->looked_at);
    l->owner = NULL; /* also where it was dropped */
    listener_resume(l);
    return STATUS_OK;
}
