/* Requests to stop, from the console or a parent to a wait. */
#include "private.h"

#include <stdlib.h>

#define ASKED_TO_DIE (128 + 15) /* as where SIGTERM kills */
#define WORK_ENDS_MS 15000      /* the system itself waits 5 s when a window is closed */

static volatile LONG stops;
static volatile LONG catching;
static void (*second_stop)(void);
static HANDLE stop_event;
static SOCKET stop_socket = INVALID_SOCKET;

/* In a child: signalled when the parent asks it to end, and when the parent is gone. */
static HANDLE inherited[2];

/* Counts first, so that a wait that ends finds it. A full socket is as readable as one byte more
 * would make it. */
static void request(void)
{
    if (InterlockedIncrement(&stops) > 1 && second_stop != NULL) {
        second_stop();
        win32_console_restore();
        TerminateProcess(GetCurrentProcess(), PORT_STOP_EXIT);
    }
    SetEvent(stop_event);
    send(stop_socket, "", 1, 0);
}

/* On a thread of the system's. When the session ends, so does the process as soon as this returns:
 * the work has its time, and ends the thread with the process. */
static BOOL WINAPI on_console(DWORD what)
{
    bool last = what != CTRL_C_EVENT && what != CTRL_BREAK_EVENT;

    if (inherited[0] == NULL) { /* else the parent decides when to stop */
        if (!catching) {
            win32_console_restore();
            return FALSE; /* which ends this process */
        }
        request();
    }
    if (last)
        Sleep(WORK_ENDS_MS);
    return TRUE;
}

static DWORD WINAPI follow_parent(void *unused)
{
    DWORD which;

    (void)unused;
    do {
        which = WaitForMultipleObjects(2, inherited, FALSE, INFINITE);
        if (which == WAIT_FAILED) { /* a variable of another program's */
            inherited[0] = NULL;
            break;
        }
        if (!catching)
            TerminateProcess(GetCurrentProcess(), ASKED_TO_DIE);
        request();
    } while (which == WAIT_OBJECT_0);
    return 0;
}

/* Finds the handles that port_child_start left, if that started this process. */
static int find_parent(void)
{
    char text[64];
    DWORD length = GetEnvironmentVariableA(WIN32_STOP_VARIABLE, text, sizeof text);

    if (length == 0 || length >= sizeof text)
        return STATUS_OK;
    SetEnvironmentVariableA(WIN32_STOP_VARIABLE, NULL);
    char *rest;
    HANDLE stop = (HANDLE)(uintptr_t)strtoull(text, &rest, 16);
    HANDLE parent = (HANDLE)(uintptr_t)strtoull(rest, NULL, 16);
    if (stop == NULL || parent == NULL)
        return STATUS_OK; /* a variable of another program's */
    inherited[0] = stop;
    inherited[1] = parent;
    HANDLE thread = CreateThread(NULL, 0, follow_parent, NULL, 0, NULL);
    if (thread == NULL)
        return win32_status(GetLastError());
    CloseHandle(thread);
    return STATUS_OK;
}

/* Bound and connected to itself, so that it receives from no other socket. */
static int open_socket(void)
{
    struct sockaddr_in self = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *address = (struct sockaddr *)&self;
    int length = sizeof self;
    u_long on = 1;

    stop_socket = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    if (stop_socket == INVALID_SOCKET || bind(stop_socket, address, length) != 0 ||
        getsockname(stop_socket, address, &length) != 0 ||
        connect(stop_socket, address, length) != 0 ||
        ioctlsocket(stop_socket, (long)FIONBIO, &on) != 0)
        return win32_status((DWORD)WSAGetLastError());
    return STATUS_OK;
}

int win32_stop_open(void)
{
    int status = open_socket();

    stop_event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (stop_event == NULL)
        return win32_status(GetLastError());
    if (status == STATUS_OK)
        status = find_parent();
    SetConsoleCtrlHandler(on_console, TRUE);
    return status;
}

SOCKET win32_stop_socket(void)
{
    return stop_socket;
}

HANDLE win32_stop_event(void)
{
    return stop_event;
}

void win32_stop_drain(void)
{
    char byte;

    ResetEvent(stop_event);
    while (recv(stop_socket, &byte, 1, 0) >= 0)
        continue;
}

void port_stop_catch(void (*at_second)(void))
{
    second_stop = at_second;
    InterlockedExchange(&catching, TRUE);
}

int port_stop_count(void)
{
    return (int)stops;
}
