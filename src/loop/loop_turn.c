#include "loop/loop.h"

#include <string.h>

#include "loop/input.h"
#include "loop/listener.h"
#include "loop/loop_memory.h"
#include "loop/loop_slot.h"
#include "loop/output.h"

/* Budget per idle connection: slot 452 + peer 24 + heap 20 + poller 16 = 512. */
static_assert(sizeof(struct loop_slot) <= 452,
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
    size_t pool = align_up(pool_size(loop_memory_pool_bytes(&l->setup)));
    size_t table = align_up(slots * sizeof(struct loop_slot));
    size_t times = align_up(deadline_size(slots));
    uint8_t *at = port_region(pool + table + times + RECV_BYTES + OUT_BYTES);
    if (at == NULL)
        return STATUS_NO_MEMORY;
    l->region = at;
    l->region_bytes = pool + table + times + RECV_BYTES + OUT_BYTES;
    pool_init(&l->pool, at, loop_memory_pool_bytes(&l->setup));
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

static void serve_slot(struct loop *l, struct loop_slot *s)
{
    struct conn_event event;
    uint32_t generation = s->generation;
    loop_begin(l, s);
    uint64_t now = l->io.now;
    deadline_set(&l->deadline, s->index, DEADLINE_NEVER);
    if (now >= output_stall_deadline(l, s)) {
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
        input_report(l, s, &event);
    }
    if (s->generation == generation)
        input_unstash(l, s);
    if (s->generation == generation)
        loop_end(l, s);
}

static void serve_deadlines(struct loop *l, uint64_t now)
{
    uint32_t id = 0;
    while (deadline_first(&l->deadline, &id) <= now)
        serve_slot(l, &l->slots[id]);
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

static void handle_row(struct loop *l, const struct port_event *row)
{
    struct loop_slot *s = &l->slots[(uint32_t)row->token];
    uint32_t generation = (uint32_t)(row->token >> 32);
    if (s->generation != generation)
        return; /* outdated by an earlier row of this round */
    if (s->connecting) {
        finish_connect(l, s);
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

static uint64_t find_timeout(struct loop *l, uint64_t until)
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
        l->setup.poller->wait(l->poller_state, l->events, LOOP_EVENTS, find_timeout(l, until));
    l->counters.waits++;
    if (rows < 0)
        return rows;
    for (int i = 0; i < rows; i++) {
        if (l->events[i].token <= LISTENER_TOKEN - LOOP_LISTENERS)
            handle_row(l, &l->events[i]);
        else
            listener |= 1u << (LISTENER_TOKEN - l->events[i].token);
    }
    /* New connections are accepted after those that exist. */
    for (unsigned i = 0; i < l->listener_count; i++)
        if (listener & 1u << i)
            listener_ready(l, i);
    serve_deadlines(l, port_clock());
    input_serve_waiters(l);
    l->owner = NULL; /* also where it was dropped */
    listener_resume(l);
    return STATUS_OK;
}
