#define _POSIX_C_SOURCE 200809L

#include <sys/select.h>

#include "private.h"

#define NS_PER_S 1000000000u

static uint64_t convert_to_ns(struct timespec t)
{
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

struct timespec posix_timespec(uint64_t ns)
{
    uint64_t seconds = ns / NS_PER_S;

    return (struct timespec){.tv_sec = (time_t)(seconds < INT32_MAX ? seconds : INT32_MAX),
                             .tv_nsec = (long)(ns % NS_PER_S)};
}

uint64_t port_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return convert_to_ns(now);
}

uint64_t port_clock_resolution(void)
{
    struct timespec step;

    clock_getres(CLOCK_MONOTONIC, &step);
    return convert_to_ns(step);
}

uint64_t port_thread_clock(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return convert_to_ns(used);
}

uint64_t port_wall_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return convert_to_ns(now);
}

void port_wait(uint64_t ns)
{
    uint64_t start = port_clock();
    int stop = posix_stop_descriptor();

    for (uint64_t elapsed = 0; elapsed < ns; elapsed = port_clock() - start) {
        struct timespec left = posix_timespec(ns - elapsed);
        fd_set read;
        FD_ZERO(&read);
        FD_SET(stop, &read);
        /* An interruption by any other signal only starts the next turn. */
        if (pselect(stop + 1, &read, NULL, NULL, &left, NULL) > 0) {
            posix_stop_drain();
            return;
        }
    }
}
