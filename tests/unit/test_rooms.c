/* Proves the table of rooms: which session is where, and when a room ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/rooms.h"

static struct rooms rooms;

static void expect_room(unsigned nsp, const char *name, uint32_t members)
{
    int i = rooms_find(&rooms, nsp, span_text(name));
    assert_int_equal(i >= 0 ? rooms.table[i].members : 0, members);
}

static void expect_empty(void)
{
    for (int i = 0; i < ROOMS_MAX; i++)
        assert_int_equal(rooms.table[i].members, 0);
}

static bool join(uint32_t *member, unsigned nsp, const char *name)
{
    return rooms_join(&rooms, member, nsp, span_text(name));
}

static void test_join_and_leave(void **state)
{
    uint32_t a = 0;
    uint32_t b = 0;
    (void)state;
    expect_room(0, "x", 0);
    assert_true(join(&a, 0, "x"));
    assert_true(join(&a, 0, "x")); /* twice is once */
    assert_true(join(&b, 0, "x"));
    expect_room(0, "x", 2);
    assert_int_equal(a, b);
    rooms_leave(&rooms, &a, 0, SPAN("x"));
    rooms_leave(&rooms, &a, 0, SPAN("x"));
    rooms_leave(&rooms, &b, 0, SPAN("y"));
    assert_int_equal(a, 0);
    expect_room(0, "x", 1);
    rooms_leave(&rooms, &b, 0, SPAN("x"));
    expect_empty();
}

/* The same name is another room in another namespace, and a longer or shorter name another. */
static void test_names(void **state)
{
    uint32_t a = 0;
    char longest[ROOM_NAME_MAX + 1] = {0};
    (void)state;
    memset(longest, 'n', ROOM_NAME_MAX);
    assert_true(join(&a, 0, "x") && join(&a, 1, "x") && join(&a, 1, "xx") && join(&a, 1, longest));
    expect_room(0, "x", 1);
    expect_room(1, "x", 1);
    expect_room(0, "xx", 0);
    expect_room(1, longest, 1);
    rooms_leave_namespace(&rooms, &a, 1);
    expect_room(0, "x", 1);
    expect_room(1, "x", 0);
    expect_room(1, longest, 0);
    rooms_leave_all(&rooms, &a);
    assert_int_equal(a, 0);
    expect_empty();
}

/* The table is full; a room without members makes place. */
static void test_all_rooms_taken(void **state)
{
    uint32_t a = 0;
    uint32_t b = 0;
    char name[2] = "A";
    (void)state;
    for (int i = 0; i < ROOMS_MAX; i++, name[0]++)
        assert_true(join(&a, 0, name));
    assert_true(a == UINT32_MAX);
    assert_false(join(&b, 0, "one more"));
    assert_int_equal(b, 0);
    assert_true(join(&b, 0, "B"));
    rooms_leave(&rooms, &a, 0, SPAN("B"));
    assert_false(join(&a, 0, "one more"));
    rooms_leave(&rooms, &b, 0, SPAN("B"));
    assert_true(join(&a, 0, "one more"));
    expect_room(0, "B", 0);
    rooms_leave_all(&rooms, &a);
    rooms_leave_all(&rooms, &b);
    expect_empty();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join_and_leave),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_all_rooms_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
