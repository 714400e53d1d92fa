/* How a session answers its waiting poll, and how it ends. */
#include "base/status.h"
#include "loop/output.h"
#include "server/answer.h"
#include "server/jobs.h"
#include "server/server_session.h"

static struct loop_slot *find_slot(struct server *v, uint32_t index)
{
    return index != LOOP_NO_SLOT ? loop_slot_at(&v->loop, index) : NULL;
}

/* ---- The waiting poll -------------------------------------------------------------------- */

void server_session_answer_poll(struct server *v, struct server_session *session, int code,
                                const char *packet)
{
    struct loop_slot *s = server_session_take_poll(v, session);
    if (s == NULL)
        return;
    struct loop_slot *back = loop_switch(&v->loop, s);
    answer_put(v, s, code, ANSWER_PACKETS, span_text(packet));
    loop_switch_back(&v->loop, s, back);
}

/* ---- Staged packets ---------------------------------------------------------------------- */

/* Frames that were made while another slot was under way. */
static void send_frames(struct server *v, struct server_session *session, struct span frames)
{
    struct loop_slot *s = find_slot(v, session->websocket);
    if (s == NULL || s->conn.state != CONN_WEBSOCKET || frames.len == 0)
        return;
    struct loop_slot *back = loop_switch(&v->loop, s);
    output_copy(&v->loop, s, frames);
    loop_switch_back(&v->loop, s, back);
}

bool server_session_commit(struct server *v, struct server_session *session)
{
    struct buf *from = server_session_uses_spare(v, session) ? &v->spare : &v->staging;
    struct span packets = buf_span(from);
    from->len = 0;
    if (!session->used)
        return false;
    if (!session->polling)
        send_frames(v, session, packets);
    else if (packets.len > 0 && !server_session_queue(v, session, packets))
        server_session_end(v, session, STATUS_QUEUE_FULL, "1");
    return session->used;
}

/* ---- The end ----------------------------------------------------------------------------- */

static void release_list(struct server *v, struct lease **list)
{
    while (*list != NULL) {
        struct lease *next = (*list)->next;
        pool_release(&v->loop.pool, *list);
        *list = next;
    }
}

static void release_memory(struct server *v, struct server_session *session)
{
    release_list(v, &session->queue);
    release_list(v, &session->later);
    server_session_sub_queued(v, session, session->queue_bytes);
    if (session->rest != NULL)
        jobs_cancel(v, session->rest);
    session->rest = NULL;
    if (session != v->feeding) /* else the event that is being answered may lie there */
        server_session_release_parts(v, session);
}

/* A WebSocket of the session gets an empty Close; the slot ends by itself. */
static void close_websocket(struct server *v, uint32_t index)
{
    struct loop_slot *s = find_slot(v, index);
    if (s == NULL)
        return;
    server_session_bind(v, index, NULL);
    struct loop_slot *back = loop_switch(&v->loop, s);
    s->conn.session = NULL;
    conn_close(&s->conn, &v->loop.io, 0);
    loop_switch_back(&v->loop, s, back);
}

void server_session_drop_probe(struct server *v, struct server_session *session)
{
    uint32_t index = session->probe;
    session->probe = LOOP_NO_SLOT;
    session->probe_by = session->noop_at = 0;
    close_websocket(v, index);
}

/* The connection of a post whose body is being received is dropped. */
static void drop_post(struct server *v, struct server_session *session)
{
    struct loop_slot *s = find_slot(v, session->post);
    if (s == NULL)
        return;
    server_session_bind(v, session->post, NULL);
    if (s->conn.state == CONN_BODY || s->conn.state == CONN_ANSWER) /* or is not worked off yet */
        loop_drop(&v->loop, s, STATUS_STOPPED);
}

bool server_session_is_denied(const struct server_session *session)
{
    bool full = session->ended == STATUS_NO_MEMORY || session->ended == STATUS_QUEUE_FULL;
    return !session->used && full;
}

void server_session_end(struct server *v, struct server_session *session, int status,
                        const char *farewell)
{
    if (!session->used)
        return;
    session->used = false;
    if (status < 0 && status != STATUS_EIO_CLOSED && status != STATUS_STOPPED)
        stats_count_fault(&v->stats, status);
    session_close(&session->protocol);
    rooms_leave_all(&v->rooms, server_session_rooms(v, session));
    session->ended = status;
    if (server_session_is_denied(session))
        server_session_answer_poll(v, session, 503, status_text(status));
    else if (farewell != NULL)
        server_session_answer_poll(v, session, 200, farewell);
    else
        server_session_answer_poll(v, session, 400, "");
    drop_post(v, session);
    close_websocket(v, session->probe);
    close_websocket(v, session->websocket);
    release_memory(v, session);
    server_session_arm(v, session);
    server_session_give(v, session);
}

void server_session_leave(struct server *v, struct server_session *session, int status)
{
    if (session->leaving || !session->used)
        return;
    if (!session->polling) {
        server_session_end(v, session, status, NULL);
        return;
    }
    if (status < 0)
        stats_count_fault(&v->stats, status);
    struct session_io io = server_session_io(v, session);
    session_close(&session->protocol);
    rooms_leave_all(&v->rooms, server_session_rooms(v, session));
    session->leaving = true;
    session->leave_by = v->loop.io.now + ((uint64_t)LEAVE_MS * 1000000);
    server_session_drop_probe(v, session);
    size_t mark = session_begin(&io);
    buf_put_byte(io.out, '1');
    session_end(&io, mark);
    if (server_session_commit(v, session))
        server_session_arm(v, session);
}
