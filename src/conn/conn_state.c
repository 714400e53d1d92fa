#include "conn/conn_state.h"

#include "base/status.h"

struct random *conn_state_masks(const struct conn_io *io)
{
    return io->config->client ? io->random : NULL;
}

struct session_io conn_state_session_io(const struct conn_io *io)
{
    return (struct session_io){.config = &io->config->session,
                               .out = io->out,
                               .random = io->random,
                               .now = io->now,
                               .polling = false};
}

void conn_state_ask(struct conn *c, struct conn_event *event, size_t wanted, struct span part)
{
    c->wanted = HOLD_HEADROOM + wanted;
    event->kind = CONN_HOLD;
    event->part = part;
}

void conn_state_report_close(struct conn *c, int status, unsigned code, struct conn_event *event)
{
    if (c->session != NULL)
        session_close(c->session);
    c->hold.over = true;
    event->kind = CONN_CLOSE;
    event->status = status;
    event->code = code;
    event->part = span_of(NULL, 0);
}

void conn_state_end(struct conn *c, const struct conn_io *io, enum conn_ending ending)
{
    c->state = CONN_CLOSED;
    c->ending = ending;
    c->deadline = io->now + io->config->close_timeout;
}

/* ---- Failures ---------------------------------------------------------------------------- */

static int choose_http_code(int status)
{
    switch (status) {
    case STATUS_HTTP_TOO_LARGE:
    case STATUS_HTTP_TOO_MANY:
        return 431;
    case STATUS_HTTP_VERSION:
        return 505;
    case STATUS_TIMEOUT:
        return 408;
    case STATUS_NO_MEMORY:
        return 503;
    default:
        return 400;
    }
}

/* A fault of JSON, Engine.IO or Socket.IO: these are the last statuses in the list. */
static bool is_session_fault(int status)
{
    return status <= STATUS_JSON_SYNTAX;
}

/* RFC 6455 section 7.4.1 for faults of frames. A fault of the session gets an empty Close, as from
 * engine.io. */
static unsigned choose_close_code(int status)
{
    if (status == STATUS_NO_MEMORY)
        return 1013;
    if (status == STATUS_TIMEOUT)
        return 1008;
    return is_session_fault(status) ? 0 : ws_close_code_for(status);
}

void conn_fail(struct conn *c, const struct conn_io *io, int status, struct conn_event *event)
{
    enum conn_ending ending = CONN_SHUTS;
    bool framed = c->state == CONN_WEBSOCKET && !c->mid_frame; /* no Close fits inside a frame */
    bool asked = c->state == CONN_HEAD || c->state == CONN_BODY || c->state == CONN_ANSWER;
    if (framed)
        websocket_put_close(io->out, choose_close_code(status), "", conn_state_masks(io));
    else if (!io->config->client && asked)
        http_response_put(io->out, choose_http_code(status), "text/plain", "", true,
                          span_text(status_text(status)));
    else
        ending = CONN_ENDS;
    conn_state_report_close(c, status, 0, event);
    conn_state_end(c, io, ending);
}

void conn_refuse(struct conn *c, const struct conn_io *io, struct conn_event *event)
{
    event->kind = CONN_NOTHING;
    c->wanted = 0;
    conn_fail(c, io, STATUS_NO_MEMORY, event);
}
