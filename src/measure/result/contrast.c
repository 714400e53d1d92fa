#include "measure/result/contrast.h"

enum contrast_result contrast_judge(const struct interval *ratio, const struct interval *noise)
{
    if (ratio->n == 0)
        return CONTRAST_NONE;
    if (ratio->n < INTERVAL_MIN)
        return CONTRAST_FEW;
    bool excludes = ratio->low > 1.0 || ratio->high < 1.0;
    bool drowned = noise->n > 0 && ratio->median >= noise->low && ratio->median <= noise->high;
    if (!excludes || drowned)
        return CONTRAST_SAME;
    return ratio->median < 1.0 ? CONTRAST_LESS : CONTRAST_MORE;
}

struct contrast contrast_of(const struct summary *of, const struct summary *to,
                            const struct summary *first, const struct summary *again,
                            enum figure figure)
{
    struct contrast c = {0};
    if (summary_refused(of, figure) || summary_refused(to, figure))
        return c;
    if (again != NULL && (summary_refused(again, figure) || summary_refused(first, figure)))
        return c;
    c.ratio = summary_ratio_interval(of, to, figure);
    if (again != NULL)
        c.noise = summary_ratio_interval(again, first, figure);
    c.result = contrast_judge(&c.ratio, &c.noise);
    return c;
}

const char *contrast_text(enum contrast_result result)
{
    switch (result) {
    case CONTRAST_FEW:
        return "not enough trials";
    case CONTRAST_SAME:
        return "no difference shown";
    case CONTRAST_LESS:
        return "lower";
    case CONTRAST_MORE:
        return "higher";
    case CONTRAST_NONE:
        break;
    }
    return "-";
}
