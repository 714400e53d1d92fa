#include "client/drivers.h"
#include "client/user.h"

static bool connect_wanted(const struct run *r)
{
    bool time_over = r->plan.duration_ns != 0 && port_clock() - r->began >= r->plan.duration_ns;
    return !r->over && r->opened < r->plan.clients && !time_over;
}

/* A target that refuses everybody is not asked a thousand times more. */
static bool hopeless(const struct run *r)
{
    return r->trial->ready == 0 && r->trial->failed >= 3;
}

static void connect_next(struct run *r, struct user *u)
{
    (void)u;
    if (connect_wanted(r) && !hopeless(r))
        run_open_user(r);
    else
        r->over = true;
}

static void connect_start(struct run *r)
{
    connect_next(r, NULL);
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
    .start = connect_start,
    .ready = connect_ready,
    .reply = connect_reply,
    .gone = connect_next,
};
