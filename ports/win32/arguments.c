/* Where a program begins that is linked with -municode: its arguments, which no code page can
 * spoil, become UTF-8. */
#include "private.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXIT_USAGE = 2 };

/* Asked by MinGW's start: "?" and "*" stay what they are, since an address may have them. */
int _dowildcard = 0;

int wmain(int argc, wchar_t *wide[]);
int main(int argc, char *argv[]);

static int refuse(int number, const char *why)
{
    fprintf(stderr, "wsio: argument %d %s\n", number, why);
    return EXIT_USAGE;
}

/* A command line is shorter than WIN32_PATH; one of its units takes at most three bytes, and an
 * argument at least two units. An unpaired surrogate is refused: what replaced it would name
 * another file. */
int wmain(int argc, wchar_t *wide[])
{
    static char text[3 * WIN32_PATH];
    static char *argv[WIN32_PATH / 2 + 1];
    size_t used = 0;

    for (int i = 0; i < argc; i++) {
        if (i == WIN32_PATH / 2)
            return refuse(i, "is one too many");
        int status = win32_utf8(wide[i], text + used, sizeof text - used);
        if (status < 0)
            return refuse(i, status == STATUS_NO_ROOM ? "is too long" : "is no valid Unicode");
        argv[i] = text + used;
        used += strlen(argv[i]) + 1;
    }
    return main(argc, argv);
}
