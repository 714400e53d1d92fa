/* Proves the page of reports built by hand: scales and ticks against values worked out on paper,
 * tags that balance whatever names and numbers come, texts inside their pictures, and nothing but
 * what was measured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "report/html/html.h"
#include "report/html/html_inner.h"
#include "report/html/svg.h"
#include "staged.h"

/* ---- Scales, by hand --------------------------------------------------------------------- */

static void assert_near(double found, double expected)
{
    if (fabs(found - expected) > 1e-6 * fmax(1.0, fabs(expected)))
        fail_msg("%.9g instead of %.9g", found, expected);
}

static struct svg_scale scale(double low, double high, bool log)
{
    return (struct svg_scale){.low = low, .high = high, .from = 100.0, .to = 400.0, .log = log};
}

static void test_places(void **state)
{
    struct svg_scale even = scale(0.0, 10.0, false);
    struct svg_scale decades = scale(1.0, 1000.0, true);
    (void)state;
    assert_near(svg_find_place(&even, 0.0), 100.0);
    assert_near(svg_find_place(&even, 2.5), 175.0);
    assert_near(svg_find_place(&even, 10.0), 400.0);
    assert_near(svg_find_place(&even, -3.0), 100.0);
    assert_near(svg_find_place(&even, 11.0), 400.0);
    assert_near(svg_find_place(&decades, 10.0), 200.0);
    assert_near(svg_find_place(&decades, sqrt(1000.0)), 250.0);
    assert_near(svg_find_place(&decades, 0.0), 100.0);
    even.from = 300.0; /* upright: more is higher up */
    even.to = 20.0;
    assert_near(svg_find_place(&even, 2.5), 230.0);
}

static void test_scales_fit_their_values(void **state)
{
    struct svg_scale s = svg_start_scale(false);
    (void)state;
    assert_false(svg_fit_scale(&s, 0.0, 1.0, 0.1));
    svg_widen_scale(&s, 20.0);
    svg_widen_scale(&s, 30.0);
    svg_widen_scale(&s, NAN);
    svg_widen_scale(&s, HUGE_VAL);
    assert_true(svg_fit_scale(&s, 0.0, 100.0, 0.1));
    assert_near(s.low, 19.0);
    assert_near(s.high, 31.0);
    s = svg_start_scale(false);
    svg_widen_scale(&s, 0.0);
    svg_widen_scale(&s, 50.0);
    assert_true(svg_fit_scale(&s, 0.0, 100.0, 0.1));
    assert_near(s.low, 0.0);
    assert_near(s.high, 55.0);
    s = svg_start_scale(false); /* one value only: it lies in the middle */
    svg_widen_scale(&s, 200.0);
    assert_true(svg_fit_scale(&s, 0.0, 100.0, 0.0));
    assert_near(svg_find_place(&s, 200.0), 50.0);
    s = svg_start_scale(true);
    svg_widen_scale(&s, 0.0);
    svg_widen_scale(&s, -1.0);
    assert_false(svg_fit_scale(&s, 0.0, 1.0, 0.0));
    svg_widen_scale(&s, 1.0);
    svg_widen_scale(&s, 100.0);
    assert_true(svg_fit_scale(&s, 0.0, 100.0, 0.5));
    assert_near(s.low, 0.1);
    assert_near(s.high, 1000.0);
}

static void assert_ticks(const struct svg_scale *s, size_t most, size_t count,
                         const double *expected)
{
    double ticks[SVG_TICKS];
    assert_int_equal(svg_find_ticks(s, most, ticks), count);
    for (size_t i = 0; i < count; i++)
        assert_near(ticks[i], expected[i]);
}

#define TICKS(most, low, high, log, ...)                                                           \
    do {                                                                                           \
        static const double expected[] = {__VA_ARGS__};                                            \
        struct svg_scale s = scale(low, high, log);                                                \
        assert_ticks(&s, most, sizeof expected / sizeof expected[0], expected);                    \
    } while (0)

static void test_ticks(void **state)
{
    (void)state;
    TICKS(5, 0.0, 97.0, false, 0.0, 20.0, 40.0, 60.0, 80.0);
    TICKS(6, 0.0, 100.0, false, 0.0, 20.0, 40.0, 60.0, 80.0, 100.0);
    TICKS(3, 0.0, 97.0, false, 0.0, 50.0);
    TICKS(4, 0.0, 0.3, false, 0.0, 0.1, 0.2, 0.3);
    TICKS(8, 19.2, 23.4, false, 19.5, 20.0, 20.5, 21.0, 21.5, 22.0, 22.5, 23.0);
    TICKS(7, 19.2, 23.4, false, 20.0, 21.0, 22.0, 23.0);
    TICKS(10, 0.85, 1.16, true, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15); /* under a decade */
    TICKS(8, 18e3, 6e6, true, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6);
    TICKS(7, 18e3, 6e6, true, 1e5, 1e6);
    TICKS(4, 1.0, 1e9, true, 1.0, 1e3, 1e6, 1e9);
    TICKS(8, 0.1, 1.0, true, 0.1, 0.2, 0.5, 1.0);
}

/* As many digits as it takes to tell a value from its neighbours, and no zeros behind them. */
static void test_values_of_an_axis(void **state)
{
    static const struct {
        double value;
        const char *time;
        const char *other;
    } cases[] = {
        {0.0, "0", "0"},
        {0.05, "0.05 ns", "0.05"},
        {1.005, "1.005 ns", "1.005"},
        {50.0, "50 ns", "50"},
        {23050.0, "23.05 \u00b5s", "23 050"},
        {23100.0, "23.1 \u00b5s", "23 100"},
        {4000.5, "4.0005 \u00b5s", "4000.5"},
        {1e6, "1 ms", "1 000 000"},
        {1.5e6, "1.5 ms", "1 500 000"},
        {3 * 0.05, "0.15 ns", "0.15"},
        {5e9, "5 s", "5 000 000 000"},
        {12e12, "12000 s", "12 000 000 000 000"},
    };
    char text[FORMAT_TEXT];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        html_format_tick_time(text, cases[i].value);
        assert_string_equal(text, cases[i].time);
        html_format_tick(text, cases[i].value);
        assert_string_equal(text, cases[i].other);
    }
}

/* No two ticks have the same label, however close the values lie, until they count as one. */
static void test_values_of_narrow_axes_differ(void **state)
{
    (void)state;
    for (double apart = 1.0; apart > 1e-7; apart /= 3.0)
        for (int log = 0; log < 2; log++) {
            double ticks[SVG_TICKS];
            char text[2][FORMAT_TEXT] = {"", ""};
            struct svg_scale s = svg_start_scale(log > 0);
            svg_widen_scale(&s, 23123.4);
            svg_widen_scale(&s, 23123.4 * (1.0 + apart));
            assert_true(svg_fit_scale(&s, 0.0, 100.0, 0.02));
            size_t n = svg_find_ticks(&s, 8, ticks);
            assert_true(n >= 3);
            for (size_t i = 0; i < n; i++) {
                html_format_tick_time(text[i % 2], ticks[i]);
                assert_string_not_equal(text[0], text[1]);
                assert_true(svg_measure_text(text[i % 2]) <= 10.0 * SVG_LETTER);
            }
        }
}

static void assert_spread(double *places, size_t n, const double *expected)
{
    svg_move_apart(places, n, 10.0, 0.0, 100.0);
    for (size_t i = 0; i < n; i++)
        assert_near(places[i], expected[i]);
}

static void test_names_are_moved_apart(void **state)
{
    (void)state;
    assert_spread((double[]){10.0, 30.0}, 2, (double[]){10.0, 30.0});
    assert_spread((double[]){50.0, 50.0, 51.0}, 3, (double[]){50.0, 60.0, 70.0});
    assert_spread((double[]){80.0, 99.0, 99.0}, 3, (double[]){80.0, 90.0, 100.0});
    assert_spread((double[]){99.0, 99.0, 99.0}, 3, (double[]){80.0, 90.0, 100.0});
    assert_spread((double[]){-5.0, 0.0}, 2, (double[]){0.0, 10.0});
}

static void test_texts_stay_inside(void **state)
{
    static const struct {
        double x;
        enum svg_anchor anchor;
        const char *found; /* "abcd" is 29.2 wide */
    } cases[] = {
        {100.0, SVG_START, "'start ' x='100.0'"}, {100.0, SVG_MIDDLE, "'middle ' x='100.0'"},
        {2.0, SVG_MIDDLE, "'middle ' x='15.6'"},  {2.0, SVG_END, "'end ' x='30.2'"},
        {670.0, SVG_START, "'start ' x='649.8'"}, {670.0, SVG_MIDDLE, "'middle ' x='664.4'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        FILE *file = tmpfile();
        char text[128] = "";
        assert_non_null(file);
        svg_put_text(file, cases[i].x, 10.0, cases[i].anchor, "", "abcd");
        rewind(file);
        assert_true(fread(text, 1, sizeof text - 1, file) > 0);
        fclose(file);
        if (strstr(text, cases[i].found) == NULL)
            fail_msg("%s instead of %s", text, cases[i].found);
    }
}

static void assert_interval(enum figure_unit unit, double median, double low, double high,
                            const char *number, const char *range)
{
    char found[FORMAT_TEXT];
    char around[HTML_TEXT];
    const struct interval i = {.n = 7, .middle = median, .low = low, .high = high};
    assert_true(html_format_interval(found, around, unit, &i));
    assert_string_equal(found, number);
    assert_string_equal(around, range);
}

static void test_intervals_in_words(void **state)
{
    char number[FORMAT_TEXT];
    char range[HTML_TEXT];
    const struct interval one = {.n = 1, .middle = 20e3, .low = 20e3, .high = 20e3};
    (void)state;
    assert_interval(FIGURE_NS, 1.5e6, 1.4e6, 2.1e6, "1.50 ms", "1.40 to 2.10 ms");
    assert_interval(FIGURE_NS, 1.5e6, 581e3, 2.1e6, "1.50 ms", "581 \u00b5s to 2.10 ms");
    assert_interval(FIGURE_PER_S, 3912, 2912, 4912, "3 912", "2 912 to 4 912");
    assert_interval(FIGURE_BYTES_PER_S, 2e6, 1e6, 3e6, "2.00 MB/s", "1.00 to 3.00 MB/s");
    assert_interval(FIGURE_PLAIN, 1.08, 1.0, 1.2, "1.08", "1.00 to 1.20");
    assert_interval(FIGURE_PLAIN, 1.08, 1.07, 1.09, "1.080", "1.070 to 1.090");
    assert_interval(FIGURE_PLAIN, 2234, 1234, 3234, "2 234", "1 234 to 3 234");
    assert_false(html_format_interval(number, range, FIGURE_NS, &one));
    assert_string_equal(number, "20.0 \u00b5s");
    assert_string_equal(range, "");
}

/* ---- Well-formed pages ------------------------------------------------------------------- */

#define DEPTH 32

/* What a picture of the page must keep to. */
struct picture {
    double width;
    double height;
    unsigned texts;
};

static double attribute(const char *tag, const char *end, const char *name)
{
    const char *found = strstr(tag, name);
    assert_true(found != NULL && found < end);
    return strtod(found + strlen(name), NULL);
}

/* A text lies within its picture, by the width that each letter of its face has. */
static void check_text(const struct picture *p, const char *tag, const char *end)
{
    double x = attribute(tag, end, " x='");
    double y = attribute(tag, end, " y='");
    size_t letters = 0;
    for (const char *c = end + 1; *c != '<'; c++) {
        letters += (*c & 0xc0) != 0x80;
        if (*c == '&')
            c += strcspn(c, ";");
    }
    double width = (double)letters * SVG_LETTER;
    if (strncmp(tag, "<text class='end", 16) == 0)
        x -= width;
    else if (strncmp(tag, "<text class='middle", 19) == 0)
        x -= width / 2.0;
    if (x < 0.0 || x + width > p->width || y < 9.0 || y > p->height - 2.0)
        fail_msg("outside of %g x %g: %.*s", p->width, p->height, 120, tag);
}

static void check_picture(struct picture *p, const char *tag, const char *end)
{
    if (strncmp(tag, "<svg class='p'", 14) == 0) {
        p->width = attribute(tag, end, "viewBox='0 0 ");
        p->height = attribute(tag, end, "viewBox='0 0 680 ");
        if (strncmp(end, "><title id=", 11) != 0)
            fail_msg("no title: %.80s", tag);
    } else if (strncmp(tag, "<text ", 6) == 0) {
        check_text(p, tag, end);
    }
}

/* Every tag is closed in order, or closes itself; quotes are closed. Returns the number of tags. */
static unsigned check_tags(void)
{
    const char *open[DEPTH];
    size_t lengths[DEPTH];
    size_t depth = 0;
    unsigned count = 0;
    struct picture picture = {0};
    for (const char *at = strchr(staged_output, '<'); at != NULL; at = strchr(at + 1, '<')) {
        const char *end = at + 1;
        bool quoted = false;
        for (; *end != '\0' && (quoted || *end != '>'); end++) {
            if (*end == '\'')
                quoted = !quoted;
            assert_true(*end != '<');
        }
        assert_int_equal(*end, '>');
        size_t length = strcspn(at + 1, " >/");
        count++;
        check_picture(&picture, at, end);
        if (at[1] == '/') {
            length = strcspn(at + 2, ">");
            assert_true(depth-- > 0);
            if (lengths[depth] != length || strncmp(open[depth], at + 2, length) != 0)
                fail_msg("%.*s closed by %.*s", (int)lengths[depth], open[depth], (int)length + 3,
                         at);
        } else if (at[1] != '!' && end[-1] != '/') {
            assert_true(depth < DEPTH);
            open[depth] = at + 1;
            lengths[depth++] = length;
        }
    }
    assert_int_equal(depth, 0);
    return count;
}

static void write_page(void)
{
    staged_read_back(html_write);
    assert_true(strncmp(staged_output, "<!doctype html>", 15) == 0);
    check_tags();
    staged_assert_lacks("nan ");
    staged_assert_lacks("nan'");
    staged_assert_lacks("inf ");
    staged_assert_lacks("inf'");
    staged_assert_lacks("<script");
    staged_assert_lacks("@import");
    staged_assert_lacks("url(");
    staged_assert_lacks("src=");
    staged_assert_lacks("href=");
}

static unsigned times(const char *text)
{
    unsigned n = 0;
    for (const char *at = staged_output; (at = strstr(at, text)) != NULL; at++)
        n++;
    return n;
}

/* ---- Pages ------------------------------------------------------------------------------- */

static void again(unsigned block, uint64_t ns)
{
    staged_roundtrip(4000, ns);
    summary_add(&staged.control[SCENARIO_ROUNDTRIP], block, &staged_trial);
}

static void add_steps(unsigned targets)
{
    for (unsigned i = 0; i < 3 * targets; i++)
        staged.steps[staged.step_count++] = (struct result_step){.at_ns = i * UINT64_C(1000000000),
                                                                 .value = 10000.0 + 100.0 * i,
                                                                 .target = (uint8_t)(i % targets),
                                                                 .block = (uint8_t)(i / targets)};
    staged.steps[staged.step_count++] =
        (struct result_step){.at_ns = 500, .value = 9000.0, .control = true};
}

static void build_compare(unsigned blocks)
{
    staged_build_compare(blocks);
    memset(staged.control, 0, sizeof staged.control);
    for (unsigned block = 0; block < blocks; block++)
        again(block, 10050 + 100 * block);
    add_steps(3);
}

static void test_page_of_compare(void **state)
{
    (void)state;
    build_compare(7);
    staged_add_extras();
    write_page();
    staged_assert_has("<h1>Socket.IO takes 1.093 times WebSocket\u2019s round trip (1.0");
    staged_assert_has("<p>WebSocket takes 1.046 times raw TCP\u2019s round trip");
    staged_assert_has("<p>Socket.IO takes 1.143 times raw TCP\u2019s round trip");
    staged_assert_has("tcp against itself is 1.005 to 1.005.");
    staged_assert_has(">In short<");
    staged_assert_has(">A client\u2019s first steps.<");
    staged_assert_has(">Round trips.<");
    staged_assert_has(">99.9 %<");
    staged_assert_has(">roundtrip.client-cpu<");
    staged_assert_has(">sio-upgrade / ws<");
    assert_true(strstr(staged_output, ">sio / ws<") < strstr(staged_output, ">ws / tcp<"));
    staged_assert_has(">roundtrip.p50 of each trial.<");
    staged_assert_has("cannot show that replies changed places");
    staged_assert_has("10.3 \u00b5s");
    staged_assert_has("class='band'");
    staged_assert_lacks(" us<");
    staged_assert_lacks(">Gates");
    staged_assert_lacks("What went wrong");
    staged_assert_lacks("Interrupted");
    staged_assert_lacks("At a fixed rate");
    staged_assert_lacks(">Before the run<");
    staged_assert_has(">answered<");
    staged_assert_lacks(">wrong<"); /* 0 everywhere */
    staged_assert_lacks(">worst lag<");
    assert_int_equal(times("<svg class='p'"), times("<figure>") - times("<table>"));
    assert_int_equal(times("<title id='t"), times("<desc id='d"));
    assert_int_equal(times("class='s0 hollow'"), 1);
}

/* 500 us on 504 units: a phase starts where the one before ended, the probe with sio connect, and
 * the first echo at ready, which has a length of its own. */
static void test_lanes(void **state)
{
    static const uint64_t us[PHASE_COUNT] = {
        [PHASE_TCP] = 100,       [PHASE_EIO_OPEN] = 100, [PHASE_SIO_CONNECT] = 200,
        [PHASE_PROBE] = 50,      [PHASE_SWITCH] = 25,    [PHASE_READY] = 420,
        [PHASE_FIRST_ECHO] = 80, [PHASE_CLOSE] = 900};
    (void)state;
    result_reset(&staged);
    staged_add_target("sio", "Socket.IO, upgrade", -1);
    staged.blocks = 1;
    staged_start_trial(SCENARIO_CONNECT, 1, 1);
    for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
        if (us[phase] > 0)
            histogram_record(&staged_trial.phases[phase], us[phase] * 1000);
    summary_add(&staged.targets[0].summaries[SCENARIO_CONNECT], 0, &staged_trial);
    write_page();
    staged_assert_has("<rect class='s0 full pale' x='96.0' y='24.0' width='100.8'");
    staged_assert_has("<rect class='s0 full pale' x='196.8' y='41.0' width='100.8'");
    staged_assert_has("<rect class='s0 full pale' x='297.6' y='58.0' width='201.6'");
    staged_assert_has("<rect class='s0 full pale' x='297.6' y='75.0' width='50.4'");
    staged_assert_has("<rect class='s0 full pale' x='348.0' y='92.0' width='25.2'");
    staged_assert_has("<rect class='s0 full' x='96.0' y='109.0' width='423.4'");
    staged_assert_has("<rect class='s0 full pale' x='519.4' y='126.0' width='80.6'");
    assert_int_equal(times("<rect"), 7);
    staged_assert_lacks("900");
}

static void test_no_difference(void **state)
{
    (void)state;
    build_compare(7);
    memcpy(&staged.targets[2].summaries[SCENARIO_ROUNDTRIP],
           &staged.targets[1].summaries[SCENARIO_ROUNDTRIP], sizeof(struct summary));
    write_page();
    staged_assert_has(
        "<h1>No difference shown (&lt;= 0.0 %): Socket.IO takes 1.000 times WebSocket\u2019s round "
        "trip (1.000 to 1.000)");
}

static void test_too_few_trials(void **state)
{
    (void)state;
    build_compare(3);
    write_page();
    staged_assert_has("<h1>Median round trip: raw TCP 10.1 \u00b5s, WebSocket 10.6 \u00b5s, ");
    staged_assert_has("Not enough trials to judge a difference: 3 of 6 blocks");
    staged_assert_has("fewer than 6 blocks give no interval");
    staged_assert_lacks("against itself");
    staged_assert_lacks(" takes ");
}

/* Ten blocks were planned: the page shows those that were measured. */
static void test_partial_runs(void **state)
{
    (void)state;
    build_compare(2);
    staged.blocks = 10;
    staged.partial = true;
    for (unsigned i = 0; i < 2; i++)
        staged_add_roundtrip(&staged.targets[i], 2, 4000, 10000);
    failures_add(&staged.targets[2].summaries[SCENARIO_ROUNDTRIP].pooled.failures, STATUS_STOPPED,
                 PHASE_COUNT, "");
    write_page();
    staged_assert_has("<h1>Median round trip: raw TCP");
    staged_assert_has("Not enough trials to judge a difference: 2 of 6 blocks");
    staged_assert_has("Medians with the smallest and the largest value: fewer than 6");
    staged_assert_has("Interrupted: ");
    staged_assert_lacks("the blocks with 95 % intervals");
    staged_assert_lacks("In brackets");
    staged_assert_lacks("What went wrong");
    build_compare(6);
    staged.blocks = 10;
    for (unsigned i = 0; i < 2; i++)
        staged_add_roundtrip(&staged.targets[i], 6, 4000, 10000);
    write_page();
    staged_assert_has("In brackets: 95 % intervals over 6 to 7 blocks.");
    staged_assert_lacks("10 blocks.");
}

/* One pair has enough blocks, the others have not. */
static void test_pairs_of_unequal_blocks(void **state)
{
    (void)state;
    build_compare(5);
    for (unsigned i = 0; i < 2; i++)
        staged_add_roundtrip(&staged.targets[i], 5, 4000, i == 0 ? 10000 : 10500);
    write_page();
    staged_assert_has("<h1>WebSocket takes 1.0");
    staged_assert_has("<p>Median round trip: raw TCP");
    staged_assert_has("Not enough trials to judge a difference: 5 of 6 blocks");
    staged_assert_has("<b>Round trips per second.</b>\n<span>Medians with the smallest");
    staged_assert_lacks("The noise of this machine"); /* five blocks have a control */
}

static void test_two_of_a_kind_go_by_name(void **state)
{
    (void)state;
    build_compare(7);
    snprintf(staged.targets[2].kind, RESULT_NAME, "WebSocket");
    write_page();
    staged_assert_has("<h1>sio takes 1.093 times ws\u2019s round trip");
    staged_assert_has("<p>ws takes 1.046 times raw TCP\u2019s");
    build_compare(7);
    snprintf(staged.targets[2].name, RESULT_NAME, "chat"); /* as the user calls it */
    write_page();
    staged_assert_has("<h1>chat takes 1.093 times WebSocket\u2019s round trip");
}

static void test_rate_from_due_and_plain(void **state)
{
    (void)state;
    staged_build_compare(0);
    staged.rate = 1500;
    staged.blocks = 1;
    staged.verdict_scenario = SCENARIO_RATE;
    for (unsigned t = 1; t < 3; t++)
        staged_add_rate(&staged.targets[t], 0, 2000, 20000 * t);
    write_page();
    staged_assert_has("<h1>Median latency at 1 500 messages per second: WebSocket 20.0");
    staged_assert_has(">At 1 500 messages per second.<");
    assert_int_equal(times("class='s1 line'"), 1);
    assert_int_equal(times("class='s1 dash'"), 1);
    assert_int_equal(times("class='s2 dash'"), 1);
    staged_assert_has(">planned<");
    staged_assert_lacks(">Ratios<");
    staged_assert_lacks(">Rates<");
}

static void build_sweep(void)
{
    staged_build_compare(0);
    staged.blocks = 6;
    snprintf(staged.sweep.key, sizeof staged.sweep.key, "size");
    staged.sweep.scenario = SCENARIO_ROUNDTRIP;
    for (unsigned i = 0; i < 3; i++) {
        staged.sweep.values[staged.sweep.count++] = i == 0 ? 2 : i == 1 ? 1024 : 65536;
        for (unsigned t = 0; t < 2; t++)
            for (unsigned block = 0; block < 6; block++) {
                staged_roundtrip(200, 10000 * (i + 1) + 1000 * t + 100 * block);
                summary_add(&staged.sweep.points[t][i], block, &staged_trial);
            }
    }
}

static void test_sweep(void **state)
{
    (void)state;
    build_sweep();
    write_page();
    staged_assert_has("<h1>Round trips, 2 to 65 536 bytes</h1>");
    staged_assert_has(
        "<p>tcp: the median lies between 10.2 \u00b5s (2 bytes) and 30.2 \u00b5s (65 536 "
        "bytes)</p>");
    staged_assert_has("logarithmic axis. Medians over the blocks with 95 % intervals.<");
    staged_assert_has(">1 024</text>");
    staged_assert_has(">Round trips by size: p99.<");
    assert_int_equal(times("<svg class='p'"), 2);
    assert_int_equal(times("class='s0 line'"), 2);
    assert_int_equal(times("class='s0 thin'"), 2); /* to its name */
    staged_assert_lacks("class='s2 line'");
    staged_assert_lacks(">In short<");
}

/* The greatest lies in the middle; each point has one trial, two, or is refused. */
static void test_range_of_a_sweep(void **state)
{
    (void)state;
    build_sweep();
    memset(&staged.sweep.points, 0, sizeof staged.sweep.points);
    snprintf(staged.sweep.key, sizeof staged.sweep.key, "clients");
    for (unsigned i = 0; i < 3; i++) {
        staged_roundtrip(200, i == 1 ? 30000 : 10000 + 1000 * i);
        summary_add(&staged.sweep.points[0][i], 0, &staged_trial);
    }
    write_page();
    staged_assert_has("<h1>Round trips, 2 to 65 536 clients</h1>");
    staged_assert_has(
        "<p>tcp: the median lies between 10.0 \u00b5s (2 clients) and 30.0 \u00b5s (1 024 "
        "clients)</p>");
    staged_assert_has("axes are logarithmic. One trial each.<");
    staged_assert_lacks("<p>ws");
    unsigned marks = times("class='s0 full'");
    staged_roundtrip(200, 14000);
    summary_add(&staged.sweep.points[0][2], 1, &staged_trial);
    staged.sweep.points[0][0].broken[IDENTITY_BALANCE] = 1;
    write_page();
    assert_int_equal(times("class='s0 full'"), marks - 2); /* in either picture */
    staged_assert_has("axes are logarithmic. Medians with the smallest and the largest value: "
                      "fewer");
    staged_assert_has("<p>tcp: the median lies between 13.0 \u00b5s (65 536 clients) and 30.0");
}

/* One client is no clients, and one point is no range. */
static void test_sweep_of_one_value(void **state)
{
    (void)state;
    staged_build_compare(0);
    staged.blocks = 1;
    snprintf(staged.sweep.key, sizeof staged.sweep.key, "clients");
    staged.sweep.scenario = SCENARIO_ROUNDTRIP;
    staged.sweep.values[staged.sweep.count++] = 1;
    staged_roundtrip(200, 10000);
    summary_add(&staged.sweep.points[0][0], 0, &staged_trial);
    write_page();
    staged_assert_has(
        "<h1>Round trips, 1 client</h1>\n<p>tcp: the median is 10.0 \u00b5s (1 client)</p>");
    staged.sweep.values[staged.sweep.count++] = 16;
    staged_roundtrip(200, 20000);
    summary_add(&staged.sweep.points[0][1], 0, &staged_trial);
    write_page();
    staged_assert_has("<h1>Round trips, 1 to 16 clients</h1>");
    staged_assert_has("between 10.0 \u00b5s (1 client) and 20.0 \u00b5s (16 clients)</p>");
}

static void test_nothing_measured(void **state)
{
    (void)state;
    result_reset(&staged);
    write_page();
    staged_assert_has("<h1>Nothing was measured</h1>");
    staged_assert_lacks("<svg");
    staged_assert_lacks("<table");
    staged_build_compare(0);
    write_page();
    staged_assert_has("<h1>Nothing was measured</h1>");
    staged_assert_lacks("<svg class='p'");
}

static void test_one_target(void **state)
{
    (void)state;
    result_reset(&staged);
    staged_fill_environment(&staged.environment);
    staged_add_target("ws", "WebSocket", -1);
    staged.blocks = 1;
    staged_add_roundtrip(&staged.targets[0], 0, 100, 10000);
    write_page();
    staged_assert_has("<h1>Median round trip: WebSocket 10.0 \u00b5s</h1>");
    staged_assert_has(">n/a<");
    staged_assert_lacks(">99.9 %<");
    staged_assert_lacks(">Rates<");
    staged_assert_lacks(">Ratios<");
    staged_assert_lacks("p50 to ");
}

static void test_eight_targets_with_long_names(void **state)
{
    (void)state;
    result_reset(&staged);
    staged_fill_environment(&staged.environment);
    staged.blocks = 2;
    for (int i = 0; i < TARGETS_MAX; i++) {
        staged_add_target("a-name-as-long-as-names-may-be.", "Socket.IO, upgrade from polling",
                          i - 1);
        for (unsigned block = 0; block < 2; block++) {
            staged_add_connect(&staged.targets[i], block, 1000000, PHASE_SWITCH);
            staged_add_roundtrip(&staged.targets[i], block, 50, UINT64_C(60000000000) >> block);
            staged_add_throughput(&staged.targets[i], block, 1 + (uint64_t)i);
            staged_add_send(&staged.targets[i], block, PROOF_FINAL_ACK);
        }
    }
    staged.baseline = 0;
    add_steps(TARGETS_MAX);
    write_page();
    staged_assert_has("<th>p50 to a-name");
    staged_assert_has("<th>p50 to its ");   /* each has another one */
    staged_assert_has("m-3.5-3.5h7v7h-7z"); /* a square, */
    staged_assert_has("m-4-4h8l-8 8h8z");   /* and an hourglass */
    for (unsigned i = 0; i < TARGETS_MAX; i++) {
        char style[32];
        snprintf(style, sizeof style, "class='s%u full'", i);
        staged_assert_has(style);
    }
}

static void test_hostile_texts(void **state)
{
    static const char hostile[] = "</text><script>a&b\"c'</script>";
    (void)state;
    build_compare(7);
    for (unsigned i = 0; i < staged.target_count; i++) {
        struct result_target *t = &staged.targets[i];
        snprintf(t->name, sizeof t->name, "%s", hostile);
        snprintf(t->kind, sizeof t->kind, "%s", hostile);
        snprintf(t->url, sizeof t->url, "http://x/%s\xff\xc3", hostile);
        snprintf(t->matched, sizeof t->matched, "%s", hostile);
        failures_add(&t->failures, STATUS_HTTP_STATUS, PHASE_UPGRADE, "\x1b[2J<b>\xc3\xa9");
    }
    snprintf(staged.command, sizeof staged.command, "wsio-client '%s'", hostile);
    snprintf(staged.options, sizeof staged.options, "%s", hostile);
    snprintf(staged.scenario, sizeof staged.scenario, "%s", hostile);
    result_add_note(&staged, "%s", hostile);
    staged.gate_count = 1;
    snprintf(staged.gates[0].text, RESULT_TEXT, "sio.roundtrip.p99 < 2ms %s", hostile);
    staged.preflight.count = 1;
    staged.preflight.rows[0].state = PREFLIGHT_NOTE;
    snprintf(staged.preflight.rows[0].advice, PREFLIGHT_ADVICE, "%s", hostile);
    write_page();
    staged_assert_has("&lt;/text&gt;&lt;script&gt;a&amp;b&quot;c&#39;&lt;/script&gt;");
    staged_assert_has("?[2J&lt;b&gt;\xc3\xa9");
    staged_assert_has("&lt;/script&gt;??"); /* what is no UTF-8 */
    staged_assert_lacks("\x1b");
    staged_assert_has("p99 &lt; 2ms");
}

static void test_refused_and_failed(void **state)
{
    (void)state;
    build_compare(7);
    staged_start_trial(SCENARIO_ROUNDTRIP, 1, 1);
    staged_record_messages(40016, 100000);
    staged_trial.replied = 40016;
    staged_trial.window_ns = 1000000000;
    summary_add(&staged.targets[1].summaries[SCENARIO_ROUNDTRIP], 7, &staged_trial);
    failures_add(&staged.targets[3].failures, STATUS_NO_NAME, PHASE_RESOLVE, NULL);
    staged.targets[0].unchecked = true;
    staged.partial = true;
    write_page();
    staged_assert_has("<h1>Not all went well: ws, sio-upgrade</h1>");
    staged_assert_has("<p>Socket.IO takes 1.143 times raw TCP\u2019s");
    staged_assert_lacks("times WebSocket\u2019s");
    staged_assert_lacks("<span>1.093<"); /* sio to ws */
    staged_assert_has("<dt>sio-upgrade</dt>\n<dd>resolve: name not found");
    staged_assert_has("40016.0/s x mean latency");
    staged_assert_has("<td class='bad'>refused</td>");
    staged_assert_has("Interrupted: ");
    staged_assert_has("not checked (--match any)");
    staged_assert_lacks("\u00b5s line");           /* no curve of what is refused */
    assert_int_equal(times("class='s1 line'"), 3); /* throughput's whisker, its and ready's ratio */
}

static void test_one_target_refused(void **state)
{
    (void)state;
    result_reset(&staged);
    staged_add_target("ws", "WebSocket", -1);
    staged.blocks = 1;
    staged_roundtrip(100, 10000);
    staged_trial.tally.sent++;
    summary_add(&staged.targets[0].summaries[SCENARIO_ROUNDTRIP], 0, &staged_trial);
    write_page();
    staged_assert_has(
        "<h1>Not all went well: ws</h1>\n<p>Median round trip: WebSocket refused</p>");
}

static void test_client_limited_and_drifting(void **state)
{
    (void)state;
    result_reset(&staged);
    staged_add_target("ws", "WebSocket", -1);
    staged.blocks = 1;
    staged_roundtrip(1000, 10000);
    staged_trial.client_cpu_ns = staged_trial.window_ns;
    staged_trial.server_cpu_ns = staged_trial.window_ns / 2;
    for (unsigned i = 0; i < 300; i++) {
        histogram_record(&staged_trial.first_third, 10000);
        histogram_record(&staged_trial.last_third, 13000);
    }
    summary_add(&staged.targets[0].summaries[SCENARIO_ROUNDTRIP], 0, &staged_trial);
    write_page();
    staged_assert_has("ws was client-limited: ");
    staged_assert_has("ws was not steady: ");
    staged_assert_has("1.30 times that of the first");
}

static void test_gates_and_preflight(void **state)
{
    (void)state;
    build_compare(7);
    staged.gate_count = 2;
    staged.gates[0] =
        (struct gate_result){.text = "sio.roundtrip.p99 > 2ms",
                             .found = {.n = 7, .middle = 1.5e6, .low = 1.4e6, .high = 2.1e6},
                             .unit = FIGURE_NS,
                             .outcome = GATE_UNSURE};
    staged.gates[1] =
        (struct gate_result){.text = "sio/ws.roundtrip.rate < 0.8",
                             .found = {.n = 7, .middle = 0.931, .low = 0.925, .high = 0.94},
                             .unit = FIGURE_PLAIN,
                             .ratio = true,
                             .outcome = GATE_PASSED};
    staged.preflight =
        (struct preflight){2,
                           {{"open files", "100", "1 024", PREFLIGHT_FINE, ""},
                            {"cores", "2", "1", PREFLIGHT_NOTE, "both ends share it"}}};
    write_page();
    staged_assert_has(
        "<dt class='bad'>unsure</dt>\n<dd>sio.roundtrip.p99 &gt; 2ms: unsure, 1.50 ms (1.40 ms to "
        "2.10 ms)</dd>");
    staged_assert_has("<dt>passed</dt>\n<dd>sio/ws.roundtrip.rate &lt; 0.8: does not hold, 0.931 "
                      "(0.925 to 0.940)</dd>");
    staged_assert_has("<dt>cores</dt>\n<dd>found 1, needed 2: both ends share it</dd>");
    staged_assert_lacks("open files");
}

static void test_full_disk_is_reported(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    (void)state;
    if (full == NULL)
        skip();
    build_compare(2);
    assert_int_equal(html_write(full, &staged), STATUS_SYSTEM);
    fclose(full);
}

/* All trials of all targets saw this; of the second target, one round trip saw `odd`. */
static void see(enum placement all, enum placement odd)
{
    struct placement_count *one = &staged.targets[1].summaries[SCENARIO_ROUNDTRIP].placement;
    for (unsigned i = 0; i < staged.target_count; i++)
        for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
            struct summary *summary = &staged.targets[i].summaries[s];
            summary->placement = (struct placement_count){{0}};
            summary->placement.trials[all] = summary->blocks;
        }
    if (odd != all) {
        one->trials[all]--;
        one->trials[odd]++;
    }
    snprintf(staged.placement.asked, sizeof staged.placement.asked, "free");
    result_conclude(&staged);
}

static void test_placement(void **state)
{
    (void)state;
    staged_build_compare(6);
    see(PLACEMENT_APART, PLACEMENT_APART);
    write_page();
    staged_assert_has("and their intervals; each end on its own core.</figcaption>");
    staged_assert_has("<tr><th>placement</th>\n<td>apart</td>");
    staged_assert_lacks("its trials saw");
    see(PLACEMENT_APART, PLACEMENT_SAME);
    write_page();
    staged_assert_has("and their intervals; placements differ.</figcaption>");
    staged_assert_has(
        "<p class='bad'>ws: its trials saw different placements, which its figures mix: "
        "roundtrip 1 same core, 5 apart.</p>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_scales_fit_their_values),
        cmocka_unit_test(test_ticks),
        cmocka_unit_test(test_values_of_an_axis),
        cmocka_unit_test(test_values_of_narrow_axes_differ),
        cmocka_unit_test(test_names_are_moved_apart),
        cmocka_unit_test(test_texts_stay_inside),
        cmocka_unit_test(test_intervals_in_words),
        cmocka_unit_test(test_page_of_compare),
        cmocka_unit_test(test_lanes),
        cmocka_unit_test(test_no_difference),
        cmocka_unit_test(test_too_few_trials),
        cmocka_unit_test(test_partial_runs),
        cmocka_unit_test(test_pairs_of_unequal_blocks),
        cmocka_unit_test(test_two_of_a_kind_go_by_name),
        cmocka_unit_test(test_rate_from_due_and_plain),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_range_of_a_sweep),
        cmocka_unit_test(test_sweep_of_one_value),
        cmocka_unit_test(test_nothing_measured),
        cmocka_unit_test(test_one_target),
        cmocka_unit_test(test_eight_targets_with_long_names),
        cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_refused_and_failed),
        cmocka_unit_test(test_one_target_refused),
        cmocka_unit_test(test_client_limited_and_drifting),
        cmocka_unit_test(test_gates_and_preflight),
        cmocka_unit_test(test_full_disk_is_reported),
        cmocka_unit_test(test_placement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
