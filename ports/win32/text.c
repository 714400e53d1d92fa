/* UTF-8, as the program has it, and UTF-16, as the system wants it. */
#include "private.h"

int win32_wide(const char *text, wchar_t *out, size_t cap)
{
    out[0] = L'\0';
    if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, out, (int)cap) > 0)
        return STATUS_OK;
    out[0] = L'\0';
    return win32_status(GetLastError());
}

int win32_utf8(const wchar_t *text, char *out, size_t cap)
{
    out[0] = '\0';
    if (WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, out, (int)cap, NULL, NULL) > 0)
        return STATUS_OK;
    out[0] = '\0';
    return win32_status(GetLastError());
}
