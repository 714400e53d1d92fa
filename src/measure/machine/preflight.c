#include "measure/machine/preflight.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/real.h"

/* How long a port stays in TIME_WAIT after its connection: Linux' own. */
#define TIME_WAIT_NS UINT64_C(60000000000)

/* What the measuring of a few microseconds can bear. */
#define CLOCK_STEP_MAX_NS 1000
#define CLOCK_COST_MAX_NS 250 /* more is a system call for every reading */
#define LOAD_MIN          0.5 /* always allowed: the load still contains the minute before */
#define STEAL_MAX         0.01

static void put_text(char out[PREFLIGHT_NUMBER], const char *text)
{
    snprintf(out, PREFLIGHT_NUMBER, "%s", text);
}

/* Sets the state, and the advice where something is lacking. */
static void judge(struct preflight_row *row, bool known, bool enough, enum preflight_state lacking,
                  const char *advice, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 5, 6)))
#endif
    ;

static void judge(struct preflight_row *row, bool known, bool enough, enum preflight_state lacking,
                  const char *advice, ...)
{
    va_list arguments;
    row->state = !known ? PREFLIGHT_UNKNOWN : enough ? PREFLIGHT_FINE : lacking;
    if (!known)
        put_text(row->found, "unknown");
    if (row->state != lacking)
        return;
    va_start(arguments, advice);
    vsnprintf(row->advice, sizeof row->advice, advice, arguments);
    va_end(arguments);
}

/* In groups of three digits: "4 112". */
static void put_count(char out[PREFLIGHT_NUMBER], uint64_t n)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *out++ = ' ';
        *out++ = digits[i];
    }
    *out = '\0';
}

/* ---- What the system grants -------------------------------------------------------------- */

static void check_files(struct preflight_row *row, const struct preflight_plan *plan,
                        const struct environment *e)
{
    uint64_t enough = (plan->files + 1023) / 1024 * 1024;
    put_count(row->needed, plan->files);
    put_count(row->found, e->files_most);
    judge(row, e->files_most > 0, plan->files <= e->files_most, PREFLIGHT_SHORT,
          "`ulimit -n %" PRIu64 "` as root before the start, or fewer --clients", enough);
}

static void check_sockets(struct preflight_row *row, const struct preflight_plan *plan,
                          const struct environment *e)
{
    put_count(row->needed, plan->sockets);
    if (plan->poller_most >= SIZE_MAX)
        put_text(row->found, "no limit");
    else
        put_count(row->found, plan->poller_most);
    judge(row, true, plan->sockets <= plan->poller_most, PREFLIGHT_SHORT,
          "another --poller than %s, or fewer --clients", e->poller);
}

/* Ports in use at a time: connections within one TIME_WAIT, when they are spread over the run. */
static uint64_t count_ports(const struct preflight_plan *plan)
{
    double part = 1.0;
    if (plan->duration_ns > TIME_WAIT_NS)
        part = real_of(TIME_WAIT_NS) / real_of(plan->duration_ns);
    uint64_t used = (uint64_t)(real_of(plan->connections) * part);
    return plan->loopback && used > plan->sockets ? used : plan->sockets;
}

/* On loopback, TIME_WAIT is on this machine whichever end closes; elsewhere it is mostly at the
 * server. A port that waits may still serve another target, so only connections that are open at
 * once are certain to need one each. */
static void check_ports(struct preflight_row *row, const struct preflight_plan *plan,
                        const struct environment *e)
{
    uint64_t range = e->ports_last >= e->ports_first ? e->ports_last - e->ports_first + 1 : 0;
    uint64_t free = range > e->ports_waiting ? range - e->ports_waiting : 0;
    uint64_t needed = count_ports(plan);
    bool fits = plan->sockets <= range;
    put_count(row->needed, needed);
    put_count(row->found, free);
    judge(row, e->ports_last > 0, needed <= free, fits ? PREFLIGHT_NOTE : PREFLIGHT_SHORT,
          "`sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"`, %s",
          fits ? "or wait a minute for those in TIME_WAIT" : "or fewer --clients");
}

static void check_backlog(struct preflight_row *row, const struct preflight_plan *plan,
                          const struct environment *e)
{
    put_count(row->needed, plan->sockets);
    put_count(row->found, e->backlog_most);
    judge(
        row, plan->loopback && e->backlog_most > 0, plan->sockets <= e->backlog_most,
        PREFLIGHT_NOTE,
        "connects beyond it are tried again after a second: `sysctl -w net.core.somaxconn=%" PRIu64
        "`, or fewer --clients at once",
        plan->sockets);
}

/* ---- The clock --------------------------------------------------------------------------- */

static void check_clock_step(struct preflight_row *row, const struct preflight_plan *plan,
                             const struct environment *e)
{
    (void)plan;
    snprintf(row->needed, sizeof row->needed, "at most %d ns", CLOCK_STEP_MAX_NS);
    snprintf(row->found, sizeof row->found, "%" PRIu64 " ns", e->clock_resolution_ns);
    judge(row, e->clock_resolution_ns > 0, e->clock_resolution_ns <= CLOCK_STEP_MAX_NS,
          PREFLIGHT_NOTE,
          "no figure is finer than this step: a kernel with high-resolution timers");
}

static void check_clock_cost(struct preflight_row *row, const struct preflight_plan *plan,
                             const struct environment *e)
{
    (void)plan;
    snprintf(row->needed, sizeof row->needed, "at most %d ns", CLOCK_COST_MAX_NS);
    snprintf(row->found, sizeof row->found, "%.0f ns", e->clock_cost_ns);
    judge(row, e->clock_cost_ns > 0.0, e->clock_cost_ns <= CLOCK_COST_MAX_NS, PREFLIGHT_NOTE,
          "each reading enters the kernel and is part of every latency: use another clock source "
          "(`tsc` in current_clocksource)");
}

/* ---- The cores --------------------------------------------------------------------------- */

/* Cores that are allowed are not yet used: two ends that nothing binds often share one. */
static void check_cores(struct preflight_row *row, const struct preflight_plan *plan,
                        const struct environment *e)
{
    bool shared = plan->threads > 1 && plan->shared > 0;
    put_count(row->needed, plan->threads);
    put_count(row->found, e->cores_used);
    if (shared)
        snprintf(row->found, sizeof row->found, "1 in %u of %u trials", plan->shared, plan->placed);
    bool known = shared || !plan->placement_open || plan->placed > 0;
    judge(row, e->cores_used > 0 && (known || plan->threads > e->cores_used),
          !shared && plan->threads <= e->cores_used, PREFLIGHT_NOTE,
          "both ends take turns on one core, and ratios move towards 1: allow %u cores (`taskset`) "
          "and --placement apart, or say --placement same",
          plan->threads);
}

static void check_quota(struct preflight_row *row, const struct preflight_plan *plan,
                        const struct environment *e)
{
    bool any = e->quota_cores > 0.0;
    snprintf(row->needed, sizeof row->needed, "none, or %u core%s", plan->threads,
             plan->threads == 1 ? "" : "s");
    if (any)
        snprintf(row->found, sizeof row->found, "%.2f cores", e->quota_cores);
    else
        put_text(row->found, "none");
    judge(row, true, !any || e->quota_cores >= plan->threads, PREFLIGHT_NOTE,
          "the container is stopped when its share is used up: start it with at least %u cpus "
          "(`--cpus %u`)",
          plan->threads, plan->threads);
}

static void check_governor(struct preflight_row *row, const struct preflight_plan *plan,
                           const struct environment *e)
{
    (void)plan;
    put_text(row->needed, "performance");
    put_text(row->found, e->governor);
    judge(row, strcmp(e->governor, "unknown") != 0, strcmp(e->governor, "performance") == 0,
          PREFLIGHT_NOTE,
          "the clock rate follows the load: `cpupower frequency-set -g performance`");
}

/* ---- Other load ------------------------------------------------------------------------- */

static void check_load(struct preflight_row *row, const struct preflight_plan *plan,
                       const struct environment *e)
{
    double spare = real_of(e->cores_used) - real_of(plan->threads);
    double most = spare > LOAD_MIN ? spare : LOAD_MIN;
    snprintf(row->needed, sizeof row->needed, "at most %.2f", most);
    snprintf(row->found, sizeof row->found, "%.2f", e->load_before);
    judge(row, e->load_before >= 0.0, e->load_before <= most, PREFLIGHT_NOTE,
          "other programs use the cores: end them, or wait a minute after the last run");
}

static void check_steal(struct preflight_row *row, const struct preflight_plan *plan,
                        const struct environment *e)
{
    (void)plan;
    snprintf(row->needed, sizeof row->needed, "at most %.0f %%", 100.0 * STEAL_MAX);
    snprintf(row->found, sizeof row->found, "%.1f %%", 100.0 * e->steal_share);
    judge(row, e->steal_share >= 0.0, e->steal_share <= STEAL_MAX, PREFLIGHT_NOTE,
          "the host gives the cores to other guests: dedicated cores, another machine, or more "
          "--blocks");
}

static void check_virtual(struct preflight_row *row, const struct preflight_plan *plan,
                          const struct environment *e)
{
    (void)plan;
    put_text(row->needed, "no");
    put_text(row->found, e->virtual_machine ? "yes" : "no");
    judge(row, true, !e->virtual_machine, PREFLIGHT_NOTE,
          "other guests and the hypervisor show in the tails: trust intervals and ratios, or take "
          "a machine of your own");
}

static void check_network(struct preflight_row *row, const struct preflight_plan *plan,
                          const struct environment *e)
{
    (void)e;
    put_text(row->needed, "-");
    put_text(row->found, plan->loopback ? "loopback" : "not loopback only");
    judge(row, true, false, PREFLIGHT_NOTE, "%s",
          plan->loopback ? "no network is in the figures, and both ends share this machine: ratios "
                           "carry over to others, absolute figures do not"
                         : "the network's delay and loss are in every figure: compare only targets "
                           "that lie on the same way");
}

/* ---- All of it --------------------------------------------------------------------------- */

struct check {
    const char *name;
    void (*check)(struct preflight_row *row, const struct preflight_plan *plan,
                  const struct environment *e);
};

static const struct check checks[] = {
    {"open files", check_files},      {"sockets watched", check_sockets},
    {"ports", check_ports},           {"backlog", check_backlog},
    {"clock step", check_clock_step}, {"clock reading", check_clock_cost},
    {"cores", check_cores},           {"container quota", check_quota},
    {"governor", check_governor},     {"load before", check_load},
    {"steal", check_steal},           {"virtual machine", check_virtual},
    {"network", check_network},
};

#define CHECKS (sizeof checks / sizeof checks[0])

static_assert(CHECKS < PREFLIGHT_ROWS, "and one row more, which doctor adds");

void preflight_check(struct preflight *p, const struct preflight_plan *plan,
                     const struct environment *e)
{
    memset(p, 0, sizeof *p);
    for (size_t i = 0; i < CHECKS; i++) {
        struct preflight_row *row = &p->rows[p->count++];
        snprintf(row->name, sizeof row->name, "%s", checks[i].name);
        checks[i].check(row, plan, e);
    }
}

const struct preflight_row *preflight_short(const struct preflight *p)
{
    for (unsigned i = 0; i < p->count; i++)
        if (p->rows[i].state == PREFLIGHT_SHORT)
            return &p->rows[i];
    return NULL;
}

unsigned preflight_count(const struct preflight *p, enum preflight_state state)
{
    unsigned count = 0;
    for (unsigned i = 0; i < p->count; i++)
        count += p->rows[i].state == state;
    return count;
}

const char *preflight_key(enum preflight_state state)
{
    static const char *const keys[] = {
        [PREFLIGHT_FINE] = "fine",
        [PREFLIGHT_UNKNOWN] = "unknown",
        [PREFLIGHT_NOTE] = "note",
        [PREFLIGHT_SHORT] = "short",
    };
    return keys[state];
}
