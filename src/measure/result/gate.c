#include "measure/result/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

#define OPTION "--fail-if"
#define WORD   64 /* longer than any name that exists, so that a cut one is none */
#define CAUSE  192

static_assert(OPTION_TEXTS_MAX <= GATES_MAX, "every --fail-if has its place in the report");
static_assert(SCENARIO_COUNT <= 32, "one bit for each scenario");

/* ---- What a word may be ------------------------------------------------------------------ */

#define WORDS (FIGURE_COUNT > TARGETS_MAX ? FIGURE_COUNT : TARGETS_MAX)

static void put_cause(struct buf *out, const char *const *words, unsigned count, const char *word)
{
    const char *nearest = option_nearest(word, words, count);
    if (nearest != NULL) {
        buf_put_text(out, "; did you mean ");
        buf_put_text(out, nearest);
        buf_put_byte(out, '?');
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        buf_put_text(out, i == 0 ? "; there is " : ", ");
        buf_put_text(out, words[i]);
    }
}

/* The index of the word among those there are (NULL: there is none), or -1 with `error` written:
 * "WORD is no KIND". */
static int find_word(const char *const *words, unsigned count, const char *word, const char *kind,
                     const char *gate, char error[OPTION_ERROR_BYTES])
{
    const char *there[WORDS];
    char cause[CAUSE + 1];
    unsigned n = 0;
    for (unsigned i = 0; i < count; i++) {
        if (words[i] == NULL)
            continue;
        if (strcmp(words[i], word) == 0)
            return (int)i;
        there[n++] = words[i];
    }
    struct buf out = buf_over(cause, CAUSE);
    buf_put_text(&out, word);
    buf_put_text(&out, " is no ");
    buf_put_text(&out, kind);
    put_cause(&out, there, n, word);
    cause[out.len] = '\0';
    option_refuse(error, OPTION, gate, cause);
    return -1;
}

static int find_target(const struct gate_scope *scope, const char *word, const char *gate,
                       char error[OPTION_ERROR_BYTES])
{
    return find_word(scope->names, scope->count, word, "target", gate, error);
}

static int find_scenario(const struct gate_scope *scope, const struct gate *g, const char *word,
                         char error[OPTION_ERROR_BYTES])
{
    char kind[WORD];
    const char *words[SCENARIO_COUNT] = {NULL};
    uint32_t both = scope->scenarios[g->of] & (g->to < 0 ? UINT32_MAX : scope->scenarios[g->to]);
    snprintf(kind, sizeof kind, "scenario of %s", scope->names[g->of]);
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        if ((both >> s & 1) != 0)
            words[s] = scenario_key((enum scenario)s);
    return find_word(words, SCENARIO_COUNT, word, kind, g->text, error);
}

static int find_figure(const struct gate *g, const char *word, char error[OPTION_ERROR_BYTES])
{
    char kind[WORD];
    const char *words[FIGURE_COUNT] = {NULL};
    snprintf(kind, sizeof kind, "figure of %s", scenario_key(g->scenario));
    for (unsigned f = 0; f < FIGURE_COUNT; f++)
        if (figure_yielded((enum figure)f, g->scenario))
            words[f] = figure_word((enum figure)f);
    return find_word(words, FIGURE_COUNT, word, kind, g->text, error);
}

/* ---- Left of the operator ---------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static struct span trim(struct span s)
{
    while (s.len > 0 && is_space((char)s.ptr[0]))
        s = span_after(s, 1);
    while (s.len > 0 && is_space((char)s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* Cuts what stands behind the last `mark` off `rest`, into `word`; false when there is none. Names
 * may have dots in them, so a figure is taken apart from its end. */
static bool cut_last(struct span *rest, char mark, char word[WORD])
{
    size_t at = rest->len;
    while (at > 0 && rest->ptr[at - 1] != (uint8_t)mark)
        at--;
    if (at == 0)
        return false;
    span_copy_text(span_after(*rest, at), word, WORD);
    rest->len = at - 1;
    return true;
}

static int refuse_form(const char *text, char error[OPTION_ERROR_BYTES])
{
    return option_refuse(error, OPTION, text,
                         "expected NAME.SCENARIO.FIGURE < > <= or >= VALUE, such as "
                         "\"sio.roundtrip.p99 > 2ms\"");
}

static int parse_targets(struct gate *g, struct span names, const struct gate_scope *scope,
                         char error[OPTION_ERROR_BYTES])
{
    char of[WORD];
    char to[WORD];
    bool two = cut_last(&names, '/', to);
    span_copy_text(names, of, WORD);
    if (two && scope->ratios)
        return option_refuse(error, OPTION, g->text, "each figure here is a ratio: one target");
    if ((g->of = find_target(scope, of, g->text, error)) < 0)
        return STATUS_INVALID;
    if (!two)
        return STATUS_OK;
    if ((g->to = find_target(scope, to, g->text, error)) < 0)
        return STATUS_INVALID;
    if (g->of == g->to)
        return option_refuse(error, OPTION, g->text, "expected two different targets");
    return STATUS_OK;
}

static int parse_figure(struct gate *g, struct span left, const struct gate_scope *scope,
                        char error[OPTION_ERROR_BYTES])
{
    char scenario[WORD];
    char figure[WORD];
    if (!cut_last(&left, '.', figure) || !cut_last(&left, '.', scenario))
        return refuse_form(g->text, error);
    int status = parse_targets(g, left, scope, error);
    if (status < 0)
        return status;
    int s = find_scenario(scope, g, scenario, error);
    if (s < 0)
        return STATUS_INVALID;
    g->scenario = (enum scenario)s;
    int f = find_figure(g, figure, error);
    if (f < 0)
        return STATUS_INVALID;
    g->figure = (enum figure)f;
    g->ratio = g->to >= 0 || scope->ratios;
    return STATUS_OK;
}

/* ---- Right of it ------------------------------------------------------------------------- */

/* A suffix that a value may have. */
struct unit {
    const char *suffix;
    enum figure_unit kind; /* figures that it belongs to */
    double factor;         /* how many of the figure's own units it is */
};

static const struct unit units[] = {
    {"ns", FIGURE_NS, 1},
    {"us", FIGURE_NS, 1e3},
    {"ms", FIGURE_NS, 1e6},
    {"s", FIGURE_NS, 1e9},
    {"", FIGURE_PER_S, 1},
    {"/s", FIGURE_PER_S, 1},
    {"K", FIGURE_PER_S, 1e3},
    {"K/s", FIGURE_PER_S, 1e3},
    {"M", FIGURE_PER_S, 1e6},
    {"M/s", FIGURE_PER_S, 1e6},
    {"", FIGURE_BYTES_PER_S, 1},
    {"B/s", FIGURE_BYTES_PER_S, 1},
    {"K", FIGURE_BYTES_PER_S, 1e3},
    {"KB/s", FIGURE_BYTES_PER_S, 1e3},
    {"kB/s", FIGURE_BYTES_PER_S, 1e3},
    {"M", FIGURE_BYTES_PER_S, 1e6},
    {"MB/s", FIGURE_BYTES_PER_S, 1e6},
    {"G", FIGURE_BYTES_PER_S, 1e9},
    {"GB/s", FIGURE_BYTES_PER_S, 1e9},
    {"", FIGURE_PLAIN, 1},
};

static const char *const expected[] = {
    [FIGURE_NS] = "expected a time in ns, us, ms or s, such as 2ms",
    [FIGURE_PER_S] = "expected a rate per second, such as 40000, 40K or 40K/s",
    [FIGURE_BYTES_PER_S] = "expected bytes per second, such as 12MB/s",
    [FIGURE_PLAIN] = "expected a number above 0 without a unit, such as 0.8",
};

static enum figure_unit find_line_unit(const struct gate *g)
{
    return g->ratio ? FIGURE_PLAIN : figure_unit_of(g->figure);
}

/* Digits and at most one point: what strtod takes beside is no figure. */
static bool take_number(struct span *rest, double *value)
{
    char digits[WORD];
    char *end;
    size_t len = 0;
    while (len < rest->len && strchr("0123456789.", rest->ptr[len]) != NULL)
        len++;
    if (len == 0 || len >= sizeof digits)
        return false;
    span_copy_text(span_of(rest->ptr, len), digits, sizeof digits);
    *rest = trim(span_after(*rest, len));
    *value = strtod(digits, &end);
    return *end == '\0' && *value > 0.0;
}

static int parse_line(struct gate *g, struct span right, char error[OPTION_ERROR_BYTES])
{
    enum figure_unit unit = find_line_unit(g);
    if (take_number(&right, &g->line)) {
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
            if (units[i].kind != unit || !span_equal_text(right, units[i].suffix))
                continue;
            g->line *= units[i].factor;
            return STATUS_OK;
        }
    }
    return option_refuse(error, OPTION, g->text, expected[unit]);
}

int gate_parse(struct gate *gate, const char *text, const struct gate_scope *scope,
               char error[OPTION_ERROR_BYTES])
{
    const char *op = text + strcspn(text, "<>");
    *gate = (struct gate){.text = text, .to = -1};
    if (*op == '\0')
        return refuse_form(text, error);
    gate->above = *op == '>';
    gate->inclusive = op[1] == '=';
    int status = parse_figure(gate, trim(span_of(text, (size_t)(op - text))), scope, error);
    if (status == STATUS_OK)
        status = parse_line(gate, trim(span_text(op + (gate->inclusive ? 2 : 1))), error);
    if (status == STATUS_OK && scope->blocks < INTERVAL_MIN)
        status = option_refuse(error, OPTION, NULL, "needs --blocks 6 or more");
    return status;
}

static_assert(INTERVAL_MIN == 6, "as the message above says");

int gate_list_parse(struct gate_list *list, const struct option_texts *texts,
                    const struct gate_scope *scope, char error[OPTION_ERROR_BYTES])
{
    for (list->count = 0; list->count < texts->count; list->count++) {
        const char *text = texts->item[list->count];
        int status = gate_parse(&list->item[list->count], text, scope, error);
        if (status < 0)
            return status;
    }
    return STATUS_OK;
}

/* ---- When all is measured ---------------------------------------------------------------- */

static bool is_failed_by(const struct gate *g, double value)
{
    if (value == g->line)
        return g->inclusive;
    return g->above ? value > g->line : value < g->line;
}

struct gate_result gate_judge(const struct gate *gate, const struct interval *found)
{
    struct gate_result g = {.found = *found, .line = gate->line, .unit = find_line_unit(gate)};
    snprintf(g.text, sizeof g.text, "%s", gate->text);
    g.ratio = gate->ratio;
    bool low = is_failed_by(gate, found->low);
    bool high = is_failed_by(gate, found->high);
    if (found->n < INTERVAL_MIN || low != high)
        g.outcome = GATE_UNSURE;
    else
        g.outcome = low ? GATE_FAILED : GATE_PASSED;
    return g;
}

const char *gate_outcome_key(enum gate_outcome outcome)
{
    static const char *const keys[] = {
        [GATE_PASSED] = "passed",
        [GATE_FAILED] = "failed",
        [GATE_UNSURE] = "unsure",
    };
    return keys[outcome];
}

const char *gate_unit_key(const struct gate_result *g)
{
    static const char *const keys[] = {
        [FIGURE_NS] = "ns",
        [FIGURE_PER_S] = "per_s",
        [FIGURE_BYTES_PER_S] = "bytes_per_s",
        [FIGURE_PLAIN] = "plain",
    };
    return g->ratio ? "ratio" : keys[g->unit];
}
