#include "client/plan/plan.h"

#include <string.h>

/* How much of each scenario one block of compare has, beside what the options say. */
#define COMPARE_CONNECT_CLIENTS 20
#define COMPARE_CONNECT_NS      UINT64_C(200000000)
#define COMPARE_SEND_NS         UINT64_C(100000000)
#define COMPARE_DURATION_MIN    UINT64_C(150000000) /* ns; plan_fit makes no trial shorter */

/* What things take on loopback with a fast server: measured, then rounded up. ns */
#define TRIAL_NS   UINT64_C(5000000) /* a trial, beside its duration */
#define CLIENT_NS  UINT64_C(250000)  /* a client: open, first echo, close */
#define MESSAGE_NS UINT64_C(30000)   /* a round trip */
#define SENT_NS    UINT64_C(1500)    /* one of many messages under way */

/* A server that works off what is outstanding more slowly than by one message in so many ns is
 * late.
 */
#define QUEUED_NS UINT64_C(10000000)

/* Descriptors beside the connections: streams, poller, files, the question to the sibling. */
#define FILES_SPARE 16

/* ---- One trial ------------------------------------------------------------------------- */

/* doctor without a sweep examines what compare would need. */
static bool is_comparison(const struct client_options *o)
{
    return o->scenario == CLIENT_COMPARE || (o->scenario == CLIENT_DOCTOR && o->sweep.count == 0);
}

static struct plan plan_connect(const struct client_options *o, uint32_t point)
{
    (void)point;
    bool comparison = is_comparison(o);
    return (struct plan){
        .clients = comparison ? COMPARE_CONNECT_CLIENTS : o->clients,
        .concurrency = 1,
        .roundtrips = 1,
        .depth = 1,
        .duration_ns = comparison ? COMPARE_CONNECT_NS : 0,
    };
}

/* roundtrip; rate has a rate beside. compare has one client that sends one message at a time. */
static struct plan plan_steady(const struct client_options *o, uint32_t point)
{
    bool comparison = is_comparison(o);
    bool swept = o->sweep.count > 0 && o->sweep.kind == SWEEP_CLIENTS;
    uint32_t clients = swept ? (uint32_t)o->sweep.values[point] : o->clients;
    return (struct plan){
        .clients = comparison ? 1 : clients,
        .concurrency = comparison ? 1 : clients,
        .roundtrips = 1,
        .depth = comparison ? 1 : o->depth,
        .duration_ns = o->duration_ns,
        .warmup_ns = o->warmup_ns,
    };
}

static struct plan plan_rate(const struct client_options *o, uint32_t point)
{
    struct plan plan = plan_steady(o, point);
    plan.rate = o->rate;
    return plan;
}

static struct plan plan_throughput(const struct client_options *o, uint32_t point)
{
    (void)point;
    return (struct plan){
        .clients = o->clients,
        .concurrency = o->concurrency,
        .roundtrips = o->roundtrips,
        .depth = 1,
    };
}

static struct plan plan_send(const struct client_options *o, uint32_t point)
{
    (void)point;
    bool comparison = is_comparison(o);
    return (struct plan){
        .clients = 1,
        .concurrency = 1,
        .roundtrips = 1,
        .depth = (comparison ? DEPTH_MAX : o->depth) + 1, /* and the last message */
        .duration_ns = comparison ? COMPARE_SEND_NS : o->duration_ns,
    };
}

/* ---- How long one trial takes ------------------------------------------------------------ */

static uint64_t find_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t estimate_opening(const struct plan *plan)
{
    return TRIAL_NS + (uint64_t)plan->clients * CLIENT_NS;
}

static uint64_t estimate_connect(const struct plan *plan)
{
    uint64_t opening = (uint64_t)plan->clients * CLIENT_NS;
    return TRIAL_NS + (plan->duration_ns > 0 ? find_least(opening, plan->duration_ns) : opening);
}

static uint64_t estimate_steady(const struct plan *plan)
{
    return estimate_opening(plan) + plan->duration_ns;
}

static uint64_t estimate_throughput(const struct plan *plan)
{
    return estimate_opening(plan) + (uint64_t)plan->clients * plan->roundtrips * MESSAGE_NS;
}

/* Its count mostly ends it. */
static uint64_t estimate_send(const struct plan *plan)
{
    return TRIAL_NS + find_least((uint64_t)plan->depth * SENT_NS, plan->duration_ns);
}

/* ---- The table of scenarios -------------------------------------------------------------- */

struct scenario_row {
    struct plan (*plan)(const struct client_options *o, uint32_t point);
    uint64_t (*estimate)(const struct plan *plan); /* ns of one trial */
};

static const struct scenario_row scenarios[SCENARIO_COUNT] = {
    [SCENARIO_CONNECT] = {plan_connect, estimate_connect},
    [SCENARIO_ROUNDTRIP] = {plan_steady, estimate_steady},
    [SCENARIO_THROUGHPUT] = {plan_throughput, estimate_throughput},
    [SCENARIO_RATE] = {plan_rate, estimate_steady},
    [SCENARIO_SEND] = {plan_send, estimate_send},
};

enum client_scenario plan_find_command(enum scenario scenario)
{
    static const enum client_scenario commands[SCENARIO_COUNT] = {
#define X(name, key, title, flow) [SCENARIO_##name] = CLIENT_##name,
        SCENARIO_LIST(X)
#undef X
    };
    return commands[scenario];
}

struct plan plan_of(const struct client_options *o, enum scenario scenario, uint32_t point)
{
    return scenarios[scenario].plan(o, point);
}

bool plan_has(const struct client_options *o, enum scenario scenario)
{
    if (is_comparison(o))
        return scenario_flow(scenario) != FLOW_OPEN || o->rate > 0;
    if (o->scenario == CLIENT_DOCTOR)
        return scenario == SCENARIO_ROUNDTRIP; /* of a sweep doctor examines this one */
    return o->scenario == plan_find_command(scenario);
}

bool plan_has_of(const struct client_options *o, const struct target *target,
                 enum scenario scenario)
{
    if (is_comparison(o) && target->transport == TARGET_UPGRADE &&
        scenario_flow(scenario) != FLOW_FIRST_ECHO)
        return false;
    return plan_has(o, scenario);
}

/* ---- All of them ----------------------------------------------------------------------- */

uint32_t plan_points(const struct client_options *o)
{
    return o->sweep.count > 0 ? o->sweep.count : 1;
}

uint32_t plan_find_against(const struct client_options *o, const struct target_list *targets)
{
    if (o->against == NULL)
        return 0;
    for (uint32_t i = 0; i < targets->count; i++)
        if (strcmp(targets->item[i].name, o->against) == 0)
            return i;
    return TARGETS_MAX;
}

/* A sweep compares its own points, and has no room for a control of each. */
bool plan_has_control(const struct client_options *o)
{
    return is_comparison(o) || (o->blocks > 1 && o->sweep.count == 0);
}

/* A product of durations and counts, cut to what four of them cannot overflow. */
static uint64_t multiply(uint64_t a, uint64_t b)
{
    const uint64_t most = UINT64_MAX / 8;
    return b > 0 && a > most / b ? most : a * b;
}

/* A client waits to be connected and opened, for each reply, and to be closed; where many are
 * opened, the last ones wait for those before. */
uint64_t plan_most_ns(const struct plan *plan, uint64_t timeout_ns, size_t size)
{
    uint64_t turns = (plan->clients + plan->concurrency - 1) / plan->concurrency;
    uint64_t opening = ADDRESSES_MAX + turns + plan->concurrency / PLAN_CONNECTING_MAX;
    uint64_t replies = multiply(turns, plan->roundtrips) + 1;
    uint64_t outstanding = (uint64_t)plan->concurrency * plan->depth;
    uint64_t bytes = multiply(replies + plan->depth, 2 * size);
    return plan->duration_ns + multiply(opening + replies + turns, timeout_ns) +
           multiply(outstanding, QUEUED_NS) + multiply(bytes, SLOWEST_NS_PER_BYTE);
}

struct sums {
    uint64_t ns;          /* expected duration */
    uint64_t connections; /* opened in all */
};

/* All trials of one target in one block. */
static struct sums sum_turn(const struct client_options *o, const struct target *target)
{
    struct sums sums = {0, 0};
    for (int s = 0; s < SCENARIO_COUNT; s++) {
        if (!plan_has_of(o, target, (enum scenario)s))
            continue;
        for (uint32_t point = 0; point < plan_points(o); point++) {
            struct plan plan = plan_of(o, (enum scenario)s, point);
            sums.ns += scenarios[s].estimate(&plan);
            sums.connections += (uint64_t)plan.clients * target_connections(target);
        }
    }
    return sums;
}

/* The trials of target `index` in a block, as a multiple of its turn. */
static unsigned count_turns(const struct client_options *o, const struct target_list *targets,
                            uint32_t index)
{
    return plan_has_control(o) && index == plan_find_against(o, targets) ? 2 : 1;
}

uint64_t plan_ns(const struct client_options *o, const struct target_list *targets)
{
    uint64_t sum = 0;
    for (uint32_t t = 0; t < targets->count; t++)
        sum += sum_turn(o, &targets->item[t]).ns * count_turns(o, targets, t);
    return sum * o->blocks;
}

unsigned plan_blocks_min(const struct client_options *o)
{
    return o->scenario == CLIENT_COMPARE ? PLAN_BLOCKS_MIN : 1;
}

void plan_fit(struct client_options *o, const struct target_list *targets)
{
    uint64_t limit = o->time_limit_ns;
    if (limit == 0)
        return;
    while (o->blocks > plan_blocks_min(o) && plan_ns(o, targets) > limit)
        o->blocks--;
    while (o->scenario == CLIENT_COMPARE && plan_ns(o, targets) > limit &&
           o->duration_ns / 2 >= COMPARE_DURATION_MIN) {
        o->duration_ns /= 2;
        o->warmup_ns /= 2;
    }
}

/* ---- What it needs --------------------------------------------------------------------- */

static uint32_t find_most(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

struct plan_needs plan_find_needs(const struct client_options *o, const struct target_list *targets)
{
    struct plan_needs needs = {.users = 1, .connections_each = 1, .depth = 1};
    uint32_t largest = plan_points(o) - 1; /* the values of a sweep ascend */
    for (int s = 0; s < SCENARIO_COUNT; s++) {
        struct plan plan = plan_of(o, (enum scenario)s, largest);
        if (!plan_has(o, (enum scenario)s))
            continue;
        needs.users = find_most(needs.users, plan.concurrency);
        needs.depth = find_most(needs.depth, plan.depth);
        needs.schedule = needs.schedule || plan.rate > 0;
    }
    for (uint32_t t = 0; t < targets->count; t++)
        needs.connections_each =
            find_most(needs.connections_each, target_connections(&targets->item[t]));
    return needs;
}

/* Connections of the run to the target that gets most of them. */
static uint64_t count_connections(const struct client_options *o, const struct target_list *targets)
{
    uint64_t most = 0;
    for (uint32_t t = 0; t < targets->count; t++) {
        uint64_t turn = sum_turn(o, &targets->item[t]).connections;
        uint64_t count = turn * count_turns(o, targets, t) * o->blocks;
        most = count > most ? count : most;
    }
    return most;
}

struct preflight_plan plan_preflight(const struct client_options *o,
                                     const struct target_list *targets, uint64_t poller_most,
                                     bool loopback)
{
    struct plan_needs needs = plan_find_needs(o, targets);
    uint64_t sockets = (uint64_t)needs.users * needs.connections_each;
    /* select can only watch descriptors below its limit, and ours are among these. */
    bool limited = poller_most < SIZE_MAX && poller_most > FILES_SPARE;
    return (struct preflight_plan){
        .files = sockets + FILES_SPARE,
        .sockets = sockets,
        .poller_most = limited ? poller_most - FILES_SPARE : poller_most,
        .connections = count_connections(o, targets),
        .duration_ns = plan_ns(o, targets),
        .threads = loopback && o->placement != CLIENT_PLACEMENT_SAME ? 2 : 1,
        .placement_open = loopback && o->placement == CLIENT_PLACEMENT_FREE,
        .loopback = loopback,
    };
}
