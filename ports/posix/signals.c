/* The stop signals, from handler to wait. */
#define _GNU_SOURCE /* pipe2 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/select.h>
#include <unistd.h>

#include "private.h"

static volatile sig_atomic_t stops;
static void (*second_stop)(void);
static int stop_pipe[2] = {-1, -1};

int posix_stop_open(void)
{
    if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return posix_failure();
    return stop_pipe[0] < FD_SETSIZE ? STATUS_OK : STATUS_LIMIT;
}

int posix_stop_descriptor(void)
{
    return stop_pipe[0];
}

void posix_stop_drain(void)
{
    char bytes[64];

    while (read(stop_pipe[0], bytes, sizeof bytes) > 0)
        continue;
}

static void on_stop(int signal_number)
{
    int saved = errno;

    if (signal_number == SIGHUP && stops > 0)
        return;
    stops = stops + 1;
    if (stops > 1 && second_stop != NULL) {
        second_stop();
        _exit(PORT_STOP_EXIT);
    }
    /* A full pipe is as readable as one byte more would make it. */
    ssize_t written = write(stop_pipe[1], "", 1);
    (void)written;
    errno = saved;
}

void port_stop_catch(void (*at_second)(void))
{
    static const int requests[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
    struct sigaction before;

    second_stop = at_second;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        sigaddset(&action.sa_mask, requests[i]);
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        bool is_hangup = requests[i] == SIGHUP;
        if (!is_hangup || sigaction(SIGHUP, NULL, &before) < 0 || before.sa_handler != SIG_IGN)
            sigaction(requests[i], &action, NULL);
    }
}

int port_stop_count(void)
{
    return (int)stops;
}
