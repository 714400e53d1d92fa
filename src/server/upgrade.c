#include "server/upgrade.h"

#include "base/base64.h"
#include "base/status.h"
#include "loop/output.h"
#include "server/delivery.h"
#include "server/longpoll.h"

void upgrade_begin(struct server *v, struct loop_slot *s, struct guest *g,
                   const struct http_head *head)
{
    conn_accept(&s->conn, &v->loop.io, head, CONN_FRAMES, NULL, 0);
    if (!g->polling || g->leaving || g->probe != GUEST_NOBODY) {
        conn_close(&s->conn, &v->loop.io, 0);
        return;
    }
    g->probe = s->index;
    g->probe_by = v->loop.io.now + ((uint64_t)UPGRADE_MS * 1000000);
    v->peers[s->index].guest = guest_index(v, g) + 1;
    guest_arm(v, g);
}

void upgrade_cancel(struct server *v, struct guest *g)
{
    uint32_t index = g->probe;
    struct loop_slot *s = index != GUEST_NOBODY ? loop_slot_at(&v->loop, index) : NULL;
    g->probe = GUEST_NOBODY;
    g->probe_by = g->noop_at = 0;
    if (s == NULL)
        return;
    v->peers[index].guest = 0;
    struct loop_slot *back = guest_switch(v, s);
    conn_close(&s->conn, &v->loop.io, 0);
    guest_switch_back(v, s, back);
}

/* A packet as polling has it becomes a frame. Binary ones are decoded where they are. */
static bool packet_send(struct server *v, struct loop_slot *s, struct span text)
{
    if (text.ptr[0] != 'b')
        return delivery_frame(v, s, WS_TEXT, &text, 1);
    uint8_t *memory = (uint8_t *)(uintptr_t)text.ptr; /* in a lease of ours */
    struct buf to = buf_over(memory, text.len);
    if (base64_decode(&to, span_after(text, 1)) < 0)
        return true; /* we encoded it ourselves */
    struct span data = buf_span(&to);
    return delivery_frame(v, s, WS_BINARY, &data, 1);
}

static void queue_flush(struct server *v, struct loop_slot *s, struct guest *g)
{
    while (g->queue != NULL) {
        struct lease *lease = g->queue;
        struct span rest = span_of(lease->data + lease->off, lease->len - lease->off);
        bool first = true;
        struct span text;
        g->queue = lease->next; /* if the slot is dropped, the guest ends, and with it its queue */
        g->queue_bytes -= rest.len;
        while (eio_payload_next(&rest, &first, &text) > 0 && packet_send(v, s, text))
            continue;
        pool_release(&v->loop.pool, lease);
    }
}

/* The conn takes over what came of a binary packet by post: its attachments come in frames. It
 * holds nothing itself, since a payload of one byte is never cut. */
static void session_carry(struct server *v, struct loop_slot *s, struct guest *g)
{
    s->held = g->parts_lease;
    conn_carry(&s->conn, &v->loop.io, &g->session, &g->parts);
    g->parts_lease = NULL;
    hold_take(&g->parts);
}

/* `5`: the WebSocket is the transport from here on. */
static void upgrade_finish(struct server *v, struct loop_slot *s, struct guest *g)
{
    if (g->overfull) {
        guest_end(v, g, STATUS_QUEUE_FULL, "1");
        return;
    }
    g->probe_by = g->noop_at = 0;
    g->probe = GUEST_NOBODY;
    g->web = s->index;
    g->polling = false;
    longpoll_release(v, g, "6");
    if (!g->used)
        return;
    struct session_io io = guest_io(v, g);
    session_carry(v, s, g);
    session_upgraded(&g->session, &io);
    queue_flush(v, s, g);
    guest_arm(v, g);
}

static void probe_answer(struct server *v, struct guest *g)
{
    bool waits = g->get != GUEST_NOBODY;
    ws_frame_put(&v->loop.out, true, WS_TEXT, SPAN("3probe"), NULL);
    /* So that the client's poll ends, and it can pause: the one that waits, or else the one that
     * comes. A client that goes on polling gets no more than one in so long. */
    g->noop_at = v->loop.io.now + (waits ? ((uint64_t)NOOP_EVERY_MS * 1000000) : 0);
    longpoll_release(v, g, "6");
    guest_arm(v, g);
}

void upgrade_feed(struct server *v, struct loop_slot *s, struct guest *g,
                  const struct websocket_event *data)
{
    struct span text = span_of(data->ptr, data->len);
    bool whole = data->message_first && data->message_last && data->opcode == WS_TEXT;
    if (whole && span_equal_text(text, "2probe"))
        probe_answer(v, g);
    else if (whole && span_equal_text(text, "5"))
        upgrade_finish(v, s, g);
    else
        upgrade_cancel(v, g);
}
