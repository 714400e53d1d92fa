/* The cores on which threads run, and those that they may use. */
#define _GNU_SOURCE

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/files.h"
#include "posix/private.h"

#define TASK_PATH  64 /* bytes of "/proc/PID/task/TID/schedstat" */
#define CORE_FIELD 39 /* of /proc/PID/stat: the core on which it ran last (proc(5)) */

int port_pin(unsigned core)
{
    cpu_set_t set;

    if (core >= CPU_SETSIZE)
        return STATUS_INVALID;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return sched_setaffinity(0, sizeof set, &set) < 0 ? posix_failure() : STATUS_OK;
}

int port_core(void)
{
    int core = sched_getcpu();

    return core < 0 ? posix_failure() : core;
}

/* ---- The threads of a process -------------------------------------------------------------- */

static DIR *open_tasks(int64_t pid)
{
    char path[TASK_PATH];

    snprintf(path, sizeof path, "/proc/%" PRId64 "/task", pid);
    return opendir(path);
}

/* The next thread's id; 0 behind the last one. */
static pid_t find_next_task(DIR *tasks)
{
    const struct dirent *entry;

    while ((entry = readdir(tasks)) != NULL) {
        if (entry->d_name[0] != '.')
            return (pid_t)strtol(entry->d_name, NULL, 10);
    }
    return 0;
}

static bool read_task(int64_t pid, pid_t task, const char *file, char *out, size_t cap)
{
    char path[TASK_PATH];

    snprintf(path, sizeof path, "/proc/%" PRId64 "/task/%d/%s", pid, (int)task, file);
    return linux_file_read(path, out, cap);
}

/* False when the thread has ended. */
static bool read_thread(int64_t pid, pid_t task, struct port_thread *thread)
{
    char text[512];

    *thread = (struct port_thread){.id = task};
    if (!read_task(pid, task, "stat", text, sizeof text))
        return false;
    const char *core = linux_stat_field(text, CORE_FIELD);
    if (core == NULL)
        return false;
    thread->core = (unsigned)strtoul(core, NULL, 10);
    if (read_task(pid, task, "schedstat", text, sizeof text))
        thread->cpu_ns = strtoull(text, NULL, 10);
    return true;
}

int port_threads_read(int64_t pid, struct port_thread *threads, size_t cap)
{
    size_t count = 0;
    DIR *tasks = open_tasks(pid);

    if (tasks == NULL)
        return posix_failure();
    for (pid_t task; count < cap && (task = find_next_task(tasks)) != 0;)
        count += read_thread(pid, task, &threads[count]);
    closedir(tasks);
    return count > 0 ? (int)count : STATUS_NOT_FOUND;
}

/* ---- The cores that they may use ----------------------------------------------------------- */

static_assert(PORT_CORES_MAX == CPU_SETSIZE, "one has room for the other");

static int read_cores(pid_t task, struct port_cores *cores)
{
    cpu_set_t set;

    *cores = (struct port_cores){{0}};
    if (sched_getaffinity(task, sizeof set, &set) < 0)
        return errno == ESRCH ? STATUS_NOT_FOUND : posix_failure();
    for (unsigned core = 0; core < PORT_CORES_MAX; core++) {
        if (CPU_ISSET(core, &set))
            port_cores_add(cores, core);
    }
    return STATUS_OK;
}

int port_cores_read(int64_t pid, struct port_cores *cores)
{
    struct port_cores other;
    int status = read_cores((pid_t)pid, cores);

    if (pid == 0 || status < 0)
        return status;
    DIR *tasks = open_tasks(pid);
    if (tasks == NULL)
        return posix_failure();
    for (pid_t task; (task = find_next_task(tasks)) != 0;) {
        if (read_cores(task, &other) == STATUS_OK && memcmp(&other, cores, sizeof other) != 0)
            status = STATUS_INVALID;
    }
    closedir(tasks);
    return status;
}

static int set_cores(pid_t task, const struct port_cores *cores)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    for (unsigned core = 0; core < PORT_CORES_MAX; core++) {
        if (port_cores_has(cores, core))
            CPU_SET(core, &set);
    }
    if (sched_setaffinity(task, sizeof set, &set) == 0 || errno == ESRCH)
        return STATUS_OK; /* a thread that has ended needs no core */
    return posix_failure();
}

int port_cores_set(int64_t pid, const struct port_cores *cores)
{
    int status = STATUS_OK;
    DIR *tasks = open_tasks(pid);

    if (tasks == NULL)
        return posix_failure();
    for (pid_t task; status == STATUS_OK && (task = find_next_task(tasks)) != 0;)
        status = set_cores(task, cores);
    closedir(tasks);
    return status;
}
