/* This process and others, as the system accounts for them. */
#include "private.h"

#define PSAPI_VERSION 2 /* in kernel32 */
#include <psapi.h>

/* The most handles of a process, as documented for every Windows since 2000. */
#define HANDLES_MAX 16711680

int64_t port_self_pid(void)
{
    return GetCurrentProcessId();
}

static int read_usage(HANDLE process, struct port_usage *usage)
{
    FILETIME began;
    FILETIME ended;
    FILETIME system;
    FILETIME user;
    PROCESS_MEMORY_COUNTERS memory = {.cb = sizeof memory};

    if (WaitForSingleObject(process, 0) == WAIT_OBJECT_0)
        return STATUS_NOT_FOUND; /* it ended, and an open handle keeps its number */
    if (!GetProcessMemoryInfo(process, &memory, sizeof memory) ||
        !GetProcessTimes(process, &began, &ended, &system, &user))
        return win32_status(GetLastError());
    usage->peak_bytes = memory.PeakWorkingSetSize;
    usage->resident_bytes = memory.WorkingSetSize;
    if (GetProcessId(process) != GetCurrentProcessId() && win32_wine() != NULL)
        return STATUS_OK; /* there the times are always those of the caller */
    usage->user_ns = win32_filetime(user) * WIN32_TICK_NS;
    usage->system_ns = win32_filetime(system) * WIN32_TICK_NS;
    usage->cpu_ns = usage->user_ns + usage->system_ns;
    return STATUS_OK;
}

int port_usage_read(int64_t pid, struct port_usage *usage)
{
    const DWORD rights = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_VM_READ | SYNCHRONIZE;

    *usage = (struct port_usage){0};
    if (pid == 0)
        return read_usage(GetCurrentProcess(), usage);
    HANDLE process = OpenProcess(rights, FALSE, (DWORD)pid);
    if (process == NULL) {
        DWORD error = GetLastError();
        return error == ERROR_INVALID_PARAMETER ? STATUS_NOT_FOUND : win32_status(error);
    }
    int status = read_usage(process, usage);
    CloseHandle(process);
    return status;
}

uint64_t port_descriptors_raise(void)
{
    return HANDLES_MAX;
}

uint64_t port_descriptors_open(void)
{
    return 0; /* libraries of the system open and keep handles at times of their own */
}

bool port_is_root(void)
{
    return false; /* there is none: an administrator's programs run without his rights */
}

bool port_is_terminal(int stream)
{
    DWORD mode;

    return GetConsoleMode(GetStdHandle(stream == 1 ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE), &mode);
}
