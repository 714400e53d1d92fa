#include "conn/session.h"

#include <string.h>

#include "base/base64.h"
#include "base/status.h"
#include "conn/session_sid.h"
#include "conn/websocket.h"

static uint64_t add_ms(uint64_t now, uint64_t ms)
{
    return now + ms * 1000000;
}

static struct random *choose_masks(const struct session_io *io)
{
    return io->config->client ? io->random : NULL;
}

/* ---- Packets out: the only place that knows how a transport frames them ------------------ */

size_t session_begin(const struct session_io *io)
{
    size_t mark = io->out->len;
    if (!io->polling)
        return websocket_begin(io->out, io->config->client);
    if (mark > 0)
        buf_put_byte(io->out, EIO_SEPARATOR);
    return mark;
}

int session_end(const struct session_io *io, size_t mark)
{
    if (io->polling)
        return buf_finish(io->out, mark);
    return websocket_end(io->out, mark, WS_TEXT, choose_masks(io));
}

int session_put_binary(const struct session_io *io, struct span data)
{
    if (!io->polling)
        return websocket_put(io->out, WS_BINARY, data, choose_masks(io));
    size_t mark = session_begin(io);
    buf_put_byte(io->out, 'b');
    base64_put(io->out, data);
    return session_end(io, mark);
}

static int put_packet(const struct session_io *io, const char *text)
{
    size_t mark = session_begin(io);
    buf_put_text(io->out, text);
    return session_end(io, mark);
}

/* ---- Opening ----------------------------------------------------------------------------- */

void session_open(struct session *s, const struct session_io *io, uint32_t number)
{
    struct eio_open open = {0};
    memset(s, 0, sizeof *s);
    session_sid_make(io->random, s->sid);
    session_sid_append(s->sid, number);
    open.upgrade_websocket = io->polling;
    memcpy(open.sid, s->sid, sizeof open.sid);
    open.ping_interval = s->ping_interval = io->config->ping_interval;
    open.ping_timeout = s->ping_timeout = io->config->ping_timeout;
    open.max_payload = io->config->max_payload;
    s->state = SESSION_OPEN;
    s->ping_at = add_ms(io->now, s->ping_interval);
    s->connect_by = add_ms(io->now, io->config->connect_timeout);

    size_t mark = session_begin(io);
    buf_put_byte(io->out, '0');
    eio_open_put(io->out, &open);
    session_end(io, mark);
}

void session_bare(struct session *s)
{
    s->bare = true;
    s->connect_by = 0;
}

static void put_connect(const struct session_io *io)
{
    size_t mark = session_begin(io);
    sio_head_put(io->out, SIO_CONNECT, 0, span_text(io->config->namespaces[0]), false, 0);
    buf_put_span(io->out, io->config->auth);
    session_end(io, mark);
}

/* Client: reads the open packet, then asks for the namespace: in this revision of the protocol none
 * is joined unasked. */
static int feed_open(struct session *s, const struct session_io *io, struct span data,
                     struct session_event *event)
{
    struct eio_open open;
    int status = eio_open_parse(data, &open);
    if (status < 0)
        return status;
    memcpy(s->sid, open.sid, sizeof s->sid);
    s->ping_interval = open.ping_interval;
    s->ping_timeout = open.ping_timeout;
    s->max_payload = open.max_payload != 0 ? open.max_payload : UINT64_MAX;
    s->upgrades = open.upgrade_websocket;
    s->dead_at = add_ms(io->now, (uint64_t)s->ping_interval + s->ping_timeout);
    s->state = SESSION_OPEN;
    put_connect(io);
    event->kind = SESSION_OPENED;
    return STATUS_OK;
}

/* ---- Namespaces -------------------------------------------------------------------------- */

static int find_namespace(const struct session_config *config, struct span name)
{
    for (size_t i = 0; i < config->namespace_count; i++)
        if (span_equal_text(name, config->namespaces[i]))
            return (int)i;
    return -1;
}

static bool has_joined(const struct session *s, int nsp)
{
    return nsp >= 0 && (s->joined & (1u << nsp)) != 0;
}

static void put_connect_error(const struct session_io *io, struct span nsp, const char *json)
{
    size_t mark = session_begin(io);
    sio_head_put(io->out, SIO_CONNECT_ERROR, 0, nsp, false, 0);
    buf_put_text(io->out, json);
    session_end(io, mark);
}

static void put_connect_accept(const struct session_io *io, struct span nsp)
{
    char sid[EIO_SID_MAX];
    session_sid_make(io->random, sid); /* differs per namespace, and from the session's own */
    size_t mark = session_begin(io);
    sio_head_put(io->out, SIO_CONNECT, 0, nsp, false, 0);
    buf_put_text(io->out, "{\"sid\":\"");
    buf_put_text(io->out, sid);
    buf_put_text(io->out, "\"}");
    session_end(io, mark);
}

/* Server: joins, refuses, or ends a session that joins twice. */
static int feed_join(struct session *s, const struct session_io *io, int nsp,
                     struct session_event *event)
{
    if (nsp < 0) {
        /* A name that would not fit into an answer is longer than any namespace here. */
        if (event->packet.nsp.len <= NAMESPACE_NAME_MAX)
            put_connect_error(io, event->packet.nsp, "{\"message\":\"Invalid namespace\"}");
        return event->packet.nsp.len <= NAMESPACE_NAME_MAX ? STATUS_OK : STATUS_SIO_NAMESPACE;
    }
    if (has_joined(s, nsp))
        return STATUS_SIO_NAMESPACE;
    s->joined = (uint16_t)(s->joined | (1u << nsp));
    s->connect_by = 0;
    put_connect_accept(io, event->packet.nsp);
    event->kind = SESSION_JOINED;
    return STATUS_OK;
}

/* Client: since revision 5 the answer names the socket; else the server speaks an older one. */
static int feed_joined(struct session *s, int nsp, struct session_event *event)
{
    struct json sid;
    if (nsp < 0)
        return STATUS_SIO_NAMESPACE;
    if (!json_find(&event->data, "sid", &sid) || sid.type != JSON_STRING)
        return STATUS_EIO_VERSION;
    s->joined = (uint16_t)(s->joined | (1u << nsp));
    event->kind = SESSION_JOINED;
    return STATUS_OK;
}

/* A client keeps events that outrun the answer to its CONNECT: they count for a namespace that is
 * asked for. */
static bool may_receive(const struct session *s, const struct session_io *io, int nsp)
{
    return has_joined(s, nsp) || (io->config->client && nsp >= 0);
}

/* ---- Socket.IO packets in ---------------------------------------------------------------- */

static int feed_packet(struct session *s, const struct session_io *io, int nsp,
                       struct session_event *event)
{
    switch (event->packet.type) {
    case SIO_CONNECT:
        return io->config->client ? feed_joined(s, nsp, event) : feed_join(s, io, nsp, event);
    case SIO_CONNECT_ERROR:
        event->kind = SESSION_REFUSED;
        return STATUS_OK;
    case SIO_DISCONNECT:
        if (!has_joined(s, nsp))
            return STATUS_SIO_NAMESPACE;
        s->joined = (uint16_t)(s->joined & ~(1u << nsp));
        event->kind = SESSION_LEFT;
        return STATUS_OK;
    case SIO_EVENT:
    case SIO_ACK:
        if (!may_receive(s, io, nsp))
            return STATUS_SIO_NAMESPACE;
        if (event->packet.data.type == JSON_NONE)
            return STATUS_OK; /* as in socket.io: legal, and means nothing */
        event->kind = event->packet.type == SIO_EVENT ? SESSION_EVENT : SESSION_ACK;
        return STATUS_OK;
    case SIO_BINARY_EVENT:
    case SIO_BINARY_ACK:
        if (!may_receive(s, io, nsp))
            return STATUS_SIO_NAMESPACE;
        s->parts_due = (uint8_t)event->packet.attachments;
        s->parts = 0;
        event->kind = SESSION_HEADER;
        return STATUS_OK;
    }
    return STATUS_SIO_PACKET;
}

static int feed_message(struct session *s, const struct session_io *io, struct span text,
                        struct session_event *event)
{
    if (s->parts_due > 0)
        return STATUS_SIO_ATTACHMENT;
    int used = sio_packet_parse(text, !io->config->client, &event->packet);
    if (used < 0)
        return used;
    int nsp = find_namespace(io->config, event->packet.nsp);
    event->nsp = nsp >= 0 ? (unsigned)nsp : 0;
    event->data = event->packet.data;
    int status = feed_packet(s, io, nsp, event);
    if (event->kind == SESSION_HEADER)
        s->part_length[s->parts++] = (uint32_t)(text.len + 1); /* with Engine.IO's digit */
    return status;
}

/* Server pings, client pongs; the next interval runs from the pong, as engine.io does it. */
static int feed_heartbeat(struct session *s, const struct session_io *io, enum eio_type type,
                          struct span data, struct session_event *event)
{
    bool client = io->config->client;
    if (client != (type == EIO_PING))
        return client ? STATUS_OK : STATUS_EIO_PACKET;
    event->kind = SESSION_HEARTBEAT;
    if (client) {
        s->dead_at = add_ms(io->now, (uint64_t)s->ping_interval + s->ping_timeout);
        size_t mark = session_begin(io);
        buf_put_byte(io->out, '3');
        if (data.len <= WS_CONTROL_MAX)
            buf_put_span(io->out, data);
        return session_end(io, mark);
    }
    if (s->dead_at != 0) { /* an unsolicited pong is harmless */
        s->dead_at = 0;
        s->ping_at = add_ms(io->now, s->ping_interval);
    }
    return STATUS_OK;
}

int session_feed(struct session *s, const struct session_io *io, struct span packet,
                 struct session_event *event)
{
    struct eio_packet p;
    memset(event, 0, sizeof *event);
    int used = eio_packet_parse(packet, &p);
    if (s->state == SESSION_NONE && eio_payload_is_old(packet))
        return STATUS_EIO_VERSION;
    if (used < 0)
        return used;
    if (s->state == SESSION_NONE)
        return p.type == EIO_OPEN ? feed_open(s, io, p.data, event) : STATUS_EIO_PACKET;
    switch (p.type) {
    case EIO_CLOSE:
        return STATUS_EIO_CLOSED;
    case EIO_PING:
    case EIO_PONG:
        return feed_heartbeat(s, io, p.type, p.data, event);
    case EIO_MESSAGE:
        if (!s->bare)
            return feed_message(s, io, p.data, event);
        event->kind = SESSION_TEXT;
        event->message = p.data;
        break;
    case EIO_OPEN: /* ignored once a session is established, in both roles */
    case EIO_UPGRADE:
    case EIO_NOOP:
        break;
    }
    return STATUS_OK;
}

int session_feed_binary(struct session *s, struct span data, struct session_event *event)
{
    memset(event, 0, sizeof *event);
    if (!s->bare)
        return STATUS_SIO_ATTACHMENT;
    event->kind = SESSION_BINARY;
    event->message = data;
    return STATUS_OK;
}

/* ---- Attachments ------------------------------------------------------------------------- */

/* The header text was checked when it came; it is read again now that all parts stand together. */
static int deliver_parts(struct session *s, const struct session_io *io, const uint8_t *held,
                         struct session_event *event)
{
    const uint8_t *at = held + HOLD_HEADROOM;
    int used = sio_packet_parse(span_of(at + 1, s->part_length[0] - 1), !io->config->client,
                                &event->packet);
    if (used < 0)
        return used;
    int nsp = find_namespace(io->config, event->packet.nsp);
    event->nsp = nsp >= 0 ? (unsigned)nsp : 0;
    event->data = event->packet.data;
    event->attachments = s->parts - 1u;
    for (unsigned i = 0; i < event->attachments; i++) {
        at += s->part_length[i] + HOLD_HEADROOM;
        event->attachment[i] = span_of(at, s->part_length[i + 1]);
    }
    event->kind = event->packet.type == SIO_BINARY_EVENT ? SESSION_EVENT : SESSION_ACK;
    return STATUS_OK;
}

int session_feed_part(struct session *s, const struct session_io *io, uint8_t *held, size_t len,
                      struct session_event *event)
{
    memset(event, 0, sizeof *event);
    if (s->parts_due == 0)
        return STATUS_SIO_ATTACHMENT;
    s->part_length[s->parts++] = (uint32_t)len;
    s->parts_due--;
    return s->parts_due > 0 ? STATUS_OK : deliver_parts(s, io, held, event);
}

/* ---- Time -------------------------------------------------------------------------------- */

static uint64_t choose_sooner(uint64_t deadline, uint64_t other)
{
    return other != 0 && other < deadline ? other : deadline;
}

uint64_t session_deadline(const struct session *s)
{
    uint64_t deadline = UINT64_MAX;
    if (s->state == SESSION_CLOSED)
        return deadline;
    deadline = choose_sooner(deadline, s->ping_at);
    deadline = choose_sooner(deadline, s->dead_at);
    return choose_sooner(deadline, s->connect_by);
}

int session_tick(struct session *s, const struct session_io *io)
{
    if (s->dead_at != 0 && io->now >= s->dead_at)
        return STATUS_PING_TIMEOUT;
    if (s->connect_by != 0 && io->now >= s->connect_by)
        return STATUS_CONNECT_TIMEOUT;
    if (s->ping_at != 0 && io->now >= s->ping_at) {
        /* Counted from when the ping was due, so that a little lateness does not add up; after more
         * than that this process stood still, and the peer gets its whole time. */
        bool punctual = io->now < add_ms(s->ping_at, s->ping_timeout / 2);
        s->dead_at = add_ms(punctual ? s->ping_at : io->now, s->ping_timeout);
        s->ping_at = 0;
        return put_packet(io, "2");
    }
    return STATUS_OK;
}

void session_upgraded(struct session *s, const struct session_io *io)
{
    if (s->dead_at == 0)
        return;
    s->dead_at = 0;
    s->ping_at = add_ms(io->now, s->ping_interval);
}

void session_close(struct session *s)
{
    s->state = SESSION_CLOSED;
    s->joined = 0;
}

void session_put_disconnect(struct session *s, const struct session_io *io, unsigned nsp)
{
    if (!has_joined(s, (int)nsp))
        return;
    size_t mark = session_begin(io);
    sio_head_put(io->out, SIO_DISCONNECT, 0, span_text(io->config->namespaces[nsp]), false, 0);
    session_end(io, mark);
    s->joined = (uint16_t)(s->joined & ~(1u << nsp));
}

void session_put_leave(struct session *s, const struct session_io *io)
{
    for (unsigned i = 0; i < io->config->namespace_count; i++)
        session_put_disconnect(s, io, i);
}
