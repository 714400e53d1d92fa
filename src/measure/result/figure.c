#include "measure/result/figure.h"

#include <string.h>

#include "base/bytes.h"

/* Key and word of each, behind one another; then those of none. */
static const char words[] =
#define X(name, key, word, unit) key "\0" word "\0"
    FIGURE_LIST(X)
#undef X
        "-\0-";

static const uint8_t units[] = {
#define X(name, key, word, unit) FIGURE_##unit,
    FIGURE_LIST(X)
#undef X
        FIGURE_PLAIN,
};

static unsigned row(enum figure figure)
{
    return (unsigned)figure < FIGURE_COUNT ? (unsigned)figure : FIGURE_COUNT;
}

const char *figure_key(enum figure figure)
{
    return bytes_word(words, 2 * row(figure));
}

const char *figure_word(enum figure figure)
{
    return bytes_word(words, 2 * row(figure) + 1);
}

enum figure_unit figure_unit_of(enum figure figure)
{
    return (enum figure_unit)units[row(figure)];
}

bool figure_yielded(enum figure figure, enum scenario scenario)
{
    switch (figure) {
    case FIGURE_READY:
        return true;
    case FIGURE_FIRST_ECHO: /* of send nobody knows which one it was */
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
    case FIGURE_SERVER_BUSY: /* of the window, which these two have not */
        return scenario != SCENARIO_CONNECT && scenario != SCENARIO_SEND;
    default:
        return scenario != SCENARIO_CONNECT;
    }
}

bool figure_is_latency(enum figure figure)
{
    return figure >= FIGURE_P50 && figure <= FIGURE_PLAIN_P99;
}

bool figure_more_is_better(enum figure figure)
{
    enum figure_unit unit = figure_unit_of(figure);
    return unit == FIGURE_PER_S || unit == FIGURE_BYTES_PER_S;
}

static bool named(const char *key, const char *text, const char *until)
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
    while (s < SCENARIO_COUNT && !named(scenario_key((enum scenario)s), text, dot))
        s++;
    unsigned f = 0;
    while (f < FIGURE_COUNT && strcmp(figure_word((enum figure)f), dot + 1) != 0)
        f++;
    *scenario = (enum scenario)s;
    *figure = (enum figure)f;
    return s < SCENARIO_COUNT && f < FIGURE_COUNT;
}
