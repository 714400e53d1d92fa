#include "loop/loop_work.h"

#include "loop/loop_list.h"

/* A slot that cost so much counts as expensive for HEAVY_TIMES as long. */
#define HEAVY_TIMES 32
#define HEAVY_MOST  100000000 /* ns */
#define WATCHED     256       /* turns */

void loop_work_init(struct loop *l)
{
    for (int i = 0; i < LOOP_WORKS; i++)
        l->work[i] = (struct loop_list){LOOP_NO_SLOT, LOOP_NO_SLOT, 0};
    l->charged = LOOP_NO_SLOT;
}

bool loop_work_is_over(const struct loop *l)
{
    return l->turn_start != 0 && l->io.now - l->turn_start >= LOOP_TURN_NS &&
           !l->setup.conn->client;
}

uint64_t loop_work_slice(const struct loop *l)
{
    return loop_work_is_over(l) ? LOOP_LAST_NS : LOOP_SLICE_NS;
}

bool loop_work_is_left(const struct loop *l)
{
    return l->work[LOOP_CHEAP].first != LOOP_NO_SLOT || l->work[LOOP_HEAVY].first != LOOP_NO_SLOT;
}

static bool is_heavy(const struct loop *l, const struct loop_slot *s)
{
    return s->heavy_until > l->io.now || s->conn.hold.len >= LOOP_HEAVY_BYTES;
}

void loop_work_owe(struct loop *l, uint64_t took, int rows)
{
    bool slow = took >= LOOP_TURN_NS && l->slow_look >= LOOP_TURN_NS;
    l->owed = slow && rows > 0 ? (uint32_t)rows : 0;
    l->slow_look = took;
}

bool loop_work_is_owed(const struct loop *l)
{
    return l->owed > 0 && loop_work_is_left(l);
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

/* An expensive slot may take as long as a turn: none begins late. */
static bool is_half_over(const struct loop *l)
{
    bool limited = l->turn_start != 0 && !l->setup.conn->client;
    return limited && 2 * (l->io.now - l->turn_start) >= LOOP_TURN_NS;
}

struct loop_slot *loop_work_next(struct loop *l, struct loop_work_share share[LOOP_WORKS])
{
    for (int i = 0; i < LOOP_WORKS; i++) {
        bool late = i == LOOP_HEAVY ? is_half_over(l) : loop_work_is_over(l);
        bool may = !share[i].served || !late;
        if (l->work[i].first == LOOP_NO_SLOT || share[i].left == 0 || !may)
            continue;
        struct loop_slot *s = &l->slots[l->work[i].first];
        share[i] = (struct loop_work_share){share[i].left - 1, true};
        loop_work_remove(l, s);
        l->round.left[i] -= l->round.left[i] > 0;
        return s;
    }
    return NULL;
}

static uint64_t find_heavy_end(uint64_t now, uint64_t cost)
{
    return now + (cost < HEAVY_MOST / HEAVY_TIMES ? cost * HEAVY_TIMES : HEAVY_MOST);
}

/* A slot that moved next to nothing did not take that long: another process had the processor, or
 * the kernel sent what others had queued. It would then wait behind those that do cost much. */
static bool has_moved(const struct loop *l)
{
    const struct loop_counters *c = &l->counters;
    return c->bytes_in + c->bytes_out - l->charged_bytes >= LOOP_SMALL_BYTES ||
           c->sends - l->charged_sends >= LOOP_SMALL_SENDS;
}

void loop_work_charge(struct loop *l, const struct loop_slot *s)
{
    uint64_t cost = l->io.now - l->charged_at;
    if (l->charged != LOOP_NO_SLOT && cost >= LOOP_HEAVY_NS && has_moved(l))
        l->slots[l->charged].heavy_until = find_heavy_end(l->io.now, cost);
    l->owed -= s != NULL && l->owed > 0;
    l->charged = s != NULL ? s->index : LOOP_NO_SLOT;
    l->charged_at = l->io.now;
    l->charged_bytes = l->counters.bytes_in + l->counters.bytes_out;
    l->charged_sends = l->counters.sends;
}

void loop_work_note(struct loop *l)
{
    struct loop_counters *c = &l->counters;
    uint64_t took = l->turn_start != 0 ? l->io.now - l->turn_start : 0;
    uint64_t cpu = l->watched > 0 ? port_thread_clock() - l->turn_cpu : 0;
    c->longest_turn = took > c->longest_turn ? took : c->longest_turn;
    c->longest_work = cpu > c->longest_work ? cpu : c->longest_work;
    l->watched -= l->watched > 0;
    if (c->cuts != l->cuts_noted || loop_work_is_left(l))
        l->watched = WATCHED;
    l->cuts_noted = c->cuts;
    l->turn_start = 0;
}

void loop_work_begin(struct loop *l)
{
    if (l->watched > 0)
        l->turn_cpu = port_thread_clock();
}
