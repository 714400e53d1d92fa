#include "base/status.h"

#include <stdint.h>

#include "base/bytes.h"

static const int8_t numbers[] = {
#define X(NAME, number, name, text) STATUS_##NAME,
    STATUS_LIST(X)
#undef X
};

/* Name and text of each, in the same order; then those of what is not listed. */
static const char words[] =
#define X(NAME, number, name, text) name "\0" text "\0"
    STATUS_LIST(X)
#undef X
        "unknown\0unknown status";

static size_t place_of(int status)
{
    size_t i = 0;
    while (i < sizeof numbers && numbers[i] != status)
        i++;
    return i;
}

const char *status_text(int status)
{
    return bytes_word(words, 2 * place_of(status) + 1);
}

const char *status_name(int status)
{
    return bytes_word(words, 2 * place_of(status));
}
