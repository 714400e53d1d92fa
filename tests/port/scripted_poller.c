#include "scripted.h"

#include <assert.h>
#include <string.h>

struct watch {
    uint64_t token;
    unsigned interest;
};

static struct poller {
    bool open;
    size_t most;
    size_t count;
    size_t first; /* where the next wait begins to look, so that no watch starves */
    struct watch watches[SCRIPTED_SOCKETS];
} pollers[SCRIPTED_POLLERS];

static unsigned watches_to_fail;

static size_t scripted_most(void)
{
    return SCRIPTED_SOCKETS;
}

static int scripted_open(size_t sockets, void **state)
{
    *state = NULL;
    if (sockets > SCRIPTED_SOCKETS)
        return STATUS_LIMIT;
    for (size_t i = 0; i < SCRIPTED_POLLERS; i++) {
        if (pollers[i].open)
            continue;
        pollers[i] = (struct poller){.open = true, .most = sockets};
        *state = &pollers[i];
        return STATUS_OK;
    }
    return STATUS_NO_MEMORY;
}

static void note_watch(struct poller *p, size_t slot, bool on)
{
    p->count = on ? p->count + 1 : p->count - 1;
    scripted_watch(slot, on);
}

static void scripted_close(void *state)
{
    struct poller *p = state;

    for (size_t i = 0; i < SCRIPTED_SOCKETS; i++) {
        if (p->watches[i].interest != 0)
            note_watch(p, i, false);
    }
    p->open = false;
}

static int scripted_set(void *state, port_socket handle, unsigned had, unsigned interest,
                        uint64_t token)
{
    struct poller *p = state;
    size_t slot = scripted_slot(handle);
    struct watch *w = &p->watches[slot];

    assert(w->interest == had && "the caller knows the interest so far");
    if (had == 0 && interest != 0 && p->count >= p->most)
        return STATUS_LIMIT;
    if (had == 0 && interest != 0 && watches_to_fail > 0) {
        watches_to_fail--;
        return STATUS_LIMIT;
    }
    scripted_calls.sets += had != interest;
    if ((had == 0) != (interest == 0))
        note_watch(p, slot, interest != 0);
    *w = (struct watch){.token = token, .interest = interest};
    return STATUS_OK;
}

static int collect(struct poller *p, struct port_event *events, size_t cap)
{
    size_t rows = 0;

    for (size_t i = 0; i < SCRIPTED_SOCKETS && rows < cap; i++) {
        size_t at = p->first++ % SCRIPTED_SOCKETS;
        const struct watch *w = &p->watches[at];
        unsigned ready = w->interest != 0 ? scripted_ready(at) & w->interest : 0;
        if (ready != 0)
            events[rows++] = (struct port_event){.token = w->token, .ready = ready};
    }
    return (int)rows;
}

static int scripted_wait(void *state, struct port_event *events, size_t cap, uint64_t timeout_ns)
{
    int rows = collect(state, events, cap);

    scripted_calls.waits++;
    if (scripted_stop_take() || rows > 0)
        return rows;
    if (timeout_ns == PORT_FOREVER)
        return STATUS_STOPPED;
    scripted_clock_advance(timeout_ns);
    return 0;
}

static const struct port_poller poller = {
    .name = "scripted",
    .open = scripted_open,
    .set = scripted_set,
    .wait = scripted_wait,
    .close = scripted_close,
    .most = scripted_most,
};

const struct port_poller *port_poller_find(const char *name)
{
    return name == NULL || strcmp(name, poller.name) == 0 ? &poller : NULL;
}

const char *port_poller_names(void)
{
    return poller.name;
}

void scripted_watches_fail(unsigned count)
{
    watches_to_fail = count;
}

void scripted_poller_reset(void)
{
    watches_to_fail = 0;
    for (size_t i = 0; i < SCRIPTED_POLLERS; i++)
        pollers[i].open = false;
}
