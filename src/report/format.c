#include "report/format.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/real.h"

/* Units of which each is `step` times the one before. */
struct scale {
    double step;
    const char *units[6]; /* NULL behind the last one */
};

static const struct scale times = {1000.0, {"ns", "us", "ms", "s"}};
static const struct scale bytes_of_ten = {1000.0, {"B", "kB", "MB", "GB", "TB"}};
static const struct scale bytes_of_two = {1024.0, {"B", "KiB", "MiB", "GiB", "TiB"}};

/* Three significant digits of 0 <= value < 1000. */
static void put_three_digits(char *out, double value)
{
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    snprintf(out, FORMAT_TEXT / 2, "%.*f", decimals, value);
}

/* In the unit in which `value` has at most three digits before the point; the last unit takes the
 * rest. */
static void put_scaled(char out[FORMAT_TEXT], double value, const struct scale *scale, bool exactly)
{
    char number[FORMAT_TEXT / 2];
    size_t unit = 0;
    for (; value >= 999.5 && scale->units[unit + 1] != NULL; unit++)
        value /= scale->step;
    if (exactly)
        snprintf(number, sizeof number, "%.6g", value);
    else
        put_three_digits(number, value);
    snprintf(out, FORMAT_TEXT, "%s %.5s", number, scale->units[unit]);
}

void format_ns(char out[FORMAT_TEXT], double ns)
{
    put_scaled(out, ns, &times, false);
}

void format_ns_exactly(char out[FORMAT_TEXT], double ns)
{
    put_scaled(out, ns, &times, true);
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
        put_scaled(out, bytes, &bytes_of_ten, false);
}

void format_memory(char out[FORMAT_TEXT], uint64_t bytes)
{
    if (bytes < 1000)
        snprintf(out, FORMAT_TEXT, "%" PRIu64 " B", bytes);
    else
        put_scaled(out, real_of(bytes), &bytes_of_two, false);
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

/* Days since 1970-01-01 to the Gregorian date, from eras of 400 years that start in March. */
static void find_date(uint64_t days, unsigned *year, unsigned *month, unsigned *day)
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
    find_date(seconds / 86400, &year, &month, &day);
    snprintf(out, FORMAT_TEXT, "%04u-%02u-%02u %02u:%02u:%02u UTC", year % 10000, month % 100,
             day % 100, rest / 3600, rest / 60 % 60, rest % 60);
}
