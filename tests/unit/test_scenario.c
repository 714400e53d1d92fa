/* Proves that every scenario has its row in each table: none is forgotten when one is added. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/drivers/drivers.h"
#include "client/plan/plan.h"
#include "measure/result/figure.h"

static void test_names(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        assert_true(strlen(scenario_key((enum scenario)s)) > 1);
        assert_true(strlen(scenario_title((enum scenario)s)) > 1);
        for (unsigned other = 0; other < s; other++)
            assert_string_not_equal(scenario_key((enum scenario)s),
                                    scenario_key((enum scenario)other));
    }
    assert_string_equal(scenario_key(SCENARIO_COUNT), "-");
    assert_string_equal(scenario_title(SCENARIO_COUNT), "-");
}

static void test_figures(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        assert_true(figure_yielded(figure_deciding((enum scenario)s), (enum scenario)s));
}

/* The command of a scenario has the scenario's key, and plans at least one client. */
static void test_plans(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        char error[OPTION_ERROR_BYTES];
        static struct client_options o;
        enum client_scenario command = plan_find_command((enum scenario)s);
        char *argv[] = {"wsio-client", (char *)(uintptr_t)scenario_key((enum scenario)s), NULL};
        assert_string_equal(client_options_scenario_name(command), argv[1]);
        assert_int_equal(client_options_parse(&o, 2, argv, error), 0);
        assert_true(plan_has(&o, (enum scenario)s));
        assert_true(plan_of(&o, (enum scenario)s, 0).clients >= 1);
        for (unsigned other = 0; other < SCENARIO_COUNT; other++)
            assert_int_equal(plan_has(&o, (enum scenario)other), other == s);
    }
}

static void test_drivers(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        const struct driver *driver = drivers_find((enum scenario)s);
        assert_non_null(driver);
        assert_true(driver->start != NULL && driver->ready != NULL && driver->reply != NULL &&
                    driver->gone != NULL);
        for (unsigned other = 0; other < s; other++)
            assert_ptr_not_equal(driver, drivers_find((enum scenario)other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_plans),
        cmocka_unit_test(test_drivers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
