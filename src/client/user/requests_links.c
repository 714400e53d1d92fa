#include "client/user/requests_links.h"

#include <string.h>

#include "base/status.h"

struct requests *requests_of(struct transport *t)
{
    return (struct requests *)t;
}

void requests_report(const struct requests *q, const struct transport_event *event)
{
    q->base.report(q->base.user, event);
}

struct session_io requests_session_io(struct requests *q)
{
    const struct crowd *c = q->base.crowd;
    return (struct session_io){.config = &c->destination->conn.session,
                               .out = &q->control,
                               .random = &c->loop->random,
                               .now = c->loop->io.now,
                               .polling = true};
}

void requests_touch(struct requests *q)
{
    struct crowd *c = q->base.crowd;
    if (q->listed)
        return;
    q->listed = true;
    q->listed_next = NULL;
    if (c->work_last == NULL)
        c->work_first = q;
    else
        c->work_last->listed_next = q;
    c->work_last = q;
}

/* ---- Failing ----------------------------------------------------------------------------- */

static void fail_in(struct requests *q, enum phase phase, int status, const char *text)
{
    requests_report(q,
                    &(struct transport_event){
                        .kind = TRANSPORT_FAILED, .phase = phase, .status = status, .text = text});
    q->doomed = true;
    requests_touch(q);
}

void requests_fail(struct requests *q, int status, const char *text)
{
    fail_in(q, PHASE_COUNT, status, text);
}

enum phase requests_upgrade_phase(const struct requests *q)
{
    return q->pausing ? PHASE_SWITCH : PHASE_PROBE;
}

void requests_fail_upgrade(struct requests *q, int status, const char *text)
{
    fail_in(q, requests_upgrade_phase(q), status, text);
}

/* ---- Connections ------------------------------------------------------------------------- */

struct loop_slot *requests_take_link(struct requests *q, enum requests_role role)
{
    const struct crowd *c = q->base.crowd;
    const struct destination *d = c->destination;
    struct requests_link *link = &q->links[role];
    if (link->state == REQUESTS_LINK_IDLE)
        return link->slot;
    if (link->state != REQUESTS_LINK_NONE)
        return NULL;
    int status =
        loop_connect(c->loop, &d->addresses[d->address], q->base.tag + (uint32_t)role, &link->slot);
    if (status < 0)
        requests_fail(q, status, "");
    else
        link->state = REQUESTS_LINK_CONNECTING;
    return NULL;
}

static void drop_link(struct requests *q, struct requests_link *link)
{
    struct loop_slot *s = link->slot;
    *link = (struct requests_link){0};
    if (s != NULL)
        loop_drop(q->base.crowd->loop, s, STATUS_OK);
}

void requests_release_parts(struct requests *q)
{
    hold_take(&q->parts);
    pool_release(&q->base.crowd->loop->pool, q->lease);
    q->lease = NULL;
}

void requests_drop_links(struct requests *q)
{
    q->over = true;
    for (int role = 0; role < REQUESTS_ROLES; role++)
        drop_link(q, &q->links[role]);
    requests_release_parts(q);
}

/* ---- Where requests go ------------------------------------------------------------------- */

static void put_sid(struct buf *out, const char *sid)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char digits[] = "0123456789ABCDEF";
    for (; *sid != '\0'; sid++) {
        if (strchr(plain, *sid) != NULL) {
            buf_put_byte(out, (uint8_t)*sid);
            continue;
        }
        buf_put_byte(out, '%');
        buf_put_byte(out, (uint8_t)digits[(uint8_t)*sid >> 4]);
        buf_put_byte(out, (uint8_t)digits[(uint8_t)*sid & 15]);
    }
}

struct span requests_url(const struct requests *q, struct span base,
                         uint8_t text[REQUESTS_URL_BYTES])
{
    struct buf out = buf_over(text, REQUESTS_URL_BYTES);
    buf_put_span(&out, base);
    if (q->base.session->state == SESSION_OPEN) {
        buf_put_text(&out, "&sid=");
        put_sid(&out, q->base.session->sid);
    }
    return buf_span(&out);
}
