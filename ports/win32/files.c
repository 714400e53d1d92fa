/* Files and their paths. */
#include "private.h"

#include <stdio.h>
#include <wchar.h>

/* Within MAX_PATH a path stays as it is, so that even a device has its name. Beyond it only a whole
 * path with this prefix is taken. */
#define LONG_PREFIX   L"\\\\?\\"
#define SHARED_PREFIX L"\\\\?\\UNC"

static int lengthen(wchar_t path[WIN32_PATH])
{
    static wchar_t whole[WIN32_PATH];
    DWORD length = GetFullPathNameW(path, WIN32_PATH, whole, NULL);
    bool shared = wcsncmp(whole, L"\\\\", 2) == 0;
    const wchar_t *prefix = shared ? SHARED_PREFIX : LONG_PREFIX;
    const wchar_t *rest = shared ? whole + 1 : whole;

    if (length == 0)
        return win32_status(GetLastError());
    if (wcsncmp(whole, LONG_PREFIX, wcslen(LONG_PREFIX)) == 0)
        return STATUS_OK; /* it had one */
    if (length >= WIN32_PATH || wcslen(prefix) + wcslen(rest) >= WIN32_PATH)
        return STATUS_NO_ROOM;
    wcscpy(path, prefix);
    wcscat(path, rest);
    return STATUS_OK;
}

int win32_path(const char *path, wchar_t out[WIN32_PATH])
{
    int status = win32_wide(path, out, WIN32_PATH);

    return status == STATUS_OK && wcslen(out) >= MAX_PATH ? lengthen(out) : status;
}

FILE *port_file_open(const char *path, const char *mode)
{
    static wchar_t wide[WIN32_PATH];
    wchar_t flags[] = {(wchar_t)mode[0], L'b', L'N', L'\0'}; /* N: not inherited */

    return win32_path(path, wide) == STATUS_OK ? _wfopen(wide, flags) : NULL;
}

int port_self_path(char *out, size_t cap)
{
    static wchar_t wide[WIN32_PATH];
    DWORD length = GetModuleFileNameW(NULL, wide, WIN32_PATH);

    out[0] = '\0';
    if (length == 0)
        return win32_status(GetLastError());
    return length < WIN32_PATH ? win32_utf8(wide, out, cap) : STATUS_NO_ROOM;
}
