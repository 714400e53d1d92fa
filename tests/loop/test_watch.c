/* Proves which core stands for a server, and how often it is looked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../port/scripted.h"
#include "client/drivers/watch.h"

#define PID 77
#define MS  UINT64_C(1000000)

static struct placement_samples seen;

static int setup(void **state)
{
    (void)state;
    scripted_reset();
    seen = (struct placement_samples){0};
    return 0;
}

static void set_threads(unsigned first, uint64_t first_ns, unsigned second, uint64_t second_ns)
{
    const struct port_thread threads[] = {{1, first_ns, first}, {2, second_ns, second}};
    scripted_threads_set(threads, 2);
}

static void expect(uint64_t taken, uint64_t same)
{
    assert_int_equal(seen.taken, taken);
    assert_int_equal(seen.same, same);
}

static void test_the_busiest_thread_stands_for_the_server(void **state)
{
    struct watch w = watch_start(PID, port_clock());
    (void)state;
    scripted_core_set(1);
    set_threads(0, 900, 1, 100); /* the first one, since its start */
    watch_sample(&w, &seen);
    expect(1, 0);
    set_threads(0, 900, 1, 101); /* the second one, since then */
    watch_sample(&w, &seen);
    expect(2, 1);
    set_threads(0, 999, 1, 102);
    watch_sample(&w, &seen);
    expect(3, 1);
    scripted_core_set(0);
    set_threads(0, 1200, 1, 103);
    watch_sample(&w, &seen);
    expect(4, 2);
}

static void test_without_threads_permission_decides(void **state)
{
    struct watch w = watch_start(PID, port_clock());
    struct port_cores one = {{2}};
    (void)state;
    scripted_threads_hide(true);
    scripted_core_set(1);
    watch_sample(&w, &seen);
    expect(0, 0); /* it may use two */
    port_cores_set(PID, &one);
    watch_sample(&w, &seen);
    expect(1, 1);
    scripted_core_set(0);
    watch_sample(&w, &seen);
    expect(2, 1);
    one.bits[0] = 14; /* all but ours */
    port_cores_set(PID, &one);
    watch_sample(&w, &seen);
    expect(3, 1);
}

static void test_what_is_not_known_is_no_sample(void **state)
{
    struct watch none = watch_start(0, port_clock());
    struct watch w = watch_start(PID, port_clock());
    (void)state;
    set_threads(0, 1, 0, 0);
    assert_int_equal(none.due, PORT_FOREVER);
    watch_sample(&none, &seen);
    expect(0, 0);
    scripted_threads_set(NULL, 0); /* the process has ended */
    watch_sample(&w, &seen);
    expect(0, 0);
    set_threads(0, 1, 0, 0);
    scripted_core_set(STATUS_UNSUPPORTED);
    watch_sample(&w, &seen);
    expect(0, 0);
    assert_int_equal(w.due, PORT_FOREVER); /* it is not asked again */
}

static uint64_t take_gap(struct watch *w)
{
    watch_sample(w, &seen);
    return w->due - port_clock();
}

static void test_gaps_grow_up_to_50_ms(void **state)
{
    struct watch w = watch_start(PID, port_clock());
    (void)state;
    set_threads(0, 1, 0, 0);
    assert_int_equal(w.due - port_clock(), MS);
    assert_int_equal(take_gap(&w), 2 * MS);
    assert_int_equal(take_gap(&w), 4 * MS);
    for (int i = 0; i < 10; i++)
        take_gap(&w);
    assert_int_equal(take_gap(&w), 50 * MS);
}

/* A process of many threads takes long to look at. */
static void test_a_sample_takes_a_five_hundredth_of_the_time(void **state)
{
    struct watch w = watch_start(PID, port_clock());
    (void)state;
    set_threads(0, 1, 0, 0);
    scripted_clock_tick_set(200000); /* each reading: the sample takes 0.2 ms */
    watch_sample(&w, &seen);
    scripted_clock_tick_set(0);
    assert_int_equal(w.due - port_clock(), 100 * MS);
    scripted_clock_tick_set(20000000); /* something else ran meanwhile */
    watch_sample(&w, &seen);
    scripted_clock_tick_set(0);
    assert_int_equal(w.due - port_clock(), 100 * MS);
}

static void test_a_gap_has_an_end(void **state)
{
    struct watch w = watch_start(PID, port_clock());
    (void)state;
    set_threads(0, 1, 0, 0);
    scripted_clock_tick_set(20 * MS);
    watch_sample(&w, &seen);
    scripted_clock_tick_set(0);
    assert_int_equal(w.due - port_clock(), 250 * MS);
    watch_restart(&w, port_clock());
    assert_int_equal(w.due - port_clock(), MS);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_busiest_thread_stands_for_the_server),
        TEST(test_without_threads_permission_decides),
        TEST(test_what_is_not_known_is_no_sample),
        TEST(test_gaps_grow_up_to_50_ms),
        TEST(test_a_sample_takes_a_five_hundredth_of_the_time),
        TEST(test_a_gap_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
