#include "base/status.h"

#include <stdint.h>
#include <string.h>

/* Name and text of each status one behind the other, in the order of `numbers`; at the end those of
 * what is not listed. Pointers to them would take more room than they do. */
static const char words[] =
#define X(NAME, number, name, text) name "\0" text "\0"
    STATUS_LIST(X)
#undef X
        "unknown\0unknown status";

static const int8_t numbers[] = {
#define X(NAME, number, name, text) STATUS_##NAME,
    STATUS_LIST(X)
#undef X
};

static const char *after(const char *word)
{
    return word + strlen(word) + 1;
}

const char *status_name(int status)
{
    const char *name = words;
    for (size_t i = 0; i < sizeof numbers && numbers[i] != status; i++)
        name = after(after(name));
    return name;
}

const char *status_text(int status)
{
    return after(status_name(status));
}
