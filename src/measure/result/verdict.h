/* What one ratio says to the person who runs the server. */
#ifndef WSIO_MEASURE_VERDICT_H
#define WSIO_MEASURE_VERDICT_H

#include "measure/result/contrast.h"

enum verdict_effect {
    VERDICT_NO_EFFECT, /* no difference is shown */
    VERDICT_FASTER,
    VERDICT_SLOWER,
    VERDICT_BETTER,
    VERDICT_WORSE,
};

struct verdict {
    bool stated;  /* false: one of the two has no such figure, and there is nothing to say */
    bool refused; /* the figure of one of the two contradicts itself; `result` is CONTRAST_NONE */
    enum contrast_result result;
    enum verdict_effect effect; /* of CONTRAST_LESS and CONTRAST_MORE */
    double allows; /* where no difference is shown: the largest that there may be; 0.02 is 2 % */
};

/* What the ratio of that figure says. `result` is what it shows, CONTRAST_NONE where it is refused.
 */
struct verdict verdict_find(const struct estimate *ratio, enum contrast_result result,
                            enum figure figure);

/* "lower: faster", "no difference shown (<= 2.1 %)", "not enough trials", "refused"; "-" when not
 * stated. */
#define VERDICT_TEXT 48
void verdict_format(char out[VERDICT_TEXT], const struct verdict *v);

/* "faster", "slower", "better", "worse"; "" for VERDICT_NO_EFFECT. */
const char *verdict_effect_text(enum verdict_effect effect);

#endif
