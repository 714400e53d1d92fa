/* The server's start and end, and what the main loop asks of it. */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "loop/listener.h"
#include "server/jobs.h"
#include "server/server.h"
#include "server/server_deadlines.h"
#include "server/server_session.h"

static_assert(sizeof(struct server_peer) <= 40, "part of the budget per idle connection");

/* Beside a body and as many bytes of answers behind it: heads, and what a packet adds. */
#define MESSAGE_ROOM (2 * OUT_SLACK + HEAD_LIMIT_MAX)

static void fill_config(struct conn_config *c, const struct server_options *o)
{
    memset(c, 0, sizeof *c);
    c->max_head = o->max_head;
    c->handshake_timeout = (uint64_t)o->handshake_timeout_ms * 1000000;
    c->idle_timeout = (uint64_t)o->idle_timeout_ms * 1000000;
    c->message_timeout = (uint64_t)MESSAGE_TIMEOUT_MS * 1000000;
    c->close_timeout = (uint64_t)CLOSE_TIMEOUT_MS * 1000000;
    c->session.ping_interval = o->ping_interval_ms;
    c->session.ping_timeout = o->ping_timeout_ms;
    c->session.connect_timeout = o->connect_timeout_ms;
    c->session.max_payload = o->max_message;
    snprintf(c->session.namespaces[0], NAMESPACE_NAME_MAX, "/");
    for (uint32_t i = 0; i < o->namespaces.count; i++)
        snprintf(c->session.namespaces[i + 1], NAMESPACE_NAME_MAX, "%s", o->namespaces.item[i]);
    c->session.namespace_count = 1 + o->namespaces.count;
}

/* Sessions, their deadlines, peers, the staging buffer, and memberships, in this order. */
static size_t measure_memory(size_t slots)
{
    return slots * (sizeof(struct server_session) + sizeof(struct server_peer)) +
           deadline_size((uint32_t)slots) + slots * sizeof(uint32_t) + OUT_BYTES + 64;
}

static int take_memory(struct server *v, size_t slots)
{
    uint8_t *region = port_region(measure_memory(slots));
    if (region == NULL)
        return STATUS_NO_MEMORY;
    v->sessions = (struct server_session *)(void *)region;
    uint8_t *at = region + slots * sizeof *v->sessions;
    deadline_init(&v->session_deadlines, at, (uint32_t)slots);
    at += (deadline_size((uint32_t)slots) + 7) / 8 * 8;
    v->peers = (struct server_peer *)(void *)at;
    at += slots * sizeof *v->peers;
    v->staging = buf_over(at, OUT_BYTES);
    for (size_t i = slots; i > 0; i--) /* a chain of the free ones, the first at its front */
        v->sessions[i - 1].opener = i < slots ? (uint32_t)i + 1 : 0;
    v->session_free = 1;
    v->session_last = (uint32_t)slots;
    v->memberships = (uint32_t *)(void *)(at + OUT_BYTES);
    return STATUS_OK;
}

int server_open(struct server *v, const struct server_options *options,
                const struct port_poller *poller)
{
    v->options = options;
    fill_config(&v->conn, options);
    server_set_calls(v);
    int status = take_memory(v, options->max_clients);
    if (status < 0)
        return status;
    v->stats.started = port_clock();
    selftest_start(&v->stats.selftest, options->delay_ns, options->stall_ns,
                   options->stall_every_ns, v->stats.started);
    struct loop_setup setup = {
        .conn = &v->conn,
        .app = &v->app,
        .poller = poller,
        .slots = options->max_clients,
        .pool_bytes = SERVER_POOL_BYTES,
        .room = 2 * options->max_message + MESSAGE_ROOM,
        .queue_limit = 2 * options->max_message + OUT_BYTES,
        .socket_buffer = options->socket_buffer,
        .busy_poll = options->busy_poll,
    };
    status = loop_open(&v->loop, &setup);
    if (status < 0)
        port_region_release(v->sessions, measure_memory(options->max_clients));
    return status;
}

uint64_t server_due(const struct server *v)
{
    uint32_t id;
    uint64_t session = deadline_first(&v->session_deadlines, &id);
    uint64_t stall = selftest_due(&v->stats.selftest);
    if (v->jobs != NULL)
        return 0;
    return session < stall ? session : stall;
}

void server_serve(struct server *v)
{
    selftest_serve(&v->stats.selftest);
    jobs_serve(v);
    server_deadlines_serve(v);
}

void server_close(struct server *v)
{
    loop_close(&v->loop); /* also frees the pool, where the queues of sessions are */
    port_region_release(v->sessions, measure_memory(v->options->max_clients));
}

void server_stop(struct server *v)
{
    struct loop *l = &v->loop;
    listener_stop(l);
    for (uint32_t i = 0; i < v->options->max_clients; i++)
        if (v->sessions[i].used && v->sessions[i].polling)
            server_session_leave(v, &v->sessions[i], STATUS_OK);
    server_deadlines_serve(v); /* waiting polls are answered before their connections close */
    for (uint32_t i = 0; i < l->setup.slots; i++) {
        struct loop_slot *s = loop_slot_at(l, i);
        if (s == NULL)
            continue;
        loop_begin(l, s);
        v->peers[i].closing = l->io.now;
        conn_close(&s->conn, &l->io, 1001);
        loop_end(l, s);
    }
}
