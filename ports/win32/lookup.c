/* What this Windows has: functions that not every version has, Wine, and what it lacks. */
#include "private.h"

#include <string.h>

void (*win32_find(const wchar_t *library, const char *name))(void)
{
    HMODULE module = GetModuleHandleW(library);

    return module != NULL ? (void (*)(void))GetProcAddress(module, name) : NULL;
}

const char *win32_wine(void)
{
    typedef const char *(CDECL * read_version)(void);
    read_version read = (read_version)win32_find(L"ntdll", "wine_get_version");

    return read != NULL ? read() : NULL;
}

#define LACKS 4
static const char *lacks[LACKS];

void win32_lack(const char *what)
{
    for (size_t i = 0; i < LACKS; i++) {
        if (lacks[i] == NULL || strcmp(lacks[i], what) == 0) {
            lacks[i] = what;
            return;
        }
    }
}

const char *win32_lack_at(size_t number)
{
    return number < LACKS ? lacks[number] : NULL;
}
