/* The console: prepared at the start, and given back as it was. */
#include "private.h"

#include <stdlib.h>

#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004
#endif

/* The console as it was at the start; the handle is NULL where the stream is no console. */
static struct screen {
    HANDLE handle;
    DWORD mode;
} screens[2];

static UINT code_page; /* its code page at the start; 0: not changed */

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
void win32_console_prepare(void)
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
