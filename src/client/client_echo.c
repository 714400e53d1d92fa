#include "client/client_echo.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "client/user/destination.h"
#include "conn/echo.h"
#include "loop/output.h"
#include "measure/record/failure.h"

/* Bytes that wait for the peer to take them: at most, and from how many on it is not read. */
#define QUEUE_MAX  (64u * 1024 * 1024)
#define QUEUE_FULL (32u * 1024 * 1024)

/* The only run. */
struct client_echo {
    const struct client_options *options;
    bool connected;
    bool closed;   /* conn has reported the end: `status` is final */
    bool over;     /* no connection is left */
    int status;    /* why it ended; STATUS_OK: properly */
    unsigned code; /* of the peer's Close, or the HTTP status */
    char detail[FAILURE_TEXT];
    struct loop_slot *slot;
    struct session session;
    struct destination destination;
    struct loop loop;
};

static struct client_echo *find_echo(const struct loop *l)
{
    return l->setup.app->self;
}

/* ---- Answers ----------------------------------------------------------------------------- */

/* Sends the output if there is no room for a frame's head. False when the connection was lost. */
static bool make_room(struct loop *l, struct loop_slot *s)
{
    return buf_room(&l->out) >= WS_HEAD_MAX || output_flush(l, s);
}

static bool send_piece(struct loop *l, struct loop_slot *s, struct span piece, const uint8_t key[4],
                       uint64_t *done)
{
    while (piece.len > 0) {
        if (!make_room(l, s))
            return false;
        size_t len = piece.len < buf_room(&l->out) ? piece.len : buf_room(&l->out);
        uint8_t *at = l->out.ptr + l->out.len;
        memcpy(at, piece.ptr, len);
        ws_mask(at, len, key, *done);
        l->out.len += len;
        *done += len;
        piece = span_after(piece, len);
    }
    return true;
}

/* One frame of any length. */
static bool send_frame(struct loop *l, struct loop_slot *s, bool fin, uint8_t opcode,
                       const struct span *pieces, size_t count)
{
    uint8_t head[WS_HEAD_MAX];
    uint8_t key[4];
    uint64_t length = 0;
    uint64_t done = 0;
    for (size_t i = 0; i < count; i++)
        length += pieces[i].len;
    if (!make_room(l, s))
        return false;
    random_bytes(&l->random, key, sizeof key);
    buf_put(&l->out, head, ws_head_write(head, fin, opcode, length, key));
    for (size_t i = 0; i < count; i++)
        if (!send_piece(l, s, pieces[i], key, &done))
            return false;
    return true;
}

static void return_part(struct loop *l, struct loop_slot *s, const struct websocket_event *part)
{
    uint8_t opcode = part->message_first ? part->opcode : (uint8_t)WS_CONTINUATION;
    struct span piece = span_of(part->ptr, part->len);
    send_frame(l, s, part->message_last, opcode, &piece, 1);
}

static void return_event(struct loop *l, struct loop_slot *s, const struct session_event *event)
{
    struct echo echo;
    echo_make(&echo, &l->setup.conn->session, event, span_of(NULL, 0));
    if (!send_frame(l, s, true, WS_TEXT, echo.text, ECHO_PIECES))
        return;
    for (unsigned i = 0; i < event->attachments; i++)
        if (!send_frame(l, s, true, WS_BINARY, &event->attachment[i], 1))
            return;
}

/* ---- The loop's calls -------------------------------------------------------------------- */

static void start_peer(struct loop *l, struct loop_slot *s)
{
    struct client_echo *e = find_echo(l);
    bool session = e->destination.target->kind == TARGET_SIO;
    e->connected = true;
    conn_start_client(&s->conn, &l->io, session ? &e->session : NULL);
    if (!session)
        s->conn.mode = CONN_FRAMES;
}

static void take_session_event(struct loop *l, struct loop_slot *s,
                               const struct session_event *event)
{
    struct client_echo *e = find_echo(l);
    if (event->kind == SESSION_JOINED) {
        loop_alarm(l, s, 0);
    } else if (event->kind == SESSION_EVENT) {
        return_event(l, s, event);
    } else if (event->kind == SESSION_REFUSED) {
        e->closed = true;
        e->status = STATUS_SIO_CONNECT_ERROR;
        span_copy_text(event->data.text, e->detail, sizeof e->detail);
        conn_close(&s->conn, &l->io, 1000);
    } else if (event->kind == SESSION_LEFT) {
        e->closed = true; /* the peer closes by leaving */
        conn_close(&s->conn, &l->io, 1000);
    }
}

static void take_event(struct loop *l, struct loop_slot *s, struct conn_event *event)
{
    struct client_echo *e = find_echo(l);
    switch (event->kind) {
    case CONN_UPGRADED:
        if (s->conn.session == NULL)
            loop_alarm(l, s, 0);
        break;
    case CONN_DATA:
        return_part(l, s, &event->data);
        break;
    case CONN_SESSION:
        take_session_event(l, s, &event->session);
        break;
    case CONN_CLOSE:
        if (e->closed)
            break;
        e->closed = true;
        e->status = event->status;
        e->code = event->code;
        break;
    case CONN_PING:
    case CONN_PONG:
    case CONN_HOLD:
    case CONN_REQUEST:
    case CONN_BODY_WHOLE:
    case CONN_RESPONSE:
    case CONN_NOTHING:
        break;
    }
}

static void drop_late_peer(struct loop *l, struct loop_slot *s)
{
    loop_drop(l, s, STATUS_TIMEOUT);
}

static int start_connect(struct client_echo *e)
{
    struct destination *d = &e->destination;
    int status = loop_connect(&e->loop, &d->addresses[d->address], 0, &e->slot);
    if (status >= 0)
        loop_alarm(&e->loop, e->slot, port_clock() + e->options->timeout_ns);
    return status;
}

/* Tries the next addresses in order. When none is left, the failure of the last one is reported. */
static void try_next_address(struct client_echo *e, int status)
{
    struct destination *d = &e->destination;
    while (status < 0 && d->address + 1 < d->address_count) {
        d->address++;
        status = start_connect(e);
    }
    if (status >= 0)
        return;
    e->over = true;
    e->status = status;
}

static void end_peer(struct loop *l, struct loop_slot *s, int status)
{
    struct client_echo *e = find_echo(l);
    (void)s;
    if (!e->connected && status != STATUS_STOPPED && port_stop_count() == 0) {
        try_next_address(e, status < 0 ? status : STATUS_CLOSED);
        return;
    }
    e->over = true;
    if (!e->closed)
        e->status = status < 0 ? status : STATUS_CLOSED;
}

/* ---- The run ----------------------------------------------------------------------------- */

/* The first signal closes properly, the second one ends it at once. */
static void serve(struct client_echo *e)
{
    bool leaving = false;
    while (!e->over && port_stop_count() < 2) {
        int status = loop_turn(&e->loop, PORT_FOREVER);
        if (status < 0) {
            e->status = status;
            return;
        }
        if (port_stop_count() == 0 || leaving || e->over)
            continue;
        leaving = true;
        loop_begin(&e->loop, e->slot);
        conn_close(&e->slot->conn, &e->loop.io, 1001);
        loop_end(&e->loop, e->slot);
    }
}

static int open_all(struct client_echo *e, const struct port_poller *poller,
                    const struct loop_app *app)
{
    struct destination *d = &e->destination;
    struct loop_setup setup = {
        .conn = &d->conn,
        .app = app,
        .poller = poller,
        .slots = 1,
        .pool_bytes = QUEUE_MAX + 2 * (size_t)MESSAGE_LIMIT_MAX,
        .queue_limit = QUEUE_MAX,
        .read_limit = QUEUE_FULL,
        .socket_buffer = e->options->socket_buffer,
        .busy_poll = e->options->busy_poll,
    };
    static uint8_t memory[256]; /* a destination has a form for messages, which is not used */
    if (destination_memory(e->options) > sizeof memory)
        return STATUS_NO_ROOM;
    int status = destination_make(d, &e->options->targets.item[0], e->options, memory);
    d->conn.session.max_payload = MESSAGE_LIMIT_MAX;
    if (status >= 0)
        status = destination_resolve(d);
    return status < 0 ? status : loop_open(&e->loop, &setup);
}

static void explain(const struct client_echo *e, char error[OPTION_ERROR_BYTES])
{
    char code[24] = "";
    if (e->status == STATUS_HTTP_STATUS)
        snprintf(code, sizeof code, ": %u", e->code);
    snprintf(error, OPTION_ERROR_BYTES, "%.140s: %s%s%s%.60s", e->options->targets.item[0].text,
             status_text(e->status), code, e->detail[0] == '\0' ? "" : ": ", e->detail);
}

enum client_echo_result client_echo_run(const struct client_options *options,
                                        const struct port_poller *poller,
                                        char error[OPTION_ERROR_BYTES])
{
    static struct client_echo e;
    const struct loop_app app = {.self = &e,
                                 .connected = start_peer,
                                 .event = take_event,
                                 .alarm = drop_late_peer,
                                 .ended = end_peer};
    memset(&e, 0, sizeof e);
    e.options = options;
    port_stop_catch(NULL);
    e.status = open_all(&e, poller, &app);
    bool opened = e.status >= 0;
    if (opened) {
        e.status = STATUS_OK;
        int status = start_connect(&e);
        if (status < 0)
            try_next_address(&e, status);
        serve(&e);
        loop_close(&e.loop);
    }
    if (port_stop_count() > 0)
        return CLIENT_ECHO_STOPPED;
    explain(&e, error);
    return opened && e.status == STATUS_OK ? CLIENT_ECHO_DONE : CLIENT_ECHO_FAILED;
}
