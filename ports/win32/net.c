/* Sockets: each function is one call of Winsock and the translation of its outcome. */
#include "private.h"

#include <limits.h>

/* What listen takes at most, unless it is given as a hint: SOMAXCONN_HINT, which some headers lack.
 */
#define BACKLOG_PLAIN   200
#define BACKLOG_HINT(n) (-(n))

static int read_last_status(void)
{
    return win32_status((DWORD)WSAGetLastError());
}

static int set_int(SOCKET s, int level, int name, int value)
{
    return setsockopt(s, level, name, (const char *)&value, sizeof value);
}

/* Settings of every socket: not inherited, non-blocking. One thread makes sockets and children, so
 * none is inherited before this call. Urgent data counts as data, for in a select it would look
 * like a failed connect. */
static bool prepare(SOCKET s)
{
    u_long on = 1;

    return SetHandleInformation((HANDLE)s, HANDLE_FLAG_INHERIT, 0) &&
           ioctlsocket(s, (long)FIONBIO, &on) == 0 &&
           set_int(s, SOL_SOCKET, SO_OOBINLINE, 1) == 0 &&
           set_int(s, IPPROTO_TCP, TCP_NODELAY, 1) == 0;
}

/* A socket for the family of the address, or INVALID_SOCKET. */
static SOCKET open_socket(const union win32_address *a)
{
    SOCKET s = socket(a->any.sa_family, SOCK_STREAM, IPPROTO_TCP);

    if (s == INVALID_SOCKET || prepare(s))
        return s;
    int error = WSAGetLastError();
    closesocket(s);
    WSASetLastError(error);
    return INVALID_SOCKET;
}

/* Hands the socket over, or closes it for what went wrong. */
static int finish(SOCKET s, int status, port_socket *out)
{
    if (status < 0)
        closesocket(s);
    else
        *out = (port_socket)s;
    return status;
}

static int start_listening(SOCKET s, const union win32_address *a, int length, int backlog)
{
    /* Without it, another program could share the port and take its connections. */
    if (set_int(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1) != 0)
        return read_last_status();
    if (a->any.sa_family == AF_INET6 && set_int(s, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0)
        return read_last_status();
    /* No port needs a privilege here: denied is a port that another process has for itself alone.
     */
    if (bind(s, &a->any, length) != 0)
        return WSAGetLastError() == WSAEACCES ? STATUS_IN_USE : read_last_status();
    (void)set_int(s, SOL_SOCKET, SO_KEEPALIVE, 1); /* what is accepted inherits it */
    if (listen(s, backlog > BACKLOG_PLAIN ? BACKLOG_HINT(backlog) : backlog) != 0)
        return read_last_status();
    return STATUS_OK;
}

int port_listen(const struct port_address *a, int backlog, port_socket *out,
                struct port_address *bound)
{
    union win32_address address;
    int length = win32_address_put(&address, a);
    SOCKET s = open_socket(&address);

    *out = PORT_NO_SOCKET;
    if (s == INVALID_SOCKET)
        return read_last_status();
    int status = start_listening(s, &address, length, backlog);
    if (status == STATUS_OK)
        status = port_socket_local((port_socket)s, bound);
    return finish(s, status, out);
}

/* Best effort, like the system's own reading of these sizes. */
static void set_buffers(SOCKET s, size_t bytes)
{
    int size = bytes < INT_MAX ? (int)bytes : INT_MAX;

    if (bytes == 0)
        return;
    (void)set_int(s, SOL_SOCKET, SO_RCVBUF, size);
    (void)set_int(s, SOL_SOCKET, SO_SNDBUF, size);
}

static int start_connecting(SOCKET s, const union win32_address *a, int length,
                            const struct port_address *source)
{
    union win32_address from;

    if (source != NULL) {
        int from_length = win32_address_put(&from, source);
        if (bind(s, &from.any, from_length) != 0)
            return read_last_status();
    }
    if (connect(s, &a->any, length) != 0 && WSAGetLastError() != WSAEWOULDBLOCK)
        return read_last_status();
    return STATUS_OK;
}

int port_connect(const struct port_address *a, const struct port_address *source, size_t buffer,
                 port_socket *out)
{
    union win32_address address;
    int length = win32_address_put(&address, a);
    SOCKET s = open_socket(&address);

    *out = PORT_NO_SOCKET;
    if (s == INVALID_SOCKET)
        return read_last_status();
    set_buffers(s, buffer);
    return finish(s, start_connecting(s, &address, length, source), out);
}

int port_accept(port_socket listener, port_socket *out, struct port_address *peer)
{
    union win32_address address;
    int length;
    SOCKET s;

    *out = PORT_NO_SOCKET;
    for (;;) {
        length = sizeof address;
        s = accept((SOCKET)listener, &address.any, &length);
        if (s != INVALID_SOCKET && prepare(s))
            break;
        if (s != INVALID_SOCKET)
            closesocket(s); /* what cannot be prepared is dead already */
        else if (WSAGetLastError() == WSAEWOULDBLOCK)
            return 0;
        else if (read_last_status() != STATUS_RESET)
            return read_last_status();
    }
    if (peer != NULL)
        win32_address_get(peer, &address, (size_t)length);
    *out = (port_socket)s;
    return 1;
}

int port_receive(port_socket s, void *buffer, size_t len)
{
    int got = recv((SOCKET)s, buffer, len < INT_MAX ? (int)len : INT_MAX, 0);

    if (got > 0)
        return got;
    if (got == 0)
        return STATUS_CLOSED;
    return WSAGetLastError() == WSAEWOULDBLOCK ? 0 : read_last_status();
}

/* Windows stamps datagrams only. */
void port_stamp(port_socket s)
{
    (void)s;
}

int port_receive_stamped(port_socket s, void *buffer, size_t len, uint64_t *waited_ns)
{
    *waited_ns = PORT_FOREVER;
    return port_receive(s, buffer, len);
}

/* Every one of at most INT_MAX / PORT_SEND_SPANS bytes, so that their sum is an int; what comes
 * after a cut one waits. */
static DWORD put_spans(WSABUF parts[PORT_SEND_SPANS], const struct span *spans, size_t count)
{
    static const size_t most = INT_MAX / PORT_SEND_SPANS;
    DWORD used = 0;

    while (used < count && used < PORT_SEND_SPANS) {
        struct span s = spans[used];
        parts[used++] =
            (WSABUF){.len = (ULONG)(s.len < most ? s.len : most), .buf = (char *)(uintptr_t)s.ptr};
        if (s.len > most)
            break;
    }
    return used;
}

/* Short of memory, a send is worth another try: other sockets give theirs back meanwhile. A peer
 * that takes nothing for long is dropped by the caller anyway. */
static bool is_not_now(int error)
{
    return error == WSAEWOULDBLOCK || error == WSAENOBUFS;
}

int port_send(port_socket s, const struct span *spans, size_t count)
{
    WSABUF parts[PORT_SEND_SPANS];
    DWORD used = put_spans(parts, spans, count);
    DWORD sent = 0;

    if (WSASend((SOCKET)s, parts, used, &sent, 0, NULL, NULL) == 0)
        return (int)sent;
    return is_not_now(WSAGetLastError()) ? 0 : read_last_status();
}

int port_shutdown(port_socket s)
{
    return shutdown((SOCKET)s, SD_SEND) != 0 ? read_last_status() : STATUS_OK;
}

void port_close(port_socket s)
{
    if (s != PORT_NO_SOCKET)
        closesocket((SOCKET)s);
}

static int get_int(port_socket s, int level, int name, int *value)
{
    int length = sizeof *value;

    *value = 0;
    return getsockopt((SOCKET)s, level, name, (char *)value, &length) != 0 ? read_last_status()
                                                                           : STATUS_OK;
}

int port_socket_error(port_socket s)
{
    int error;
    int status = get_int(s, SOL_SOCKET, SO_ERROR, &error);

    if (status < 0 || error == 0)
        return status;
    return win32_status((DWORD)error);
}

static const struct {
    int level;
    int name;
} options[] = {
    [PORT_NODELAY] = {IPPROTO_TCP, TCP_NODELAY},
    [PORT_RECEIVE_BUFFER] = {SOL_SOCKET, SO_RCVBUF},
    [PORT_SEND_BUFFER] = {SOL_SOCKET, SO_SNDBUF},
};

int port_socket_set(port_socket s, enum port_option option, int value)
{
    if (set_int((SOCKET)s, options[option].level, options[option].name, value) != 0)
        return read_last_status();
    return STATUS_OK;
}

int port_socket_get(port_socket s, enum port_option option, int *value)
{
    return get_int(s, options[option].level, options[option].name, value);
}

int port_socket_local(port_socket s, struct port_address *out)
{
    union win32_address address;
    int length = sizeof address;

    *out = (struct port_address){0};
    if (getsockname((SOCKET)s, &address.any, &length) != 0)
        return read_last_status();
    win32_address_get(out, &address, (size_t)length);
    return STATUS_OK;
}
