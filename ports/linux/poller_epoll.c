/* epoll: level-triggered, to the nanosecond where the kernel can (5.11). */
#define _GNU_SOURCE

#include <errno.h>
#include <linux/time_types.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "posix/private.h"

#define BATCH             256  /* most events of one wait */
#define OTHER_DESCRIPTORS 1024 /* open beside the watched sockets: files, pipes, inherited ones */
#define NS_PER_MS         1000000u

/* By descriptor: the kernel keeps only one number for us, and a hang-up needs the interest too. */
struct watch {
    uint64_t token;
    unsigned interest;
};

struct epoller {
    int fd;
    bool coarse; /* no epoll_pwait2 */
    size_t bytes;
    size_t capacity;
    struct epoll_event batch[BATCH];
    struct watch watches[];
};

static size_t find_most(void)
{
    return SIZE_MAX;
}

static int wait_fine(struct epoller *p, int cap, uint64_t timeout_ns)
{
#ifdef SYS_epoll_pwait2
    struct __kernel_timespec timeout = {.tv_sec = (long long)(timeout_ns / 1000000000u),
                                        .tv_nsec = (long long)(timeout_ns % 1000000000u)};

    /* By number, because a C library older than the kernel does not have it. */
    return (int)syscall(SYS_epoll_pwait2, p->fd, p->batch, cap,
                        timeout_ns == PORT_FOREVER ? NULL : &timeout, NULL, (size_t)0);
#else
    (void)p, (void)cap, (void)timeout_ns;
    errno = ENOSYS;
    return -1;
#endif
}

static int wait_coarse(struct epoller *p, int cap, uint64_t timeout_ns)
{
    uint64_t ms = timeout_ns / NS_PER_MS + (timeout_ns % NS_PER_MS != 0); /* never early */
    int timeout = ms < INT32_MAX ? (int)ms : INT32_MAX;

    return epoll_wait(p->fd, p->batch, cap, timeout_ns == PORT_FOREVER ? -1 : timeout);
}

static void close_poller(void *state)
{
    struct epoller *p = state;

    close(p->fd);
    port_region_release(p, p->bytes);
}

static int watch_stops(struct epoller *p)
{
    int stop = posix_stop_descriptor();
    struct epoll_event event = {.events = EPOLLIN, .data.fd = stop};

    return epoll_ctl(p->fd, EPOLL_CTL_ADD, stop, &event);
}

static int open_poller(size_t sockets, void **state)
{
    *state = NULL;
    if (sockets > SIZE_MAX / sizeof(struct watch) / 2)
        return STATUS_LIMIT;
    size_t capacity = sockets + OTHER_DESCRIPTORS;
    size_t bytes = sizeof(struct epoller) + capacity * sizeof(struct watch);
    struct epoller *p = port_region(bytes);
    if (p == NULL)
        return STATUS_NO_MEMORY;
    p->bytes = bytes;
    p->capacity = capacity;
    p->fd = epoll_create1(EPOLL_CLOEXEC);
    if (p->fd < 0 || watch_stops(p) < 0) {
        int status = posix_failure();
        close_poller(p);
        return status;
    }
    /* Decided once. A sandbox may answer EPERM for a call it does not know. */
    p->coarse = wait_fine(p, 1, 0) < 0 && errno != EINTR;
    *state = p;
    return STATUS_OK;
}

static int set_interest(void *state, port_socket s, unsigned had, unsigned interest, uint64_t token)
{
    struct epoller *p = state;
    struct epoll_event event = {.events = (interest & PORT_READ ? (uint32_t)EPOLLIN : 0u) |
                                          (interest & PORT_WRITE ? (uint32_t)EPOLLOUT : 0u),
                                .data.fd = (int)s};

    if (s < 0 || (size_t)s >= p->capacity)
        return STATUS_LIMIT;
    if (had != interest) {
        int how = had == 0 ? EPOLL_CTL_ADD : interest == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
        if (epoll_ctl(p->fd, how, (int)s, &event) < 0)
            return posix_failure();
    }
    p->watches[s] = (struct watch){.token = token, .interest = interest};
    return STATUS_OK;
}

static unsigned translate_ready(uint32_t events, unsigned interest)
{
    unsigned ready = (events & EPOLLIN ? PORT_READ : 0) | (events & EPOLLOUT ? PORT_WRITE : 0);

    if (events & (EPOLLERR | EPOLLHUP))
        ready = PORT_READ | PORT_WRITE;
    return ready & interest;
}

static int collect(const struct epoller *p, int count, struct port_event *events)
{
    int rows = 0;

    for (int i = 0; i < count; i++) {
        int fd = p->batch[i].data.fd;
        if (fd == posix_stop_descriptor()) {
            posix_stop_drain();
            continue;
        }
        const struct watch *w = &p->watches[fd];
        unsigned ready = translate_ready(p->batch[i].events, w->interest);
        if (ready != 0)
            events[rows++] = (struct port_event){.token = w->token, .ready = ready};
    }
    return rows;
}

static int wait_for_rows(void *state, struct port_event *events, size_t cap, uint64_t timeout_ns)
{
    struct epoller *p = state;
    int most = cap < BATCH ? (int)cap : BATCH;
    int count = p->coarse ? wait_coarse(p, most, timeout_ns) : wait_fine(p, most, timeout_ns);

    if (count < 0)
        return errno == EINTR ? 0 : posix_failure();
    return collect(p, count, events);
}

const struct port_poller native_poller = {
    .name = "epoll",
    .open = open_poller,
    .set = set_interest,
    .wait = wait_for_rows,
    .close = close_poller,
    .most = find_most,
};
