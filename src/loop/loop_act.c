/* To act on a slot, by loop.h: begin, put output, end. The end sends the output, sets what is
 * watched and when the slot is due, and closes what is to be closed. */
#include "loop/loop_memory.h"
#include "loop/loop_slot.h"
#include "loop/loop_work.h"
#include "loop/output.h"

/* ---- What a slot waits for --------------------------------------------------------------- */

/* A server does not read a peer that does not read. A client always does, or both would wait for
 * ever; unless its own answers are all that it sends, and there are too many of them. */
static bool reads_beside_output(const struct loop *l, const struct loop_slot *s)
{
    if (!output_blocked(s))
        return true;
    return l->setup.conn->client &&
           (l->setup.read_limit == 0 || s->out_bytes <= l->setup.read_limit);
}

static unsigned choose_interest(const struct loop *l, const struct loop_slot *s)
{
    unsigned interest = output_blocked(s) ? PORT_WRITE : 0;
    if (s->connecting)
        return PORT_WRITE;
    /* Input that was put aside comes first. One that goes on soon stays watched: to change that
     * twice costs more than to pass over its rows. */
    bool behind = s->stash != NULL && s->work == LOOP_IDLE;
    if (!s->waiting && !behind && !s->paused && s->conn.ending != CONN_ENDS &&
        reads_beside_output(l, s))
        interest |= PORT_READ;
    return interest;
}

static uint64_t find_deadline(const struct loop *l, const struct loop_slot *s)
{
    uint64_t deadline = output_look_deadline(l, s);
    if (s->conn.ending != CONN_ENDS) {
        uint64_t conn = conn_deadline(&s->conn, l->setup.conn);
        deadline = conn < deadline ? conn : deadline;
    }
    if (s->waiting && s->wait_by < deadline)
        deadline = s->wait_by;
    if (s->alarm_at != 0 && s->alarm_at < deadline)
        deadline = s->alarm_at;
    return deadline;
}

/* Only ever moves the entry forward. An entry that is too early costs one look when it comes; so a
 * deadline that moves on with every message is not moved in the heap. */
static void arm_deadline(struct loop *l, struct loop_slot *s, uint64_t deadline)
{
    if (deadline < deadline_of(&l->deadline, s->index))
        deadline_set(&l->deadline, s->index, deadline);
}

void loop_alarm(struct loop *l, struct loop_slot *s, uint64_t at)
{
    s->alarm_at = at;
    if (at != 0)
        arm_deadline(l, s, at);
}

/* ---- Begin and end ----------------------------------------------------------------------- */

void loop_begin(struct loop *l, struct loop_slot *s)
{
    l->owner = s;
    l->io.now = port_clock();
    if (l->turn_start == 0)
        l->turn_start = l->io.now;
}

void loop_pause(struct loop_slot *s)
{
    s->paused = true;
}

void loop_resume(struct loop *l, struct loop_slot *s)
{
    if (!s->paused)
        return;
    struct loop_slot *back = loop_switch(l, s);
    s->paused = false;
    loop_switch_back(l, s, back); /* watches it again, or has it go on with what was put aside */
}

void loop_refresh(struct loop *l)
{
    l->io.now = port_clock();
}

static void settle_slot(struct loop *l, struct loop_slot *s)
{
    if (!output_flush(l, s))
        return;
    loop_mark(l, LOOP_SEND);
    if (s->conn.state == CONN_CLOSED && s->waiting)
        loop_memory_discard_input(l, s);
    if (s->conn.ending == CONN_ENDS && !output_blocked(s)) {
        loop_drop(l, s, s->conn.late ? STATUS_TIMEOUT : STATUS_OK);
        return;
    }
    if (s->conn.ending == CONN_SHUTS && !s->shut && !output_blocked(s)) {
        s->shut = true;
        port_shutdown(s->socket);
    }
    /* The next request may be answered: soon, but never from within the answer to this one. */
    if (loop_memory_may_unstash(s))
        loop_work_add(l, s);
    unsigned interest = choose_interest(l, s);
    int status = interest != s->interest ? loop_slot_watch(l, s, interest) : STATUS_OK;
    if (status < 0)
        loop_drop(l, s, status);
    else
        arm_deadline(l, s, find_deadline(l, s));
}

void loop_end(struct loop *l, struct loop_slot *s)
{
    settle_slot(l, s);
    l->owner = NULL;
}

struct loop_slot *loop_switch(struct loop *l, struct loop_slot *to)
{
    struct loop_slot *back = l->owner;
    if (back == to)
        return back;
    if (back != NULL && back->socket != PORT_NO_SOCKET)
        output_flush(l, back);
    l->out.len = 0; /* what was put for a slot that is gone */
    loop_begin(l, to);
    return back;
}

void loop_switch_back(struct loop *l, struct loop_slot *to, struct loop_slot *back)
{
    if (to == back)
        return;
    if (to->socket != PORT_NO_SOCKET)
        loop_end(l, to);
    l->out.len = 0;
    l->owner = back;
}

void loop_mark(struct loop *l, enum loop_stage stage)
{
    if (!l->sampling)
        return;
    uint64_t now = port_clock();
    l->stage_ns[stage] += now - l->stage_start;
    l->stage_start = now;
}
