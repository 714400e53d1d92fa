/* Sockets: each function is one system call and the translation of its outcome. */
#define _GNU_SOURCE /* accept4, IP_BIND_ADDRESS_NO_PORT */

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "private.h"

union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static socklen_t put_address(union any_address *to, const struct port_address *a)
{
    socklen_t length = a->length <= sizeof *to ? a->length : 0;

    memset(to, 0, sizeof *to);
    memcpy(to, a->storage, length);
    return length;
}

static void get_address(struct port_address *a, const union any_address *from, socklen_t length)
{
    *a = (struct port_address){.length = length <= sizeof *from ? length : 0};
    memcpy(a->storage, from, a->length);
}

static bool is_not_now(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* Closes what was half made and says why. */
static int give_up(int fd, int error)
{
    if (fd >= 0)
        close(fd);
    return posix_status(error);
}

static int set_int(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value);
}

/* A socket for the family of the address, or -1. */
static int open_socket(const union any_address *a)
{
    return socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* What is accepted inherits it: a peer whose machine is gone is noticed after two minutes. */
static void set_keepalive(int fd)
{
    (void)set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    (void)set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    (void)set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
    (void)set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, 6);
}

static int start_listening(int fd, const union any_address *a, socklen_t length, int backlog)
{
    if (set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1) < 0)
        return -1;
    if (a->any.sa_family == AF_INET6 && set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) < 0)
        return -1;
    if (bind(fd, &a->any, length) < 0)
        return -1;
    set_keepalive(fd);
    return listen(fd, backlog);
}

int port_listen(const struct port_address *a, int backlog, port_socket *out,
                struct port_address *bound)
{
    union any_address address;
    socklen_t length = put_address(&address, a);
    int fd = open_socket(&address);

    *out = PORT_NO_SOCKET;
    if (fd < 0 || start_listening(fd, &address, length, backlog) < 0)
        return give_up(fd, errno);
    int status = port_socket_local(fd, bound);
    if (status < 0) {
        close(fd);
        return status;
    }
    *out = fd;
    return STATUS_OK;
}

static int bind_source(int fd, const struct port_address *source)
{
    union any_address address;
    socklen_t length = put_address(&address, source);

#ifdef IP_BIND_ADDRESS_NO_PORT
    /* The port is chosen at connect, where it may be one that leads to another peer already. A
     * kernel without it only runs out of ports earlier. */
    if (port_address_port(source) == 0)
        (void)set_int(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
#endif
    return bind(fd, &address.any, length);
}

/* Best effort, like the kernel's own reading of these sizes. */
static void set_buffers(int fd, size_t bytes)
{
    int size = bytes < INT_MAX ? (int)bytes : INT_MAX;

    if (bytes == 0)
        return;
    (void)set_int(fd, SOL_SOCKET, SO_RCVBUF, size);
    (void)set_int(fd, SOL_SOCKET, SO_SNDBUF, size);
}

int port_connect(const struct port_address *a, const struct port_address *source, size_t buffer,
                 port_socket *out)
{
    union any_address address;
    socklen_t length = put_address(&address, a);
    int fd = open_socket(&address);

    *out = PORT_NO_SOCKET;
    if (fd < 0 || set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1) < 0)
        return give_up(fd, errno);
    set_buffers(fd, buffer);
    if (source != NULL && bind_source(fd, source) < 0)
        return give_up(fd, errno);
    if (connect(fd, &address.any, length) < 0 && errno != EINPROGRESS && errno != EINTR)
        return give_up(fd, errno);
    *out = fd;
    return STATUS_OK;
}

/* Linux hands errors of the waiting connection to accept; the listener itself is well. */
static bool has_died_in_queue(int error)
{
    int status = posix_status(error);

    return status == STATUS_RESET || status == STATUS_UNREACHABLE || status == STATUS_TIMEOUT;
}

int port_accept(port_socket listener, port_socket *out, struct port_address *peer)
{
    union any_address address = {0};
    socklen_t length;
    int fd;

    *out = PORT_NO_SOCKET;
    do {
        length = sizeof address;
        fd = accept4((int)listener, &address.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || has_died_in_queue(errno)));
    if (fd < 0)
        return is_not_now(errno) ? 0 : posix_failure();
    /* Fails only for a connection that is dead already, which the first receive will report. */
    (void)set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (peer != NULL)
        get_address(peer, &address, length);
    *out = fd;
    return 1;
}

int port_receive(port_socket s, void *buffer, size_t len)
{
    ssize_t got = recv((int)s, buffer, len < INT_MAX ? len : INT_MAX, 0);

    if (got > 0)
        return (int)got;
    if (got == 0)
        return STATUS_CLOSED;
    return is_not_now(errno) ? 0 : posix_failure();
}

static ssize_t send_many(int fd, const struct span *spans, size_t count)
{
    struct iovec parts[PORT_SEND_SPANS];
    struct msghdr message = {.msg_iov = parts};

    if (count > PORT_SEND_SPANS)
        count = PORT_SEND_SPANS;
    for (size_t i = 0; i < count; i++)
        parts[i] =
            (struct iovec){.iov_base = (void *)(uintptr_t)spans[i].ptr, .iov_len = spans[i].len};
    message.msg_iovlen = count;
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

int port_send(port_socket s, const struct span *spans, size_t count)
{
    ssize_t sent = count == 1 ? send((int)s, spans[0].ptr, spans[0].len, MSG_NOSIGNAL)
                              : send_many((int)s, spans, count);

    if (sent >= 0)
        return (int)sent; /* the kernel moves less than 2 GiB at once */
    return is_not_now(errno) ? 0 : posix_failure();
}

int port_shutdown(port_socket s)
{
    return shutdown((int)s, SHUT_WR) < 0 ? posix_failure() : STATUS_OK;
}

void port_close(port_socket s)
{
    if (s != PORT_NO_SOCKET)
        close((int)s);
}

static int get_int(port_socket s, int level, int name, int *value)
{
    socklen_t length = sizeof *value;

    *value = 0;
    return getsockopt((int)s, level, name, value, &length) < 0 ? posix_failure() : STATUS_OK;
}

int port_socket_error(port_socket s)
{
    int error;
    int status = get_int(s, SOL_SOCKET, SO_ERROR, &error);

    if (status < 0 || error == 0)
        return status;
    return posix_status(error);
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
    if (set_int((int)s, options[option].level, options[option].name, value) < 0)
        return posix_failure();
    return STATUS_OK;
}

int port_socket_get(port_socket s, enum port_option option, int *value)
{
    return get_int(s, options[option].level, options[option].name, value);
}

int port_socket_local(port_socket s, struct port_address *out)
{
    union any_address address;
    socklen_t length = sizeof address;

    *out = (struct port_address){0};
    if (getsockname((int)s, &address.any, &length) < 0)
        return posix_failure();
    get_address(out, &address, length);
    return STATUS_OK;
}
