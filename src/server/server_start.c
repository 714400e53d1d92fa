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
    c->silent_timeout = (uint64_t)SILENT_TIMEOUT_MS * 1000000;
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

/* What is taken, in this order; each part is aligned for 8 bytes. */
struct parts {
    size_t sessions, deadlines, peers, staging, memberships, keys, addresses;
};

static size_t round_up(size_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

static struct parts measure_parts(const struct server_options *o)
{
    size_t clients = o->max_clients;
    size_t slots = clients + CROWD_SLOTS;
    bool counted = o->max_per_address > 0;
    return (struct parts){
        .sessions = round_up(clients * sizeof(struct server_session)),
        .deadlines = round_up(deadline_size((uint32_t)clients)),
        .peers = round_up(slots * sizeof(struct server_peer)),
        .staging = round_up(OUT_BYTES),
        .memberships = round_up(clients * sizeof(uint32_t)),
        .keys = counted ? slots * sizeof(uint64_t) : 0,
        .addresses = counted ? addresses_size(slots) : 0,
    };
}

static size_t sum_parts(const struct parts *p)
{
    return p->sessions + p->deadlines + p->peers + p->staging + p->memberships + p->keys +
           p->addresses;
}

/* A chain of the free sessions, the first at its front. */
static void chain_sessions(struct server *v, size_t count)
{
    for (size_t i = count; i > 0; i--)
        v->sessions[i - 1].opener = i < count ? (uint32_t)i + 1 : 0;
    v->session_free = 1;
    v->session_last = (uint32_t)count;
}

static int take_memory(struct server *v, const struct server_options *o)
{
    struct parts parts = measure_parts(o);
    uint8_t *at = port_region(sum_parts(&parts));
    if (at == NULL)
        return STATUS_NO_MEMORY;
    v->sessions = (struct server_session *)(void *)at;
    deadline_init(&v->session_deadlines, at += parts.sessions, o->max_clients);
    v->peers = (struct server_peer *)(void *)(at += parts.deadlines);
    v->staging = buf_over(at += parts.peers, OUT_BYTES);
    v->memberships = (uint32_t *)(void *)(at += parts.staging);
    v->address_keys = (uint64_t *)(void *)(at += parts.memberships);
    v->addresses.table = parts.keys > 0 ? (struct address_entry *)(void *)(at + parts.keys) : NULL;
    chain_sessions(v, o->max_clients);
    return STATUS_OK;
}

static void release_memory(struct server *v, const struct server_options *o)
{
    struct parts parts = measure_parts(o);
    port_region_release(v->sessions, sum_parts(&parts));
}

/* After loop_open(), which has the random numbers. */
static void count_addresses(struct server *v, const struct server_options *o)
{
    if (o->max_per_address == 0)
        return;
    uint64_t seed;
    random_bytes(&v->loop.random, (uint8_t *)&seed, sizeof seed);
    addresses_init(&v->addresses, v->addresses.table, o->max_clients + CROWD_SLOTS, seed);
    v->loop.address_wanted = true;
}

int server_open(struct server *v, const struct server_options *options,
                const struct port_poller *poller)
{
    v->options = options;
    fill_config(&v->conn, options);
    server_set_calls(v);
    int status = take_memory(v, options);
    if (status < 0)
        return status;
    v->stats.started = port_clock();
    selftest_start(&v->stats.selftest, options->delay_ns, options->stall_ns,
                   options->stall_every_ns, v->stats.started);
    struct loop_setup setup = {
        .conn = &v->conn,
        .app = &v->app,
        .poller = poller,
        .slots = options->max_clients + CROWD_SLOTS,
        .pool_bytes = SERVER_POOL_BYTES,
        .room = 2 * options->max_message + MESSAGE_ROOM,
        .queue_limit = 2 * options->max_message + OUT_BYTES,
        .socket_buffer = options->socket_buffer,
        .busy_poll = options->busy_poll,
    };
    status = loop_open(&v->loop, &setup);
    if (status < 0)
        release_memory(v, options);
    else
        count_addresses(v, options);
    return status;
}

uint64_t server_due(const struct server *v)
{
    uint32_t id;
    uint64_t session = deadline_first(&v->session_deadlines, &id);
    uint64_t stall = selftest_due(&v->stats.selftest);
    uint64_t jobs = jobs_due(v);
    session = jobs < session ? jobs : session;
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
    release_memory(v, v->options);
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
