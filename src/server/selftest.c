#include "server/selftest.h"

#include <string.h>

#include "base/option.h"

/* The end of a wait that is not left to the system, which may be late. */
#define SPIN_NS UINT64_C(1000000)

bool selftest_parse_stall(const char *text, uint64_t *stall_ns, uint64_t *every_ns)
{
    const char *slash = strchr(text, '/');
    return slash != NULL &&
           option_read_number(OPTION_DURATION, span_of(text, (size_t)(slash - text)), stall_ns) &&
           option_read_number(OPTION_DURATION, span_text(slash + 1), every_ns) && *stall_ns > 0 &&
           *stall_ns < *every_ns && *every_ns < UINT64_MAX / 2;
}

void selftest_start(struct selftest *t, uint64_t delay_ns, uint64_t stall_ns, uint64_t every_ns,
                    uint64_t started_ns)
{
    memset(t, 0, sizeof *t);
    t->delay_ns = delay_ns;
    t->stall_ns = stall_ns;
    t->every_ns = every_ns;
    t->started_ns = started_ns;
    t->due_ns = started_ns + every_ns;
}

/* Waits until `ns` after `from`, or until a stop signal. Returns the time since `from`. */
static uint64_t pass(uint64_t from, uint64_t ns)
{
    uint64_t passed = 0;
    while (passed < ns && port_stop_count() == 0) {
        if (ns - passed > SPIN_NS)
            port_wait(ns - passed - SPIN_NS);
        passed = port_clock() - from;
    }
    return passed;
}

uint64_t selftest_due(const struct selftest *t)
{
    return t->every_ns > 0 ? t->due_ns : UINT64_MAX;
}

/* A stall that comes late is as long as the others; those missed meanwhile are left out. */
void selftest_serve(struct selftest *t)
{
    uint64_t now = port_clock();
    if (now < selftest_due(t))
        return;
    struct selftest_stall *stall = &t->last[t->stalls++ % SELFTEST_STALLS];
    stall->at_ns = now;
    stall->took_ns = pass(now, t->stall_ns);
    while (t->due_ns <= now)
        t->due_ns += t->every_ns;
}

void selftest_delay(struct selftest *t, struct loop *l)
{
    if (t->delay_ns == 0)
        return;
    t->delays++;
    t->delayed_ns += pass(port_clock(), t->delay_ns);
    loop_refresh(l);
}
