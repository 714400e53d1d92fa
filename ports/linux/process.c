/* Processes, as only Linux knows them. */
#define _GNU_SOURCE

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "linux/files.h"
#include "posix/private.h"

#define NS_PER_S 1000000000u

#define SLACK_NS 1ul /* the least: 0 would mean the default, which is 50 us */

static unsigned long inherited_slack; /* ns; 0: not known */

void native_timers_sharpen(void)
{
    int slack = prctl(PR_GET_TIMERSLACK);

    inherited_slack = slack > 0 ? (unsigned long)slack : 0;
    prctl(PR_SET_TIMERSLACK, SLACK_NS);
}

bool native_child_follow(pid_t parent)
{
    if (inherited_slack > 0)
        prctl(PR_SET_TIMERSLACK, inherited_slack);
    /* The parent may have died before the request was in force. */
    return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent;
}

int port_self_path(char *out, size_t cap)
{
    out[0] = '\0';
    ssize_t length = readlink("/proc/self/exe", out, cap);
    if (length < 0)
        return posix_failure();
    if ((size_t)length >= cap) {
        out[0] = '\0';
        return STATUS_NO_ROOM;
    }
    out[length] = '\0';
    return STATUS_OK;
}

/* A whole process by the nanosecond; /proc/PID/stat has only clock ticks. */
static int read_cpu(pid_t pid, uint64_t *ns)
{
    clockid_t clock;
    struct timespec used;
    int error = clock_getcpuclockid(pid, &clock);

    if (error != 0)
        return posix_status(error);
    if (clock_gettime(clock, &used) < 0)
        return STATUS_NOT_FOUND; /* it ended in between */
    *ns = (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
    return STATUS_OK;
}

/* User and system time are the 14th and 15th field. */
static void read_ticks(const char *stat, struct port_usage *usage)
{
    const char *user = linux_stat_field(stat, 14);
    uint64_t tick = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
    char *end;

    if (user == NULL)
        return;
    usage->user_ns = strtoull(user, &end, 10) * tick;
    usage->system_ns = strtoull(end, NULL, 10) * tick;
}

static void read_status(const char *status, struct port_usage *usage)
{
    usage->peak_bytes = linux_file_number(status, "VmHWM:") * 1024;
    usage->resident_bytes = linux_file_number(status, "VmRSS:") * 1024;
    usage->switches_voluntary = linux_file_number(status, "voluntary_ctxt_switches:");
    usage->switches_forced = linux_file_number(status, "nonvoluntary_ctxt_switches:");
}

int native_usage_read(int64_t pid, struct port_usage *usage)
{
    char path[48];
    char text[4096];

    if (pid == 0) {
        /* getrusage's peak is that of the program before exec, where that was larger. */
        if (linux_file_read("/proc/self/status", text, sizeof text))
            read_status(text, usage);
        return STATUS_OK;
    }
    int status = read_cpu((pid_t)pid, &usage->cpu_ns);
    if (status < 0)
        return status;
    snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", pid);
    if (linux_file_read(path, text, sizeof text))
        read_ticks(text, usage);
    snprintf(path, sizeof path, "/proc/%" PRId64 "/status", pid);
    if (linux_file_read(path, text, sizeof text))
        read_status(text, usage);
    return STATUS_OK;
}
