/* The user's connections: how they come about, and what the loop reports of them. */
#include "client/user/user_inner.h"

#include <string.h>

#include "base/status.h"

/* ---- Connecting -------------------------------------------------------------------------- */

/* Until an address has answered, the next one is tried; once one has, it stays. Several users may
 * find out at once that an address does not answer: then it moves on only once. True: `u` has
 * another address to try. */
static bool advance_address(struct user *u)
{
    struct destination *d = u->crowd->destination;
    if (!d->reached && u->address == d->address && d->address + 1 < d->address_count)
        d->address++;
    bool other = u->address != d->address;
    u->address = d->address;
    return other;
}

static int start_connect(struct user *u)
{
    const struct crowd *c = u->crowd;
    int status;
    do {
        loop_refresh(c->loop);
        u->started = u->mark = c->loop->io.now;
        status = u->transport->kind->connect(u->transport, &c->destination->addresses[u->address]);
    } while (status < 0 && advance_address(u));
    if (status >= 0)
        user_set_alarm(u, u->started + c->timeout_ns);
    return status;
}

/* ---- Opening ----------------------------------------------------------------------------- */

size_t user_control_bytes(const char *auth)
{
    return REQUESTS_CONTROL_BYTES + (auth != NULL ? strlen(auth) : 0);
}

static struct transport describe_transport(struct user *u, const struct transport_kind *kind,
                                           bool settled)
{
    return (struct transport){.kind = kind,
                              .report = user_receive,
                              .user = u,
                              .crowd = u->crowd,
                              .traffic = &u->traffic,
                              .session = &u->session,
                              .tag = u->index * CROWD_TAGS,
                              .settled = settled};
}

/* Where polling comes first, the direct transport waits for the upgrade. */
static void choose_transport(struct user *u, const struct user_memory *memory)
{
    enum target_transport way = u->crowd->destination->target->transport;
    u->direct = (struct direct){.base = describe_transport(u, &direct_kind, true)};
    u->transport = &u->direct.base;
    if (way == TARGET_WEBSOCKET)
        return;
    u->requests = (struct requests){
        .base = describe_transport(u, &requests_kind, way == TARGET_POLLING),
        .control = buf_over(memory->control, memory->control_cap),
    };
    u->transport = &u->requests.base;
}

void user_open(struct user *u, struct crowd *c, uint32_t index, const struct user_memory *memory)
{
    uint32_t number = c->opened++;
    *u = (struct user){
        .crowd = c,
        .index = index,
        .number = number,
        .state = USER_CONNECTING,
        .phase = PHASE_TCP,
        .address = c->destination->address,
        .traffic = {.sender = payload_choose_sender(c->key, number), .starts = memory->starts},
    };
    memset(memory->starts, 0, c->depth * sizeof *memory->starts);
    choose_transport(u, memory);
    c->open++;
    c->connecting++;
    c->trial->started++;
    int status = start_connect(u);
    if (status < 0) {
        user_note_cause(u, PHASE_COUNT, status, "");
        user_free(u);
    }
}

/* ---- What the loop reports --------------------------------------------------------------- */

static struct user *find_user(const struct loop *l, const struct loop_slot *s)
{
    const struct crowd *c = l->setup.app->self;
    return &c->users[s->tag / CROWD_TAGS];
}

static void pass_connected(struct loop *l, struct loop_slot *s)
{
    struct user *u = find_user(l, s);
    u->transport->kind->connected(u->transport, s);
}

static void pass_event(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    struct user *u = find_user(l, s);
    u->transport->kind->event(u->transport, s, event);
}

static void pass_drained(struct loop *l, struct loop_slot *s)
{
    struct user *u = find_user(l, s);
    user_note_drained(u);
    u->transport->kind->drained(u->transport, s);
}

/* The time in which this process did not run is no time in which a server could be late: true, and
 * the alarm is set anew. */
static bool grant_pause(struct user *u, const struct loop *l)
{
    uint64_t paused = l->counters.paused - u->paused;
    if (u->alarm_at == 0 || paused == 0)
        return false;
    user_set_alarm(u, u->alarm_at + paused);
    return true;
}

/* After a pause of this process what had come meanwhile is read before anyone is given up. */
static void take_alarm(struct loop *l, struct loop_slot *s)
{
    struct user *u = find_user(l, s);
    if (grant_pause(u, l))
        return;
    bool due = u->alarm_at != 0 && l->judge_by >= u->alarm_at;
    if (due && u->state == USER_CONNECTING)
        loop_drop(l, s, STATUS_TIMEOUT); /* there may be another address */
    else if (due && u->crowd->silence_allowed && u->state == USER_READY && u->transport->settled)
        user_close(u);
    else
        u->transport->kind->alarm(u->transport, s, due);
}

/* A connect that failed is tried with the next address. */
static void take_end(struct loop *l, struct loop_slot *s, int status)
{
    struct user *u = find_user(l, s);
    loop_refresh(l);
    if (u->state == USER_CONNECTING && status < 0 && u->cause == STATUS_OK &&
        status != STATUS_STOPPED && advance_address(u)) {
        status = start_connect(u);
        if (status >= 0)
            return;
    }
    u->transport->kind->ended(u->transport, s, status);
}

struct loop_app user_loop_app(struct crowd *c)
{
    return (struct loop_app){
        .self = c,
        .connected = pass_connected,
        .event = pass_event,
        .drained = pass_drained,
        .alarm = take_alarm,
        .ended = take_end,
    };
}

void user_work(struct crowd *c)
{
    requests_work(c);
}
