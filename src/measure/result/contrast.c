#include "measure/result/contrast.h"

enum contrast_result contrast_judge(const struct interval *ratio, const struct interval *noise)
{
    if (ratio->n == 0)
        return CONTRAST_NONE;
    if (ratio->n < INTERVAL_MIN)
        return CONTRAST_FEW;
    bool excludes = ratio->low > 1.0 || interval_most(ratio) < 1.0;
    bool drowned =
        noise->n > 0 && ratio->median >= noise->low && ratio->median <= interval_most(noise);
    if (!excludes || drowned)
        return CONTRAST_SAME;
    return ratio->median < 1.0 ? CONTRAST_LESS : CONTRAST_MORE;
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
