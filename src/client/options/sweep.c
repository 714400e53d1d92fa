#include "client/options/sweep.h"

#include <string.h>

#include "base/option.h"

/* A quantity that can be swept. */
struct quantity {
    const char *key;
    enum option_kind number; /* how its values are written */
    uint64_t max;
    const char *refusal; /* of a value that is none, or out of range */
};

static const struct quantity quantities[] = {
    [SWEEP_SIZE] = {"size", OPTION_SIZE, PAYLOAD_MAX, "expected sizes of 1..64M"},
    [SWEEP_CLIENTS] = {"clients", OPTION_NUMBER, CLIENTS_MAX, "expected numbers of 1..20000"},
};

static_assert(PAYLOAD_MAX == 64 * 1024 * 1024 && CLIENTS_MAX == 20000, "limits named in refusals");
static_assert(SWEEP_MAX == 16, "the limit named in a refusal");

const char *sweep_key(enum sweep_kind kind)
{
    return quantities[kind].key;
}

/* NULL, or the cause of a refusal. Values are separated by commas. */
static const char *take_values(struct sweep *sweep, const char *text)
{
    const struct quantity *quantity = &quantities[sweep->kind];
    uint64_t last = 0;
    for (;;) {
        uint64_t value;
        size_t length = strcspn(text, ",");
        if (sweep->count == SWEEP_MAX)
            return "expected at most 16 values";
        if (!option_read_number(quantity->number, span_of(text, length), &value) || value == 0 ||
            value > quantity->max)
            return quantity->refusal;
        if (value <= last)
            return "expected ascending values";
        last = sweep->values[sweep->count++] = value;
        if (text[length] == '\0')
            return NULL;
        text += length + 1;
    }
}

const char *sweep_parse(struct sweep *sweep, const char *text)
{
    size_t length = strcspn(text, "=");
    memset(sweep, 0, sizeof *sweep);
    for (int i = SWEEP_SIZE; i <= SWEEP_CLIENTS && text[length] == '='; i++) {
        if (!span_equal_text(span_of(text, length), quantities[i].key))
            continue;
        sweep->kind = (enum sweep_kind)i;
        return take_values(sweep, text + length + 1);
    }
    return "expected size=N,N... or clients=N,N...";
}
