/* Proves which lists --sweep accepts, and how it refuses others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "client/options/sweep.h"

static struct sweep sweep;

static const char *parse(const char *text)
{
    memset(&sweep, 0xff, sizeof sweep);
    return sweep_parse(&sweep, text);
}

static void expect(const char *text, enum sweep_kind kind, uint32_t count, const uint64_t *values)
{
    const char *cause = parse(text);
    if (cause != NULL)
        fail_msg("%s: refused: %s", text, cause);
    assert_int_equal(sweep.kind, kind);
    assert_int_equal(sweep.count, count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(sweep.values[i], values[i]);
    for (uint32_t i = count; i < SWEEP_MAX; i++)
        assert_int_equal(sweep.values[i], 0);
}

static void test_values(void **state)
{
    (void)state;
    expect("size=2", SWEEP_SIZE, 1, (uint64_t[]){2});
    expect("size=2,64,1KiB,1025,64M", SWEEP_SIZE, 5,
           (uint64_t[]){2, 64, 1024, 1025, 64 * 1024 * 1024});
    expect("clients=1,4,20000", SWEEP_CLIENTS, 3, (uint64_t[]){1, 4, 20000});
    expect("clients=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", SWEEP_CLIENTS, 16,
           (uint64_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
}

static void test_refusals(void **state)
{
    static const char form[] = "expected size=N,N... or clients=N,N...";
    static const char sizes[] = "expected sizes of 1..64M";
    static const char clients[] = "expected numbers of 1..20000";
    static const struct {
        const char *text, *cause;
    } rows[] = {
        {"", form},
        {"size", form},
        {"=1", form},
        {"Size=1", form},
        {"sizes=1", form},
        {"depth=1", form},
        {"size=", sizes},
        {"size=,", sizes},
        {"size=1,", sizes},
        {"size=,1", sizes},
        {"size=0", sizes},
        {"size=-1", sizes},
        {"size=1 ,2", sizes},
        {"size=1, 2", sizes},
        {"size=1k", sizes},
        {"size=K", sizes},
        {"size=1KM", sizes},
        {"size=65M", sizes},
        {"size=67108865", sizes},
        {"size=99999999999999999999", sizes},
        {"size=99999999999999M", sizes},
        {"clients=0", clients},
        {"clients=1K", clients},
        {"clients=20001", clients},
        {"size=2,2", "expected ascending values"},
        {"size=1K,1023", "expected ascending values"},
        {"clients=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "expected at most 16 values"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *cause = parse(rows[i].text);
        if (cause == NULL)
            fail_msg("accepted: %s", rows[i].text);
        assert_string_equal(cause, rows[i].cause);
    }
}

static void test_keys(void **state)
{
    (void)state;
    assert_string_equal(sweep_key(SWEEP_SIZE), "size");
    assert_string_equal(sweep_key(SWEEP_CLIENTS), "clients");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
