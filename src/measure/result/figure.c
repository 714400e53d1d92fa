#include "measure/result/figure.h"

#include <string.h>

struct row {
    const char *key;
    const char *word;
    enum figure_unit unit;
    enum figure_sense sense;
};

static const struct row rows[FIGURE_COUNT] = {
#define X(name, key, word, unit, sense)                                                            \
    [FIGURE_##name] = {key, word, FIGURE_##unit, FIGURE_##sense},
    FIGURE_LIST(X)
#undef X
};

static const struct row *find_row(enum figure figure)
{
    static const struct row none = {"-", "-", FIGURE_PLAIN, FIGURE_WORSE};
    return (unsigned)figure < FIGURE_COUNT ? &rows[figure] : &none;
}

const char *figure_key(enum figure figure)
{
    return find_row(figure)->key;
}

const char *figure_word(enum figure figure)
{
    return find_row(figure)->word;
}

enum figure_unit figure_unit_of(enum figure figure)
{
    return find_row(figure)->unit;
}

enum figure_sense figure_sense_of(enum figure figure)
{
    return find_row(figure)->sense;
}

bool figure_yielded(enum figure figure, enum scenario scenario)
{
    switch (figure) {
    case FIGURE_READY:
        return true;
    case FIGURE_FIRST_ECHO: /* send does not know which echo was the first */
        return scenario != SCENARIO_SEND;
    case FIGURE_RATE_OUTSTANDING:
        return scenario == SCENARIO_THROUGHPUT;
    case FIGURE_PLAIN_P50:
    case FIGURE_PLAIN_P99:
        return scenario == SCENARIO_RATE;
    case FIGURE_ACCEPTED:
        return scenario == SCENARIO_SEND;
    case FIGURE_DRIFT:
        return scenario == SCENARIO_ROUNDTRIP || scenario == SCENARIO_RATE;
    case FIGURE_CLIENT_BUSY:
    case FIGURE_SERVER_BUSY: /* a share of the window, which these two scenarios do not have */
        return scenario != SCENARIO_CONNECT && scenario != SCENARIO_SEND;
    default:
        return scenario != SCENARIO_CONNECT;
    }
}

bool figure_is_latency(enum figure figure)
{
    switch (figure) {
    case FIGURE_P50:
    case FIGURE_P90:
    case FIGURE_P99:
    case FIGURE_MEAN:
    case FIGURE_PLAIN_P50:
    case FIGURE_PLAIN_P99:
        return true;
    default:
        return false;
    }
}

bool figure_more_is_better(enum figure figure)
{
    enum figure_sense sense = figure_sense_of(figure);
    return sense == FIGURE_FASTER || sense == FIGURE_BETTER;
}

static bool is_named(const char *key, const char *text, const char *until)
{
    size_t length = (size_t)(until - text);
    return strlen(key) == length && memcmp(key, text, length) == 0;
}

bool figure_parse(const char *text, enum scenario *scenario, enum figure *figure)
{
    const char *dot = strchr(text, '.');
    if (dot == NULL)
        return false;
    unsigned s = 0;
    while (s < SCENARIO_COUNT && !is_named(scenario_key((enum scenario)s), text, dot))
        s++;
    unsigned f = 0;
    while (f < FIGURE_COUNT && strcmp(figure_word((enum figure)f), dot + 1) != 0)
        f++;
    *scenario = (enum scenario)s;
    *figure = (enum figure)f;
    return s < SCENARIO_COUNT && f < FIGURE_COUNT;
}
