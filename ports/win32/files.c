/* Files and their paths. */
#include "private.h"

#include <stdio.h>
#include <wchar.h>

/* Within MAX_PATH a path stays as it is. Beyond it only a whole one is taken, with a prefix. */
#define PREFIX        L"\\\\?\\"
#define PREFIX_SHARED L"\\\\?\\UNC"

int win32_path(const char *path, wchar_t out[WIN32_PATH])
{
    static wchar_t whole[WIN32_PATH];
    int status = win32_wide(path, out, WIN32_PATH);

    if (status < 0)
        return status;
    DWORD length = GetFullPathNameW(out, WIN32_PATH, whole, NULL);
    if (length == 0)
        return win32_status(GetLastError());
    if (length < MAX_PATH || wcsncmp(whole, PREFIX, wcslen(PREFIX)) == 0)
        return STATUS_OK;
    if (length + wcslen(PREFIX_SHARED) >= WIN32_PATH)
        return STATUS_NO_ROOM;
    bool shared = wcsncmp(whole, L"\\\\", 2) == 0;
    wcscpy(out, shared ? PREFIX_SHARED : PREFIX);
    wcscat(out, shared ? whole + 1 : whole);
    return STATUS_OK;
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
