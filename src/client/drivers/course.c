#include "client/drivers/course.h"

#include "base/real.h"
#include "base/status.h"

/* Clients that failed in a row, after which no more are tried: that never were ready, of a target
 * where none was, and of another; and that were not answered, of a target that answered none, and
 * of another. Elsewhere than on Linux a refusal may take seconds. */
#define HOPELESS_FAILURES 3
#define GONE_FAILURES     100

uint64_t course_now(const struct course *c)
{
    return c->crowd.loop->io.now;
}

bool course_is_hopeless(const struct course *c)
{
    const struct trial *t = c->crowd.trial;
    bool reached = t->ready > 0;
    bool answered = t->tally.answered + t->tally.wrong > 0;
    return c->crowd.failed_in_a_row >= (reached ? GONE_FAILURES : HOPELESS_FAILURES) ||
           c->crowd.silent_in_a_row >= (answered ? GONE_FAILURES : HOPELESS_FAILURES);
}

bool course_is_cut(const struct course *c, const struct user *u)
{
    return u->cause == STATUS_STOPPED || course_now(c) >= c->deadline;
}

/* What is lost with its connection does not come, however long one waits. */
void course_miss(const struct course *c, const struct user *u, struct histogram *h, uint64_t since)
{
    uint64_t waited = course_now(c) - since;
    uint64_t timeout = c->options->timeout_ns;
    if (!course_is_cut(c, u))
        histogram_miss(h, waited > timeout ? waited : timeout, 1);
    else if (real_of(waited) > h->values.max)
        histogram_miss(h, waited, 1);
}

static struct user_memory find_memory(const struct course *c, uint32_t index)
{
    const struct course_memory *m = &c->memory;
    return (struct user_memory){.starts = m->starts + (size_t)index * c->plan.depth,
                                .control = m->control + index * m->control_cap,
                                .control_cap = m->control_cap};
}

void course_open_user(struct course *c)
{
    uint32_t count = c->memory.user_count;
    uint32_t index = c->next_free;
    while (c->memory.users[index].state != USER_FREE)
        index = (index + 1) % count;
    struct user_memory memory = find_memory(c, index);
    c->next_free = (index + 1) % count;
    user_open(&c->memory.users[index], &c->crowd, index, &memory);
}

void course_fill(struct course *c, uint32_t total, uint32_t open, uint32_t connecting)
{
    const struct crowd *all = &c->crowd;
    if (c->filling)
        return;
    c->filling = true;
    while (!c->over && !course_is_hopeless(c) && all->opened < total && all->open < open &&
           all->connecting < connecting)
        course_open_user(c);
    c->filling = false;
}

#define STAMPED 64 /* users at most: each takes a system call */

void course_begin_stamps(struct course *c)
{
    if (c->crowd.loop->stamping)
        return;
    c->crowd.loop->stamping = true;
    for (uint32_t i = 0; i < c->memory.user_count && i < STAMPED; i++)
        if (c->memory.users[i].state == USER_READY)
            user_stamp(&c->memory.users[i]);
}

void course_begin_window(struct course *c)
{
    c->crowd.trial->placement = (struct placement_samples){0}; /* those before it do not count */
    watch_restart(&c->watch, port_clock());
    window_begin(&c->window, c->crowd.loop, c->server_pid);
}

void course_end_window(struct course *c)
{
    c->crowd.loop->stamping = false;
    window_end(&c->window, c->crowd.loop, c->server_pid, c->crowd.trial);
}
