/* system.h on Windows. */
#include "../../ports/win32/private.h"

#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <tlhelp32.h>

#include "system.h"

uint8_t *system_fenced(size_t bytes, size_t margin)
{
    uint8_t *start = VirtualAlloc(NULL, bytes + 2 * margin, MEM_RESERVE, PAGE_NOACCESS);

    if (start == NULL || VirtualAlloc(start + margin, bytes, MEM_COMMIT, PAGE_READWRITE) == NULL) {
        fprintf(stderr, "fenced memory: error %lu\n", GetLastError());
        abort();
    }
    return start + margin;
}

/* ---- Ends ----------------------------------------------------------------------------------- */

const int system_killed = 128 + 9;
const int system_asked = 128 + 15;

void system_die(void)
{
    TerminateProcess(GetCurrentProcess(), (UINT)system_killed);
}

/* All other threads stand still, so that none waits for the request. */
void system_go_deaf(void)
{
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 row = {.dwSize = sizeof row};

    for (BOOL more = Thread32First(all, &row); more; more = Thread32Next(all, &row)) {
        if (row.th32OwnerProcessID == GetCurrentProcessId() &&
            row.th32ThreadID != GetCurrentThreadId())
            SuspendThread(OpenThread(THREAD_SUSPEND_RESUME, FALSE, row.th32ThreadID));
    }
    CloseHandle(all);
}

/* What the system starts in a process whose console has an event; called by its address, so that
 * the event is for this process alone, with or without a console. */
static HANDLE raise_event(DWORD event)
{
    FARPROC routine = GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "CtrlRoutine");

    if (routine == NULL) {
        fprintf(stderr, "no CtrlRoutine\n");
        abort();
    }
    return CreateThread(NULL, 0, (LPTHREAD_START_ROUTINE)(void (*)(void))routine,
                        (void *)(ULONG_PTR)event, 0, NULL);
}

static void wait_for(HANDLE thread)
{
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}

void system_interrupt(void)
{
    wait_for(raise_event(CTRL_C_EVENT));
}

void system_terminate(void)
{
    wait_for(raise_event(CTRL_BREAK_EVENT));
}

static HANDLE helper;

static DWORD WINAPI terminate_after(void *ms)
{
    Sleep((DWORD)(ULONG_PTR)ms);
    system_terminate();
    return 0;
}

void system_terminate_later(uint64_t ns)
{
    helper = CreateThread(NULL, 0, terminate_after, (void *)(ULONG_PTR)(ns / 1000000u), 0, NULL);
}

void system_terminate_done(void)
{
    wait_for(helper);
}

/* ---- Processes ------------------------------------------------------------------------------ */

bool system_has_no_children(void)
{
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    PROCESSENTRY32 row = {.dwSize = sizeof row};
    bool none = true;

    for (BOOL more = Process32First(all, &row); more; more = Process32Next(all, &row))
        none = none && row.th32ParentProcessID != GetCurrentProcessId();
    CloseHandle(all);
    return none;
}

static bool is_inherited(HANDLE h)
{
    DWORD flags = 0;

    return GetHandleInformation(h, &flags) && (flags & HANDLE_FLAG_INHERIT) != 0;
}

static bool is_standard(HANDLE h)
{
    return h == GetStdHandle(STD_INPUT_HANDLE) || h == GetStdHandle(STD_OUTPUT_HANDLE) ||
           h == GetStdHandle(STD_ERROR_HANDLE);
}

/* A handle keeps its mark in the child that inherits it. Named in the environment are those by
 * which a child follows its parent. */
int system_handles(void)
{
    const char *gifts = getenv(WIN32_STOP_VARIABLE);
    int open = gifts != NULL ? -2 : 0;

    for (uintptr_t number = 4; number < 4096; number += 4) {
        HANDLE h = (HANDLE)number;
        open += is_inherited(h) && !is_standard(h);
    }
    return open;
}

int system_odd_signals(void)
{
    return 0;
}

bool system_leads_group(void)
{
    return true; /* nothing tells; the tests of the pair interrupt a whole console */
}

const char *const system_missing = "C:\\nowhere\\at all";
const char *const system_forbidden = "C:\\windows\\win.ini";
const int system_forbidden_status = STATUS_UNSUPPORTED;

#define WIDE 1024

static bool widen(const char *path, wchar_t wide[WIDE])
{
    return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide, WIDE) > 0;
}

bool system_can_start(const char *path)
{
    wchar_t wide[WIDE];
    DWORD type;

    return path[0] != '\0' && path[1] == ':' && path[2] == '\\' && widen(path, wide) &&
           GetBinaryTypeW(wide, &type);
}

int64_t system_pid(void)
{
    return GetCurrentProcessId();
}

/* ---- The rest ------------------------------------------------------------------------------- */

const bool system_has_switches = false;
const bool system_has_load = false;

static bool on_wine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

bool system_times_others(void)
{
    return !on_wine();
}

/* Surrounding blanks are not part of it. */
bool system_knows_cpu(const char *name)
{
    char text[256] = "";
    DWORD size = sizeof text - 1;

    RegGetValueA(HKEY_LOCAL_MACHINE, "HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0",
                 "ProcessorNameString", RRF_RT_REG_SZ, NULL, text, &size);
    return strlen(name) > 2 && (text[0] == '\0' || strstr(text, name) != NULL);
}

intptr_t system_open(void)
{
    return (intptr_t)CreateEventW(NULL, FALSE, FALSE, NULL);
}

void system_close(intptr_t handle)
{
    CloseHandle((HANDLE)handle);
}

bool system_keeps(FILE *file)
{
    return !is_inherited((HANDLE)_get_osfhandle(_fileno(file)));
}

bool system_has_localhost(void)
{
    struct addrinfo *found;

    if (getaddrinfo("localhost", NULL, NULL, &found) != 0)
        return false;
    freeaddrinfo(found);
    return true;
}

/* Wine's receive gives 0 for both. */
bool system_tells_resets(void)
{
    return !on_wine();
}

bool system_delete(const char *path)
{
    wchar_t wide[4 + WIDE] = L"\\\\?\\"; /* at any length */

    return widen(path, wide + 4) && DeleteFileW(wide);
}
