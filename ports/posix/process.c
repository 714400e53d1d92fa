/* Children: started, read one line from, stopped. */
#define _GNU_SOURCE /* pipe2 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "private.h"

#define NS_PER_MS 1000000u

int64_t port_self_pid(void)
{
    return getpid();
}

struct pipes {
    int output[2]; /* the child's standard output */
    int report[2]; /* the errno of a failed exec; closed by a good one */
};

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++) {
        if (pair[i] >= 0)
            close(pair[i]);
    }
}

static int open_pipes(struct pipes *p)
{
    *p = (struct pipes){{-1, -1}, {-1, -1}};
    if (pipe2(p->output, O_CLOEXEC) == 0 && pipe2(p->report, O_CLOEXEC) == 0)
        return STATUS_OK;
    int error = errno;
    close_pair(p->output);
    return posix_status(error);
}

static void restore_signals(const sigset_t *mask)
{
    static const int changed[] = {SIGPIPE, SIGINT, SIGTERM};
    struct sigaction action = {.sa_handler = SIG_DFL};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++)
        sigaction(changed[i], &action, NULL);
    sigprocmask(SIG_SETMASK, mask, NULL);
}

/* In the child, to its end. */
static _Noreturn void become(const char *path, const char *const argv[], const struct pipes *p,
                             pid_t parent, const sigset_t *mask)
{
    int error = ESRCH;

    if (native_child_follow(parent)) {
        restore_signals(mask);
        if (setpgid(0, 0) == 0 && dup2(p->output[1], STDOUT_FILENO) >= 0)
            execv(path, (char *const *)argv); /* which does not write to them */
        error = errno;
    }
    ssize_t written = write(p->report[1], &error, sizeof error);
    (void)written; /* if it fails, there is no one to report it to */
    _exit(127);
}

/* With all signals held back, so that the child never runs our handlers. */
static pid_t fork_quiet(const char *path, const char *const argv[], const struct pipes *p)
{
    sigset_t all;
    sigset_t before;
    pid_t parent = getpid();

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        become(path, argv, p, parent, &before);
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

static ssize_t read_whole(int fd, void *out, size_t len)
{
    ssize_t got;

    do {
        got = read(fd, out, len);
    } while (got < 0 && errno == EINTR);
    return got;
}

int port_child_start(struct port_child *child, const char *path, const char *const argv[])
{
    struct pipes p;
    int error = 0;

    *child = (struct port_child){0};
    int status = open_pipes(&p);
    if (status < 0)
        return status;
    pid_t pid = fork_quiet(path, argv, &p);
    if (pid < 0) {
        status = posix_failure();
        close_pair(p.output);
        close_pair(p.report);
        return status;
    }
    close(p.output[1]);
    close(p.report[1]);
    bool failed = read_whole(p.report[0], &error, sizeof error) == (ssize_t)sizeof error;
    close(p.report[0]);
    *child = (struct port_child){.pid = pid, .pipe = p.output[0]};
    if (!failed)
        return STATUS_OK;
    port_child_stop(child, PORT_FOREVER);
    return posix_status(error);
}

/* The time left of `timeout_ns` since `start`; 0 when it is over. */
static uint64_t find_time_left(uint64_t start, uint64_t timeout_ns)
{
    uint64_t elapsed = port_clock() - start;

    return elapsed < timeout_ns ? timeout_ns - elapsed : 0;
}

/* poll() for reading; rounded up to milliseconds, so that it is never early. */
static bool wait_readable(int fd, uint64_t ns)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    uint64_t ms = ns / NS_PER_MS + (ns % NS_PER_MS != 0);

    return poll(&p, 1, ms < 60000 ? (int)ms : 60000) > 0;
}

int port_child_line(struct port_child *child, char *line, size_t cap, uint64_t timeout_ns)
{
    int fd = (int)child->pipe;
    uint64_t start = port_clock();
    size_t length = 0;

    line[0] = '\0';
    if (child->pid == 0)
        return STATUS_CLOSED;
    for (;;) {
        uint64_t left = find_time_left(start, timeout_ns);
        if (!wait_readable(fd, left)) {
            if (left == 0)
                return STATUS_TIMEOUT;
            continue;
        }
        char c; /* one by one, because what follows is not ours */
        ssize_t got = read_whole(fd, &c, 1);
        if (got <= 0)
            return got == 0 ? STATUS_CLOSED : posix_failure();
        if (c == '\n')
            return (int)length;
        if (length < cap - 1)
            line[length++] = c;
        line[length] = '\0';
    }
}

/* Takes and drops output until the child has ended, because a full pipe would keep it from ending.
 * Returns its pid then, 0 when the time is over, -1 when there is no such child. */
static pid_t await_end(const struct port_child *child, uint64_t timeout_ns, int *how)
{
    uint64_t start = port_clock();
    bool open = true;
    pid_t pid;

    while ((pid = waitpid((pid_t)child->pid, how, WNOHANG)) == 0 || (pid < 0 && errno == EINTR)) {
        char dropped[512];
        if (find_time_left(start, timeout_ns) == 0)
            return 0;
        if (!open)
            wait_readable(-1, NS_PER_MS); /* a negative descriptor is ignored: it only sleeps */
        else if (wait_readable((int)child->pipe, NS_PER_MS))
            open = read_whole((int)child->pipe, dropped, sizeof dropped) > 0;
    }
    return pid;
}

int port_child_stop(struct port_child *child, uint64_t timeout_ns)
{
    pid_t group = (pid_t)-child->pid;
    int how = 0;

    if (child->pid == 0)
        return 0;
    kill((pid_t)child->pid, SIGTERM);
    pid_t ended = await_end(child, timeout_ns, &how);
    if (ended == 0) {
        kill(group, SIGKILL);
        ended = await_end(child, PORT_FOREVER, &how);
    }
    int error = errno;
    close((int)child->pipe);
    *child = (struct port_child){0};
    if (ended < 0)
        return posix_status(error);
    return WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
}

static uint64_t convert_to_ns(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

int port_usage_read(int64_t pid, struct port_usage *usage)
{
    struct rusage self;

    *usage = (struct port_usage){0};
    if (pid != 0)
        return native_usage_read(pid, usage);
    if (getrusage(RUSAGE_SELF, &self) < 0)
        return posix_failure();
    usage->user_ns = convert_to_ns(self.ru_utime);
    usage->system_ns = convert_to_ns(self.ru_stime);
    usage->cpu_ns = usage->user_ns + usage->system_ns;
    usage->peak_bytes = (uint64_t)self.ru_maxrss * 1024;
    usage->switches_voluntary = (uint64_t)self.ru_nvcsw;
    usage->switches_forced = (uint64_t)self.ru_nivcsw;
    return native_usage_read(0, usage);
}
