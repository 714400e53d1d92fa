/* The start: libraries and streams. */
#include "private.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>

/* Lines end as they do elsewhere. A stream that is missing stays so: it has no number, which a file
 * could get instead, and writing to it fails, so that a report that goes nowhere is noticed. */
static void prepare_streams(void)
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
    prepare_streams();
    win32_console_prepare();
    int error = WSAStartup(MAKEWORD(2, 2), &found);
    if (error != 0)
        return win32_status((DWORD)error);
    win32_timer_sharpen();
    int status = win32_timer_open();
    return status == STATUS_OK ? win32_stop_open() : status;
}
