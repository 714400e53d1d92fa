#include "report/format.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/real.h"

/* Three significant digits of 0 <= value < 1000. */
static void three_digits(char *out, double value)
{
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    snprintf(out, FORMAT_TEXT / 2, "%.*f", decimals, value);
}

/* The one of `units`, behind one another, in which `value` has at most three digits before the
 * point; the last one takes the rest.
 */
static void scaled(char out[FORMAT_TEXT], double value, const char *units, double step,
                   bool exactly)
{
    char number[FORMAT_TEXT / 2];
    for (const char *next; value >= 999.5 && *(next = bytes_word(units, 1)) != '\0'; units = next)
        value /= step;
    if (exactly)
        snprintf(number, sizeof number, "%.6g", value);
    else
        three_digits(number, value);
    snprintf(out, FORMAT_TEXT, "%s %.5s", number, units);
}

static const char times[] = "ns\0us\0ms\0s\0";

void format_ns(char out[FORMAT_TEXT], double ns)
{
    scaled(out, ns, times, 1000.0, false);
}

void format_ns_exactly(char out[FORMAT_TEXT], double ns)
{
    scaled(out, ns, times, 1000.0, true);
}

void format_ms(char out[FORMAT_TEXT], double ns)
{
    snprintf(out, FORMAT_TEXT, "%.3f", ns / 1e6);
}

void format_count(char out[FORMAT_TEXT], uint64_t n)
{
    char digits[FORMAT_TEXT];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    int put = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out[put++] = ' ';
        out[put++] = digits[i];
    }
    out[put] = '\0';
}

void format_rate(char out[FORMAT_TEXT], double per_s)
{
    if (per_s < 99.95)
        snprintf(out, FORMAT_TEXT, "%.1f", per_s);
    else
        format_count(out, (uint64_t)(per_s + 0.5));
}

void format_bytes(char out[FORMAT_TEXT], double bytes)
{
    if (bytes < 999.5)
        snprintf(out, FORMAT_TEXT, "%.0f B", bytes);
    else
        scaled(out, bytes, "B\0kB\0MB\0GB\0TB\0", 1000.0, false);
}

void format_memory(char out[FORMAT_TEXT], uint64_t bytes)
{
    if (bytes < 1000)
        snprintf(out, FORMAT_TEXT, "%" PRIu64 " B", bytes);
    else
        scaled(out, real_of(bytes), "B\0KiB\0MiB\0GiB\0TiB\0", 1024.0, false);
}

void format_bytes_rate(char out[FORMAT_TEXT], double bytes_per_s)
{
    char bytes[FORMAT_TEXT];
    format_bytes(bytes, bytes_per_s);
    snprintf(out, FORMAT_TEXT, "%.29s/s", bytes);
}

void format_ratio(char out[FORMAT_TEXT], double ratio)
{
    if (!(ratio > 0.0))
        snprintf(out, FORMAT_TEXT, "-");
    else if (ratio < 0.1)
        snprintf(out, FORMAT_TEXT, "%.3f", ratio);
    else if (ratio < 99.95)
        snprintf(out, FORMAT_TEXT, "%.2f", ratio);
    else
        format_count(out, (uint64_t)(ratio + 0.5));
}

void format_share(char out[FORMAT_TEXT], double share)
{
    snprintf(out, FORMAT_TEXT, "%.0f %%", share * 100.0);
}

void format_range(char out[FORMAT_TEXT], double low, double high)
{
    char from[FORMAT_TEXT];
    char to[FORMAT_TEXT];
    format_ratio(from, low);
    format_ratio(to, high);
    snprintf(out, FORMAT_TEXT, "%.14s..%.14s", from, to);
}

void format_interval(char out[2 * FORMAT_TEXT], double median, double low, double high)
{
    snprintf(out, 2 * FORMAT_TEXT, "%.3f (%.3f..%.3f)", median, low, high);
}

void format_number(char out[FORMAT_TEXT], enum format_kind kind, double value)
{
    switch (kind) {
    case FORMAT_NS:
        format_ns(out, value);
        break;
    case FORMAT_MS:
        format_ms(out, value);
        break;
    case FORMAT_RATE:
        format_rate(out, value);
        break;
    case FORMAT_BYTES_RATE:
        format_bytes_rate(out, value);
        break;
    case FORMAT_RATIO:
        format_ratio(out, value);
        break;
    case FORMAT_SHARE:
        format_share(out, value);
        break;
    }
}

/* Days since 1970-01-01 to the Gregorian date, from eras of 400 years that start in March. */
static void civil(uint64_t days, unsigned *year, unsigned *month, unsigned *day)
{
    uint64_t shifted = days + 719468; /* since 0000-03-01 */
    uint64_t era = shifted / 146097;
    unsigned in_era = (unsigned)(shifted % 146097);
    unsigned of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    unsigned in_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
    unsigned march = (5 * in_year + 2) / 153;
    *day = in_year - (153 * march + 2) / 5 + 1;
    *month = march < 10 ? march + 3 : march - 9;
    *year = (unsigned)(era * 400) + of_era + (*month <= 2 ? 1 : 0);
}

void format_time(char out[FORMAT_TEXT], uint64_t unix_ns)
{
    uint64_t seconds = unix_ns / UINT64_C(1000000000);
    unsigned rest = (unsigned)(seconds % 86400);
    unsigned year, month, day;
    civil(seconds / 86400, &year, &month, &day);
    snprintf(out, FORMAT_TEXT, "%04u-%02u-%02u %02u:%02u:%02u UTC", year % 10000, month % 100,
             day % 100, rest / 3600, rest / 60 % 60, rest % 60);
}
