#include "server/longpoll.h"

#include <string.h>

#include "base/status.h"
#include "loop/loop_work.h"
#include "loop/output.h"
#include "server/answer.h"
#include "server/app.h"
#include "server/jobs.h"

#define SPARE_MORE    (OUT_SLACK + 1) /* answers to a body may be so much longer; 1: a separator */
#define PACKETS_SLICE 1024            /* packets of one body that are fed in one turn */
#define COMMIT_BYTES  65536           /* with so many staged, packets are moved to the queue */

/* ---- Polls ------------------------------------------------------------------------------- */

/* Bytes of the next answer to a poll: at most POLLING_PACKETS_MAX packets of the queue, with the
 * separators between leases. */
static size_t measure_batch(const struct server_session *session)
{
    unsigned count = 0;
    size_t sum = 0;
    for (const struct lease *lease = session->queue; lease != NULL && count < POLLING_PACKETS_MAX;
         lease = lease->next) {
        size_t len;
        struct span packets = span_of(lease->data + lease->off, lease->len - lease->off);
        count += polling_cut(packets, POLLING_PACKETS_MAX - count, &len);
        sum += len + (sum > 0 ? 1 : 0);
    }
    return sum;
}

/* Sends `left` bytes off the front of the queue. A lease that is used up goes with them if it is
 * large. */
static void send_batch(struct server *v, struct loop_slot *s, struct server_session *session,
                       size_t left)
{
    bool lives = true;
    while (left > 0 && lives) {
        struct lease *lease = session->queue;
        size_t have = lease->len - lease->off;
        if (left < have) { /* cut: the separator that follows is dropped */
            output_copy(&v->loop, s, span_of(lease->data + lease->off, left));
            lease->off += left + 1;
            server_session_sub_queued(v, session, left + 1);
            return;
        }
        session->queue = lease->next;
        server_session_sub_queued(v, session, have);
        left -= have;
        if (left > 0) { /* one byte was kept for it */
            lease->data[lease->len++] = EIO_SEPARATOR;
            left--;
        }
        if (have >= POOL_BLOCK_BYTES) {
            lives = output_send_lease(&v->loop, s, lease);
            continue;
        }
        struct span packets = span_of(lease->data + lease->off, lease->len - lease->off);
        lives = output_copy(&v->loop, s, packets);
        pool_release(&v->loop.pool, lease);
    }
}

void longpoll_deliver(struct server *v, struct server_session *session)
{
    struct loop_slot *s = session->queue != NULL ? server_session_take_poll(v, session) : NULL;
    if (s == NULL)
        return;
    size_t length = measure_batch(session);
    struct loop_slot *back = loop_switch(&v->loop, s);
    uint32_t generation = s->generation;
    answer_put_head(v, s, 200, ANSWER_PACKETS, length);
    send_batch(v, s, session, length);
    loop_switch_back(&v->loop, s, back);
    bool lost = s->generation != generation; /* with the packets: as if the poll was aborted */
    if (lost || (session->leaving && session->queue == NULL))
        server_session_end(v, session, STATUS_OK, NULL);
}

void longpoll_open(struct server *v, struct loop_slot *s, bool bare)
{
    struct server_session *session = server_session_take(v, s);
    if (session == NULL) {
        answer_put(v, s, 503, "", span_of(NULL, 0));
        return;
    }
    session->polling = true;
    v->stats.socketio_sessions++;
    struct session_io io = server_session_io(v, session);
    session_open(&session->protocol, &io, server_session_index(v, session));
    if (bare)
        session_bare(&session->protocol);
    answer_put(v, s, 200, ANSWER_PACKETS, buf_span(&v->staging));
    v->staging.len = 0;
    stats_end_phase(&v->stats, STATS_HANDSHAKE, &v->peers[s->index].mark, v->loop.io.now);
    /* The handshake of a further session on this connection does not begin at accept. */
    v->peers[s->index].mark = 0;
    server_session_arm(v, session);
}

void longpoll_get(struct server *v, struct loop_slot *s, struct server_session *session)
{
    if (session->get != LOOP_NO_SLOT) { /* two polls at once end the session */
        answer_put(v, s, 400, "", span_of(NULL, 0));
        server_session_end(v, session, STATUS_EIO_PACKET, "1");
        return;
    }
    session->get = s->index;
    server_session_bind(v, s->index, session);
    longpoll_deliver(v, session);
    server_session_arm(v, session);
}

/* ---- Posts ------------------------------------------------------------------------------- */

static bool is_binary(const struct http_head *head)
{
    return span_starts(http_header_find(head, "content-type"), SPAN("application/octet-stream"));
}

void longpoll_post(struct server *v, struct loop_slot *s, struct server_session *session,
                   const struct http_head *head)
{
    if (session->post != LOOP_NO_SLOT || is_binary(head)) {
        answer_put(v, s, 400, "", span_of(NULL, 0));
        server_session_end(v, session, STATUS_EIO_PACKET, NULL);
        return;
    }
    int status = conn_accept_body(&s->conn, &v->loop.io, head, v->options->max_message,
                                  v->options->max_message + SPARE_MORE);
    if (status < 0) { /* the session lives on */
        answer_put(v, s, status == STATUS_TOO_BIG ? 413 : 400, "", span_of(NULL, 0));
    } else if (status == 0) { /* an empty body is an invalid packet */
        answer_put(v, s, 400, "", span_of(NULL, 0));
        server_session_end(v, session, STATUS_EIO_PACKET, "1");
    } else {
        session->post = s->index;
        server_session_bind(v, s->index, session);
    }
}

/* Memory for the binary packet whose header came. */
static int keep_parts(struct server *v, struct server_session *session, const struct polling *p)
{
    if (!server_session_extend_parts(v, session, 2 * HOLD_HEADROOM + p->text.len))
        return STATUS_NO_MEMORY;
    polling_keep(p, &session->parts, session->parts_lease->data, session->parts_lease->cap);
    return STATUS_OK;
}

/* And for the part of it that comes next, if one is due. */
static int make_room_for_part(struct server *v, struct server_session *session,
                              const struct polling *p)
{
    const struct hold *parts = &session->parts;
    if (parts->ptr == NULL)
        return STATUS_OK;
    size_t bytes = parts->len + 2 * HOLD_HEADROOM + polling_next_length(p) / 4 * 3;
    return server_session_extend_parts(v, session, bytes) ? STATUS_OK : STATUS_NO_MEMORY;
}

/* The answers may take as much room as the packet, and a little more. */
static bool make_room(struct server *v, struct server_session *session, size_t packet)
{
    struct session_io io = server_session_io(v, session);
    bool staged = io.out == &v->staging && io.out->len >= COMMIT_BYTES;
    return staged || buf_room(io.out) < packet + OUT_SLACK ? server_session_commit(v, session)
                                                           : true;
}

/* A body of very many packets is worked off in slices, and stops behind a message for many. */
static bool is_slice_over(struct server *v, const struct loop_slot *s, unsigned packets)
{
    if (packets % 64 == 0)
        loop_refresh(&v->loop);
    return s->paused || packets >= PACKETS_SLICE ||
           (packets % 64 == 0 && loop_work_is_over(&v->loop));
}

/* Feeds the packets of the body. STATUS_OK, or why the session is to end. If p->rest is not empty
 * then, and the session lives, a slice is over. */
static int feed_packets(struct server *v, const struct loop_slot *s, struct server_session *session,
                        struct polling *p)
{
    struct session_event event;
    for (unsigned packets = 1; session->used && !session->leaving; packets++) {
        if (!make_room(v, session, p->rest.len))
            return STATUS_OK; /* too much was queued: it has ended */
        int status = make_room_for_part(v, session, p);
        if (status < 0)
            return status;
        struct session_io io = server_session_io(v, session);
        int more = polling_feed(p, &session->protocol, &io, &session->parts, &event);
        if (more <= 0)
            return more;
        status = event.kind == SESSION_HEADER ? keep_parts(v, session, p) : STATUS_OK;
        if (status < 0)
            return status;
        io = server_session_io(v, session);
        server_session_note_event(v, session, event.kind);
        app_answer(v, &io, session, &event);
        if (session->parts.over)
            server_session_release_parts(v, session);
        if (p->rest.len > 0 && is_slice_over(v, s, packets))
            return STATUS_OK;
    }
    p->rest.len = 0;
    return STATUS_OK;
}

/* The memory behind a held body takes the answers. */
static void use_spare(struct server *v, struct loop_slot *s)
{
    struct hold *hold = &s->conn.hold;
    if (s->held == NULL || !hold->over)
        return;
    v->spare_lease = s->held;
    v->spare = buf_over(hold->ptr + hold->len, hold->cap - hold->len - 1);
    s->held = NULL;
    hold_take(hold);
}

/* All packets were taken, or there was no room for the answers: the session has ended. */
static void accept_post(struct server *v, struct loop_slot *s, const struct server_session *session)
{
    if (server_session_is_denied(session))
        answer_put(v, s, 503, "text/plain", span_text(status_text(session->ended)));
    else
        answer_put(v, s, 200, "text/html", SPAN("ok"));
}

static void refuse_packets(struct server *v, struct loop_slot *s, struct server_session *session,
                           int status)
{
    bool leaves = status == STATUS_EIO_CLOSED;
    if (status == STATUS_NO_MEMORY) {
        server_session_end(v, session, status, NULL);
        accept_post(v, s, session);
        return;
    }
    if (!leaves && status != STATUS_EIO_PACKET && status != STATUS_UTF8) {
        /* Socket.IO's decoder refused a packet: the post succeeds, the session is closed. But a
         * limit of ours is named. */
        if (status == STATUS_JSON_DEPTH)
            answer_put(v, s, 400, "text/plain", span_text(status_text(status)));
        else
            answer_put(v, s, 200, "text/html", SPAN("ok"));
        server_session_leave(v, session, status);
        return;
    }
    answer_put(v, s, leaves ? 200 : 400, leaves ? "text/html" : "",
               leaves ? SPAN("ok") : span_of(NULL, 0));
    longpoll_deliver(v, session); /* the answers to what came before */
    server_session_end(v, session, status, leaves ? "6" : "1");
}

/* Answers that were put behind the body stay there: its memory becomes part of the queue. */
static void settle_spare(struct server *v, struct server_session *session)
{
    struct lease *lease = v->spare_lease;
    v->spare_lease = NULL;
    if (lease == NULL)
        return;
    lease->off = (size_t)(v->spare.ptr - lease->data);
    lease->len = lease->off + v->spare.len;
    if (!session->used || v->spare.len == 0)
        pool_release(&v->loop.pool, lease);
    else if (!server_session_queue_lease(v, session, lease))
        server_session_end(v, session, STATUS_QUEUE_FULL, "1");
}

/* The job of a body that is not worked off yet: its packets lie behind this. */
struct post {
    struct job job;
    uint32_t session;
    struct polling polling;
};

static bool go_on(struct server *v, struct lease *lease);

/* A lease with what is left: the one that it came from, or a new one. NULL when there is no memory.
 */
static struct lease *keep_rest(struct server *v, struct lease *lease, const struct polling *p)
{
    if (lease == NULL) {
        lease =
            pool_lease(&v->loop.pool, sizeof(struct post) + p->rest.len, loop_reserve(&v->loop));
        if (lease == NULL)
            return NULL;
        uint8_t *to = lease->data + sizeof(struct post);
        memcpy(to, p->rest.ptr, p->rest.len);
        *(struct post *)(void *)lease->data =
            (struct post){.polling = {span_of(to, p->rest.len), p->first, {NULL, 0}}};
    } else {
        ((struct post *)(void *)lease->data)->polling = *p;
    }
    return lease;
}

/* The rest waits for its turn, and for the members of a room if the last packet was for many. */
static void suspend_post(struct server *v, struct loop_slot *s, struct server_session *session,
                         struct lease *lease)
{
    struct post *post = (struct post *)(void *)lease->data;
    post->job.run = go_on;
    post->session = server_session_index(v, session);
    session->rest = lease;
    session->post = s->index;
    server_session_bind(v, s->index, session);
    if (!s->paused)
        jobs_add(v, lease);
}

static void finish_post(struct server *v, struct loop_slot *s, struct server_session *session,
                        int status)
{
    if (status == STATUS_OK && !session->polling && session->parts_lease != NULL)
        status = STATUS_SIO_ATTACHMENT; /* upgraded meanwhile: the attachments come as frames */
    if (server_session_commit(v, session) && status < 0) {
        refuse_packets(v, s, session, status);
        return;
    }
    accept_post(v, s, session);
    if (!session->used)
        return;
    longpoll_deliver(v, session);
    server_session_arm(v, session);
}

/* Works off packets that lie in `lease`, or in the memory of the slot. The post is answered when
 * all are. */
static void work_off(struct server *v, struct loop_slot *s, struct server_session *session,
                     struct polling p, struct lease *lease)
{
    int status;
    struct lease *kept = NULL;
    server_session_bind(v, s->index, NULL);
    session->post = LOOP_NO_SLOT;
    v->sender = s;
    do {
        v->feeding = session;
        status = feed_packets(v, s, session, &p);
        v->feeding = NULL;
        if (status == STATUS_OK && session->used && s->socket != PORT_NO_SOCKET && p.rest.len > 0)
            kept = keep_rest(v, lease, &p);
    } while (kept == NULL && status == STATUS_OK && session->used && p.rest.len > 0);
    v->sender = NULL;
    settle_spare(v, session);
    if (kept == NULL) {
        finish_post(v, s, session, status);
        pool_release(&v->loop.pool, lease);
    } else if (server_session_commit(v, session)) {
        suspend_post(v, s, session, kept);
        longpoll_deliver(v, session);
        server_session_arm(v, session);
    } else { /* too much was queued */
        accept_post(v, s, session);
        pool_release(&v->loop.pool, kept);
    }
}

static bool go_on(struct server *v, struct lease *lease)
{
    struct post *post = (struct post *)(void *)lease->data;
    struct server_session *session = &v->sessions[post->session];
    struct loop_slot *s = &v->loop.slots[session->post];
    struct loop_slot *back = loop_switch(&v->loop, s);
    session->rest = NULL;
    work_off(v, s, session, post->polling, lease);
    loop_switch_back(&v->loop, s, back);
    return false; /* what is left of it was put at the end */
}

void longpoll_body(struct server *v, struct loop_slot *s, struct server_session *session,
                   struct span body)
{
    use_spare(v, s);
    work_off(v, s, session, (struct polling){body, true, {NULL, 0}}, NULL);
}

void longpoll_refuse_body(struct server *v, struct loop_slot *s, struct server_session *session)
{
    server_session_bind(v, s->index, NULL);
    session->post = LOOP_NO_SLOT;
    answer_put(v, s, 413, "", span_of(NULL, 0));
}

void longpoll_abort(struct server *v, struct loop_slot *s, struct server_session *session)
{
    server_session_bind(v, s->index, NULL);
    if (session->get == s->index)
        session->get = LOOP_NO_SLOT;
    if (session->post == s->index)
        session->post = LOOP_NO_SLOT;
    server_session_end(v, session, STATUS_OK, NULL); /* the connection's fault is counted with it */
}
