#include "client/options/sweep.h"

#include <string.h>

#include "base/option.h"

static const char keys[] = "size\0clients\0"; /* in the order of enum sweep_kind */

const char *sweep_key(enum sweep_kind kind)
{
    return bytes_word(keys, kind);
}

const char *sweep_parse(struct sweep *sweep, const char *text)
{
    size_t length = strcspn(text, "=");
    int kind = bytes_find_word(keys, span_of(text, length));
    memset(sweep, 0, sizeof *sweep);
    if (kind < 0 || text[length] == '\0')
        return "expected size=N,N... or clients=N,N...";
    sweep->kind = (enum sweep_kind)kind;
    bool sizes = sweep->kind == SWEEP_SIZE;
    uint64_t last = 0;
    for (text += length; *text != '\0'; text += length) {
        uint64_t value;
        if (sweep->count == SWEEP_MAX)
            return "at most 16 values";
        length = strcspn(++text, ",");
        if (!option_read_number(sizes ? OPTION_SIZE : OPTION_NUMBER, span_of(text, length),
                                &value) ||
            value == 0 || value > (sizes ? PAYLOAD_MAX : CLIENTS_MAX))
            return sizes ? "expected sizes of 1..64M" : "expected numbers of 1..20000";
        if (value <= last)
            return "expected ascending values";
        last = sweep->values[sweep->count++] = value;
    }
    return NULL;
}
