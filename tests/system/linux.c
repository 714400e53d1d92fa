/* system.h on Linux. */
#define _GNU_SOURCE
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "port.h"

uint8_t *system_fenced(size_t bytes, size_t margin)
{
    uint8_t *start = mmap(NULL, bytes + 2 * margin, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (start == MAP_FAILED || mprotect(start + margin, bytes, PROT_READ | PROT_WRITE) != 0) {
        perror("fenced memory");
        abort();
    }
    return start + margin;
}

/* ---- Ends ----------------------------------------------------------------------------------- */

const int system_killed = 128 + SIGKILL;
const int system_asked = 128 + SIGTERM;

void system_die(void)
{
    raise(SIGKILL);
}

void system_go_deaf(void)
{
    signal(SIGTERM, SIG_IGN);
}

void system_interrupt(void)
{
    raise(SIGINT);
}

void system_terminate(void)
{
    raise(SIGTERM);
}

static pid_t helper;

void system_terminate_later(uint64_t ns)
{
    struct timespec pause = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
    pid_t us = getpid();

    helper = fork();
    if (helper == 0) {
        nanosleep(&pause, NULL);
        kill(us, SIGTERM);
        _exit(0);
    }
}

void system_terminate_done(void)
{
    waitpid(helper, NULL, 0);
}

/* ---- Processes ------------------------------------------------------------------------------ */

bool system_has_no_children(void)
{
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

int system_handles(void)
{
    int open = 0;

    for (int fd = STDERR_FILENO + 1; fd < 256; fd++)
        open += fcntl(fd, F_GETFD) >= 0;
    return open;
}

static bool is_odd(int number)
{
    struct sigaction action;

    sigaction(number, NULL, &action);
    return action.sa_handler != SIG_DFL;
}

int system_odd_signals(void)
{
    sigset_t mask;

    sigprocmask(SIG_BLOCK, NULL, &mask);
    return is_odd(SIGPIPE) + is_odd(SIGINT) + sigismember(&mask, SIGTERM) +
           sigismember(&mask, SIGINT);
}

bool system_leads_group(void)
{
    return getpgrp() == getpid();
}

const char *const system_missing = "/nowhere/at/all";
const char *const system_forbidden = "/etc/passwd";
const int system_forbidden_status = STATUS_DENIED;

bool system_can_start(const char *path)
{
    return path[0] == '/' && access(path, X_OK) == 0;
}

int64_t system_pid(void)
{
    return getpid();
}

/* ---- The rest ------------------------------------------------------------------------------- */

const bool system_has_switches = true;
const bool system_has_load = true;

bool system_times_others(void)
{
    return true;
}

/* A processor may have no name that we find, but then it has none of the usual kind. */
bool system_knows_cpu(const char *name)
{
    static char text[8192];
    FILE *file = fopen("/proc/cpuinfo", "r");

    if (file == NULL)
        return false;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    if (strstr(text, "model name") == NULL)
        return true;
    return strlen(name) > 2 && strstr(text, name) != NULL;
}

intptr_t system_open(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void system_close(intptr_t handle)
{
    close((int)handle);
}

bool system_keeps(FILE *file)
{
    return (fcntl(fileno(file), F_GETFD) & FD_CLOEXEC) != 0;
}

bool system_has_localhost(void)
{
    struct addrinfo *found;

    if (getaddrinfo("localhost", NULL, NULL, &found) != 0)
        return false;
    freeaddrinfo(found);
    return true;
}

bool system_tells_resets(void)
{
    return true;
}

bool system_delete(const char *path)
{
    return unlink(path) == 0;
}
