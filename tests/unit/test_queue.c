/* The queue of users that wait for their turn: first come, first served, and each in it once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/drivers/queue.h"

#define USERS 4

static uint32_t memory[USERS];

static void test_first_come_first_served(void **state)
{
    struct queue q = queue_of(memory, USERS);
    (void)state;
    queue_join(&q, 2);
    queue_join(&q, 0);
    queue_join(&q, 3);
    assert_int_equal(q.count, 3);
    assert_int_equal(queue_take(&q), 2);
    assert_int_equal(queue_take(&q), 0);
    queue_join(&q, 2);
    assert_int_equal(queue_take(&q), 3);
    assert_int_equal(queue_take(&q), 2);
    assert_int_equal(q.count, 0);
}

static void test_nobody_stands_in_it_twice(void **state)
{
    struct queue q = queue_of(memory, USERS);
    (void)state;
    queue_join(&q, 1);
    queue_join(&q, 1);
    queue_join(&q, 0);
    queue_join(&q, 0);
    queue_join(&q, 1);
    assert_int_equal(q.count, 2);
    assert_int_equal(queue_take(&q), 1);
    queue_join(&q, 0);
    assert_int_equal(q.count, 1);
    assert_int_equal(queue_take(&q), 0);
    assert_int_equal(q.count, 0);
}

static void test_it_starts_empty_again(void **state)
{
    struct queue q = queue_of(memory, USERS);
    (void)state;
    queue_join(&q, 0);
    queue_join(&q, 3);
    q = queue_of(memory, USERS);
    assert_int_equal(q.count, 0);
    queue_join(&q, 3);
    assert_int_equal(queue_take(&q), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_come_first_served),
        cmocka_unit_test(test_nobody_stands_in_it_twice),
        cmocka_unit_test(test_it_starts_empty_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
