/* Clocks and waits. */
#include "private.h"

#define NS_PER_S 1000000000u

/* File times begin in 1601. */
#define UNIX_EPOCH (UINT64_C(11644473600) * (NS_PER_S / WIN32_TICK_NS))

#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 2
#endif

static uint64_t frequency; /* of the performance counter, in Hz; never changes */
static uint64_t step;      /* ns of one count, 0 when that is no whole number */
static HANDLE timer;

static void read_frequency(void)
{
    LARGE_INTEGER hz;

    QueryPerformanceFrequency(&hz);
    frequency = (uint64_t)hz.QuadPart;
    step = NS_PER_S % frequency == 0 ? NS_PER_S / frequency : 0;
}

uint64_t port_clock(void)
{
    LARGE_INTEGER now;

    if (frequency == 0)
        read_frequency();
    QueryPerformanceCounter(&now);
    uint64_t count = (uint64_t)now.QuadPart;
    if (step != 0) /* 10 MHz on every usual machine */
        return count * step;
    return count / frequency * NS_PER_S + count % frequency * NS_PER_S / frequency;
}

uint64_t port_clock_resolution(void)
{
    if (frequency == 0)
        read_frequency();
    return (NS_PER_S + frequency - 1) / frequency;
}

uint64_t port_thread_clock(void)
{
    FILETIME made;
    FILETIME ended;
    FILETIME system;
    FILETIME user;

    if (!GetThreadTimes(GetCurrentThread(), &made, &ended, &system, &user))
        return 0;
    return (win32_filetime(system) + win32_filetime(user)) * WIN32_TICK_NS;
}

uint64_t port_wall_clock(void)
{
    typedef VOID(WINAPI * read_time)(LPFILETIME);
    static read_time read;
    FILETIME now;

    if (read == NULL)
        read = (read_time)win32_find(L"kernel32", "GetSystemTimePreciseAsFileTime");
    if (read == NULL)
        read = GetSystemTimeAsFileTime; /* of the last tick */
    read(&now);
    return (win32_filetime(now) - UNIX_EPOCH) * WIN32_TICK_NS;
}

/* ---- Waits ----------------------------------------------------------------------------- */

void win32_timer_sharpen(void)
{
    typedef LONG(NTAPI * set_resolution)(ULONG, BOOLEAN, PULONG);
    typedef LONG(NTAPI * query_resolution)(PULONG, PULONG, PULONG);
    set_resolution set = (set_resolution)win32_find(L"ntdll", "NtSetTimerResolution");
    query_resolution query = (query_resolution)win32_find(L"ntdll", "NtQueryTimerResolution");
    ULONG coarsest;
    ULONG finest;
    ULONG current;

    if (set != NULL && query != NULL && query(&coarsest, &finest, &current) >= 0)
        set(finest, TRUE, &current);
}

int win32_timer_open(void)
{
    timer =
        CreateWaitableTimerExW(NULL, NULL, CREATE_WAITABLE_TIMER_HIGH_RESOLUTION, TIMER_ALL_ACCESS);
    if (timer == NULL) {
        win32_lack("high-resolution timers");
        timer = CreateWaitableTimerExW(NULL, NULL, 0, TIMER_ALL_ACCESS);
    }
    return timer != NULL ? STATUS_OK : win32_status(GetLastError());
}

void port_wait(uint64_t ns)
{
    HANDLE ends[] = {win32_stop_event(), timer};
    uint64_t start = port_clock();

    for (uint64_t elapsed = 0; elapsed < ns; elapsed = port_clock() - start) {
        LARGE_INTEGER due = {.QuadPart = -(LONGLONG)((ns - elapsed - 1) / WIN32_TICK_NS + 1)};
        SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE); /* negative: from now on */
        if (WaitForMultipleObjects(2, ends, FALSE, INFINITE) == WAIT_OBJECT_0) {
            win32_stop_drain();
            return;
        }
    }
}
