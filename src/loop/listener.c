#include "loop/listener.h"

#include "loop/loop_slot.h"
#include "loop/loop_work.h"

#define LISTEN_PAUSE_NS  100000000u /* after running out of descriptors */
#define ACCEPTS_PER_TURN 64
#define ACCEPTS_LEAST    8 /* in each turn, however long that lasts */

static int watch_listeners(struct loop *l, unsigned interest)
{
    int status = STATUS_OK;
    unsigned had = l->listening ? PORT_READ : 0;
    for (unsigned i = 0; i < l->listener_count && status >= 0 && had != interest; i++)
        status = l->setup.poller->set(l->poller_state, l->listeners[i].socket, had, interest,
                                      LISTENER_TOKEN - i);
    l->listening = interest != 0;
    return status;
}

int listener_add(struct loop *l, port_socket listener, bool raw)
{
    if (l->listener_count == LOOP_LISTENERS)
        return STATUS_LIMIT;
    if (l->setup.socket_buffer > 0) { /* before the first connection: it bounds the window */
        port_socket_set(listener, PORT_RECEIVE_BUFFER, (int)l->setup.socket_buffer);
        port_socket_set(listener, PORT_SEND_BUFFER, (int)l->setup.socket_buffer);
    }
    l->listeners[l->listener_count].socket = listener;
    l->listeners[l->listener_count].raw = raw;
    int status = l->setup.poller->set(l->poller_state, listener, 0, PORT_READ,
                                      LISTENER_TOKEN - l->listener_count);
    if (status < 0)
        return status;
    l->listener_count++;
    l->listening = true;
    return STATUS_OK;
}

void listener_stop(struct loop *l)
{
    watch_listeners(l, 0);
    l->listener_count = 0;
    l->listen_again = 0;
}

static void accept_peer(struct loop *l, port_socket socket, bool raw)
{
    struct loop_slot *s = loop_slot_take(l, socket);
    uint32_t generation = s->generation;
    loop_begin(l, s);
    conn_start_server(&s->conn, &l->io, raw);
    l->counters.accepted++;
    if (l->setup.app->accepted != NULL)
        l->setup.app->accepted(l, s);
    if (s->generation == generation)
        loop_end(l, s);
}

void listener_ready(struct loop *l, unsigned number)
{
    for (int i = 0; i < ACCEPTS_PER_TURN && l->free_first != LOOP_NO_SLOT; i++) {
        port_socket socket;
        int got = port_accept(l->listeners[number].socket, &socket,
                              l->address_wanted ? &l->accepted_from : NULL);
        if (got == 0)
            return;
        if (got < 0) {
            l->counters.turned_away++;
            watch_listeners(l, 0);
            l->listen_again = port_clock() + LISTEN_PAUSE_NS;
            return;
        }
        accept_peer(l, socket, l->listeners[number].raw);
        if (i >= ACCEPTS_LEAST && loop_work_is_over(l))
            return;
    }
    if (l->free_first == LOOP_NO_SLOT)
        watch_listeners(l, 0); /* connections wait in the backlog until a slot is free */
}

void listener_resume(struct loop *l)
{
    if (l->listen_again != 0 && port_clock() < l->listen_again)
        return;
    l->listen_again = 0;
    if (l->listener_count > 0 && !l->listening && l->free_first != LOOP_NO_SLOT)
        watch_listeners(l, PORT_READ);
}
