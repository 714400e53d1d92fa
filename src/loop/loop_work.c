#include "loop/loop_work.h"

#include "loop/loop_list.h"

/* A slot that cost so much counts as expensive for HEAVY_TIMES as long. */
#define HEAVY_TIMES 32

void loop_work_init(struct loop *l)
{
    for (int i = 0; i < LOOP_WORKS; i++)
        l->work[i] = (struct loop_list){LOOP_NO_SLOT, LOOP_NO_SLOT};
    l->charged = LOOP_NO_SLOT;
}

bool loop_work_is_over(const struct loop *l)
{
    return l->turn_start != 0 && l->io.now - l->turn_start >= LOOP_TURN_NS &&
           !l->setup.conn->client;
}

bool loop_work_is_left(const struct loop *l)
{
    return l->work[LOOP_CHEAP].first != LOOP_NO_SLOT || l->work[LOOP_HEAVY].first != LOOP_NO_SLOT;
}

static bool is_heavy(const struct loop *l, const struct loop_slot *s)
{
    return s->heavy_until > l->io.now || s->conn.hold.len >= LOOP_HEAVY_BYTES;
}

bool loop_work_must_wait(const struct loop *l, const struct loop_slot *s)
{
    if (l->setup.conn->client)
        return false;
    return l->work[LOOP_CHEAP].first != LOOP_NO_SLOT || loop_work_is_over(l) || is_heavy(l, s);
}

void loop_work_add(struct loop *l, struct loop_slot *s)
{
    if (s->work != LOOP_IDLE)
        return;
    s->work = is_heavy(l, s) ? LOOP_HEAVY : LOOP_CHEAP;
    loop_list_append(l, &l->work[s->work], s);
}

void loop_work_remove(struct loop *l, struct loop_slot *s)
{
    if (s->work == LOOP_IDLE)
        return;
    loop_list_remove(l, &l->work[s->work], s);
    s->work = LOOP_IDLE;
}

struct loop_slot *loop_work_next(struct loop *l, uint32_t served[LOOP_WORKS])
{
    for (int i = 0; i < LOOP_WORKS; i++) {
        bool may = served[i] == 0 || (served[i] < l->used && !loop_work_is_over(l));
        if (l->work[i].first == LOOP_NO_SLOT || !may)
            continue;
        struct loop_slot *s = &l->slots[l->work[i].first];
        served[i]++;
        loop_work_remove(l, s);
        return s;
    }
    return NULL;
}

void loop_work_charge(struct loop *l, const struct loop_slot *s)
{
    uint64_t cost = l->io.now - l->charged_at;
    if (l->charged != LOOP_NO_SLOT && cost >= LOOP_HEAVY_NS)
        l->slots[l->charged].heavy_until = l->io.now + cost * HEAVY_TIMES;
    l->charged = s != NULL ? s->index : LOOP_NO_SLOT;
    l->charged_at = l->io.now;
}
