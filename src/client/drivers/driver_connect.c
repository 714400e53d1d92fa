#include "client/drivers/drivers.h"

static void connect_next(struct course *c)
{
    uint64_t duration = c->plan.duration_ns;
    bool time_over = duration != 0 && port_clock() - c->began >= duration;
    course_fill(c, time_over ? 0 : c->plan.clients, 1, 1);
    if (!c->filling && c->crowd.open == 0)
        c->over = true;
}

static void take_ready(struct course *c, struct user *u)
{
    (void)c;
    user_send(u);
}

/* The reply is the first echo, which is recorded as a phase. */
static void take_reply(struct course *c, struct user *u, const struct traffic_reply *reply)
{
    (void)c;
    (void)reply;
    user_close(u);
}

static void take_gone(struct course *c, struct user *u)
{
    (void)u;
    connect_next(c);
}

const struct driver driver_connect = {
    .start = connect_next,
    .ready = take_ready,
    .reply = take_reply,
    .gone = take_gone,
};
