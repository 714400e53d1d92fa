#include "client/drivers/drivers.h"
#include "client/user/user.h"

static void connect_next(struct run *r)
{
    bool time_over = r->plan.duration_ns != 0 && port_clock() - r->began >= r->plan.duration_ns;
    run_fill(r, time_over ? 0 : r->plan.clients, 1, 1);
    if (!r->filling && r->open == 0)
        r->over = true;
}

static void connect_gone(struct run *r, struct user *u)
{
    (void)u;
    connect_next(r);
}

static void connect_ready(struct run *r, struct user *u)
{
    user_send(r, u);
}

static void connect_reply(struct run *r, struct user *u, uint64_t latency_ns)
{
    (void)latency_ns; /* it is the first echo, a phase */
    user_close(r, u);
}

const struct driver drivers_connect = {
    .start = connect_next,
    .ready = connect_ready,
    .reply = connect_reply,
    .gone = connect_gone,
};
