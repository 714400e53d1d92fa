/* Children: started, read one line from, stopped. */
#include "private.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

/* As where a signal does it: SIGINT, SIGKILL, SIGSEGV. */
#define INTERRUPTED (128 + 2)
#define KILLED      (128 + 9)
#define FAULTED     (128 + 11)

#define EXCEPTION_CONTROL_C 0xC000013A

/* ---- The command line ------------------------------------------------------------------ */

/* One argument, so that the child's C library finds it again: backslashes are themselves, but in
 * front of a quotation mark two stand for one, and one makes the mark a part of the text. */
static void put_argument(struct buf *out, const char *text)
{
    size_t backslashes = 0;

    if (text[0] != '\0' && strpbrk(text, " \t\n\v\"") == NULL) {
        buf_put_text(out, text);
        return;
    }
    buf_put_text(out, "\"");
    for (;; text++) {
        if (*text == '\0' || *text == '"') {
            for (; backslashes > 0; backslashes--)
                buf_put_text(out, "\\");
            buf_put_text(out, *text == '"' ? "\\\"" : "\"");
            if (*text == '\0')
                return;
            continue;
        }
        backslashes = *text == '\\' ? backslashes + 1 : 0;
        buf_put(out, text, 1);
    }
}

static int make_line(const char *const argv[], wchar_t out[WIN32_PATH])
{
    static char text[3 * WIN32_PATH];
    struct buf line = buf_over(text, sizeof text - 1);

    for (size_t i = 0; argv[i] != NULL; i++) {
        if (i > 0)
            buf_put_text(&line, " ");
        put_argument(&line, argv[i]);
    }
    if (line.full)
        return STATUS_NO_ROOM;
    text[line.len] = '\0';
    return win32_wide(text, out, WIN32_PATH);
}

/* ---- Starting -------------------------------------------------------------------------- */

/* The handles that a child inherits; it gets no others that may be open. */
enum { OUTPUT, STOP, PARENT, ERRORS, GIFTS };

struct launch {
    HANDLE pipe; /* our end of it */
    HANDLE gifts[GIFTS];
    DWORD count; /* of those: there may be no standard error */
};

static void close_handle(HANDLE *h)
{
    if (*h != NULL)
        CloseHandle(*h);
    *h = NULL;
}

static void close_launch(struct launch *l)
{
    close_handle(&l->pipe);
    for (int i = 0; i < GIFTS; i++)
        close_handle(&l->gifts[i]);
}

static bool give(struct launch *l, int which, HANDLE from, DWORD rights, DWORD options)
{
    HANDLE us = GetCurrentProcess();

    if (DuplicateHandle(us, from, us, &l->gifts[which], rights, TRUE, options))
        return true;
    l->gifts[which] = NULL;
    return false;
}

static int open_launch(struct launch *l)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
    HANDLE errors = GetStdHandle(STD_ERROR_HANDLE);

    *l = (struct launch){.count = ERRORS};
    if (CreatePipe(&l->pipe, &l->gifts[OUTPUT], &inherited, 0) &&
        SetHandleInformation(l->pipe, HANDLE_FLAG_INHERIT, 0) &&
        (l->gifts[STOP] = CreateEventW(&inherited, FALSE, FALSE, NULL)) != NULL &&
        give(l, PARENT, GetCurrentProcess(), SYNCHRONIZE, 0)) {
        /* "Invalid" is the same number as "this process", which can be duplicated well; and before
         * Windows 8 those of a console are no handles of the system's, and fit no list. */
        if (((uintptr_t)errors & 3) != 3 && give(l, ERRORS, errors, 0, DUPLICATE_SAME_ACCESS))
            l->count = GIFTS;
        return STATUS_OK;
    }
    int status = win32_status(GetLastError());
    close_launch(l);
    return status;
}

/* Suspended, until it is in the job. */
static int create(const wchar_t *path, wchar_t *line, struct launch *l, PROCESS_INFORMATION *made)
{
    const DWORD flags = CREATE_NEW_PROCESS_GROUP | CREATE_SUSPENDED | EXTENDED_STARTUPINFO_PRESENT;
    alignas(16) unsigned char attributes[256]; /* one takes 48 bytes */
    SIZE_T size = sizeof attributes;
    STARTUPINFOEXW start = {.StartupInfo = {.cb = sizeof start,
                                            .dwFlags = STARTF_USESTDHANDLES,
                                            .hStdOutput = l->gifts[OUTPUT],
                                            .hStdError = l->gifts[ERRORS]},
                            .lpAttributeList = (void *)attributes};

    if (!InitializeProcThreadAttributeList(start.lpAttributeList, 1, 0, &size))
        return win32_status(GetLastError());
    bool good =
        UpdateProcThreadAttribute(start.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
                                  l->gifts, l->count * sizeof l->gifts[0], NULL, NULL) &&
        CreateProcessW(path, line, NULL, NULL, TRUE, flags, NULL, NULL, &start.StartupInfo, made);
    int status = good ? STATUS_OK : win32_status(GetLastError());
    DeleteProcThreadAttributeList(start.lpAttributeList);
    return status;
}

/* The child finds the two handles by their numbers, which it has inherited, too. */
static int create_with_handles(const wchar_t *path, wchar_t *line, struct launch *l,
                               PROCESS_INFORMATION *made)
{
    char text[64];

    snprintf(text, sizeof text, "%llx %llx", (unsigned long long)(uintptr_t)l->gifts[STOP],
             (unsigned long long)(uintptr_t)l->gifts[PARENT]);
    SetEnvironmentVariableA(WIN32_STOP_VARIABLE, text);
    int status = create(path, line, l, made);
    SetEnvironmentVariableA(WIN32_STOP_VARIABLE, NULL);
    return status;
}

/* Only this process has a handle of the job, so the system ends all children when it is gone.
 * Before Windows 8 a process that was in a job could be in no other one: a child then still ends by
 * itself.
 */
static void hold(HANDLE process)
{
    static HANDLE job;
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {.BasicLimitInformation.LimitFlags =
                                                       JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE};

    if (job == NULL) {
        job = CreateJobObjectW(NULL, NULL);
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    }
    if (!AssignProcessToJobObject(job, process))
        win32_lack("nested jobs");
}

int port_child_start(struct port_child *child, const char *path, const char *const argv[])
{
    static wchar_t program[WIN32_PATH];
    static wchar_t line[WIN32_PATH];
    PROCESS_INFORMATION made = {0};
    struct launch l = {0};

    *child = (struct port_child){0};
    int status = win32_path(path, program);
    if (status == STATUS_OK)
        status = make_line(argv, line);
    if (status == STATUS_OK)
        status = open_launch(&l);
    if (status < 0)
        return status;
    status = create_with_handles(program, line, &l, &made);
    if (status == STATUS_OK) {
        hold(made.hProcess);
        if (ResumeThread(made.hThread) == (DWORD)-1) {
            status = win32_status(GetLastError());
            TerminateProcess(made.hProcess, 1);
            CloseHandle(made.hProcess);
        }
        CloseHandle(made.hThread);
    }
    if (status == STATUS_OK) {
        *child = (struct port_child){.pid = made.dwProcessId,
                                     .pipe = (intptr_t)l.pipe,
                                     .handle = (intptr_t)made.hProcess,
                                     .stop = (intptr_t)l.gifts[STOP]};
        l.pipe = l.gifts[STOP] = NULL; /* they stay open */
    }
    close_launch(&l);
    return status;
}

/* ---- Reading and stopping -------------------------------------------------------------- */

/* As port_receive. */
static int read_pipe(const struct port_child *child, void *out, DWORD len)
{
    HANDLE pipe = (HANDLE)child->pipe;
    DWORD waiting;
    DWORD got;

    if (!PeekNamedPipe(pipe, NULL, 0, NULL, &waiting, NULL))
        return win32_status(GetLastError());
    if (waiting == 0)
        return 0;
    if (!ReadFile(pipe, out, len < waiting ? len : waiting, &got, NULL))
        return win32_status(GetLastError());
    return (int)got;
}

static bool is_over(uint64_t start, uint64_t timeout_ns)
{
    return port_clock() - start >= timeout_ns;
}

/* A program that is not ours may end its lines in the way of the system. */
static size_t cut_return(char *line, size_t length)
{
    if (length > 0 && line[length - 1] == '\r')
        line[--length] = '\0';
    return length;
}

int port_child_line(struct port_child *child, char *line, size_t cap, uint64_t timeout_ns)
{
    uint64_t start = port_clock();
    size_t length = 0;

    line[0] = '\0';
    if (child->pid == 0)
        return STATUS_CLOSED;
    for (;;) {
        char c = 0; /* one by one, because what follows is not ours */
        int got = read_pipe(child, &c, 1);
        if (got < 0)
            return got;
        if (got == 0) {
            if (is_over(start, timeout_ns))
                return STATUS_TIMEOUT;
            Sleep(1); /* a pipe of this kind cannot be waited for */
            continue;
        }
        if (c == '\n')
            return (int)cut_return(line, length);
        if (length < cap - 1)
            line[length++] = c;
        line[length] = '\0';
    }
}

/* Takes and drops output until the child has ended, because a full pipe would keep it from ending.
 * False when the time is over. */
static bool await_end(const struct port_child *child, uint64_t timeout_ns)
{
    uint64_t start = port_clock();
    char dropped[4096];

    while (WaitForSingleObject((HANDLE)child->handle,
                               read_pipe(child, dropped, sizeof dropped) > 0 ? 0 : 1) ==
           WAIT_TIMEOUT) {
        if (is_over(start, timeout_ns))
            return false;
    }
    return true;
}

/* Beyond the numbers that a program gives there are those of exceptions. */
static int read_exit_code(DWORD code)
{
    if (code <= INT32_MAX)
        return (int)code;
    return code == EXCEPTION_CONTROL_C ? INTERRUPTED : FAULTED;
}

int port_child_stop(struct port_child *child, uint64_t timeout_ns)
{
    HANDLE process = (HANDLE)child->handle;
    DWORD code;

    if (child->pid == 0)
        return 0;
    SetEvent((HANDLE)child->stop);
    if (!await_end(child, timeout_ns)) {
        TerminateProcess(process, KILLED);
        await_end(child, PORT_FOREVER);
    }
    int status =
        GetExitCodeProcess(process, &code) ? read_exit_code(code) : win32_status(GetLastError());
    CloseHandle(process);
    CloseHandle((HANDLE)child->pipe);
    CloseHandle((HANDLE)child->stop);
    *child = (struct port_child){0};
    return status;
}
