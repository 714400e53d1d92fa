#include "server/delivery.h"

#include "base/base64.h"
#include "loop/output.h"

static size_t measure_pieces(const struct span *piece, unsigned pieces)
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
    size_t length = ws_head_write(head, true, opcode, measure_pieces(piece, pieces), NULL);
    bool lives = output_copy(&v->loop, s, span_of(head, length));
    for (unsigned i = 0; i < pieces && lives; i++)
        lives = output_copy(&v->loop, s, piece[i]);
    return lives;
}

/* ---- Sessions ---------------------------------------------------------------------------- */

static void send_frames(struct server *v, const struct server_session *session,
                        const struct delivery *d)
{
    struct loop_slot *s =
        session->websocket != LOOP_NO_SLOT ? loop_slot_at(&v->loop, session->websocket) : NULL;
    if (s == NULL || s->conn.state != CONN_WEBSOCKET)
        return; /* RFC 6455 section 5.5.1: nothing follows a Close */
    struct loop_slot *back = loop_switch(&v->loop, s);
    bool lives = measure_pieces(d->text, d->pieces) == 0 ||
                 delivery_frame(v, s, WS_TEXT, d->text, d->pieces);
    for (unsigned i = 0; i < d->attachments && lives; i++)
        lives = delivery_frame(v, s, WS_BINARY, &d->attachment[i], 1);
    loop_switch_back(&v->loop, s, back);
}

static size_t measure_joined(const struct delivery *d)
{
    size_t sum = measure_pieces(d->text, d->pieces);
    for (unsigned i = 0; i < d->attachments; i++)
        sum += (sum > 0 ? 1u : 0u) + 1 + BASE64_LENGTH(d->attachment[i].len);
    return sum;
}

static void queue_packet(struct server *v, struct server_session *session, const struct delivery *d)
{
    size_t bytes = measure_joined(d);
    uint8_t *memory = server_session_extend_queue(v, session, bytes);
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

void delivery_send(struct server *v, struct server_session *session, const struct delivery *d)
{
    if (!session->used || session->leaving)
        return;
    if (session->polling)
        queue_packet(v, session, d);
    else
        send_frames(v, session, d);
}

void delivery_send_room(struct server *v, unsigned room, const struct server_session *except,
                        const struct delivery *d)
{
    uint32_t bit = UINT32_C(1) << room;
    uint32_t left = v->rooms.table[room].members; /* some may end meanwhile */
    for (uint32_t i = 0; i < v->options->max_clients && left > 0; i++) {
        struct server_session *session = &v->sessions[i];
        if (!session->used || (session->rooms & bit) == 0)
            continue;
        left--;
        if (session != except)
            delivery_send(v, session, d);
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
        struct loop_slot *back = loop_switch(&v->loop, s);
        delivery_frame(v, s, opcode, &payload, 1);
        loop_switch_back(&v->loop, s, back);
    }
}
