#include "client/campaign.h"

#include <inttypes.h>
#include <string.h>

#include "base/random.h"
#include "base/status.h"
#include "client/rawlog.h"
#include "conn/polling.h"

/* compare: how much of each scenario one block has, beside what the options say. */
#define CONNECT_CLIENTS 20
#define CONNECT_NS      200000000u
#define SEND_NS         100000000u
#define BLOCKS_LEAST    6
#define DURATION_LEAST  150000000u
#define SCENARIO_NS     100000000u /* what a trial costs beside its duration, for planning */

/* Descriptors beside the connections. */
#define DESCRIPTORS_SPARE 16

static const struct driver *const drivers[SCENARIO_COUNT] = {
    [SCENARIO_CONNECT] = &drivers_connect,
    [SCENARIO_ROUNDTRIP] = &drivers_roundtrip,
    [SCENARIO_THROUGHPUT] = &drivers_throughput,
    [SCENARIO_SEND] = &drivers_send,
};

/* ---- What a trial of each scenario is ---------------------------------------------------- */

static struct plan plan_of(const struct client_options *o, enum scenario scenario)
{
    bool compare = o->scenario == CLIENT_COMPARE;
    struct plan plan = {1, 1, 1, 1, 0, 0};
    switch (scenario) {
    case SCENARIO_CONNECT:
        plan.clients = compare ? CONNECT_CLIENTS : o->clients;
        plan.duration_ns = compare ? CONNECT_NS : 0;
        break;
    case SCENARIO_ROUNDTRIP:
        plan.clients = plan.concurrency = compare ? 1 : o->clients;
        plan.depth = compare ? 1 : o->depth;
        plan.duration_ns = o->duration_ns;
        plan.warmup_ns = o->warmup_ns;
        break;
    case SCENARIO_THROUGHPUT:
        plan.clients = o->clients;
        plan.concurrency = o->concurrency;
        plan.roundtrips = o->roundtrips;
        break;
    case SCENARIO_SEND:
    case SCENARIO_COUNT:
        plan.depth = (compare ? DEPTH_MOST : o->depth) + 1; /* and the last one */
        plan.duration_ns = compare ? SEND_NS : o->duration_ns;
        break;
    }
    return plan;
}

static bool scenario_wanted(const struct client_options *o, enum scenario scenario)
{
    static const enum client_scenario named[SCENARIO_COUNT] = {
        [SCENARIO_CONNECT] = CLIENT_CONNECT,
        [SCENARIO_ROUNDTRIP] = CLIENT_ROUNDTRIP,
        [SCENARIO_THROUGHPUT] = CLIENT_THROUGHPUT,
        [SCENARIO_SEND] = CLIENT_SEND,
    };
    return o->scenario == CLIENT_COMPARE || o->scenario == named[scenario];
}

/* After an upgrade the transport is WebSocket, which compare has in a column of its own. */
static bool target_wanted(const struct client_options *o, const struct target *target,
                          enum scenario scenario)
{
    bool known = o->scenario == CLIENT_COMPARE && scenario != SCENARIO_CONNECT &&
                 target->transport == TARGET_UPGRADE;
    return scenario_wanted(o, scenario) && !known;
}

/* ---- Planning -------------------------------------------------------------------------- */

static uint64_t trial_ns(const struct client_options *o, const struct target *target,
                         enum scenario scenario)
{
    struct plan plan = plan_of(o, scenario);
    return target_wanted(o, target, scenario) ? plan.duration_ns + SCENARIO_NS : 0;
}

static uint64_t block_ns(const struct client_options *o, const struct target_list *targets)
{
    uint64_t sum = 0;
    for (uint32_t t = 0; t < targets->count; t++)
        for (int i = 0; i < SCENARIO_COUNT; i++)
            sum += trial_ns(o, &targets->item[t], (enum scenario)i);
    return sum;
}

/* Where the plan passes --time-limit, first blocks go, down to BLOCKS_LEAST, then the roundtrip
 * trials get shorter. */
static void plan_fit(struct client_options *o, const struct target_list *targets)
{
    uint64_t limit = o->time_limit_ns;
    if (o->scenario != CLIENT_COMPARE || limit == 0)
        return;
    while (o->blocks > BLOCKS_LEAST && block_ns(o, targets) * o->blocks > limit)
        o->blocks--;
    while (block_ns(o, targets) * o->blocks > limit && o->duration_ns / 2 >= DURATION_LEAST) {
        o->duration_ns /= 2;
        o->warmup_ns /= 2;
    }
}

/* ---- The report's frame ---------------------------------------------------------------- */

static const char *kind_text(const struct target *target)
{
    static const char *const texts[] = {"raw TCP", "WebSocket", ""};
    static const char *const socketio[] = {"Socket.IO, websocket", "Socket.IO, polling",
                                           "Socket.IO, upgrade"};
    return target->kind == TARGET_SIO ? socketio[target->transport] : texts[target->kind];
}

static const char *matched_text(const struct client_options *o, enum target_kind kind)
{
    if (o->match == CLIENT_MATCH_ANY)
        return "any";
    if (kind == TARGET_TCP)
        return "by offset";
    return kind == TARGET_SIO && o->ack ? "by id" : "by order";
}

/* The URL without the name that may stand before it. */
static const char *url_of(const char *text)
{
    const char *equals = strchr(text, '=');
    return equals != NULL && equals < strstr(text, "://") ? equals + 1 : text;
}

static void target_describe(struct campaign *c, uint32_t index)
{
    const struct target *target = &c->targets.item[index];
    struct report_target *t = report_add_target(c->report);
    snprintf(t->name, sizeof t->name, "%s", target->name);
    snprintf(t->url, sizeof t->url, "%s", url_of(target->text));
    snprintf(t->kind, sizeof t->kind, "%s", kind_text(target));
    snprintf(t->matched, sizeof t->matched, "%s", matched_text(c->options, target->kind));
    t->unchecked = c->options->match == CLIENT_MATCH_ANY;
    t->size = c->options->payload.size;
    t->binary = c->options->payload.binary;
}

static int first_of(const struct campaign *c, enum target_kind kind)
{
    for (uint32_t i = 0; i < c->targets.count; i++)
        if (c->targets.item[i].kind == kind)
            return (int)i;
    return -1;
}

static void options_describe(const struct campaign *c, char *out, size_t cap)
{
    const struct client_options *o = c->options;
    double seconds = (double)o->duration_ns / 1e9;
    switch (o->scenario) {
    case CLIENT_COMPARE:
        snprintf(out, cap, "%u blocks; roundtrip %g s, throughput %u/%u/%u", o->blocks, seconds,
                 o->clients, o->concurrency, o->roundtrips);
        break;
    case CLIENT_CONNECT:
        snprintf(out, cap, "%u clients, one at a time", o->clients);
        break;
    case CLIENT_ROUNDTRIP:
        snprintf(out, cap, "%g s, %u client%s, depth %u", seconds, o->clients,
                 o->clients == 1 ? "" : "s", o->depth);
        break;
    case CLIENT_THROUGHPUT:
        snprintf(out, cap, "%u clients, %u at a time, %u round trips each", o->clients,
                 o->concurrency, o->roundtrips);
        break;
    case CLIENT_SEND:
    case CLIENT_ECHO:
    case CLIENT_SCENARIOS:
        snprintf(out, cap, "%g s, at most %u outstanding", seconds, o->depth);
        break;
    }
}

static void report_frame(struct campaign *c)
{
    struct report *r = c->report;
    const struct client_options *o = c->options;
    snprintf(r->scenario, sizeof r->scenario, "%s", client_options_scenario_name(o->scenario));
    options_describe(c, r->options, sizeof r->options);
    r->blocks = o->blocks;
    r->seed = c->seed_state;
    r->planned_ns = block_ns(o, &c->targets) * o->blocks;
    for (uint32_t i = 0; i < c->targets.count; i++)
        target_describe(c, i);
    r->floor = first_of(c, TARGET_TCP);
    for (uint32_t i = 0; i < c->targets.count; i++)
        if (c->targets.item[i].kind == TARGET_SIO)
            r->targets[i].pair = first_of(c, TARGET_WS);
    report_add_size(r, "client's connection", sizeof(struct loop_slot));
    report_add_size(r, "Socket.IO session", sizeof(struct session));
    report_add_size(r, "simulated user", sizeof(struct user));
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
    c->dead[i] = true;
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
    struct run_size size = {1, 1, 1, pool_blocks(destination_message_bytes(o))};
    for (int i = 0; i < SCENARIO_COUNT; i++) {
        struct plan plan = plan_of(o, (enum scenario)i);
        if (!scenario_wanted(o, (enum scenario)i))
            continue;
        size.users = plan.concurrency > size.users ? plan.concurrency : size.users;
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

static int memory_take(struct campaign *c, const struct port_poller *poller,
                       char error[OPTION_ERROR_BYTES])
{
    struct run_size size = size_of(c);
    uint32_t connections = size.users * size.connections_each;
    uint64_t files = port_descriptors_raise();
    if (connections + DESCRIPTORS_SPARE > files) {
        snprintf(error, OPTION_ERROR_BYTES,
                 "%u connections at once need %u open files, %" PRIu64 " are allowed (ulimit -n)",
                 connections, connections + DESCRIPTORS_SPARE, files);
        return STATUS_LIMIT;
    }
    if (connections > poller->most() - DESCRIPTORS_SPARE) {
        snprintf(error, OPTION_ERROR_BYTES, "%u connections at once: %s watches %zu at the most",
                 connections, poller->name, poller->most() - DESCRIPTORS_SPARE);
        return STATUS_LIMIT;
    }
    int status = run_open(&c->run, c->options, poller, &size);
    if (status < 0)
        snprintf(error, OPTION_ERROR_BYTES, "cannot prepare %u connections with %s: %s",
                 connections, poller->name, status_text(status));
    return status;
}

static void seed_choose(struct campaign *c)
{
    uint64_t chosen = 0;
    port_entropy(&chosen, sizeof chosen);
    c->seed_state = client_options_given(c->options, "--seed") ? c->options->seed : chosen;
}

int campaign_open(struct campaign *c, struct client_options *options,
                  const struct target_list *targets, struct sibling *sibling,
                  const struct port_poller *poller, struct report *report, FILE *log,
                  char error[OPTION_ERROR_BYTES])
{
    c->options = options;
    c->targets = *targets;
    c->sibling = sibling;
    c->report = report;
    c->log = log;
    plan_fit(options, targets);
    seed_choose(c);
    report_frame(c);
    environment_read(&report->environment, poller->name);
    int status = destinations_make(c, error);
    if (status >= 0)
        status = memory_take(c, poller, error);
    if (status >= 0 && log != NULL)
        status = rawlog_prepare(&c->run, options, error);
    c->run.environment = &report->environment;
    c->run.server_pid = sibling != NULL ? sibling->child.pid : 0;
    c->run.own_server = sibling != NULL;
    return status;
}

/* ---- Running --------------------------------------------------------------------------- */

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

static void trial_run(struct campaign *c, uint32_t target, enum scenario scenario, unsigned block)
{
    struct report_target *t = &c->report->targets[target];
    struct plan plan = plan_of(c->options, scenario);
    char step[96];
    snprintf(step, sizeof step, "block %u of %u: %s, %s", block + 1, c->report->blocks, t->name,
             scenario_key(scenario));
    progress_step(&c->progress, step);
    run_trial(&c->run, &c->destinations[target], drivers[scenario], scenario, &plan, &c->trial);
    address_note(c, target);
    summary_add(&t->summaries[scenario], block, &c->trial);
    if (c->trial.ready == 0)
        c->dead[target] = true;
    if (c->log != NULL && scenario == SCENARIO_THROUGHPUT)
        rawlog_write(c->log, &c->run, t->name);
}

static void block_run(struct campaign *c, const uint32_t *order, unsigned block)
{
    for (uint32_t i = 0; i < c->targets.count; i++)
        for (int s = 0; s < SCENARIO_COUNT; s++)
            if (target_wanted(c->options, &c->targets.item[order[i]], (enum scenario)s) &&
                !c->dead[order[i]] && !c->run.stopped)
                trial_run(c, order[i], (enum scenario)s, block);
}

static void order_shuffle(struct campaign *c, uint32_t *order)
{
    for (uint32_t i = c->targets.count; i > 1; i--) {
        uint32_t j = (uint32_t)random_below_repeatable(&c->seed_state, i);
        uint32_t swap = order[i - 1];
        order[i - 1] = order[j];
        order[j] = swap;
    }
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

void campaign_run(struct campaign *c)
{
    uint32_t order[TARGETS_MAX];
    uint64_t started = port_clock();
    bool terminal = port_is_terminal(2) && !c->options->quiet;
    for (uint32_t i = 0; i < TARGETS_MAX; i++)
        order[i] = i;
    if (c->options->scenario == CLIENT_COMPARE && !c->options->quiet)
        fprintf(stderr, "wsio-client: %u targets, %u blocks, about %.0f s\n", c->targets.count,
                c->report->blocks, (double)c->report->planned_ns / 1e9);
    fflush(stderr);
    progress_start(&c->progress, terminal, started, c->report->planned_ns);
    c->run.progress = terminal ? run_progress : NULL;
    c->run.owner = c;
    for (unsigned block = 0; block < c->report->blocks && !c->run.stopped; block++) {
        if (c->options->scenario == CLIENT_COMPARE)
            order_shuffle(c, order);
        block_run(c, order, block);
    }
    progress_end(&c->progress);
    c->report->partial = c->run.stopped;
    c->report->took_ns = port_clock() - started;
    c->report->environment.loopback = all_loopback(c);
}

void campaign_close(struct campaign *c)
{
    environment_finish(&c->report->environment);
    if (c->sibling != NULL)
        sibling_ask(c->sibling, &c->run.loop, &c->report->server);
    run_close(&c->run);
}
