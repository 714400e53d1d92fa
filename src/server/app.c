#include "server/app.h"

#include "base/status.h"

static void event_answer(struct server *v, const struct session_io *io,
                         const struct session_event *event)
{
    v->stats.socketio_messages++;
    loop_mark(&v->loop, LOOP_HANDLE);
    session_echo(io, event, span_of(NULL, 0));
}

void app_answer(struct server *v, const struct session_io *io, struct guest *g,
                const struct session_event *event)
{
    (void)g;
    switch (event->kind) {
    case SESSION_EVENT:
        event_answer(v, io, event);
        break;
    case SESSION_HEARTBEAT:
        v->stats.heartbeats++;
        break;
    case SESSION_JOINED:
    case SESSION_ACK: /* we ask for none */
    case SESSION_LEFT:
    case SESSION_NOTHING:
    case SESSION_HEADER:
    case SESSION_OPENED:
    case SESSION_REFUSED:
        break;
    }
}
