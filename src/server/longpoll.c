#include "server/longpoll.h"

#include <string.h>

#include "base/status.h"
#include "loop/output.h"
#include "server/app.h"
#include "server/route.h"

#define TEXT_TYPE    "text/plain; charset=UTF-8"
#define SPARE_MORE   (OUT_SLACK + 1) /* behind a body, beyond its length: and a last separator */
#define COMMIT_BYTES 65536           /* staged packets are moved to the queue from here on */

/* The header lines of every answer: no cache may keep it, and whose pages may read it. */
static const char *lines_make(struct server *v, const struct loop_slot *s)
{
    struct buf lines = buf_over(v->lines, sizeof v->lines - 1);
    buf_put_text(&lines, "Cache-Control: no-store\r\n");
    route_put_cors(&lines, &v->options->origins, v->peers[s->index].origin);
    v->lines[lines.len] = '\0';
    return v->lines;
}

void longpoll_reply(struct server *v, struct loop_slot *s, int code, const char *type,
                    struct span body)
{
    if (s->socket == PORT_NO_SOCKET)
        return; /* it was dropped while its packets were acted on */
    conn_respond(&s->conn, &v->loop.io, code, type, lines_make(v, s), body);
}

/* ---- Polls ------------------------------------------------------------------------------- */

/* The slot of the waiting poll, which waits no more; NULL when there is none. */
static struct loop_slot *get_take(struct server *v, struct guest *g)
{
    struct loop_slot *s = g->get != GUEST_NOBODY ? loop_slot_at(&v->loop, g->get) : NULL;
    if (s != NULL)
        v->peers[g->get].guest = 0;
    g->get = GUEST_NOBODY; /* also when the slot is gone: nobody waits there */
    return s;
}

static void poll_reply(struct server *v, struct guest *g, int code, const char *packet)
{
    struct loop_slot *s = get_take(v, g);
    if (s == NULL)
        return;
    struct loop_slot *back = guest_switch(v, s);
    longpoll_reply(v, s, code, TEXT_TYPE, span_text(packet));
    guest_switch_back(v, s, back);
}

void longpoll_release(struct server *v, struct guest *g, const char *packet)
{
    poll_reply(v, g, 200, packet);
}

void longpoll_refuse(struct server *v, struct guest *g)
{
    poll_reply(v, g, 400, "");
}

/* The next packets of the queue, at most as many as every client takes: their bytes, separators
 * between leases included. */
static size_t batch_length(const struct guest *g)
{
    unsigned count = 0;
    size_t sum = 0;
    for (const struct lease *lease = g->queue; lease != NULL && count < POLLING_PACKETS_MAX;
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
static void batch_send(struct server *v, struct loop_slot *s, struct guest *g, size_t left)
{
    bool lives = true;
    while (left > 0 && lives) {
        struct lease *lease = g->queue;
        size_t have = lease->len - lease->off;
        if (left < have) { /* cut: a separator follows here, and is nobody's */
            guest_copy_out(v, s, span_of(lease->data + lease->off, left));
            lease->off += left + 1;
            g->queue_bytes -= left + 1;
            return;
        }
        g->queue = lease->next;
        g->queue_bytes -= have;
        left -= have;
        if (left > 0) { /* one byte was kept for it */
            lease->data[lease->len++] = EIO_SEPARATOR;
            left--;
        }
        if (have >= POOL_BLOCK_BYTES) {
            lives = output_send_lease(&v->loop, s, lease);
            continue;
        }
        lives = guest_copy_out(v, s, span_of(lease->data + lease->off, lease->len - lease->off));
        pool_release(&v->loop.pool, lease);
    }
}

void longpoll_deliver(struct server *v, struct guest *g)
{
    struct loop_slot *s = g->queue != NULL ? get_take(v, g) : NULL;
    if (s == NULL)
        return;
    size_t length = batch_length(g);
    struct loop_slot *back = guest_switch(v, s);
    uint32_t generation = s->generation;
    conn_respond_head(&s->conn, &v->loop.io, 200, TEXT_TYPE, lines_make(v, s), length);
    batch_send(v, s, g, length);
    guest_switch_back(v, s, back);
    bool lost = s->generation != generation; /* what was sent is, as if the poll was aborted */
    if (lost || (g->leaving && g->queue == NULL))
        guest_end(v, g, STATUS_OK, NULL);
}

void longpoll_open(struct server *v, struct loop_slot *s, bool bare)
{
    struct guest *g = guest_take(v);
    if (g == NULL) {
        longpoll_reply(v, s, 503, "", span_of(NULL, 0));
        return;
    }
    g->polling = true;
    v->stats.socketio_sessions++;
    struct session_io io = guest_io(v, g);
    session_open(&g->session, &io, guest_index(v, g));
    if (bare)
        session_bare(&g->session);
    longpoll_reply(v, s, 200, TEXT_TYPE, buf_span(&v->staging));
    v->staging.len = 0;
    stats_end_phase(&v->stats, STATS_HANDSHAKE, &v->peers[s->index].mark, v->loop.io.now);
    v->peers[s->index].mark = 0; /* another session here does not begin with accepting */
    guest_arm(v, g);
}

void longpoll_get(struct server *v, struct loop_slot *s, struct guest *g)
{
    if (g->get != GUEST_NOBODY) { /* two polls at once: both are told, and the session is gone */
        longpoll_reply(v, s, 400, "", span_of(NULL, 0));
        guest_end(v, g, STATUS_EIO_PACKET, "1");
        return;
    }
    g->get = s->index;
    v->peers[s->index].guest = guest_index(v, g) + 1;
    longpoll_deliver(v, g);
    guest_arm(v, g);
}

/* ---- Posts ------------------------------------------------------------------------------- */

static bool is_binary(const struct http_head *head)
{
    return span_starts(http_header_find(head, "content-type"), SPAN("application/octet-stream"));
}

void longpoll_post(struct server *v, struct loop_slot *s, struct guest *g,
                   const struct http_head *head)
{
    if (g->post != GUEST_NOBODY || is_binary(head)) {
        longpoll_reply(v, s, 400, "", span_of(NULL, 0));
        guest_end(v, g, STATUS_EIO_PACKET, NULL);
        return;
    }
    int status = conn_accept_body(&s->conn, &v->loop.io, head, v->options->max_message,
                                  v->options->max_message + SPARE_MORE);
    if (status < 0) { /* the session lives on */
        longpoll_reply(v, s, status == STATUS_TOO_BIG ? 413 : 400, "", span_of(NULL, 0));
    } else if (status == 0) { /* an empty body is an invalid packet */
        longpoll_reply(v, s, 400, "", span_of(NULL, 0));
        guest_end(v, g, STATUS_EIO_PACKET, "1");
    } else {
        g->post = s->index;
        v->peers[s->index].guest = guest_index(v, g) + 1;
    }
}

/* Memory for the parts of the binary packet whose header came. */
static int parts_keep(struct server *v, struct guest *g, const struct polling *p)
{
    size_t bytes = POLLING_PARTS_BYTES(v->options->max_message);
    if (g->parts_lease == NULL)
        g->parts_lease = pool_lease(&v->loop.pool, bytes, loop_reserve(&v->loop));
    if (g->parts_lease == NULL)
        return STATUS_NO_MEMORY;
    polling_keep(p, &g->parts, g->parts_lease->data, g->parts_lease->cap);
    return STATUS_OK;
}

/* The answers may take as much room as the packet, and a little more. */
static bool room_make(struct server *v, struct guest *g, size_t packet)
{
    struct session_io io = guest_io(v, g);
    bool staged = io.out == &v->staging && io.out->len >= COMMIT_BYTES;
    return staged || buf_room(io.out) < packet + OUT_SLACK ? guest_commit(v, g) : true;
}

/* Feeds all packets of the body. STATUS_OK, or why the session is to end. */
static int packets_feed(struct server *v, struct guest *g, struct span body)
{
    struct polling p = {body, true, {NULL, 0}};
    struct session_event event;
    while (g->used && !g->leaving) {
        if (!room_make(v, g, p.rest.len))
            return STATUS_OK; /* too much was queued: it has ended */
        struct session_io io = guest_io(v, g);
        int more = polling_feed(&p, &g->session, &io, &g->parts, &event);
        if (more <= 0)
            return more;
        int status = event.kind == SESSION_HEADER ? parts_keep(v, g, &p) : STATUS_OK;
        if (status < 0)
            return status;
        io = guest_io(v, g);
        guest_note(v, g, event.kind);
        app_answer(v, &io, g, &event);
        if (g->parts.over)
            guest_release_parts(v, g);
    }
    return STATUS_OK;
}

/* The memory behind a held body takes the answers, and then is the queue's. */
static void spare_use(struct server *v, struct loop_slot *s)
{
    struct hold *hold = &s->conn.hold;
    if (s->held == NULL || !hold->over)
        return;
    v->spare_lease = s->held;
    v->spare = buf_over(hold->ptr + hold->len, hold->cap - hold->len - 1);
    s->held = NULL;
    hold_take(hold);
}

static void body_failed(struct server *v, struct loop_slot *s, struct guest *g, int status)
{
    bool leaves = status == STATUS_EIO_CLOSED;
    if (!leaves && status != STATUS_EIO_PACKET && status != STATUS_UTF8) {
        /* Socket.IO's decoder says no: the post was fine, the session is closed. */
        longpoll_reply(v, s, 200, "text/html", SPAN("ok"));
        guest_leave(v, g, status);
        return;
    }
    longpoll_reply(v, s, leaves ? 200 : 400, leaves ? "text/html" : "",
                   leaves ? SPAN("ok") : span_of(NULL, 0));
    longpoll_deliver(v, g); /* the answers to what came before */
    guest_end(v, g, status, leaves ? "6" : "1");
}

/* What was answered into the memory of the body stays there, as part of the queue. */
static void spare_settle(struct server *v, struct guest *g)
{
    struct lease *lease = v->spare_lease;
    v->spare_lease = NULL;
    if (lease == NULL)
        return;
    lease->off = (size_t)(v->spare.ptr - lease->data);
    lease->len = lease->off + v->spare.len;
    if (g->used && v->spare.len > 0)
        guest_adopt(v, g, lease);
    else
        pool_release(&v->loop.pool, lease);
}

void longpoll_body(struct server *v, struct loop_slot *s, struct guest *g, struct span body)
{
    v->peers[s->index].guest = 0;
    g->post = GUEST_NOBODY;
    spare_use(v, s);
    v->feeding = g;
    int status = packets_feed(v, g, body);
    v->feeding = NULL;
    if (status == STATUS_OK && !g->polling && g->parts_lease != NULL)
        status = STATUS_SIO_ATTACHMENT; /* upgraded meanwhile: its attachments would come there */
    spare_settle(v, g);
    if (guest_commit(v, g) && status < 0) {
        body_failed(v, s, g, status);
        return;
    }
    longpoll_reply(v, s, 200, "text/html", SPAN("ok"));
    if (!g->used)
        return;
    longpoll_deliver(v, g);
    guest_arm(v, g);
}

void longpoll_body_refused(struct server *v, struct loop_slot *s, struct guest *g)
{
    v->peers[s->index].guest = 0;
    g->post = GUEST_NOBODY;
    longpoll_reply(v, s, 413, "", span_of(NULL, 0));
}

void longpoll_aborted(struct server *v, struct loop_slot *s, struct guest *g)
{
    v->peers[s->index].guest = 0;
    if (g->get == s->index)
        g->get = GUEST_NOBODY;
    if (g->post == s->index)
        g->post = GUEST_NOBODY;
    guest_end(v, g, STATUS_OK, NULL); /* the connection's fault is counted with it */
}
