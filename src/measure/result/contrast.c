#include "measure/result/contrast.h"

#include <math.h>
#include <stdio.h>

enum contrast_result contrast_judge(const struct interval *ratio)
{
    if (ratio->n == 0)
        return CONTRAST_NONE;
    if (ratio->n < INTERVAL_MIN)
        return CONTRAST_FEW;
    if (ratio->high < 1.0)
        return CONTRAST_LESS;
    return ratio->low > 1.0 ? CONTRAST_MORE : CONTRAST_SAME;
}

double contrast_allows(const struct interval *ratio)
{
    return ratio->high - 1.0 > 1.0 - ratio->low ? ratio->high - 1.0 : 1.0 - ratio->low;
}

void contrast_format_allows(char out[CONTRAST_ALLOWS], double allows)
{
    double tenths = ceil(allows * 1000.0);
    if (tenths > 9990.0)
        snprintf(out, CONTRAST_ALLOWS, "> 999 %%");
    else if (tenths < 100.0)
        snprintf(out, CONTRAST_ALLOWS, "<= %.1f %%", tenths / 10.0);
    else
        snprintf(out, CONTRAST_ALLOWS, "<= %.0f %%", ceil(allows * 100.0));
}

struct words {
    const char *key;
    const char *text;
};

static const struct words *find_words(enum contrast_result result)
{
    static const struct words words[] = {
        [CONTRAST_NONE] = {"none", "-"},
        [CONTRAST_FEW] = {"not_enough_trials", "not enough trials"},
        [CONTRAST_SAME] = {"no_difference", "no difference shown"},
        [CONTRAST_LESS] = {"lower", "lower"},
        [CONTRAST_MORE] = {"higher", "higher"},
    };
    return &words[(unsigned)result <= CONTRAST_MORE ? result : CONTRAST_NONE];
}

const char *contrast_text(enum contrast_result result)
{
    return find_words(result)->text;
}

const char *contrast_key(enum contrast_result result)
{
    return find_words(result)->key;
}
