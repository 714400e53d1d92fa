/* Proves that `--stall` and `--delay` freeze and delay for exactly the time asked. The clock moves
 * only when it is read or waited for. */
#include "stage.h"

#include "codec/json.h"
#include "server/selftest.h"

#define TICK 1000
#define NEAR (20 * TICK) /* readings of the clock around what is measured */

static struct selftest t;

static int setup(void **state)
{
    (void)state;
    scripted_reset();
    scripted_clock_tick_set(TICK);
    return 0;
}

/* ---- The words --------------------------------------------------------------------------- */

static void test_stalls_are_read(void **state)
{
    static const struct {
        const char *text;
        uint64_t stall_ns, every_ns;
    } good[] = {{"100ms/1s", 100 * MS, 1000 * MS},
                {"50us/1ms", 50000, MS},
                {"1/2", 1000 * MS, 2000 * MS},
                {"999ms/1s", 999 * MS, 1000 * MS}};
    static const char *const bad[] = {
        "",          "/",         "100ms",          "100ms/", "/1s",       "1s/1s",    "2s/1s",
        "0/1s",      "0ms/0s",    "100ms/1s/1s",    "100/ms", "100ms /1s", "100ms/1m", "-1ms/1s",
        "100ms/1sx", "x100ms/1s", "1s/18446744073s"};
    uint64_t stall_ns, every_ns;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(selftest_parse_stall(good[i].text, &stall_ns, &every_ns));
        assert_int_equal(stall_ns, good[i].stall_ns);
        assert_int_equal(every_ns, good[i].every_ns);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (selftest_parse_stall(bad[i], &stall_ns, &every_ns))
            fail_msg("taken: %s", bad[i]);
}

/* ---- The schedule ------------------------------------------------------------------------ */

static void test_nothing_asked_for_does_nothing(void **state)
{
    static const struct selftest zero;
    struct loop unused = {0};
    (void)state;
    assert_true(selftest_due(&zero) == UINT64_MAX);
    selftest_start(&t, 0, 0, 0, port_clock());
    assert_true(selftest_due(&t) == UINT64_MAX);
    uint64_t before = port_clock();
    selftest_serve(&t);
    selftest_delay(&t, &unused);
    assert_in_range(port_clock() - before, 0, NEAR);
    assert_int_equal(t.stalls + t.delays, 0);
}

static void test_stalls_keep_the_schedule(void **state)
{
    uint64_t start = port_clock();
    (void)state;
    selftest_start(&t, 0, 100 * MS, 1000 * MS, start);
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(selftest_due(&t), start + i * 1000 * MS);
        scripted_clock_advance(selftest_due(&t) - port_clock() - 3 * TICK);
        selftest_serve(&t); /* too early, by one reading */
        assert_int_equal(t.stalls, i - 1);
        uint64_t before = port_clock();
        selftest_serve(&t);
        assert_int_equal(t.last[i - 1].at_ns, start + i * 1000 * MS);
        selftest_serve(&t);
        assert_in_range(port_clock() - before, 100 * MS, 100 * MS + NEAR);
        assert_int_equal(t.stalls, i);
        assert_in_range(t.last[i - 1].took_ns, 100 * MS, 100 * MS + NEAR);
    }
}

/* One late by two and a half: one stall, at its whole length, and the next on its own time. */
static void test_missed_stalls_are_left_out(void **state)
{
    uint64_t start = port_clock();
    (void)state;
    selftest_start(&t, 0, 100 * MS, 1000 * MS, start);
    scripted_clock_advance(3500 * MS);
    selftest_serve(&t);
    selftest_serve(&t);
    assert_int_equal(t.stalls, 1);
    assert_in_range(t.last[0].at_ns - start, 3500 * MS, 3500 * MS + NEAR);
    assert_in_range(t.last[0].took_ns, 100 * MS, 100 * MS + NEAR);
    assert_int_equal(selftest_due(&t), start + 4000 * MS);
}

/* The whole list as JSON. */
static void stats_read(char *out, size_t cap, struct stats *stats)
{
    static struct loop no_loop;
    struct buf page = buf_over(out, cap - 1);
    struct json value;
    assert_int_equal(stats_put_json(stats, &no_loop, &page), STATUS_OK);
    out[page.len] = '\0';
    assert_int_equal(json_parse(span_of(out, page.len), &value), STATUS_OK);
}

static void test_the_last_stalls_are_listed(void **state)
{
    static struct stats stats;
    char page[STATS_JSON_MAX];
    char row[160];
    (void)state;
    memset(&stats, 0, sizeof stats);
    stats_read(page, sizeof page, &stats);
    assert_null(strstr(page, "\"stall\""));
    assert_null(strstr(page, "\"delay\""));
    selftest_start(&stats.selftest, 5000, 2 * MS, 10 * MS, 1000);
    stats_read(page, sizeof page, &stats);
    assert_non_null(strstr(
        page, "\"stall\":{\"asked_ns\":2000000,\"every_ns\":10000000,\"count\":0,\"last\":[]}"));
    assert_non_null(strstr(page, "\"delay\":{\"asked_ns\":5000,\"count\":0,\"took_ns\":0}"));
    for (uint64_t i = 0; i < SELFTEST_STALLS + 3; i++) {
        struct selftest_stall *stall =
            &stats.selftest.last[stats.selftest.stalls++ % SELFTEST_STALLS];
        stall->at_ns = 1000 + i;
        stall->took_ns = 70 + i;
    }
    stats_read(page, sizeof page, &stats);
    snprintf(row, sizeof row,
             "\"count\":%d,\"last\":[{\"at_ns\":1003,\"since_start_ns\":3,\"took_ns\":73},"
             "{\"at_ns\":1004,",
             SELFTEST_STALLS + 3);
    assert_non_null(strstr(page, row));
    snprintf(row, sizeof row, "{\"at_ns\":%d,\"since_start_ns\":%d,\"took_ns\":%d}]}",
             1000 + SELFTEST_STALLS + 2, SELFTEST_STALLS + 2, 70 + SELFTEST_STALLS + 2);
    assert_non_null(strstr(page, row));
}

/* Every number as long as it can be, in a page with every fault. */
static void test_the_longest_list_fits_the_page(void **state)
{
    static struct stats stats;
    char page[STATS_JSON_MAX];
    (void)state;
    memset(&stats, 0, sizeof stats);
    selftest_start(&stats.selftest, UINT64_MAX, UINT64_MAX / 2, UINT64_MAX, 0);
    for (int i = 0; i < SELFTEST_STALLS; i++)
        stats.selftest.last[i] = (struct selftest_stall){UINT64_MAX, UINT64_MAX};
    stats.selftest.stalls = UINT64_MAX;
    for (int i = 0; i < STATS_FAULTS; i++)
        stats.faults[i] = 1000000;
    for (int i = 0; i < STATS_PHASES; i++)
        histogram_record(&stats.phases[i], HISTOGRAM_MAX);
    stats_read(page, sizeof page, &stats);
}

static void test_a_stop_ends_a_stall(void **state)
{
    uint64_t start = port_clock();
    (void)state;
    selftest_start(&t, 0, 900 * MS, 1000 * MS, start);
    scripted_clock_advance(1000 * MS);
    scripted_stop();
    selftest_serve(&t);
    assert_in_range(port_clock() - start, 1000 * MS, 1000 * MS + NEAR);
    assert_in_range(t.last[0].took_ns, 0, NEAR);
}

/* ---- In the server ----------------------------------------------------------------------- */

/* Each message to c delays its answer once: by 300 us, or `times` as often. */
static void expect_delayed(struct caller *c, uint64_t times, const char *want)
{
    struct selftest *done = &server.stats.selftest;
    assert_int_equal(done->delays, times);
    assert_in_range(done->delayed_ns, times * 300000, times * 300000 + times * NEAR);
    expect_heard(c, want);
    done->delays = done->delayed_ns = 0;
}

static void test_each_message_is_delayed_once(void **state)
{
    static const char *const args[] = {"--delay", "300us", NULL};
    (void)state;
    stage_open(args);
    scripted_clock_tick_set(TICK);

    struct caller *c = caller_new();
    say(c, "GET / HTTP/1.1\r\nHost: a\r\n" WEB_FIELDS "\r\n");
    expect_delayed(c, 0, "101 ");
    uint64_t before = port_clock();
    say_text(c, "hi");
    assert_true(port_clock() - before >= 300000);
    assert_true(server.loop.io.now - before >= 300000);
    expect_delayed(c, 1, "T{hi}");
    say_frame(c, WS_PING, SPAN("x"));
    expect_delayed(c, 0, "<pong>");
    say_bytes(c, SPAN("\x01\x81\0\0\0\0a\x80\x81\0\0\0\0b")); /* in two fragments */
    expect_delayed(c, 1, "T{ab}");
    say_bytes(c, SPAN("\x81\x81\0\0\0\0a\x81\x81\0\0\0\0b"));
    expect_delayed(c, 2, "T{a}T{b}");

    struct histogram *closes = &server.stats.phases[STATS_CLOSE];
    say_bytes(c, SPAN("\x81\x81\0\0\0\0a\x88\x80\0\0\0\0"));
    expect_delayed(c, 1, "T{a}<close 0>$");
    hang_up(c);
    settle();
    assert_true(closes->values.n == 1 && closes->values.max < 200000); /* without the delay */

    c = caller_new();
    say_upgrade(c, NULL);
    say_text(c, "40");
    expect_delayed(c, 0, "101 T{0!}T{40!}");
    say_text(c, "42[\"message\",\"hi\"]");
    expect_delayed(c, 1, "T{42[\"message\",\"hi\"]}");

    c = caller_new();
    say_open(c);
    say_post(c, c->sid, "40");
    say_get(c, c->sid);
    heard(c);
    say_post(c, c->sid,
             "42[\"a\"]\x1e"
             "42[\"b\"]");
    say_get(c, c->sid);
    expect_delayed(c, 2, "200 {ok}200 {42[\"a\"]|42[\"b\"]}");
    stage_close();
}

static void test_the_server_stalls_between_turns(void **state)
{
    static const char *const args[] = {"--stall", "100ms/1s", NULL};
    (void)state;
    stage_open(args);
    scripted_clock_tick_set(TICK);
    uint64_t start = server.stats.started;
    assert_int_equal(server_due(&server), start + 1000 * MS);
    for (int i = 0; i < 20; i++) {
        scripted_clock_advance(100 * MS);
        server_serve(&server);
    }
    assert_int_equal(server.stats.selftest.stalls, 2);
    assert_int_equal(server_due(&server), start + 3000 * MS);
    scripted_clock_tick_set(0);
    server.stats.selftest.every_ns = 0; /* the end is not to be disturbed */
    stage_close();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, NULL)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_stalls_are_read),
        TEST(test_nothing_asked_for_does_nothing),
        TEST(test_stalls_keep_the_schedule),
        TEST(test_missed_stalls_are_left_out),
        TEST(test_the_last_stalls_are_listed),
        TEST(test_the_longest_list_fits_the_page),
        TEST(test_a_stop_ends_a_stall),
        TEST(test_each_message_is_delayed_once),
        TEST(test_the_server_stalls_between_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
