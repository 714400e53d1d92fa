#include "server/delivery.h"

#include "base/base64.h"

static size_t length_of(const struct span *piece, unsigned pieces)
{
    size_t sum = 0;
    for (unsigned i = 0; i < pieces; i++)
        sum += piece[i].len;
    return sum;
}

bool delivery_frame(struct server *v, struct loop_slot *s, uint8_t opcode, const struct span *piece,
                    unsigned pieces)
{
    uint8_t head[WS_HEAD_MAX];
    size_t length = ws_head_write(head, true, opcode, length_of(piece, pieces), NULL);
    bool lives = guest_copy_out(v, s, span_of(head, length));
    for (unsigned i = 0; i < pieces && lives; i++)
        lives = guest_copy_out(v, s, piece[i]);
    return lives;
}

/* ---- Sessions ---------------------------------------------------------------------------- */

static void web_send(struct server *v, const struct guest *g, const struct delivery *d)
{
    struct loop_slot *s = g->web != GUEST_NOBODY ? loop_slot_at(&v->loop, g->web) : NULL;
    if (s == NULL || s->conn.state != CONN_WEBSOCKET)
        return; /* RFC 6455 section 5.5.1: nothing follows a Close */
    struct loop_slot *back = guest_switch(v, s);
    bool lives =
        length_of(d->text, d->pieces) == 0 || delivery_frame(v, s, WS_TEXT, d->text, d->pieces);
    for (unsigned i = 0; i < d->attachments && lives; i++)
        lives = delivery_frame(v, s, WS_BINARY, &d->attachment[i], 1);
    guest_switch_back(v, s, back);
}

static size_t joined_length(const struct delivery *d)
{
    size_t sum = length_of(d->text, d->pieces);
    for (unsigned i = 0; i < d->attachments; i++)
        sum += (sum > 0 ? 1u : 0u) + 1 + BASE64_LENGTH(d->attachment[i].len);
    return sum;
}

static void queue_send(struct server *v, struct guest *g, const struct delivery *d)
{
    size_t bytes = joined_length(d);
    uint8_t *memory = guest_queue_extend(v, g, bytes);
    if (memory == NULL)
        return;
    struct buf to = buf_over(memory, bytes);
    for (unsigned i = 0; i < d->pieces; i++)
        buf_put_span(&to, d->text[i]);
    for (unsigned i = 0; i < d->attachments; i++) {
        if (to.len > 0)
            buf_put_byte(&to, EIO_SEPARATOR);
        buf_put_byte(&to, 'b');
        base64_put(&to, d->attachment[i]);
    }
}

void delivery_send(struct server *v, struct guest *g, const struct delivery *d)
{
    if (!g->used || g->leaving)
        return;
    if (g->polling)
        queue_send(v, g, d);
    else
        web_send(v, g, d);
}

void delivery_send_room(struct server *v, unsigned room, const struct guest *except,
                        const struct delivery *d)
{
    uint32_t bit = UINT32_C(1) << room;
    uint32_t left = v->rooms.table[room].members; /* some may end while we go round */
    for (uint32_t i = 0; i < v->options->max_clients && left > 0; i++) {
        struct guest *g = &v->guests[i];
        if (!g->used || (g->rooms & bit) == 0)
            continue;
        left--;
        if (g != except)
            delivery_send(v, g, d);
    }
}

/* ---- Plain WebSockets -------------------------------------------------------------------- */

void delivery_send_everyone(struct server *v, const struct loop_slot *except, uint8_t opcode,
                            struct span payload)
{
    for (uint32_t i = 0; i < v->loop.setup.slots; i++) {
        struct loop_slot *s = v->peers[i].broadcasts ? loop_slot_at(&v->loop, i) : NULL;
        if (s == NULL || s == except || s->conn.state != CONN_WEBSOCKET)
            continue;
        struct loop_slot *back = guest_switch(v, s);
        delivery_frame(v, s, opcode, &payload, 1);
        guest_switch_back(v, s, back);
    }
}
