#include "server/server_deadlines.h"

#include "base/status.h"
#include "loop/loop_work.h"
#include "server/app.h"
#include "server/longpoll.h"

#define LEFT_NS        ((uint64_t)QUEUE_LEFT_MS * 1000000)
#define SESSIONS_LEAST 8 /* served in each turn, however long that lasts */

/* The protocol's own deadline: a ping is queued, or the session is over. */
static void serve_protocol(struct server *v, struct server_session *session)
{
    struct session_io io = server_session_io(v, session);
    if (v->loop.judge_by < session_deadline(&session->protocol))
        return;
    int status = session_tick(&session->protocol, &io);
    if (status == STATUS_PING_TIMEOUT)
        server_session_end(v, session, status, "1");
    else if (status < 0)
        server_session_leave(v, session, status);
    else if (server_session_commit(v, session))
        longpoll_deliver(v, session);
}

/* No client fetched its packets for a while. False: there is too little memory for so many of them,
 * and the session has ended. */
static bool check_share(struct server *v, struct server_session *session)
{
    session->queue_by = v->loop.io.now + (uint64_t)SHARE_WAIT_MS * 1000000;
    bool connected = server_session_is_opener_open(v, session) || session->get != LOOP_NO_SLOT;
    bool fits = server_session_owned(v, session) <= loop_share(&v->loop);
    if (fits && (connected || v->loop.judge_by < session->queued_at + LEFT_NS))
        return true;
    v->loop.counters.over_share++;
    server_session_end(v, session, STATUS_QUEUE_FULL, "1");
    return false;
}

static void serve_polling(struct server *v, struct server_session *session)
{
    uint64_t now = v->loop.io.now;
    if (session->overfull) {
        server_session_end(v, session, STATUS_QUEUE_FULL, "1");
        return;
    }
    longpoll_deliver(v, session);
    if (session->used && session->queue_by != 0 && v->loop.judge_by >= session->queue_by &&
        !check_share(v, session))
        return;
    if (session->leave_by != 0 && now >= session->leave_by)
        server_session_end(v, session, STATUS_OK, "1");
    if (session->used && !session->leaving)
        serve_protocol(v, session);
    if (!session->used)
        return;
    if (session->probe_by != 0 && now >= session->probe_by)
        server_session_drop_probe(v, session);
    if (session->noop_at != 0 && now >= session->noop_at && session->get != LOOP_NO_SLOT) {
        session->noop_at = now + ((uint64_t)NOOP_EVERY_MS * 1000000);
        server_session_answer_poll(v, session, 200, "6");
    }
}

static void serve_session(struct server *v, struct server_session *session)
{
    if (session->later_at != 0 && v->loop.io.now >= session->later_at)
        app_send_later(v, session);
    if (session->used && session->polling)
        serve_polling(v, session);
    server_session_arm(v, session);
}

void server_deadlines_serve(struct server *v)
{
    uint32_t index = 0;
    loop_refresh(&v->loop);
    uint64_t start = v->loop.io.now;
    for (int i = 0; deadline_first(&v->session_deadlines, &index) <= v->loop.judge_by; i++) {
        bool over = loop_work_is_over(&v->loop) || v->loop.io.now - start >= LOOP_SLICE_NS;
        if (i >= SESSIONS_LEAST && over)
            return;
        serve_session(v, &v->sessions[index]);
        if (i % SESSIONS_LEAST == SESSIONS_LEAST - 1)
            loop_refresh(&v->loop); /* a packet that is only queued reads no clock */
    }
}

void server_deadlines_serve_session(struct server *v, struct server_session *session)
{
    uint32_t index = server_session_index(v, session);
    while (deadline_of(&v->session_deadlines, index) <= v->loop.judge_by)
        serve_session(v, session);
}
