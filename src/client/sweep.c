#include "client/sweep.h"

#include <stddef.h>
#include <string.h>

const char *sweep_key(enum sweep_kind kind)
{
    return kind == SWEEP_SIZE ? "size" : "clients";
}

/* Digits, and for sizes K or M (powers of 1024) behind them. NULL when there is no number, or one
 * beyond `most`; else where it ends. */
static const char *value_parse(const char *text, enum sweep_kind kind, uint64_t most, uint64_t *out)
{
    const char *at = text;
    uint64_t value = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        value = value * 10 + (uint64_t)(*at - '0');
        if (value > most)
            return NULL;
    }
    if (at == text)
        return NULL;
    if (kind == SWEEP_SIZE && (*at == 'K' || *at == 'M'))
        value *= *at++ == 'K' ? 1024u : 1024u * 1024;
    *out = value;
    return value >= 1 && value <= most ? at : NULL;
}

const char *sweep_parse(struct sweep *sweep, const char *text)
{
    static const char expected[] = "expected size=N,N... or clients=N,N...";
    memset(sweep, 0, sizeof *sweep);
    const char *equals = strchr(text, '=');
    size_t length = equals != NULL ? (size_t)(equals - text) : 0;
    if (length == 4 && memcmp(text, "size", 4) == 0)
        sweep->kind = SWEEP_SIZE;
    else if (length == 7 && memcmp(text, "clients", 7) == 0)
        sweep->kind = SWEEP_CLIENTS;
    else
        return expected;
    uint64_t most = sweep->kind == SWEEP_SIZE ? SIZE_MOST : CLIENTS_MOST;
    uint64_t last = 0;
    for (const char *at = equals; *at != '\0';) {
        uint64_t value;
        if (sweep->count == SWEEP_MOST)
            return "at most 16 values";
        at = value_parse(at + 1, sweep->kind, most, &value);
        if (at == NULL || (*at != ',' && *at != '\0'))
            return sweep->kind == SWEEP_SIZE ? "expected sizes of 1..64M"
                                             : "expected numbers of 1..20000";
        if (value <= last)
            return "expected ascending values";
        last = sweep->values[sweep->count++] = value;
    }
    return NULL;
}
