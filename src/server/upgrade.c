#include "server/upgrade.h"

#include "base/base64.h"
#include "base/status.h"
#include "server/delivery.h"

void upgrade_begin(struct server *v, struct loop_slot *s, struct server_session *session,
                   const struct http_head *head)
{
    conn_accept(&s->conn, &v->loop.io, head, CONN_FRAMES, NULL, 0);
    if (!session->polling || session->leaving || session->probe != LOOP_NO_SLOT) {
        conn_close(&s->conn, &v->loop.io, 0);
        return;
    }
    session->probe = s->index;
    session->probe_by = v->loop.io.now + ((uint64_t)UPGRADE_MS * 1000000);
    server_session_bind(v, s->index, session);
    server_session_arm(v, session);
}

/* Sends a queued packet as a frame. A binary one is decoded where it lies. */
static bool send_packet(struct server *v, struct loop_slot *s, struct span text)
{
    if (text.ptr[0] != 'b')
        return delivery_frame(v, s, WS_TEXT, &text, 1);
    uint8_t *memory = (uint8_t *)(uintptr_t)text.ptr; /* in a lease of the queue */
    struct buf to = buf_over(memory, text.len);
    if (base64_decode(&to, span_after(text, 1)) < 0)
        return true; /* cannot happen: the server encoded it */
    struct span data = buf_span(&to);
    return delivery_frame(v, s, WS_BINARY, &data, 1);
}

static void flush_queue(struct server *v, struct loop_slot *s, struct server_session *session)
{
    while (session->queue != NULL) {
        struct lease *lease = session->queue;
        struct span rest = span_of(lease->data + lease->off, lease->len - lease->off);
        bool first = true;
        struct span text;
        /* Taken off before it is sent: if that drops the slot, the session ends with its queue. */
        session->queue = lease->next;
        server_session_sub_queued(v, session, rest.len);
        while (eio_payload_next(&rest, &first, &text) > 0 && send_packet(v, s, text))
            continue;
        pool_release(&v->loop.pool, lease);
    }
}

/* The conn takes over what came of a binary packet by post: its attachments come in frames. It
 * holds nothing itself, since a payload of one byte is never cut. */
static void carry_session(struct server *v, struct loop_slot *s, struct server_session *session)
{
    conn_carry(&s->conn, &v->loop.io, &session->protocol, &session->parts);
    s->held = server_session_take_parts(v, session);
    s->wanted = s->held != NULL ? POLLING_PARTS_BYTES(v->options->max_message) : 0;
}

/* `5`: the WebSocket is the transport from here on. */
static void finish_upgrade(struct server *v, struct loop_slot *s, struct server_session *session)
{
    if (session->overfull || session->rest != NULL) { /* or a post is not worked off yet */
        server_session_end(v, session, session->overfull ? STATUS_QUEUE_FULL : STATUS_EIO_PACKET,
                           "1");
        return;
    }
    session->probe_by = session->noop_at = 0;
    session->probe = LOOP_NO_SLOT;
    session->websocket = s->index;
    session->polling = false;
    server_session_answer_poll(v, session, 200, "6");
    if (!session->used)
        return;
    struct session_io io = server_session_io(v, session);
    carry_session(v, s, session);
    session_upgraded(&session->protocol, &io);
    flush_queue(v, s, session);
    server_session_arm(v, session);
}

static void answer_probe(struct server *v, struct server_session *session)
{
    bool waits = session->get != LOOP_NO_SLOT;
    ws_frame_put(&v->loop.out, true, WS_TEXT, SPAN("3probe"), NULL);
    /* A noop ends the client's poll, so that it can pause: the poll that waits, or else the one
     * that comes. A client that goes on polling gets at most one each NOOP_EVERY_MS. */
    session->noop_at = v->loop.io.now + (waits ? ((uint64_t)NOOP_EVERY_MS * 1000000) : 0);
    server_session_answer_poll(v, session, 200, "6");
    server_session_arm(v, session);
}

void upgrade_feed(struct server *v, struct loop_slot *s, struct server_session *session,
                  const struct websocket_event *data)
{
    struct span text = span_of(data->ptr, data->len);
    bool whole = data->message_first && data->message_last && data->opcode == WS_TEXT;
    if (whole && span_equal_text(text, "2probe"))
        answer_probe(v, session);
    else if (whole && span_equal_text(text, "5"))
        finish_upgrade(v, s, session);
    else
        server_session_drop_probe(v, session);
}
