/* Proves that numbers for people are right at the edges where one unit gives way to the next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "report/format.h"

static char out[FORMAT_TEXT];

#define CHECK(call, expected)                                                                      \
    do {                                                                                           \
        call;                                                                                      \
        assert_string_equal(out, expected);                                                        \
    } while (0)

static void test_durations(void **state)
{
    (void)state;
    CHECK(format_ns(out, 0), "0.00 ns");
    CHECK(format_ns(out, 870), "870 ns");
    CHECK(format_ns(out, 999.4), "999 ns");
    CHECK(format_ns(out, 999.6), "1.00 us");
    CHECK(format_ns(out, 9994), "9.99 us");
    CHECK(format_ns(out, 9996), "10.0 us");
    CHECK(format_ns(out, 12345), "12.3 us");
    CHECK(format_ns(out, 99960), "100 us");
    CHECK(format_ns(out, 999499), "999 us");
    CHECK(format_ns(out, 999500), "1.00 ms");
    CHECK(format_ns(out, 1240000), "1.24 ms");
    CHECK(format_ns(out, 2.5e9), "2.50 s");
    CHECK(format_ns(out, 1.5e12), "1500 s");
    CHECK(format_ms(out, 12345), "0.012");
    CHECK(format_ms(out, 7.25e6), "7.250");
}

static void test_counts_and_rates(void **state)
{
    (void)state;
    CHECK(format_count(out, 0), "0");
    CHECK(format_count(out, 999), "999");
    CHECK(format_count(out, 1000), "1 000");
    CHECK(format_count(out, 40016), "40 016");
    CHECK(format_count(out, 1234567), "1 234 567");
    CHECK(format_count(out, UINT64_MAX), "18 446 744 073 709 551 615");
    CHECK(format_rate(out, 40016.3), "40 016");
    CHECK(format_rate(out, 99.94), "99.9");
    CHECK(format_rate(out, 99.96), "100");
    CHECK(format_rate(out, 0.26), "0.3");
}

static void test_bytes(void **state)
{
    (void)state;
    CHECK(format_bytes(out, 2), "2 B");
    CHECK(format_bytes(out, 999.6), "1.00 kB");
    CHECK(format_bytes(out, 12.4e6), "12.4 MB");
    CHECK(format_bytes_rate(out, 12.4e6), "12.4 MB/s");
    CHECK(format_bytes_rate(out, 999e15), "999000 TB/s");
    CHECK(format_memory(out, 512), "512 B");
    CHECK(format_memory(out, 131072), "128 KiB");
    CHECK(format_memory(out, 16750372454), "15.6 GiB");
}

static void test_ratios(void **state)
{
    (void)state;
    CHECK(format_ratio(out, 0.93), "0.93");
    CHECK(format_ratio(out, 0.0123), "0.012");
    CHECK(format_ratio(out, 12.345), "12.35");
    CHECK(format_ratio(out, 1234.5), "1 235");
    CHECK(format_ratio(out, 0), "-");
    CHECK(format_ratio(out, -1), "-");
    CHECK(format_share(out, 0.584), "58 %");
    CHECK(format_range(out, 0.914, 12.3), "0.91..12.30");
    CHECK(format_range(out, 1e9, 1e9), "1 000 000 000..1 000 000 000");
    CHECK(format_ns(out, 870), "870 ns");
    CHECK(format_ms(out, 7.25e6), "7.250");
    CHECK(format_rate(out, 40016.3), "40 016");
    CHECK(format_bytes_rate(out, 12.4e6), "12.4 MB/s");
    CHECK(format_ratio(out, 0.93), "0.93");
    CHECK(format_share(out, 1), "100 %");
}

static void test_dates(void **state)
{
    (void)state;
    CHECK(format_time(out, 0), "1970-01-01 00:00:00 UTC");
    CHECK(format_time(out, UINT64_C(951782400) * 1000000000), "2000-02-29 00:00:00 UTC");
    CHECK(format_time(out, UINT64_C(951868800) * 1000000000), "2000-03-01 00:00:00 UTC");
    CHECK(format_time(out, UINT64_C(1735689599) * 1000000000), "2024-12-31 23:59:59 UTC");
    CHECK(format_time(out, UINT64_C(4107542400) * 1000000000), "2100-03-01 00:00:00 UTC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations), cmocka_unit_test(test_counts_and_rates),
        cmocka_unit_test(test_bytes),     cmocka_unit_test(test_ratios),
        cmocka_unit_test(test_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
