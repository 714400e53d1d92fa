/* The start: libraries, streams, console. */
#include "private.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004
#endif

/* What the console was like before us; the handle is NULL where the stream is none. */
static struct screen {
    HANDLE handle;
    DWORD mode;
} screens[2];

static UINT code_page; /* likewise; 0: left alone */

void win32_console_restore(void)
{
    for (int i = 0; i < 2; i++) {
        if (screens[i].handle != NULL)
            SetConsoleMode(screens[i].handle, screens[i].mode);
    }
    if (code_page != 0)
        SetConsoleOutputCP(code_page);
}

/* Both streams are usually one and the same screen: both modes are read before one is changed. An
 * old console refuses the sequences, and stays as it is. */
static void console_prepare(void)
{
    static const DWORD streams[2] = {STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};

    for (int i = 0; i < 2; i++) {
        HANDLE handle = GetStdHandle(streams[i]);
        if (GetConsoleMode(handle, &screens[i].mode))
            screens[i].handle = handle;
    }
    for (int i = 0; i < 2; i++) {
        if (screens[i].handle != NULL)
            SetConsoleMode(screens[i].handle, screens[i].mode | ENABLE_PROCESSED_OUTPUT |
                                                  ENABLE_VIRTUAL_TERMINAL_PROCESSING);
    }
    if (screens[0].handle == NULL && screens[1].handle == NULL)
        return;
    code_page = GetConsoleOutputCP();
    SetConsoleOutputCP(CP_UTF8);
    atexit(win32_console_restore);
}

/* Lines end as they do elsewhere. A stream that is missing stays so: it has no number, which a file
 * could get instead, and writing to it fails, so that a report which goes nowhere is told. */
static void streams_prepare(void)
{
    static char output[16384]; /* without, each byte is written alone, and letters fall apart */
    static char errors[1024];
    FILE *const streams[] = {stdin, stdout, stderr};

    for (int i = 0; i < 3; i++) {
        if (_fileno(streams[i]) >= 0)
            _setmode(_fileno(streams[i]), _O_BINARY);
    }
    setvbuf(stdout, output, _IOFBF, sizeof output);
    setvbuf(stderr, errors, _IOFBF, sizeof errors);
}

int port_start(void)
{
    WSADATA found;

    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    streams_prepare();
    console_prepare();
    int error = WSAStartup(MAKEWORD(2, 2), &found);
    if (error != 0)
        return win32_status((DWORD)error);
    win32_timer_sharpen();
    int status = win32_timer_open();
    return status == STATUS_OK ? win32_stop_open() : status;
}
