#include "server/delivery.h"

#include "base/base64.h"
#include "loop/loop_work.h"
#include "loop/output.h"
#include "server/jobs.h"

#define FANOUT_SLICE 32 /* members of one slice: each costs a send, 4 to 15 us */
#define FANOUT_QUEUE                                                                               \
    (256 * 1024)            /* bytes queued for a member, from which on the sender waits for it */
#define FANOUT_WAIT_MS 500  /* but not if it has taken nothing for so long */
#define SCAN_MAX       8192 /* places that a slice looks at, most of which may be empty */

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
    size_t bytes = measure_pieces(piece, pieces);
    size_t length = ws_head_write(head, true, opcode, bytes, NULL);
    bool lives = output_admit(&v->loop, s, length + bytes) &&
                 output_copy(&v->loop, s, span_of(head, length));
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

/* ---- To many ------------------------------------------------------------------------------ */

/* One message for the members of a room, or for all of /broadcast. Those that leave before their
 * turn get nothing; none gets it twice. */
struct fanout {
    struct job job;
    bool everyone;
    bool at_once;   /* it must not wait for anyone */
    uint8_t opcode; /* everyone: of the message */
    uint8_t room;   /* else: its number and serial */
    uint32_t serial;
    uint32_t except; /* number of the session, or slot, that gets nothing; LOOP_NO_SLOT: none */
    uint32_t next;   /* number of the session, or slot, to look at next */
    uint32_t sender; /* the slot that is paused until the end, and its connection */
    uint32_t generation;
    struct delivery delivery;
    struct span text;
    struct span attachment[ATTACHMENTS_MAX];
};

static bool is_room_open(const struct server *v, const struct fanout *f)
{
    const struct room *room = &v->rooms.table[f->room];
    return f->everyone || (room->members > 0 && room->serial == f->serial);
}

/* Sends to one; false when there is none to send to at this place. */
static bool send_to_session(struct server *v, const struct fanout *f, uint32_t index)
{
    bool member = (v->memberships[index] & UINT32_C(1) << f->room) != 0;
    if (!member || index == f->except || !v->sessions[index].used)
        return false;
    delivery_send(v, &v->sessions[index], &f->delivery);
    return true;
}

static bool send_to_slot(struct server *v, const struct fanout *f, uint32_t index)
{
    struct loop_slot *s = v->peers[index].broadcasts ? loop_slot_at(&v->loop, index) : NULL;
    if (s == NULL || index == f->except || s->conn.state != CONN_WEBSOCKET)
        return false;
    struct loop_slot *back = loop_switch(&v->loop, s);
    delivery_frame(v, s, f->opcode, f->delivery.text, f->delivery.pieces);
    loop_switch_back(&v->loop, s, back);
    return true;
}

/* Has this member, which reads, so much to read already that the sender should wait for it? One
 * that took nothing for a while is not waited for. */
static bool is_behind(const struct server *v, const struct loop_slot *s)
{
    return s != NULL && s->conn.state == CONN_WEBSOCKET && s->out_bytes > FANOUT_QUEUE &&
           v->loop.io.now - s->moved_at < (uint64_t)FANOUT_WAIT_MS * 1000000;
}

static struct loop_slot *find_member(struct server *v, const struct fanout *f, uint32_t index)
{
    if (f->everyone)
        return v->peers[index].broadcasts ? loop_slot_at(&v->loop, index) : NULL;
    bool member = (v->memberships[index] & UINT32_C(1) << f->room) != 0;
    uint32_t slot = member ? v->sessions[index].websocket : LOOP_NO_SLOT;
    return slot != LOOP_NO_SLOT ? loop_slot_at(&v->loop, slot) : NULL;
}

/* Goes on until `most` have got it, or SCAN_MAX places were looked at. Returns whether it is done.
 */
static bool send_some(struct server *v, struct fanout *f, unsigned most)
{
    uint32_t end = f->everyone ? v->loop.setup.slots : v->options->max_clients;
    uint64_t end_at = v->loop.io.now + loop_work_slice(&v->loop); /* the clock moves with sends */
    uint32_t scanned = 0;
    unsigned sent = 0;
    while (is_room_open(v, f) && f->next < end) {
        bool late = sent > 0 && v->loop.io.now >= end_at;
        if (sent == most || late || scanned++ == SCAN_MAX)
            return false;
        if (!f->at_once && f->next != f->except && is_behind(v, find_member(v, f, f->next)))
            return false;
        uint32_t index = f->next++;
        sent += f->everyone ? send_to_slot(v, f, index) : send_to_session(v, f, index);
    }
    return true;
}

/* The sender goes on: with the post that it was sent by, or with its input. */
static void resume_sender(struct server *v, const struct fanout *f)
{
    struct loop_slot *s = loop_slot_at(&v->loop, f->sender);
    if (s == NULL || s->generation != f->generation)
        return;
    uint32_t number = v->peers[s->index].session;
    struct server_session *session = number > 0 ? &v->sessions[number - 1] : NULL;
    loop_resume(&v->loop, s);
    if (session != NULL && session->used && session->post == f->sender && session->rest != NULL)
        jobs_add(v, session->rest);
}

static bool go_on(struct server *v, struct lease *lease)
{
    struct fanout *f = (struct fanout *)(void *)lease->data;
    uint32_t before = f->next;
    bool done = send_some(v, f, FANOUT_SLICE);
    f->job.waits = f->next == before;
    if (!done)
        return true;
    resume_sender(v, f);
    pool_release(&v->loop.pool, lease);
    return false;
}

static struct span keep_bytes(struct buf *to, const struct span *piece, unsigned pieces)
{
    size_t from = to->len;
    for (unsigned i = 0; i < pieces; i++)
        buf_put_span(to, piece[i]);
    return span_of(to->ptr + from, to->len - from);
}

static void copy_delivery(struct fanout *to, struct buf *room, const struct delivery *d)
{
    to->text = keep_bytes(room, d->text, d->pieces);
    for (unsigned i = 0; i < d->attachments; i++)
        to->attachment[i] = keep_bytes(room, &d->attachment[i], 1);
    to->delivery = (struct delivery){&to->text, 1, to->attachment, d->attachments};
}

static void send_at_once(struct server *v, struct fanout *f)
{
    f->at_once = true;
    while (!send_some(v, f, FANOUT_SLICE))
        continue;
}

/* What is left becomes a job, and the sender is not read meanwhile. Without memory for that it is
 * done at once. */
static void put_off(struct server *v, struct fanout *f)
{
    const struct delivery *d = &f->delivery;
    struct loop_slot *sender = v->sender;
    size_t bytes =
        measure_pieces(d->text, d->pieces) + measure_pieces(d->attachment, d->attachments);
    struct lease *lease = sender != NULL && sender->socket != PORT_NO_SOCKET
                              ? pool_lease(&v->loop.pool, sizeof *f + bytes, loop_reserve(&v->loop))
                              : NULL;
    if (lease == NULL) {
        send_at_once(v, f);
        return;
    }
    struct fanout *to = (struct fanout *)(void *)lease->data;
    struct buf room = buf_over(lease->data + sizeof *f, bytes);
    *to = *f;
    to->job.run = go_on;
    to->sender = sender->index;
    to->generation = sender->generation;
    copy_delivery(to, &room, d);
    loop_pause(sender);
    jobs_add(v, lease);
}

/* A sender has one job at most. */
static void send_all(struct server *v, struct fanout *f)
{
    if (v->sender == NULL || v->sender->paused)
        send_at_once(v, f);
    else if (!send_some(v, f, FANOUT_SLICE))
        put_off(v, f);
}

void delivery_send_room(struct server *v, unsigned room, const struct server_session *except,
                        const struct delivery *d)
{
    struct fanout f = {
        .room = (uint8_t)room,
        .serial = v->rooms.table[room].serial,
        .except = except != NULL ? server_session_index(v, except) : LOOP_NO_SLOT,
        .delivery = *d,
    };
    send_all(v, &f);
}

void delivery_send_everyone(struct server *v, const struct loop_slot *except, uint8_t opcode,
                            struct span payload)
{
    struct fanout f = {
        .everyone = true,
        .opcode = opcode,
        .except = except != NULL ? except->index : LOOP_NO_SLOT,
        .delivery = {&payload, 1, NULL, 0},
    };
    send_all(v, &f);
}
