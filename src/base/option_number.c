#include "base/option.h"

/* How numbers are written. The first unit whose factor divides a value is used to print it. Rows
 * end with factor 0. */
struct unit {
    uint32_t factor;
    char suffix[4];
};

static const struct unit plain_units[] = {{1, ""}, {0, ""}};
static const struct unit ms_units[] = {{1, ""}, {1, "ms"}, {1000, "s"}, {0, ""}};
static const struct unit duration_units[] = {
    {1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1000000000, ""}, {0, ""}};
static const struct unit size_units[] = {{1024 * 1024, "M"},   {1024, "K"},   {1, ""},
                                         {1024 * 1024, "MiB"}, {1024, "KiB"}, {0, ""}};

static const struct unit *find_units(enum option_kind kind)
{
    switch (kind) {
    case OPTION_MS:
        return ms_units;
    case OPTION_DURATION:
        return duration_units;
    case OPTION_SIZE:
        return size_units;
    default:
        return plain_units;
    }
}

static size_t count_digits(struct span text)
{
    size_t digits = 0;
    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    return digits;
}

/* Durations may have a fraction, of 1 to 9 digits. */
bool option_read_number(enum option_kind kind, struct span text, uint64_t *value)
{
    size_t digits = count_digits(text);
    uint64_t fraction = 0;
    uint64_t scale = 1;
    if (!span_to_u64(span_of(text.ptr, digits), value))
        return false;
    text = span_after(text, digits);
    if (kind == OPTION_DURATION && text.len > 0 && text.ptr[0] == '.') {
        text = span_after(text, 1);
        digits = count_digits(text);
        if (digits > 9 || !span_to_u64(span_of(text.ptr, digits), &fraction))
            return false;
        text = span_after(text, digits);
        for (; digits > 0; digits--)
            scale *= 10;
    }
    for (const struct unit *u = find_units(kind); u->factor != 0; u++) {
        if (!span_equal_text(text, u->suffix))
            continue;
        fraction = fraction * u->factor / scale;
        if (*value > (UINT64_MAX - fraction) / u->factor)
            return false;
        *value = *value * u->factor + fraction;
        return true;
    }
    return false;
}

void option_put_number(enum option_kind kind, uint64_t value, struct buf *out)
{
    const struct unit *u = find_units(kind);
    if (kind == OPTION_DURATION)
        value -= value % 1000; /* there is no smaller unit */
    while (value % u->factor != 0)
        u++;
    buf_put_u64(out, value / u->factor);
    if (value != 0)
        buf_put_text(out, u->suffix);
}
