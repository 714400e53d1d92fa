/* The cores that threads run on, and those that they may use. Where the system has more than 64, in
 * groups, these are the cores of one group: its programs start within one. */
#include "private.h"

#define MASK_BITS (8 * sizeof(DWORD_PTR))

int port_pin(unsigned core)
{
    if (core >= MASK_BITS)
        return STATUS_INVALID;
    return SetThreadAffinityMask(GetCurrentThread(), (DWORD_PTR)1 << core) != 0
               ? STATUS_OK
               : win32_status(GetLastError());
}

int port_core(void)
{
    return (int)GetCurrentProcessorNumber();
}

int port_threads_read(int64_t pid, struct port_thread *threads, size_t cap)
{
    (void)pid, (void)threads, (void)cap;
    return STATUS_UNSUPPORTED; /* nothing but a trace of all switches shows it */
}

static int open_process(int64_t pid, DWORD rights, HANDLE *process)
{
    *process = OpenProcess(rights | SYNCHRONIZE, FALSE, (DWORD)pid);
    if (*process == NULL) {
        DWORD error = GetLastError();
        return error == ERROR_INVALID_PARAMETER ? STATUS_NOT_FOUND : win32_status(error);
    }
    if (WaitForSingleObject(*process, 0) != WAIT_OBJECT_0)
        return STATUS_OK;
    CloseHandle(*process); /* it ended, and an open handle keeps its number */
    return STATUS_NOT_FOUND;
}

int port_cores_read(int64_t pid, struct port_cores *cores)
{
    GROUP_AFFINITY own;
    DWORD_PTR allowed = 0;
    DWORD_PTR machine;
    HANDLE process;

    *cores = (struct port_cores){{0}};
    if (pid == 0) {
        if (!GetThreadGroupAffinity(GetCurrentThread(), &own))
            return win32_status(GetLastError());
        cores->bits[0] = own.Mask;
        return STATUS_OK;
    }
    int status = open_process(pid, PROCESS_QUERY_LIMITED_INFORMATION, &process);
    if (status < 0)
        return status;
    if (!GetProcessAffinityMask(process, &allowed, &machine))
        status = win32_status(GetLastError());
    CloseHandle(process);
    cores->bits[0] = allowed;
    return status;
}

int port_cores_set(int64_t pid, const struct port_cores *cores)
{
    HANDLE process;
    int status = open_process(pid, PROCESS_SET_INFORMATION, &process);

    if (status < 0)
        return status;
    if (!SetProcessAffinityMask(process, (DWORD_PTR)cores->bits[0]))
        status = win32_status(GetLastError());
    CloseHandle(process);
    return status;
}
