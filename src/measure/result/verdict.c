#include "measure/result/verdict.h"

#include <stdio.h>

/* What a ratio below 1, and one above, means for a figure. */
static enum verdict_effect find_effect(enum contrast_result result, enum figure_sense sense)
{
    static const struct {
        enum verdict_effect less;
        enum verdict_effect more;
    } effects[] = {
        [FIGURE_FASTER] = {VERDICT_SLOWER, VERDICT_FASTER},
        [FIGURE_SLOWER] = {VERDICT_FASTER, VERDICT_SLOWER},
        [FIGURE_BETTER] = {VERDICT_WORSE, VERDICT_BETTER},
        [FIGURE_WORSE] = {VERDICT_BETTER, VERDICT_WORSE},
    };
    if (result == CONTRAST_LESS)
        return effects[sense].less;
    return result == CONTRAST_MORE ? effects[sense].more : VERDICT_NO_EFFECT;
}

struct verdict verdict_find(const struct estimate *ratio, enum contrast_result result,
                            enum figure figure)
{
    struct verdict v = {.refused = ratio->refusal != REFUSAL_NONE, .result = result};
    v.stated = v.refused || result != CONTRAST_NONE;
    v.effect = find_effect(result, figure_sense_of(figure));
    v.allows = result == CONTRAST_SAME ? contrast_allows(&ratio->interval) : 0.0;
    return v;
}

const char *verdict_effect_text(enum verdict_effect effect)
{
    static const char *const texts[] = {
        [VERDICT_NO_EFFECT] = "",    [VERDICT_FASTER] = "faster", [VERDICT_SLOWER] = "slower",
        [VERDICT_BETTER] = "better", [VERDICT_WORSE] = "worse",
    };
    return texts[effect];
}

void verdict_format(char out[VERDICT_TEXT], const struct verdict *v)
{
    const char *effect = verdict_effect_text(v->effect);
    char allows[CONTRAST_ALLOWS];
    if (v->result == CONTRAST_SAME) {
        contrast_format_allows(allows, v->allows);
        snprintf(out, VERDICT_TEXT, "%s (%s)", contrast_text(v->result), allows);
        return;
    }
    snprintf(out, VERDICT_TEXT, "%s%s%s", v->refused ? "refused" : contrast_text(v->result),
             effect[0] == '\0' ? "" : ": ", effect);
}
