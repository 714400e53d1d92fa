/* The start, files, and facts that every POSIX system gives in the same way. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"

/* Where a standard stream is missing, a socket would get its number, and with it the output. What
 * fills the place cannot be written to, so that a report that goes nowhere is noticed. */
static int fill_standard_streams(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDONLY);
        if (fd < 0)
            return posix_failure();
    } while (fd <= STDERR_FILENO);
    close(fd);
    return STATUS_OK;
}

int port_start(void)
{
    int status = fill_standard_streams();

    if (status < 0)
        return status;
    native_timers_sharpen();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD,
           SIG_DFL); /* ignored, as it may be inherited, no child would have an exit code */
    return posix_stop_open();
}

FILE *port_file_open(const char *path, const char *mode)
{
    char closed_on_exec[4];

    snprintf(closed_on_exec, sizeof closed_on_exec, "%se", mode);
    return fopen(path, closed_on_exec);
}

FILE *port_file_create(const char *path)
{
    return fopen(path, "wxe");
}

enum port_file_kind port_file_kind(const char *path)
{
    struct stat about;

    if (lstat(path, &about) < 0)
        return errno == ENOENT ? PORT_FILE_NONE : PORT_FILE_OTHER;
    return S_ISREG(about.st_mode) ? PORT_FILE_REGULAR : PORT_FILE_OTHER;
}

int port_file_replace(const char *from, const char *to)
{
    struct stat before;

    if (stat(to, &before) == 0 && chmod(from, before.st_mode & 07777) < 0)
        return posix_failure();
    return rename(from, to) < 0 ? posix_failure() : STATUS_OK;
}

void port_file_delete(const char *path)
{
    unlink(path);
}

uint64_t port_descriptors_raise(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 0;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? before : limit.rlim_cur;
}

bool port_is_root(void)
{
    return geteuid() == 0;
}

bool port_is_terminal(int stream)
{
    return isatty(stream) == 1;
}
