#include "client/campaign/campaign.h"

#include <inttypes.h>
#include <string.h>

#include "base/random.h"
#include "base/real.h"
#include "base/status.h"
#include "client/output/rawlog.h"
#include "conn/polling.h"
#include "report/csv.h"

static const struct driver *driver_of(enum scenario scenario)
{
    switch (scenario) {
    case SCENARIO_CONNECT:
        return &drivers_connect;
    case SCENARIO_ROUNDTRIP:
        return &drivers_roundtrip;
    case SCENARIO_THROUGHPUT:
        return &drivers_throughput;
    case SCENARIO_RATE:
        return &drivers_rate;
    case SCENARIO_SEND:
    case SCENARIO_COUNT:
        break;
    }
    return &drivers_send;
}

/* ---- Opening --------------------------------------------------------------------------- */

static void target_resolve(struct campaign *c, uint32_t i)
{
    struct destination *d = &c->destinations[i];
    int count = destination_resolve(d);
    if (count > 0)
        return;
    failures_add(&c->report->targets[i].failures, count < 0 ? count : STATUS_NO_NAME, PHASE_RESOLVE,
                 d->target->host);
    memset(c->dead[i], true, sizeof c->dead[i]);
}

static int destinations_make(struct campaign *c, char error[OPTION_ERROR_BYTES])
{
    size_t each = destination_memory(c->options);
    uint8_t *memory = port_region(each * c->targets.count);
    if (memory == NULL) {
        snprintf(error, OPTION_ERROR_BYTES, "--size: no memory for messages of that size");
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < c->targets.count; i++) {
        int status = destination_make(&c->destinations[i], &c->targets.item[i], c->options,
                                      memory + i * each);
        if (status < 0) {
            snprintf(error, OPTION_ERROR_BYTES, "--header: the request of %s is too long",
                     c->targets.item[i].name);
            return status;
        }
        target_resolve(c, i);
    }
    return STATUS_OK;
}

/* What the largest trial of all targets needs. */
static struct run_size size_of(const struct campaign *c)
{
    const struct client_options *o = c->options;
    struct run_size size = {1, 1, 1, false, pool_blocks(destination_message_bytes(o))};
    for (int i = 0; i < SCENARIO_COUNT; i++) {
        struct plan plan = plan_of(o, (enum scenario)i, plan_points(o) - 1);
        if (!plan_has(o, (enum scenario)i))
            continue;
        size.users = plan.concurrency > size.users ? plan.concurrency : size.users;
        size.schedule = size.schedule || plan.rate > 0;
        size.depth = plan.depth > size.depth ? plan.depth : size.depth;
    }
    for (uint32_t i = 0; i < c->targets.count; i++) {
        uint32_t connections = transport_connections(&c->targets.item[i]);
        size.connections_each =
            connections > size.connections_each ? connections : size.connections_each;
    }
    /* With polling there is a body, beside it a binary packet that may go on in the next, and the
     * answer to a POST, which takes as much when it is chunked: its length is not known. */
    if (size.connections_each > 1)
        size.user_bytes = 2 * pool_blocks(destination_body_bytes(o)) +
                          pool_blocks(POLLING_PARTS_BYTES(destination_message_bytes(o)));
    size.user_bytes *= POOL_BLOCK_BYTES;
    return size;
}

static bool all_loopback(const struct campaign *c)
{
    for (uint32_t i = 0; i < c->targets.count; i++) {
        const struct destination *d = &c->destinations[i];
        if (d->address_count == 0 || !port_address_is_loopback(&d->addresses[d->address]))
            return false;
    }
    return true;
}

static void preflight_take(struct campaign *c, const struct port_poller *poller)
{
    struct result *r = c->report;
    r->environment.loopback = all_loopback(c);
    c->needs = plan_preflight(c->options, &c->targets, poller->most(), r->environment.loopback);
    preflight_check(&r->preflight, &c->needs, &r->environment);
}

/* What cannot fit is refused before any time is spent. */
static int preflight_pass(const struct campaign *c, char error[OPTION_ERROR_BYTES])
{
    const struct preflight_row *row = preflight_short(&c->report->preflight);
    if (row == NULL)
        return STATUS_OK;
    snprintf(error, OPTION_ERROR_BYTES, "%s: %s needed, %s there: %.110s", row->name, row->needed,
             row->found, row->advice);
    return STATUS_LIMIT;
}

static int memory_take(struct campaign *c, const struct port_poller *poller,
                       char error[OPTION_ERROR_BYTES])
{
    struct run_size size = size_of(c);
    int status = run_open(&c->run, c->options, poller, &size);
    if (status < 0)
        snprintf(error, OPTION_ERROR_BYTES, "cannot prepare %u clients with %s: %s", size.users,
                 poller->name, status_text(status));
    return status;
}

static void seed_choose(struct campaign *c)
{
    uint64_t chosen = 0;
    port_entropy(&chosen, sizeof chosen);
    c->seed_state = client_options_given(c->options, "--seed") ? c->options->seed : chosen;
}

/* The trials of each block; shuffled before each where there is an order to choose. */
static void turns_make(struct campaign *c)
{
    uint32_t points = plan_points(c->options);
    c->turn_count = 0;
    for (uint32_t target = 0; target < c->targets.count; target++)
        for (uint32_t point = 0; point < points; point++)
            c->turns[c->turn_count++] =
                (struct campaign_turn){(uint8_t)target, (uint8_t)point, false};
    if (plan_has_control(c->options))
        c->turns[c->turn_count++] = (struct campaign_turn){0, 0, true};
}

/* Whose CPU time is read: the sibling's, or what --server-pid names. */
static int pids_take(struct campaign *c, char error[OPTION_ERROR_BYTES])
{
    const struct option_texts *texts = &c->options->server_pids;
    struct port_usage usage;
    for (uint32_t i = 0; c->sibling != NULL && i < c->targets.count; i++)
        c->pids[i] = c->sibling->child.pid;
    for (uint32_t i = 0; i < texts->count; i++) {
        uint32_t target;
        int64_t pid;
        if (!client_options_server_pid(c->options, i, &target, &pid))
            continue; /* refused when it was parsed */
        int status = port_usage_read(pid, &usage);
        if (status < 0) {
            option_refuse(error, "--server-pid", texts->item[i],
                          status == STATUS_NOT_FOUND ? "no such process" : status_text(status));
            return status;
        }
        c->pids[target] = pid;
    }
    return STATUS_OK;
}

int campaign_open(struct campaign *c, struct client_options *options,
                  const struct target_list *targets, struct sibling *sibling,
                  const struct port_poller *poller, struct result *report,
                  const struct outputs *outputs, char error[OPTION_ERROR_BYTES])
{
    c->options = options;
    c->targets = *targets;
    c->sibling = sibling;
    c->report = report;
    c->outputs = outputs;
    plan_fit(options, targets);
    seed_choose(c);
    turns_make(c);
    campaign_describe(c);
    environment_read(&report->environment, poller->name);
    int status = destinations_make(c, error);
    if (status >= 0) {
        preflight_take(c, poller);
        status = preflight_pass(c, error);
    }
    if (status >= 0)
        status = pids_take(c, error);
    if (status >= 0)
        status = memory_take(c, poller, error);
    if (status >= 0 && options->log != NULL)
        status = rawlog_prepare(&c->run, options, error);
    c->run.environment = &report->environment;
    c->run.own_server = sibling != NULL;
    if (status < 0)
        report->target_count = 0; /* there is nothing to report */
    return status;
}

/* ---- One trial ------------------------------------------------------------------------- */

static void run_progress(struct run *r, uint64_t now)
{
    struct campaign *c = r->owner;
    progress_show(&c->progress, now);
}

static void address_note(struct campaign *c, uint32_t target)
{
    const struct destination *d = &c->destinations[target];
    if (d->reached)
        port_address_text(&d->addresses[d->address], c->report->targets[target].address);
}

static void peak_note(struct campaign *c, uint32_t target)
{
    struct port_usage usage;
    if (c->sibling == NULL && c->pids[target] != 0 && port_usage_read(c->pids[target], &usage) >= 0)
        c->report->targets[target].server_peak_bytes = usage.peak_bytes;
}

/* The sibling's system calls so far; 0 when it does not say. */
static uint64_t calls_ask(struct campaign *c)
{
    struct server_figures figures;
    if (c->sibling == NULL || c->run.stopped)
        return 0;
    c->questions++;
    return sibling_ask(c->sibling, &c->run.loop, &figures) ? figures.calls : 0;
}

/* What lies between two questions is one question, and nothing else before the first trial. It
 * costs some calls more or less, as its parts arrive together or not. */
static void calls_begin(struct campaign *c)
{
    uint64_t first = calls_ask(c);
    c->server_calls = calls_ask(c);
    c->question_calls = c->server_calls > first ? c->server_calls - first : 0;
}

static void calls_note(struct campaign *c)
{
    uint64_t before = c->server_calls + c->question_calls;
    c->server_calls = calls_ask(c);
    if (before > 0 && c->server_calls > before)
        c->trial.server_calls = c->server_calls - before;
}

static struct summary *summary_of(struct campaign *c, const struct campaign_turn *turn,
                                  enum scenario scenario)
{
    struct result *r = c->report;
    if (turn->control)
        return &r->control[scenario];
    if (r->sweep.count > 0)
        return &r->sweep.points[turn->target][turn->point];
    return &r->targets[turn->target].summaries[scenario];
}

static void progress_note(struct campaign *c, const struct campaign_turn *turn,
                          enum scenario scenario, unsigned block)
{
    const struct result_sweep *sweep = &c->report->sweep;
    char step[128];
    char value[RESULT_NAME + 24] = "";
    if (sweep->count > 0)
        snprintf(value, sizeof value, ", %s %" PRIu64, sweep->key, sweep->values[turn->point]);
    snprintf(step, sizeof step, "block %u of %u: %s, %s%s", block + 1, c->report->blocks,
             c->report->targets[turn->target].name, scenario_key(scenario), value);
    progress_step(&c->progress, step);
}

/* Of the scenario that decides; a sweep has a value more than a step can say. */
static void step_note(struct campaign *c, const struct campaign_turn *turn, enum scenario scenario,
                      unsigned block, uint64_t at)
{
    struct result *r = c->report;
    if (scenario != r->verdict_scenario || r->sweep.count > 0 || r->step_count == RESULT_STEPS)
        return;
    r->steps[r->step_count++] = (struct result_step){
        .at_ns = at - c->started,
        .value = summary_of(c, turn, scenario)->figures[r->verdict_figure][block],
        .block = (uint8_t)block,
        .target = turn->target,
        .control = turn->control,
    };
}

static void rows_write(struct campaign *c, const struct campaign_turn *turn, enum scenario scenario,
                       unsigned block)
{
    const struct result_sweep *sweep = &c->report->sweep;
    const char *name = c->report->targets[turn->target].name;
    struct csv_trial about = {
        .order = c->trials++,
        .block = block,
        .target = name,
        .control = turn->control,
        .sweep_value = sweep->count > 0 ? sweep->values[turn->point] : 0,
    };
    if (c->outputs->csv != NULL)
        csv_write_trial(c->outputs->csv, &about, &c->trial);
    if (c->outputs->log != NULL && scenario == SCENARIO_THROUGHPUT)
        rawlog_write(c->outputs->log, &c->run, name);
}

/* No client came so far that it might send: as little will the next. Where there was no connection
 * at all, that is so whatever is swept. */
static void dead_note(struct campaign *c, const struct campaign_turn *turn)
{
    bool *dead = c->dead[turn->target];
    if (c->trial.ready > 0)
        return;
    dead[turn->point] = true;
    if (!c->destinations[turn->target].reached)
        memset(dead, true, sizeof c->dead[turn->target]);
}

static void trial_run(struct campaign *c, const struct campaign_turn *turn, enum scenario scenario,
                      unsigned block)
{
    const struct sweep *sweep = &c->options->sweep;
    struct plan plan = plan_of(c->options, scenario, turn->point);
    uint64_t at = port_clock();
    if (sweep->count > 0 && sweep->kind == SWEEP_SIZE)
        destination_resize(&c->destinations[turn->target], (size_t)sweep->values[turn->point]);
    progress_note(c, turn, scenario, block);
    c->run.server_pid = c->pids[turn->target];
    run_trial(&c->run, &c->destinations[turn->target], driver_of(scenario), scenario, &plan,
              &c->trial);
    address_note(c, turn->target);
    peak_note(c, turn->target);
    calls_note(c);
    summary_add(summary_of(c, turn, scenario), block, &c->trial);
    step_note(c, turn, scenario, block, at);
    rows_write(c, turn, scenario, block);
    dead_note(c, turn);
}

/* ---- Running --------------------------------------------------------------------------- */

static void block_run(struct campaign *c, unsigned block)
{
    for (uint32_t i = 0; i < c->turn_count; i++) {
        const struct campaign_turn *turn = &c->turns[i];
        for (int s = 0; s < SCENARIO_COUNT; s++)
            if (plan_has_of(c->options, &c->targets.item[turn->target], (enum scenario)s) &&
                !c->dead[turn->target][turn->point] && !c->run.stopped)
                trial_run(c, turn, (enum scenario)s, block);
    }
}

static void turns_shuffle(struct campaign *c)
{
    for (uint32_t i = c->turn_count; i > 1; i--) {
        uint32_t j = (uint32_t)random_below_repeatable(&c->seed_state, i);
        struct campaign_turn swap = c->turns[i - 1];
        c->turns[i - 1] = c->turns[j];
        c->turns[j] = swap;
    }
}

/* The plan was made for a near and fast server: what was seen says better how long a block takes.
 * False when the next one would pass --time-limit, and there are enough. */
static bool time_left(struct campaign *c, unsigned done)
{
    uint64_t limit = c->options->time_limit_ns;
    uint64_t spent = port_clock() - c->started;
    c->progress.planned_ns = spent / done * c->report->blocks;
    if (limit == 0 || done < PLAN_BLOCKS_MIN || spent + spent / done <= limit)
        return true;
    result_add_note(c->report, "%u of %u blocks were run: the next would have passed --time-limit",
                    done, c->report->blocks);
    c->report->blocks = done;
    return false;
}

static void blocks_run(struct campaign *c)
{
    bool ordered = c->options->blocks == 1 && c->options->scenario != CLIENT_COMPARE;
    for (unsigned block = 0; block < c->report->blocks && !c->run.stopped; block++) {
        if (block > 0 && !time_left(c, block))
            return;
        if (!ordered)
            turns_shuffle(c);
        block_run(c, block);
    }
}

void campaign_run(struct campaign *c)
{
    struct result *r = c->report;
    bool terminal = port_is_terminal(2) && !c->options->quiet;
    bool many = r->blocks > 1 || r->sweep.count > 0 || plan_has_control(c->options);
    if (many && !c->options->quiet)
        fprintf(stderr, "wsio-client: %u target%s, %u block%s, about %.0f s\n", c->targets.count,
                c->targets.count == 1 ? "" : "s", r->blocks, r->blocks == 1 ? "" : "s",
                real_of(r->planned_ns) / 1e9);
    fflush(stderr);
    calls_begin(c);
    c->started = port_clock();
    progress_start(&c->progress, terminal, c->started, r->planned_ns);
    c->run.progress = terminal ? run_progress : NULL;
    c->run.owner = c;
    blocks_run(c);
    progress_end(&c->progress);
    r->partial = c->run.stopped;
    r->took_ns = port_clock() - c->started;
}

void campaign_close(struct campaign *c)
{
    struct result *r = c->report;
    result_conclude(r);
    result_note_overloads(r);
    environment_finish(&r->environment);
    preflight_check(&r->preflight, &c->needs, &r->environment); /* what was stolen is known now */
    struct server_figures *figures = &r->server;
    if (c->sibling != NULL && sibling_ask(c->sibling, &c->run.loop, figures))
        figures->connections -= c->questions + 1;
    run_close(&c->run);
}
