#include "scripted.h"

#include <assert.h>
#include <string.h>

/* ---- The network's state -------------------------------------------------------------------- */

enum kind {
    FREE,
    LISTENER,
    CONNECTING, /* the listener's backlog is full */
    OPEN,
    QUEUED, /* open, but not accepted yet */
};

struct sock {
    enum kind kind;
    uint64_t generation; /* part of the handle, so that a stale one is found */
    struct port_address local;
    struct port_address remote;
    struct sock *peer;     /* NULL once it is closed */
    struct sock *listener; /* of CONNECTING and QUEUED */
    uint64_t order;        /* among the CONNECTING or QUEUED of a listener */
    int backlog;           /* of a listener */
    int error;             /* pending; reported once */
    bool dead;             /* reset or refused */
    bool shut;             /* our direction has ended */
    bool ended;            /* the peer's has */
    int watchers;          /* pollers that watch it */
    int options[PORT_SEND_BUFFER + 1];
    size_t start; /* of the unread bytes in the ring */
    size_t unread;
    uint8_t ring[SCRIPTED_CAPACITY];
};

static struct sock socks[SCRIPTED_SOCKETS];
static uint64_t generations;
static uint64_t orders;
static uint16_t next_port;
static size_t capacity;
static size_t cut;
static bool refuse_at_once;
static bool writable_always;
static unsigned accepts_to_fail;
struct scripted_counts scripted_calls;

static port_socket handle_of(const struct sock *s)
{
    return (port_socket)(s->generation * SCRIPTED_SOCKETS + (uint64_t)(s - socks));
}

static struct sock *sock_of(port_socket handle)
{
    assert(handle >= 0);
    struct sock *s = &socks[(uint64_t)handle % SCRIPTED_SOCKETS];
    assert(s->kind != FREE && "the socket is open");
    assert(handle_of(s) == handle && "the socket is not another one by now");
    return s;
}

static struct sock *take(enum kind kind)
{
    for (size_t i = 0; i < SCRIPTED_SOCKETS; i++) {
        struct sock *s = &socks[i];
        if (s->kind != FREE)
            continue;
        memset(s, 0, offsetof(struct sock, ring)); /* the ring is large, and may hold anything */
        s->kind = kind;
        s->generation = ++generations;
        s->options[PORT_NODELAY] = 1;
        s->options[PORT_RECEIVE_BUFFER] = (int)capacity;
        s->options[PORT_SEND_BUFFER] = (int)capacity;
        return s;
    }
    return NULL;
}

static bool same_address(const struct port_address *a, const struct port_address *b)
{
    return a->storage[0] == b->storage[0] && a->storage[1] == b->storage[1];
}

static struct sock *find_listener(const struct port_address *a)
{
    for (size_t i = 0; i < SCRIPTED_SOCKETS; i++) {
        if (socks[i].kind == LISTENER && same_address(&socks[i].local, a))
            return &socks[i];
    }
    return NULL;
}

/* The oldest that waits for this listener in this way, and how many there are. */
static struct sock *first_of(const struct sock *listener, enum kind kind, int *count)
{
    struct sock *first = NULL;

    *count = 0;
    for (size_t i = 0; i < SCRIPTED_SOCKETS; i++) {
        struct sock *s = &socks[i];
        if (s->kind != kind || s->listener != listener)
            continue;
        ++*count;
        if (first == NULL || s->order < first->order)
            first = s;
    }
    return first;
}

static void kill_sock(struct sock *s, int error)
{
    if (s == NULL || s->dead)
        return;
    s->kind = s->kind == CONNECTING ? OPEN : s->kind;
    s->dead = true;
    s->error = error;
}

/* ---- Opening and closing -------------------------------------------------------------------- */

int port_listen(const struct port_address *a, int backlog, port_socket *out,
                struct port_address *bound)
{
    *out = PORT_NO_SOCKET;
    *bound = *a;
    if (a->length == 0)
        return STATUS_UNSUPPORTED;
    if (!port_address_is_loopback(a))
        return STATUS_UNAVAILABLE;
    if (find_listener(a) != NULL)
        return STATUS_IN_USE;
    struct sock *s = take(LISTENER);
    if (s == NULL)
        return STATUS_LIMIT;
    while (port_address_port(bound) == 0 || find_listener(bound) != NULL)
        bound->storage[1] = next_port++;
    s->local = *bound;
    s->backlog = backlog;
    *out = handle_of(s);
    return STATUS_OK;
}

/* Joins a connecting socket to a new one in the listener's queue. */
static int join(struct sock *s, struct sock *listener)
{
    struct sock *other = take(QUEUED);

    if (other == NULL)
        return STATUS_LIMIT;
    other->listener = listener;
    other->order = ++orders;
    other->local = s->remote;
    other->remote = s->local;
    other->peer = s;
    memcpy(other->options, listener->options, sizeof other->options);
    s->peer = other;
    s->kind = OPEN;
    return STATUS_OK;
}

static int reach(struct sock *s, struct sock *listener)
{
    int queued;

    if (listener == NULL) {
        kill_sock(s, STATUS_REFUSED);
        return refuse_at_once ? STATUS_REFUSED : STATUS_OK;
    }
    first_of(listener, QUEUED, &queued);
    if (queued < listener->backlog)
        return join(s, listener);
    s->listener = listener;
    s->order = ++orders;
    return STATUS_OK;
}

int port_connect(const struct port_address *a, const struct port_address *source, size_t buffer,
                 port_socket *out)
{
    *out = PORT_NO_SOCKET;
    scripted_calls.connects++;
    if (a->length == 0)
        return STATUS_UNSUPPORTED;
    if (!port_address_is_loopback(a))
        return STATUS_UNREACHABLE;
    struct sock *s = take(CONNECTING);
    if (s == NULL)
        return STATUS_LIMIT;
    s->remote = *a;
    s->local = source != NULL ? *source : *a;
    if (buffer > 0)
        s->options[PORT_RECEIVE_BUFFER] = s->options[PORT_SEND_BUFFER] = (int)buffer;
    if (source == NULL || port_address_port(source) == 0)
        s->local.storage[1] = next_port++;
    int status = reach(s, find_listener(a));
    if (status < 0)
        s->kind = FREE;
    else
        *out = handle_of(s);
    return status;
}

int port_accept(port_socket listener, port_socket *out, struct port_address *peer)
{
    struct sock *l = sock_of(listener);
    int count;
    struct sock *s = first_of(l, QUEUED, &count);

    scripted_calls.accepts++;
    *out = PORT_NO_SOCKET;
    if (s == NULL)
        return 0;
    if (accepts_to_fail > 0) {
        accepts_to_fail--;
        return STATUS_LIMIT;
    }
    s->kind = OPEN;
    s->listener = NULL;
    struct sock *next = first_of(l, CONNECTING, &count);
    if (next != NULL)
        join(next, l); /* which waits on if there is no socket for it */
    if (peer != NULL)
        *peer = s->remote;
    *out = handle_of(s);
    return 1;
}

static void close_stream(struct sock *s)
{
    struct sock *peer = s->peer;

    if (peer != NULL) {
        peer->peer = NULL;
        peer->ended = true;
        if (s->unread > 0)
            kill_sock(peer, STATUS_RESET);
    }
    s->kind = FREE;
}

static void close_listener(struct sock *listener)
{
    listener->kind = FREE;
    for (size_t i = 0; i < SCRIPTED_SOCKETS; i++) {
        struct sock *s = &socks[i];
        if (s->listener != listener)
            continue;
        if (s->kind == QUEUED) {
            kill_sock(s->peer, STATUS_RESET);
            close_stream(s);
        } else if (s->kind == CONNECTING) {
            kill_sock(s, STATUS_REFUSED);
        }
    }
}

void port_close(port_socket handle)
{
    if (handle == PORT_NO_SOCKET)
        return;
    struct sock *s = sock_of(handle);
    assert(s->watchers == 0 && "the poller has forgotten the socket");
    if (s->kind == LISTENER)
        close_listener(s);
    else
        close_stream(s);
}

int port_shutdown(port_socket handle)
{
    struct sock *s = sock_of(handle);

    if (s->dead || s->kind != OPEN)
        return STATUS_CLOSED;
    s->shut = true;
    if (s->peer != NULL)
        s->peer->ended = true;
    return STATUS_OK;
}

/* ---- Moving bytes --------------------------------------------------------------------------- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t room_of(const struct sock *s)
{
    return s->unread < capacity ? capacity - s->unread : 0;
}

static int take_error(struct sock *s)
{
    int error = s->error;

    s->error = STATUS_OK;
    return error;
}

/* Ring positions run over the whole array, so that the capacity may change at any time. */
static void ring_put(struct sock *s, const uint8_t *from, size_t len)
{
    size_t at = (s->start + s->unread) % SCRIPTED_CAPACITY;
    size_t first = least(len, SCRIPTED_CAPACITY - at);

    if (len == 0)
        return; /* an empty span may have no pointer */
    memcpy(s->ring + at, from, first);
    memcpy(s->ring, from + first, len - first);
    s->unread += len;
}

static void ring_take(struct sock *s, uint8_t *to, size_t len)
{
    size_t first = least(len, SCRIPTED_CAPACITY - s->start);

    memcpy(to, s->ring + s->start, first);
    memcpy(to + first, s->ring, len - first);
    s->start = (s->start + len) % SCRIPTED_CAPACITY;
    s->unread -= len;
}

int port_receive(port_socket handle, void *buffer, size_t len)
{
    struct sock *s = sock_of(handle);
    size_t got = least(least(len, s->unread), cut > 0 ? cut : SIZE_MAX);

    scripted_calls.receives++;
    assert(len >= 1 && s->kind != LISTENER);
    if (got > 0) {
        ring_take(s, buffer, got);
        return (int)got;
    }
    if (s->error != STATUS_OK)
        return take_error(s);
    return s->dead || s->ended ? STATUS_CLOSED : 0;
}

uint64_t scripted_age_ns = PORT_FOREVER;

void port_stamp(port_socket handle)
{
    (void)handle;
}

int port_receive_stamped(port_socket handle, void *buffer, size_t len, uint64_t *waited_ns)
{
    *waited_ns = scripted_age_ns;
    return port_receive(handle, buffer, len);
}

static int send_all(struct sock *to, const struct span *spans, size_t count)
{
    size_t most = least(room_of(to), cut > 0 ? cut : SIZE_MAX);
    size_t sent = 0;

    for (size_t i = 0; i < count; i++) {
        size_t part = least(spans[i].len, most - sent);
        ring_put(to, spans[i].ptr, part);
        sent += part;
    }
    return (int)sent;
}

int port_send(port_socket handle, const struct span *spans, size_t count)
{
    struct sock *s = sock_of(handle);
    size_t total = 0;

    scripted_calls.sends++;
    assert(count >= 1 && count <= PORT_SEND_SPANS && s->kind != LISTENER);
    for (size_t i = 0; i < count; i++)
        total += spans[i].len;
    assert(total > 0 && "at least one span is not empty");
    if (s->error != STATUS_OK)
        return take_error(s);
    if (s->dead || s->shut)
        return STATUS_CLOSED;
    if (s->kind == CONNECTING)
        return 0;
    if (s->peer != NULL)
        return send_all(s->peer, spans, count);
    /* The peer is gone: these bytes are lost, and the answer to them is a reset. */
    kill_sock(s, STATUS_RESET);
    return (int)total;
}

/* ---- Asking --------------------------------------------------------------------------------- */

int port_socket_error(port_socket handle)
{
    return take_error(sock_of(handle));
}

int port_socket_set(port_socket handle, enum port_option option, int value)
{
    sock_of(handle)->options[option] = value;
    return STATUS_OK;
}

int port_socket_get(port_socket handle, enum port_option option, int *value)
{
    *value = sock_of(handle)->options[option];
    return STATUS_OK;
}

int port_socket_local(port_socket handle, struct port_address *out)
{
    *out = sock_of(handle)->local;
    return STATUS_OK;
}

size_t scripted_slot(port_socket handle)
{
    return (size_t)(sock_of(handle) - socks);
}

void scripted_watch(size_t slot, bool on)
{
    socks[slot].watchers += on ? 1 : -1;
}

unsigned scripted_ready(size_t slot)
{
    const struct sock *s = &socks[slot];
    int queued;
    unsigned ready = 0;

    if (s->kind == LISTENER)
        return first_of(s, QUEUED, &queued) != NULL ? PORT_READ : 0;
    if (s->dead)
        return PORT_READ | PORT_WRITE;
    if (s->unread > 0 || s->ended)
        ready |= PORT_READ;
    if (s->kind == OPEN && (writable_always || s->shut || s->peer == NULL || room_of(s->peer) > 0))
        ready |= PORT_WRITE;
    return ready;
}

size_t scripted_sockets_open(void)
{
    size_t open = 0;

    for (size_t i = 0; i < SCRIPTED_SOCKETS; i++)
        open += socks[i].kind != FREE;
    return open;
}

struct scripted_counts scripted_counts(void)
{
    return scripted_calls;
}

void scripted_capacity_set(size_t bytes)
{
    assert(bytes >= 1 && bytes <= SCRIPTED_CAPACITY);
    capacity = bytes;
}

void scripted_cut_set(size_t bytes)
{
    cut = bytes;
}

void scripted_refuse_at_once(bool on)
{
    refuse_at_once = on;
}

void scripted_writable_always(bool on)
{
    writable_always = on;
}

void scripted_accepts_fail(unsigned count)
{
    accepts_to_fail = count;
}

/* ---- Start ---------------------------------------------------------------------------------- */

void scripted_reset(void)
{
    for (size_t i = 0; i < SCRIPTED_SOCKETS; i++)
        socks[i].kind = FREE;
    scripted_calls = (struct scripted_counts){0};
    next_port = SCRIPTED_FIRST_PORT;
    capacity = SCRIPTED_CAPACITY;
    cut = 0;
    refuse_at_once = writable_always = false;
    accepts_to_fail = 0;
    scripted_poller_reset();
    scripted_system_reset();
}

int port_start(void)
{
    scripted_reset();
    return STATUS_OK;
}
