#include "client/drivers/run.h"

#include "base/status.h"
#include "client/drivers/drivers.h"

#define POOL_MAX ((size_t)1 << 30)

/* ---- Memory ------------------------------------------------------------------------------ */

static size_t count_pool_bytes(const struct run_size *size)
{
    size_t each = size->user_bytes;
    size_t most = POOL_MAX > each ? POOL_MAX : each;
    size_t replies = size->users < most / each ? size->users * each : most;
    uint64_t output = (uint64_t)size->users * size->connections_each * OUT_BYTES;
    return replies + (output < POOL_MAX ? (size_t)output : POOL_MAX);
}

/* A part of the region; without a region yet, only its bytes are counted. */
static void *take_part(struct run *r, uint8_t *region, size_t bytes)
{
    size_t at = r->region_bytes;
    r->region_bytes = (at + bytes + 15) / 16 * 16;
    return region != NULL ? region + at : NULL;
}

static void lay_out(struct run *r, uint8_t *region, const struct run_size *size)
{
    struct course_memory *m = &r->memory;
    size_t ring = (size_t)size->users * size->depth * sizeof(uint64_t);
    m->user_count = size->users;
    m->control_cap = user_control_bytes(r->options->auth);
    r->region_bytes = 0;
    m->users = take_part(r, region, size->users * sizeof *m->users);
    m->starts = take_part(r, region, ring);
    m->control = take_part(r, region, size->users * m->control_cap);
    if (!size->schedule)
        return;
    m->dues = take_part(r, region, ring);
    m->queue = take_part(r, region, size->users * sizeof *m->queue);
}

int run_open(struct run *r, const struct client_options *options, const struct port_poller *poller,
             const struct run_size *size)
{
    static const struct conn_config nothing;
    r->options = options;
    r->app = user_loop_app(&r->course.crowd);
    lay_out(r, NULL, size);
    r->region = port_region(r->region_bytes);
    if (r->region == NULL)
        return STATUS_NO_MEMORY;
    lay_out(r, r->region, size);
    struct loop_setup setup = {
        .conn = &nothing,
        .app = &r->app,
        .poller = poller,
        .slots = size->users * size->connections_each,
        .pool_bytes = count_pool_bytes(size),
        .queue_limit = SIZE_MAX / 2,
        .socket_buffer = options->socket_buffer,
        .busy_poll = options->busy_poll,
    };
    return loop_open(&r->loop, &setup);
}

void run_close(struct run *r)
{
    loop_close(&r->loop);
    port_region_release(r->region, r->region_bytes);
}

/* ---- What users report ------------------------------------------------------------------- */

static void pass_ready(struct crowd *all, struct user *u)
{
    struct course *c = all->owner;
    c->driver->ready(c, u);
}

static void pass_reply(struct crowd *all, struct user *u, const struct traffic_reply *reply)
{
    struct course *c = all->owner;
    c->driver->reply(c, u, reply);
}

static void pass_unanswered(struct crowd *all, struct user *u, uint64_t sequence, uint64_t sent)
{
    struct course *c = all->owner;
    if (c->driver->unanswered != NULL)
        c->driver->unanswered(c, u, sequence, sent);
}

static void pass_gone(struct crowd *all, struct user *u)
{
    struct course *c = all->owner;
    c->driver->gone(c, u);
}

static const struct crowd_hooks hooks = {
    .ready = pass_ready, .reply = pass_reply, .unanswered = pass_unanswered, .gone = pass_gone};

/* ---- The trial --------------------------------------------------------------------------- */

static struct crowd describe_crowd(struct run *r, struct destination *d,
                                   const struct driver *driver, const struct plan *plan,
                                   struct trial *trial)
{
    return (struct crowd){
        .hooks = &hooks,
        .owner = &r->course,
        .loop = &r->loop,
        .environment = r->environment,
        .destination = d,
        .trial = trial,
        .users = r->memory.users,
        .timeout_ns = r->options->timeout_ns,
        .message_bytes = destination_message_bytes(r->options),
        .depth = plan->depth,
        .ready_settled = driver->ready_settled,
        .key = r->key,
        .reply_timeout = r->options->timeout_ns,
        .last_sequence = UINT64_MAX,
    };
}

static void describe_trial(struct trial *t, const struct course *c)
{
    struct destination *d = c->crowd.destination;
    t->clients = c->plan.concurrency;
    t->depth = c->plan.depth;
    t->busy_polled = c->options->busy_poll;
    if (d->resolve_ns > 0)
        histogram_record(&t->phases[PHASE_RESOLVE], d->resolve_ns);
    d->resolve_ns = 0; /* it is part of one trial only */
}

/* The time in which this process did not run is not the server's, but --time-limit goes on. */
static void set_deadline(struct run *r)
{
    struct course *c = &r->course;
    uint64_t most =
        plan_most_ns(&c->plan, r->options->timeout_ns, c->crowd.destination->form.encoded.size);
    uint64_t paused = r->loop.counters.paused - c->counters.paused;
    c->deadline = c->began + most + paused;
    c->deadline_reason = "the trial took longer than all its timeouts";
    if (r->ends_at == 0 || r->ends_at >= c->deadline)
        return;
    c->deadline = r->ends_at;
    c->deadline_reason = "--time-limit is over";
}

void run_begin(struct run *r, struct destination *d, enum scenario scenario,
               const struct plan *plan, struct trial *trial)
{
    const struct driver *driver = drivers_find(scenario);
    trial_reset(trial, scenario);
    loop_configure(&r->loop, &d->conn, &r->app);
    r->course = (struct course){
        .driver = driver,
        .options = r->options,
        .plan = *plan,
        .memory = r->memory,
        .server_pid = r->server_pid,
        .own_server = r->own_server,
        .crowd = describe_crowd(r, d, driver, plan, trial),
        .began = port_clock(),
        .counters = r->loop.counters,
    };
    r->course.crowd.ended = r->course.began;
    r->course.watch = watch_start(r->server_pid, r->course.began);
    set_deadline(r);
    describe_trial(trial, &r->course);
    driver->start(&r->course);
    user_work(&r->course.crowd);
}

static uint64_t count_moves(const struct run *r)
{
    return r->loop.counters.receives + r->loop.counters.sends;
}

/* Users that are still there at the deadline have failed. */
static void end_late(struct course *c)
{
    c->over = true; /* drivers open no more users */
    for (uint32_t i = 0; i < c->memory.user_count; i++)
        if (c->memory.users[i].state != USER_FREE)
            user_drop_late(&c->memory.users[i], c->deadline_reason);
}

/* What happens behind a window is no part of its figures. Some scenarios have none. */
static bool is_watched(const struct course *c)
{
    return c->window.open || c->crowd.trial->window_ns == 0;
}

void run_step(struct run *r)
{
    struct course *c = &r->course;
    const struct driver *driver = c->driver;
    uint64_t until = driver->due != NULL ? driver->due(c) : PORT_FOREVER;
    if (until > c->deadline)
        until = c->deadline;
    bool looking = until == 0 && c->window.open;
    uint64_t from = looking ? port_clock() : 0;
    uint64_t moves = count_moves(r);
    int status = loop_turn(&r->loop, until);
    uint64_t now = port_clock();
    r->stopped = port_stop_count() > 0;
    if (status < 0)
        failures_add(&c->crowd.trial->failures, status, PHASE_COUNT, "waiting");
    if (status < 0 || r->stopped) {
        c->over = true;
        return;
    }
    if (driver->tick != NULL)
        driver->tick(c, now);
    user_work(&c->crowd);
    if (now >= c->watch.due && is_watched(c))
        watch_sample(&c->watch, &c->crowd.trial->placement);
    if (now >= c->deadline && !c->over) {
        set_deadline(r); /* it may have moved on by a pause */
        if (now >= c->deadline)
            end_late(c);
    }
    if (r->progress != NULL)
        r->progress(r, now);
    if (looking && count_moves(r) == moves)
        window_add_look(&c->window, from);
}

/* Users that are left when a signal ends the trial are dropped, and counted with what they did. */
static void drop_users(const struct course *c)
{
    for (uint32_t i = 0; i < c->memory.user_count; i++)
        if (c->memory.users[i].state != USER_FREE)
            user_drop(&c->memory.users[i]);
}

static void count_bytes(struct tally *tally, const struct loop_counters *from,
                        const struct loop_counters *now)
{
    tally->wire_out = now->bytes_out - from->bytes_out;
    tally->wire_in = now->bytes_in - from->bytes_in;
    tally->sends = now->sends - from->sends;
    tally->receives = now->receives - from->receives;
    tally->waits = now->waits - from->waits;
}

void run_end(struct run *r)
{
    struct course *c = &r->course;
    c->over = true; /* drivers open no more users */
    c->crowd.trial->stopped = r->stopped || port_clock() >= c->deadline;
    drop_users(c);
    if (c->crowd.trial->placement.taken == 0) /* it was too short for any */
        watch_sample(&c->watch, &c->crowd.trial->placement);
    course_end_window(c);
    count_bytes(&c->crowd.trial->tally, &c->counters, &r->loop.counters);
}

void run_trial(struct run *r, struct destination *d, enum scenario scenario,
               const struct plan *plan, struct trial *trial)
{
    run_begin(r, d, scenario, plan, trial);
    while (!r->course.over)
        run_step(r);
    run_end(r);
}
