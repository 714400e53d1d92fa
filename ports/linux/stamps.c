/* When the kernel got what is received: stamps of its real-time clock. */
#define _GNU_SOURCE

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "posix/private.h"

#define NS_PER_S 1000000000

void port_stamp(port_socket s)
{
    int on = 1;

    setsockopt((int)s, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

/* The clock may be set between the two. */
static uint64_t find_age(const struct timespec *stamp)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ns = ((int64_t)now.tv_sec - stamp->tv_sec) * NS_PER_S + now.tv_nsec - stamp->tv_nsec;
    return ns >= 0 ? (uint64_t)ns : PORT_FOREVER;
}

static uint64_t read_stamp(struct msghdr *message)
{
    struct timespec stamp;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
        return find_age(&stamp);
    }
    return PORT_FOREVER;
}

int port_receive_stamped(port_socket s, void *buffer, size_t len, uint64_t *waited_ns)
{
    union {
        struct cmsghdr head; /* for its alignment */
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    struct iovec part = {.iov_base = buffer, .iov_len = len < INT_MAX ? len : INT_MAX};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg((int)s, &message, 0);

    *waited_ns = got > 0 ? read_stamp(&message) : PORT_FOREVER;
    if (got > 0)
        return (int)got;
    if (got == 0)
        return STATUS_CLOSED;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : posix_failure();
}
