/* The statistics of src/measure on numbers from stdin, for tests/e2e/test_statistics.py to compare
 * with other people's.
 *
 * A line is a command, a count, as many numbers, and so on for each further list; the answer is one
 * line of numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "measure/record/histogram.h"
#include "measure/record/running.h"
#include "measure/result/interval.h"
#include "measure/result/spread.h"
#include "measure/result/student.h"

#define LISTS 2
#define MOST  100000

struct list {
    size_t n;
    double values[MOST];
};

static struct list lists[LISTS];

static void die(const char *why)
{
    fprintf(stderr, "statistics: %s\n", why);
    exit(2);
}

static void list_read(struct list *l)
{
    if (scanf("%zu", &l->n) != 1 || l->n > MOST)
        die("expected a count");
    for (size_t i = 0; i < l->n; i++)
        if (scanf("%lf", &l->values[i]) != 1)
            die("expected a number");
}

static void interval_print(struct interval i)
{
    printf("%zu %.17g %.17g %.17g\n", i.n, i.middle, i.low, i.high);
}

static void interval_answer(void)
{
    interval_print(interval_of(lists[0].values, lists[0].n));
}

static void medians_answer(void)
{
    interval_print(interval_of_medians(lists[0].values, lists[0].n, lists[1].values, lists[1].n));
}

static void spread_answer(void)
{
    struct spread s = spread_of(lists[0].values, lists[0].n);
    printf("%zu %.17g %.17g %.17g %.17g %.17g\n", s.n, s.min, s.low, s.median, s.high, s.max);
}

/* The quantiles of the first list at the parts in the second. */
static void quantiles_answer(void)
{
    spread_sort(lists[0].values, lists[0].n);
    for (size_t i = 0; i < lists[1].n; i++)
        printf("%.17g ", spread_quantile(lists[0].values, lists[0].n, lists[1].values[i]));
    printf("\n");
}

static void running_answer(void)
{
    struct running r = {0};
    for (size_t i = 0; i < lists[0].n; i++)
        running_add(&r, lists[0].values[i]);
    printf("%zu %.17g %.17g %.17g %.17g\n", (size_t)r.n, r.min, r.mean, r.max,
           running_deviation(&r));
}

/* The percentiles of the first list, whole numbers, at those in the second. */
static const struct histogram *recorded(void)
{
    static struct histogram h;
    histogram_reset(&h);
    for (size_t i = 0; i < lists[0].n; i++)
        histogram_record(&h, (uint64_t)lists[0].values[i]);
    return &h;
}

static void histogram_answer(void)
{
    const struct histogram *h = recorded();
    for (size_t i = 0; i < lists[1].n; i++)
        printf("%llu ", (unsigned long long)histogram_percentile(h, lists[1].values[i]));
    printf("\n");
}

static void between_answer(void)
{
    const struct histogram *h = recorded();
    for (size_t i = 0; i < lists[1].n; i++)
        printf("%.17g ", histogram_between(h, lists[1].values[i]));
    printf("\n");
}

/* Ratios, then how many are judged together. */
static void ratios_answer(void)
{
    interval_print(interval_of_ratios(lists[0].values, lists[0].n, (unsigned)lists[1].values[0]));
}

/* The quantiles of Student's t for the parts of the first list outside, and the degrees of freedom
 * of the second. */
static void student_answer(void)
{
    for (size_t i = 0; i < lists[0].n; i++)
        printf("%.17g ", student_quantile(lists[0].values[i], (unsigned)lists[1].values[i]));
    printf("\n");
}

static const struct {
    const char *name;
    size_t lists;
    void (*answer)(void);
} commands[] = {
    {"interval", 1, interval_answer}, {"medians", 2, medians_answer},
    {"spread", 1, spread_answer},     {"quantiles", 2, quantiles_answer},
    {"running", 1, running_answer},   {"histogram", 2, histogram_answer},
    {"between", 2, between_answer},   {"ratios", 2, ratios_answer},
    {"student", 2, student_answer},
};

static void answer(const char *name)
{
    for (size_t c = 0; c < sizeof commands / sizeof commands[0]; c++) {
        if (strcmp(commands[c].name, name) != 0)
            continue;
        for (size_t i = 0; i < commands[c].lists; i++)
            list_read(&lists[i]);
        commands[c].answer();
        return;
    }
    die("unknown command");
}

int main(void)
{
    char name[16];
    while (scanf("%15s", name) == 1)
        answer(name);
    return 0;
}
