#include "client/plan/plan.h"

/* compare: how much of each scenario one block has, beside what the options say. */
#define CONNECT_CLIENTS 20
#define CONNECT_NS      200000000u
#define SEND_NS         100000000u
#define DURATION_MIN    150000000u

/* What things cost on loopback with a fast server, for the plan's total: seen, rounded up. */
#define TRIAL_NS   5000000u /* each trial, beside its duration */
#define CLIENT_NS  250000u  /* open, first echo, close */
#define MESSAGE_NS 30000u   /* one round trip */
#define SENT_NS    1500u    /* one of many messages under way */

/* Descriptors beside the connections: streams, poller, files, the question to the sibling. */
#define FILES_SPARE 16

/* ---- One trial ------------------------------------------------------------------------- */

/* doctor looks at what compare would need. */
static bool compares(const struct client_options *o)
{
    return o->scenario == CLIENT_COMPARE || (o->scenario == CLIENT_DOCTOR && o->sweep.count == 0);
}

static struct plan steady_plan(const struct client_options *o, uint32_t point)
{
    bool swept = o->sweep.count > 0 && o->sweep.kind == SWEEP_CLIENTS;
    struct plan plan = {1, 1, 1, 1, 0, o->duration_ns, o->warmup_ns};
    if (!compares(o)) {
        plan.clients = swept ? (uint32_t)o->sweep.values[point] : o->clients;
        plan.depth = o->depth;
    }
    plan.concurrency = plan.clients;
    return plan;
}

struct plan plan_of(const struct client_options *o, enum scenario scenario, uint32_t point)
{
    struct plan plan = {1, 1, 1, 1, 0, 0, 0};
    switch (scenario) {
    case SCENARIO_CONNECT:
        plan.clients = compares(o) ? CONNECT_CLIENTS : o->clients;
        plan.duration_ns = compares(o) ? CONNECT_NS : 0;
        break;
    case SCENARIO_ROUNDTRIP:
        return steady_plan(o, point);
    case SCENARIO_RATE:
        plan = steady_plan(o, point);
        plan.rate = o->rate;
        break;
    case SCENARIO_THROUGHPUT:
        plan.clients = o->clients;
        plan.concurrency = o->concurrency;
        plan.roundtrips = o->roundtrips;
        break;
    case SCENARIO_SEND:
    case SCENARIO_COUNT:
        plan.depth = (compares(o) ? DEPTH_MAX : o->depth) + 1; /* and the last one */
        plan.duration_ns = compares(o) ? SEND_NS : o->duration_ns;
        break;
    }
    return plan;
}

bool plan_has(const struct client_options *o, enum scenario scenario)
{
    static const enum client_scenario named[SCENARIO_COUNT] = {
        [SCENARIO_CONNECT] = CLIENT_CONNECT,
        [SCENARIO_ROUNDTRIP] = CLIENT_ROUNDTRIP,
        [SCENARIO_THROUGHPUT] = CLIENT_THROUGHPUT,
        [SCENARIO_RATE] = CLIENT_RATE,
        [SCENARIO_SEND] = CLIENT_SEND,
    };
    if (compares(o))
        return scenario != SCENARIO_RATE || o->rate > 0;
    if (o->scenario == CLIENT_DOCTOR)
        return scenario == SCENARIO_ROUNDTRIP;
    return o->scenario == named[scenario];
}

bool plan_has_of(const struct client_options *o, const struct target *target,
                 enum scenario scenario)
{
    bool known = compares(o) && scenario != SCENARIO_CONNECT && target->transport == TARGET_UPGRADE;
    return plan_has(o, scenario) && !known;
}

/* ---- All of them ----------------------------------------------------------------------- */

uint32_t plan_points(const struct client_options *o)
{
    return o->sweep.count > 0 ? o->sweep.count : 1;
}

bool plan_has_control(const struct client_options *o)
{
    return compares(o);
}

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t trial_ns(enum scenario scenario, const struct plan *plan)
{
    uint64_t opening = (uint64_t)plan->clients * CLIENT_NS;
    switch (scenario) {
    case SCENARIO_CONNECT:
        if (plan->duration_ns > 0)
            opening = least_of(opening, plan->duration_ns);
        return TRIAL_NS + opening;
    case SCENARIO_ROUNDTRIP:
    case SCENARIO_RATE:
        return TRIAL_NS + opening + plan->duration_ns;
    case SCENARIO_THROUGHPUT:
        return TRIAL_NS + opening + (uint64_t)plan->clients * plan->roundtrips * MESSAGE_NS;
    case SCENARIO_SEND: /* it ends by its count, mostly */
        return TRIAL_NS + least_of((uint64_t)plan->depth * SENT_NS, plan->duration_ns);
    case SCENARIO_COUNT:
        break;
    }
    return 0;
}

/* Connections that one trial opens. */
static uint64_t trial_connections(const struct target *target, const struct plan *plan)
{
    return (uint64_t)plan->clients * target_connections(target);
}

struct sums {
    uint64_t ns;
    uint64_t connections;
};

/* All trials of one target in one block. */
static struct sums turn_sums(const struct client_options *o, const struct target *target)
{
    struct sums sums = {0, 0};
    for (int s = 0; s < SCENARIO_COUNT; s++) {
        if (!plan_has_of(o, target, (enum scenario)s))
            continue;
        for (uint32_t point = 0; point < plan_points(o); point++) {
            struct plan plan = plan_of(o, (enum scenario)s, point);
            sums.ns += trial_ns((enum scenario)s, &plan);
            sums.connections += trial_connections(target, &plan);
        }
    }
    return sums;
}

uint64_t plan_ns(const struct client_options *o, const struct target_list *targets)
{
    uint64_t sum = 0;
    for (uint32_t t = 0; t < targets->count; t++)
        sum += turn_sums(o, &targets->item[t]).ns * (t == 0 && plan_has_control(o) ? 2 : 1);
    return sum * o->blocks;
}

void plan_fit(struct client_options *o, const struct target_list *targets)
{
    uint64_t limit = o->time_limit_ns;
    if (o->scenario != CLIENT_COMPARE || limit == 0)
        return;
    while (o->blocks > PLAN_BLOCKS_MIN && plan_ns(o, targets) > limit)
        o->blocks--;
    while (plan_ns(o, targets) > limit && o->duration_ns / 2 >= DURATION_MIN) {
        o->duration_ns /= 2;
        o->warmup_ns /= 2;
    }
}

/* ---- What it needs --------------------------------------------------------------------- */

uint32_t plan_users(const struct client_options *o)
{
    uint32_t users = 1;
    for (int s = 0; s < SCENARIO_COUNT; s++) {
        /* The values of a sweep ascend. */
        struct plan plan = plan_of(o, (enum scenario)s, plan_points(o) - 1);
        if (plan_has(o, (enum scenario)s) && plan.concurrency > users)
            users = plan.concurrency;
    }
    return users;
}

uint32_t plan_sockets(const struct client_options *o, const struct target_list *targets)
{
    uint32_t each = 1;
    for (uint32_t t = 0; t < targets->count; t++) {
        uint32_t connections = target_connections(&targets->item[t]);
        each = connections > each ? connections : each;
    }
    return plan_users(o) * each;
}

uint32_t plan_files(const struct client_options *o, const struct target_list *targets)
{
    return plan_sockets(o, targets) + FILES_SPARE;
}

struct preflight_plan plan_preflight(const struct client_options *o,
                                     const struct target_list *targets, uint64_t poller_most,
                                     bool loopback)
{
    /* What is open beside the sockets takes its part of such a limit: select's is of numbers. */
    bool limited = poller_most < SIZE_MAX && poller_most > FILES_SPARE;
    struct preflight_plan plan = {
        .files = plan_files(o, targets),
        .sockets = plan_sockets(o, targets),
        .poller_most = limited ? poller_most - FILES_SPARE : poller_most,
        .duration_ns = plan_ns(o, targets),
        .threads = loopback ? 2 : 1,
        .loopback = loopback,
    };
    for (uint32_t t = 0; t < targets->count; t++) {
        uint64_t count = turn_sums(o, &targets->item[t]).connections;
        count *= (t == 0 && plan_has_control(o) ? 2u : 1u) * o->blocks;
        plan.connections = count > plan.connections ? count : plan.connections;
    }
    return plan;
}
