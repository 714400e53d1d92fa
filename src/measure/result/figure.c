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

/* What the trials of a scenario yield, and which of these figures decides where it runs alone. */
struct scenario_row {
    enum figure decides;
    bool yields[FIGURE_COUNT];
};

/* Every scenario whose messages are counted one by one has these. */
#define MESSAGES                                                                                   \
    [FIGURE_RATE] = true, [FIGURE_BYTES] = true, [FIGURE_P50] = true, [FIGURE_P90] = true,         \
    [FIGURE_P99] = true, [FIGURE_MEAN] = true, [FIGURE_READY] = true, [FIGURE_CLIENT_CPU] = true,  \
    [FIGURE_SERVER_CPU] = true, [FIGURE_CLIENT_CALLS] = true, [FIGURE_SERVER_CALLS] = true,        \
    [FIGURE_CLIENT_SWITCHES] = true, [FIGURE_SERVER_SWITCHES] = true

/* And these, if they are measured over a known time. */
#define TIMED                                                                                      \
    MESSAGES, [FIGURE_FIRST_ECHO] = true, [FIGURE_CLIENT_BUSY] = true, [FIGURE_SERVER_BUSY] = true

static const struct scenario_row scenarios[SCENARIO_COUNT] = {
    [SCENARIO_CONNECT] =
        {
            .decides = FIGURE_READY,
            .yields = {[FIGURE_READY] = true, [FIGURE_FIRST_ECHO] = true},
        },
    [SCENARIO_ROUNDTRIP] =
        {
            .decides = FIGURE_P50,
            .yields = {TIMED, [FIGURE_DRIFT] = true},
        },
    [SCENARIO_THROUGHPUT] =
        {
            .decides = FIGURE_RATE,
            .yields = {TIMED, [FIGURE_RATE_OUTSTANDING] = true},
        },
    [SCENARIO_RATE] =
        {
            .decides = FIGURE_P50,
            .yields = {TIMED, [FIGURE_PLAIN_P50] = true, [FIGURE_PLAIN_P99] = true,
                       [FIGURE_DRIFT] = true},
        },
    [SCENARIO_SEND] =
        {
            /* It does not know which echo was the first one. */
            .decides = FIGURE_RATE,
            .yields = {MESSAGES, [FIGURE_ACCEPTED] = true},
        },
};

bool figure_yielded(enum figure figure, enum scenario scenario)
{
    return scenarios[scenario].yields[figure];
}

enum figure figure_deciding(enum scenario scenario)
{
    return scenarios[scenario].decides;
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
