/* Proves that a report that was written is read back, cut anywhere without harm, and compared with
 * another. */
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
#include "client/output/saved.h"
#include "measure/result/diff.h"
#include "report/json/json.h"
#include "staged.h"

static char path[256];
static char error[OPTION_ERROR_BYTES];
static struct diff diff;

static int make_path(void **state)
{
    const char *folder = getenv("WSIO_BIN");
    (void)state;
    snprintf(path, sizeof path, "%s/tests/diff.json", folder != NULL ? folder : "build");
    return 0;
}

static int remove_path(void **state)
{
    (void)state;
    return remove(path);
}

static void write_staged(void)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    result_conclude(&staged);
    assert_int_equal(report_json_write(file, &staged), STATUS_OK);
    assert_int_equal(fclose(file), 0);
}

static void read_into(struct diff_side *side)
{
    if (saved_read(side, path, error) != STATUS_OK)
        fail_msg("%s", error);
}

/* Nine digits are written. */
static void assert_figure(const struct diff_target *t, const struct result_target *of,
                          enum scenario scenario, enum figure figure)
{
    const double *blocks = of->summaries[scenario].figures[figure];
    const struct diff_figure *f = &t->figures[scenario][figure];
    bool refused = of->summaries[scenario].estimates[figure].refusal != REFUSAL_NONE;
    unsigned n = 0;
    for (unsigned block = 0; block < BLOCKS_MAX; block++) {
        if (!(blocks[block] > 0.0) || refused)
            continue;
        assert_true(n < f->count);
        assert_true(fabs(f->values[n] - blocks[block]) <= 1e-8 * blocks[block]);
        n++;
    }
    assert_int_equal(n, f->count);
}

static void test_what_is_written_is_read(void **state)
{
    (void)state;
    staged_build_compare(7);
    write_staged();
    read_into(&diff.a);
    assert_string_equal(diff.a.file, path);
    assert_string_equal(diff.a.scenario, staged.scenario);
    assert_string_equal(diff.a.options, staged.options);
    assert_string_equal(diff.a.baseline, "tcp");
    assert_string_equal(diff.a.cpu, staged.environment.cpu);
    assert_string_equal(diff.a.flags, staged.environment.flags);
    assert_memory_equal(&diff.a.placement, &staged.placement.all, sizeof diff.a.placement);
    assert_true(diff.a.placement.trials[PLACEMENT_UNKNOWN] > 0);
    assert_int_equal(diff.a.verdict_scenario, SCENARIO_ROUNDTRIP);
    assert_int_equal(diff.a.verdict_figure, FIGURE_P50);
    assert_int_equal(diff.a.blocks, 7);
    assert_int_equal(diff.a.target_count, staged.target_count);
    double off = (double)diff.a.started_unix_ns - (double)staged.environment.started_unix_ns;
    assert_true(fabs(off) < 1000.0);
    for (unsigned i = 0; i < staged.target_count; i++) {
        assert_string_equal(diff.a.targets[i].name, staged.targets[i].name);
        assert_int_equal(diff.a.targets[i].size, staged.targets[i].size);
        for (unsigned s = 0; s < SCENARIO_COUNT; s++)
            for (unsigned f = 0; f < FIGURE_COUNT; f++)
                assert_figure(&diff.a.targets[i], &staged.targets[i], (enum scenario)s,
                              (enum figure)f);
    }
    assert_int_equal(diff.a.targets[1].figures[SCENARIO_ROUNDTRIP][FIGURE_P50].count, 7);
}

static void test_refused_figures_stay_so(void **state)
{
    (void)state;
    staged_build_compare(7);
    staged.targets[1].summaries[SCENARIO_ROUNDTRIP].broken[IDENTITY_LITTLE] = 1;
    write_staged();
    read_into(&diff.a);
    read_into(&diff.b);
    assert_true(diff.a.failed);
    assert_int_equal(diff.a.targets[1].figures[SCENARIO_ROUNDTRIP][FIGURE_P50].count, 0);
    assert_int_equal(diff.a.targets[1].figures[SCENARIO_ROUNDTRIP][FIGURE_READY].count, 7);
    assert_int_equal(diff_match(&diff, error), STATUS_OK);
    diff_conclude(&diff);
    assert_int_equal(diff.compared[1][SCENARIO_ROUNDTRIP][FIGURE_P50].ratio.n, 0);
    assert_int_equal(diff.compared[2][SCENARIO_ROUNDTRIP][FIGURE_P50].ratio.n, 7);
}

static char whole[1 << 20];

static void write_bytes(size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(whole, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Wherever it is cut, it is refused; and it is read no further than its end. */
static void test_cut_anywhere(void **state)
{
    (void)state;
    staged_build_compare(1);
    write_staged();
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(whole, 1, sizeof whole, file);
    fclose(file);
    assert_true(length > 10000 && length < sizeof whole);
    for (size_t cut = 0; cut < length - 2; cut += 97) {
        write_bytes(cut);
        assert_int_equal(saved_read(&diff.a, path, error), STATUS_INVALID);
        assert_non_null(strstr(error, cut == 0 ? "no report of" : "cut or damaged"));
    }
    write_bytes(length - 2); /* all but the last bracket and the line's end */
    assert_int_equal(saved_read(&diff.a, path, error), STATUS_INVALID);
}

static void test_slower_is_found(void **state)
{
    struct option_texts gates = {2, {"sio.roundtrip.p50 > 1.5", "ws.roundtrip.p50 > 1.5"}};
    (void)state;
    staged_build_compare(8);
    write_staged();
    read_into(&diff.a);
    struct diff_figure *sio = &diff.a.targets[2].figures[SCENARIO_ROUNDTRIP][FIGURE_P50];
    for (unsigned i = 0; i < sio->count; i++)
        sio->values[i] /= 2.0;
    read_into(&diff.b);
    assert_int_equal(diff_match(&diff, error), STATUS_OK);
    diff_conclude(&diff);
    struct interval ratio = diff.compared[2][SCENARIO_ROUNDTRIP][FIGURE_P50].ratio;
    assert_int_equal(ratio.n, 8);
    assert_true(fabs(ratio.middle - 2.0) < 1e-9);
    assert_true(ratio.low > 1.8 && ratio.high < 2.2);
    assert_int_equal(diff.baseline, 0);
    assert_int_equal(diff.differing_count, 1);
    assert_true(diff.compared_count > 20);
    assert_string_equal(
        verdict_effect_text(diff.compared[2][SCENARIO_ROUNDTRIP][FIGURE_P50].verdict.effect),
        "slower");
    diff_conclude(&diff); /* again: it counts anew */
    assert_int_equal(diff.differing_count, 1);
    assert_int_equal(diff_judge(&diff, &gates, error), STATUS_OK);
    assert_int_equal(diff.gate_count, 2);
    assert_int_equal(diff.gates[0].outcome, GATE_FAILED);
    assert_int_equal(diff.gates[1].outcome, GATE_PASSED);
    gates.item[0] = "sio/ws.roundtrip.p50 > 1.5";
    assert_int_equal(diff_judge(&diff, &gates, error), STATUS_INVALID);
}

/* B's targets stand in the order of A's after that, whatever it was. */
static void test_order_of_targets(void **state)
{
    (void)state;
    staged_build_compare(6);
    write_staged();
    read_into(&diff.a);
    read_into(&diff.b);
    static struct diff_target kept;
    kept = diff.b.targets[0];
    memmove(&diff.b.targets[0], &diff.b.targets[1], 3 * sizeof kept);
    diff.b.targets[3] = kept;
    assert_int_equal(diff_match(&diff, error), STATUS_OK);
    for (unsigned i = 0; i < 4; i++)
        assert_string_equal(diff.b.targets[i].name, diff.a.targets[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_refused_figures_stay_so),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_slower_is_found),
        cmocka_unit_test(test_order_of_targets),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
