/* Proves that a held message may fill its memory to the last byte, and no further. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conn/hold.h"
#include "guard.h"

static struct hold hold;
static uint8_t *memory;

/* Behind the memory is an unreadable page. */
static void give(size_t cap)
{
    memset(&hold, 0, sizeof hold);
    memory = guard_room(cap);
    hold_give(&hold, memory, cap);
}

static bool add(struct span bytes)
{
    return hold_add(&hold, bytes.ptr, bytes.len);
}

static void test_a_part_fills_the_memory_exactly(void **state)
{
    (void)state;
    give(HOLD_HEADROOM + 5);
    assert_false(add(SPAN("123456")));
    assert_int_equal(hold_part(&hold).len, 0); /* nothing of it */
    assert_true(add(SPAN("12")));
    assert_false(add(SPAN("3456")));
    assert_true(add(SPAN("345")));
    assert_true(add(SPAN("")));
    assert_false(add(SPAN("6")));
    assert_true(span_equal(hold_part(&hold), SPAN("12345")));
    assert_ptr_equal(hold_part(&hold).ptr, memory + HOLD_HEADROOM);
    assert_int_equal(hold.len, hold.cap);
}

static void test_the_next_part_needs_its_headroom(void **state)
{
    (void)state;
    give(HOLD_HEADROOM + 1 + HOLD_HEADROOM - 1);
    assert_true(add(SPAN("1")));
    assert_false(hold_next(&hold));
    assert_true(span_equal(hold_part(&hold), SPAN("1")));

    give(HOLD_HEADROOM + 1 + HOLD_HEADROOM);
    assert_true(add(SPAN("1")));
    assert_true(hold_next(&hold)); /* an empty one */
    assert_int_equal(hold_part(&hold).len, 0);
    assert_false(add(SPAN("2")));
    assert_false(hold_next(&hold));

    give(HOLD_HEADROOM + 1 + HOLD_HEADROOM + 1);
    assert_true(add(SPAN("1")));
    assert_true(hold_next(&hold));
    assert_true(add(SPAN("2")));
    assert_true(span_equal(hold_part(&hold), SPAN("2")));
    assert_ptr_equal(hold_part(&hold).ptr, memory + HOLD_HEADROOM + 1 + HOLD_HEADROOM);
}

static void test_what_was_received_in_place_is_not_copied(void **state)
{
    (void)state;
    give(HOLD_HEADROOM + 4);
    assert_true(add(SPAN("12")));
    memcpy(memory + hold.len, "34", 2);
    assert_true(hold_add(&hold, memory + hold.len, 2));
    assert_true(span_equal(hold_part(&hold), SPAN("1234")));
    assert_false(hold_add(&hold, memory + hold.len, 1));
}

static void test_a_dropped_part_leaves_its_room(void **state)
{
    (void)state;
    give(2 * (HOLD_HEADROOM + 1));
    assert_true(add(SPAN("1")));
    for (int again = 0; again < 3; again++) {
        assert_true(hold_next(&hold));
        assert_true(add(SPAN("2")));
        hold_drop(&hold);
    }
    assert_ptr_equal(hold_take(&hold), memory);
    assert_null(hold_take(&hold));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_part_fills_the_memory_exactly),
        cmocka_unit_test(test_the_next_part_needs_its_headroom),
        cmocka_unit_test(test_what_was_received_in_place_is_not_copied),
        cmocka_unit_test(test_a_dropped_part_leaves_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
