#include "client/drivers/run.h"

#include <string.h>

#include "base/status.h"
#include "client/user/user.h"

#define POOL_MAX ((size_t)1 << 30)

/* Failed connects in a row after which no more are tried: of a target that nobody has reached, and
 * of one that has been there. Elsewhere than on Linux a refusal may take seconds. */
#define HOPELESS_FAILURES 3
#define GONE_FAILURES     100

static size_t pool_bytes(const struct run_size *size)
{
    size_t each = size->user_bytes;
    size_t most = POOL_MAX > each ? POOL_MAX : each;
    size_t replies = size->users < most / each ? size->users * each : most;
    uint64_t output = (uint64_t)size->users * size->connections_each * OUT_BYTES;
    return replies + (output < POOL_MAX ? (size_t)output : POOL_MAX);
}

static size_t control_bytes(const struct client_options *options)
{
    size_t auth = options->auth != NULL ? strlen(options->auth) : 0;
    return (TRANSPORT_CONTROL_BYTES + auth + 15) / 16 * 16;
}

static size_t ring_bytes(const struct run *r)
{
    return r->depth_most * sizeof(uint64_t);
}

/* Users, then of each its rings and the room for its control packets. */
static size_t users_bytes(const struct run *r)
{
    size_t each = sizeof *r->users + r->rings * ring_bytes(r) + control_bytes(r->options);
    return r->user_count * each;
}

static int users_take(struct run *r)
{
    size_t control = control_bytes(r->options);
    uint8_t *region = port_region(users_bytes(r));
    if (region == NULL)
        return STATUS_NO_MEMORY;
    r->users = (struct user *)(void *)region;
    uint8_t *at = region + r->user_count * sizeof *r->users;
    for (uint32_t i = 0; i < r->user_count; i++) {
        r->users[i].index = i;
        r->users[i].starts = (uint64_t *)(void *)at;
        at += ring_bytes(r);
        if (r->rings > 1) {
            r->users[i].dues = (uint64_t *)(void *)at;
            at += ring_bytes(r);
        }
        r->users[i].transport.control = buf_over(at, control);
        at += control;
    }
    return STATUS_OK;
}

int run_open(struct run *r, const struct client_options *options, const struct port_poller *poller,
             const struct run_size *size)
{
    static struct conn_config nothing; /* not const: zeros then take no room in the file */
    r->options = options;
    r->user_count = size->users;
    r->depth_most = size->depth;
    r->rings = size->schedule ? 2 : 1;
    r->app = (struct loop_app){.self = r,
                               .connected = user_loop_connected,
                               .event = user_loop_event,
                               .drained = user_loop_drained,
                               .alarm = user_loop_alarm,
                               .ended = user_loop_ended};
    int status = users_take(r);
    if (status < 0)
        return status;
    struct loop_setup setup = {
        .conn = &nothing,
        .app = &r->app,
        .poller = poller,
        .slots = size->users * size->connections_each,
        .pool_bytes = pool_bytes(size),
        .queue_limit = SIZE_MAX / 2,
        .socket_buffer = options->socket_buffer,
        .busy_poll = options->busy_poll,
    };
    return loop_open(&r->loop, &setup);
}

void run_close(struct run *r)
{
    loop_close(&r->loop);
    port_region_release(r->users, users_bytes(r));
}

void run_open_user(struct run *r)
{
    for (uint32_t i = 0; i < r->user_count; i++) {
        uint32_t index = (r->next_free + i) % r->user_count;
        if (r->users[index].state == USER_FREE) {
            r->next_free = (index + 1) % r->user_count;
            user_open(r, &r->users[index]);
            return;
        }
    }
}

bool run_hopeless(const struct run *r)
{
    return r->failed_in_a_row >= (r->trial->ready == 0 ? HOPELESS_FAILURES : GONE_FAILURES);
}

void run_fill(struct run *r, uint32_t total, uint32_t open, uint32_t connecting)
{
    if (r->filling)
        return;
    r->filling = true;
    while (!r->over && !run_hopeless(r) && r->opened < total && r->open < open &&
           r->connecting < connecting)
        run_open_user(r);
    r->filling = false;
}

/* ---- Windows ----------------------------------------------------------------------------- */

/* All zero: not known. */
static struct port_usage usage_of(int64_t pid)
{
    struct port_usage usage;
    return port_usage_read(pid, &usage) >= 0 ? usage : (struct port_usage){0};
}

static struct port_usage server_usage(const struct run *r)
{
    return r->server_pid != 0 ? usage_of(r->server_pid) : (struct port_usage){0};
}

static uint64_t switches_of(const struct port_usage *usage)
{
    return usage->switches_voluntary + usage->switches_forced;
}

static uint64_t moves_of(const struct loop_counters *c)
{
    return c->receives + c->sends;
}

static uint64_t calls_of(const struct loop_counters *c)
{
    return moves_of(c) + c->waits;
}

/* 0 where one of the two is not known: a process may end meanwhile. */
static uint64_t between(uint64_t from, uint64_t until)
{
    return from > 0 && until > from ? until - from : 0;
}

void run_window_begin(struct run *r)
{
    r->window_open = true;
    r->looked_ns = r->looks = 0;
    r->window_calls = calls_of(&r->loop.counters);
    r->usage_server = server_usage(r);
    r->usage_client = usage_of(0);
}

void run_window_end(struct run *r)
{
    struct trial *t = r->trial;
    if (!r->window_open)
        return;
    r->window_open = false;
    struct port_usage client = usage_of(0);
    struct port_usage server = server_usage(r);
    t->client_cpu_ns = between(r->usage_client.cpu_ns + r->looked_ns, client.cpu_ns);
    t->server_cpu_ns = between(r->usage_server.cpu_ns, server.cpu_ns);
    t->client_switches = between(switches_of(&r->usage_client), switches_of(&client));
    t->server_switches = between(switches_of(&r->usage_server), switches_of(&server));
    t->client_calls = calls_of(&r->loop.counters) - r->window_calls - r->looks;
}

/* A turn that was not to sleep and moved nothing: the client looked for the next message to fall
 * due. No message costs that, so it is not counted as theirs. */
static void look_count(struct run *r, uint64_t from, uint64_t moved)
{
    if (moves_of(&r->loop.counters) != moved)
        return;
    r->looked_ns += port_clock() - from;
    r->looks++;
}

/* ---- The trial --------------------------------------------------------------------------- */

static void trial_prepare(struct run *r, struct destination *d, const struct driver *driver,
                          const struct plan *plan, struct trial *trial)
{
    r->destination = d;
    r->driver = driver;
    r->plan = *plan;
    r->trial = trial;
    r->over = r->steady = r->steady_due = r->finishing_due = r->finishing = r->closing =
        r->window_open = false;
    r->work_first = r->work_last = LOOP_NOBODY;
    r->open = r->opened = r->connecting = r->outstanding = r->first_echoes = 0;
    r->steady_from = r->window_from = r->window_until = r->last_reply = r->last_sent = 0;
    r->last_sequence = UINT64_MAX;
    r->filling = false;
    r->next_free = r->failed_in_a_row = 0;
    r->reply_timeout = r->options->timeout_ns;
    r->silence_allowed = false;
    r->counters = r->loop.counters;
    r->began = r->ended = port_clock();
    loop_configure(&r->loop, &d->conn, &r->app);
    trial->clients = plan->concurrency;
    trial->depth = plan->depth;
    trial->busy_polled = r->options->busy_poll;
    if (d->resolve_ns > 0)
        histogram_record(&trial->phases[PHASE_RESOLVE], d->resolve_ns);
    d->resolve_ns = 0; /* it is part of one trial only */
}

/* A signal came: whoever is there is let go, and counted with what he had. */
static void users_drop(struct run *r)
{
    for (uint32_t i = 0; i < r->user_count; i++)
        if (r->users[i].state != USER_FREE)
            user_drop(r, &r->users[i]);
}

static void trial_finish(struct run *r)
{
    struct tally *tally = &r->trial->tally;
    const struct loop_counters *now = &r->loop.counters;
    run_window_end(r);
    tally->wire_out = now->bytes_out - r->counters.bytes_out;
    tally->wire_in = now->bytes_in - r->counters.bytes_in;
    tally->sends = now->sends - r->counters.sends;
    tally->receives = now->receives - r->counters.receives;
    tally->waits = now->waits - r->counters.waits;
}

void run_begin(struct run *r, struct destination *d, const struct driver *driver,
               enum scenario scenario, const struct plan *plan, struct trial *trial)
{
    trial_reset(trial, scenario);
    trial_prepare(r, d, driver, plan, trial);
    driver->start(r);
    transport_work(r);
}

void run_step(struct run *r)
{
    const struct driver *driver = r->driver;
    uint64_t until = driver->due != NULL ? driver->due(r) : PORT_FOREVER;
    bool looking = until == 0 && r->window_open;
    uint64_t from = looking ? port_clock() : 0;
    uint64_t moved = moves_of(&r->loop.counters);
    int status = loop_turn(&r->loop, until);
    uint64_t now = port_clock();
    r->stopped = port_stop_count() > 0;
    if (status < 0)
        failures_add(&r->trial->failures, status, PHASE_COUNT, "waiting");
    if (status < 0 || r->stopped) {
        r->over = true;
        return;
    }
    if (driver->tick != NULL)
        driver->tick(r, now);
    transport_work(r);
    if (r->progress != NULL)
        r->progress(r, now);
    if (looking)
        look_count(r, from, moved);
}

void run_end(struct run *r)
{
    r->over = true; /* drivers open nobody any more */
    users_drop(r);
    trial_finish(r);
}

void run_trial(struct run *r, struct destination *d, const struct driver *driver,
               enum scenario scenario, const struct plan *plan, struct trial *trial)
{
    run_begin(r, d, driver, scenario, plan, trial);
    while (!r->over)
        run_step(r);
    run_end(r);
}
