/* Files and their paths. */
#include "private.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <wchar.h>

/* Within MAX_PATH a path stays as it is. Beyond it only a whole one is taken, with a prefix. */
#define PREFIX        L"\\\\?\\"
#define PREFIX_SHARED L"\\\\?\\UNC"

int win32_path(const char *path, wchar_t out[WIN32_PATH])
{
    wchar_t whole[WIN32_PATH]; /* not static: files may be deleted on another thread */
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

/* Unlike what _wfopen opens, it may be deleted while it is open. */
FILE *port_file_create(const char *path)
{
    static wchar_t wide[WIN32_PATH];

    if (win32_path(path, wide) != STATUS_OK)
        return NULL;
    HANDLE file = CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL,
                              CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    int fd = file == INVALID_HANDLE_VALUE ? -1 : _open_osfhandle((intptr_t)file, _O_BINARY);
    return fd < 0 ? NULL : _fdopen(fd, "wb");
}

/* A name such as NUL has attributes, too: only what can be opened as a file on a disk is one. */
enum port_file_kind port_file_kind(const char *path)
{
    static wchar_t wide[WIN32_PATH];
    const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    const DWORD others = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;

    if (win32_path(path, wide) != STATUS_OK)
        return PORT_FILE_OTHER;
    HANDLE file = CreateFileW(wide, 0, share, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError() == ERROR_FILE_NOT_FOUND ? PORT_FILE_NONE : PORT_FILE_OTHER;
    bool on_disk = GetFileType(file) == FILE_TYPE_DISK;
    CloseHandle(file);
    DWORD attributes = GetFileAttributesW(wide);
    bool plain = attributes != INVALID_FILE_ATTRIBUTES && (attributes & others) == 0;
    return on_disk && plain ? PORT_FILE_REGULAR : PORT_FILE_OTHER;
}

int port_file_replace(const char *from, const char *to)
{
    static wchar_t wide_from[WIN32_PATH];
    static wchar_t wide_to[WIN32_PATH];
    int status = win32_path(from, wide_from);

    if (status == STATUS_OK)
        status = win32_path(to, wide_to);
    if (status < 0)
        return status;
    return MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING)
               ? STATUS_OK
               : win32_status(GetLastError());
}

void port_file_delete(const char *path)
{
    wchar_t wide[WIN32_PATH];

    if (win32_path(path, wide) == STATUS_OK)
        DeleteFileW(wide);
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
