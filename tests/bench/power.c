/* Proves how often a verdict is right, by drawing trials whose noise is known: a share of reports
 * in which a difference of that size is found, or one is found where there is none. Exit 1 when a
 * share misses what NOTES.md promises.
 *
 * The trials of a target are its value times e^noise, normal with a standard deviation of 1 %. The
 * first target is the reference of all pairs, and has two trials in each block. */
#include <math.h>
#include <stdio.h>

#include "base/config.h"
#include "base/random.h"
#include "base/real.h"
#include "measure/result/contrast.h"

#define REPORTS 20000
#define NOISE   0.01
#define PI      3.14159265358979323846

/* Trials that take twice as long. */
enum disturbance {
    NONE,
    ONE,  /* of all in the report */
    SOME, /* one in 20 of all, at random */
};

struct drawn {
    const char *title;
    unsigned pairs;
    unsigned blocks;
    double difference; /* of the first pair; 0: any verdict is false */
    double noisier;    /* the noise of its target, in times NOISE */
    enum disturbance disturbed;
    double promised; /* %: found at least, or false at most */
};

static const struct drawn cases[] = {
    {"1 pair, 10 blocks: +1 % is found", 1, 10, 0.01, 1, NONE, 50},
    {"1 pair, 6 blocks: +2 %", 1, 6, 0.02, 1, NONE, 65},
    {"3 pairs, 10 blocks: +1 %", 3, 10, 0.01, 1, NONE, 30},
    {"3 pairs, 6 blocks: +2 %", 3, 6, 0.02, 1, NONE, 35},
    {"7 pairs, 10 blocks: +2 %", 7, 10, 0.02, 1, NONE, 75},
    {"3 pairs, 10 blocks, a trial doubled: +3 %", 3, 10, 0.03, 1, ONE, 95},
    {"1 pair, 6 blocks: false", 1, 6, 0, 1, NONE, 6},
    {"3 pairs, 6 blocks: false", 3, 6, 0, 1, NONE, 6},
    {"7 pairs, 6 blocks, one noisier: false", 7, 6, 0, 3, NONE, 6},
    {"1 pair, 10 blocks: false", 1, 10, 0, 1, NONE, 6},
    {"3 pairs, 10 blocks: false", 3, 10, 0, 1, NONE, 6},
    {"3 pairs, 10 blocks, one noisier: false", 3, 10, 0, 3, NONE, 6},
    {"3 pairs, 10 blocks, a trial doubled: false", 3, 10, 0, 1, ONE, 6},
    {"7 pairs, 10 blocks: false", 7, 10, 0, 1, NONE, 6},
    {"7 pairs, 40 blocks: false", 7, 40, 0, 1, NONE, 6},
    {"3 pairs, 40 blocks, a trial in 20 doubled: false", 3, 40, 0, 1, SOME, 6},
};

static uint64_t generator = 1;

static double draw_part(void)
{
    return (real_of(random_next_repeatable(&generator) >> 11) + 0.5) / 9007199254740992.0;
}

static double draw_normal(void)
{
    return sqrt(-2.0 * log(draw_part())) * cos(2.0 * PI * draw_part());
}

#define TRIALS (TARGETS_MAX + 1) /* in a block: each target's, and the second one of the first */

static void draw_report(const struct drawn *d, double trials[TRIALS][BLOCKS_MAX])
{
    for (unsigned t = 0; t < d->pairs + 2; t++)
        for (unsigned block = 0; block < d->blocks; block++) {
            double noise = NOISE * (t == 2 ? d->noisier : 1.0);
            trials[t][block] = exp(noise * draw_normal()) * (t == 2 ? 1.0 + d->difference : 1.0);
            if (d->disturbed == SOME && draw_part() < 0.05)
                trials[t][block] *= 2.0;
        }
    if (d->disturbed == ONE)
        trials[random_below_repeatable(&generator, d->pairs + 2)]
              [random_below_repeatable(&generator, d->blocks)] *= 2.0;
}

/* Judges the pair with that target; trials 0 and 1 are the first target's. */
static bool is_different(const struct drawn *d, double trials[TRIALS][BLOCKS_MAX], unsigned target)
{
    double ratios[BLOCKS_MAX];
    for (unsigned block = 0; block < d->blocks; block++)
        ratios[block] = trials[target][block] / sqrt(trials[0][block] * trials[1][block]);
    struct interval ratio = interval_of_ratios(ratios, d->blocks, d->pairs);
    enum contrast_result result = contrast_judge(&ratio);
    return result == CONTRAST_LESS || result == CONTRAST_MORE;
}

static double find_share(const struct drawn *d)
{
    static double trials[TRIALS][BLOCKS_MAX];
    unsigned count = 0;
    for (unsigned i = 0; i < REPORTS; i++) {
        bool found = false;
        draw_report(d, trials);
        for (unsigned pair = 0; pair < (d->difference > 0.0 ? 1 : d->pairs); pair++)
            found = is_different(d, trials, 2 + pair) || found;
        count += found;
    }
    return 100.0 * count / REPORTS;
}

int main(void)
{
    bool kept = true;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct drawn *d = &cases[i];
        bool wanted = d->difference > 0.0;
        double share = find_share(d);
        bool good = wanted ? share >= d->promised : share <= d->promised;
        printf("%-56s %5.1f %%, promised: at %s %.0f %%%s\n", d->title, share,
               wanted ? "least" : "most", d->promised, good ? "" : " MISSED");
        kept = kept && good;
    }
    return kept ? 0 : 1;
}
