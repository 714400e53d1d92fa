#include "client/output/saved.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/status.h"
#include "codec/json.h"
#include "port.h"
#include "report/json/json.h"

#define FAMILY      "\"wsio-report-" /* what every schema of ours begins with */
#define FAMILY_NEAR 64               /* bytes from the start within which it stands */
#define NUMBER_MAX  40               /* bytes of a number that writer.c makes: fewer */

static uint8_t *bytes; /* of one file at a time: SAVED_MAX, and one to see that it is longer */

static int refuse(const struct diff_side *side, char error[OPTION_ERROR_BYTES], const char *cause)
{
    return option_refuse(error, "diff", side->file, cause);
}

/* ---- Members: false where one is missing or not what it has to be --------------------------- */

static bool get_member(const struct json *object, const char *key, enum json_type type,
                       struct json *value)
{
    return json_find(object, key, value) && value->type == type;
}

static bool get_text(const struct json *object, const char *key, char *out, size_t cap)
{
    struct json value;
    struct buf text = buf_over((uint8_t *)out, cap - 1);
    if (!get_member(object, key, JSON_STRING, &value) || json_string_copy(&value, &text) < 0)
        return false;
    out[text.len] = '\0';
    return true;
}

static bool get_count(const struct json *object, const char *key, uint64_t *out)
{
    struct json value;
    return get_member(object, key, JSON_NUMBER, &value) && json_to_u64(&value, out);
}

static bool get_bool(const struct json *object, const char *key, bool *out)
{
    struct json value;
    if (!json_find(object, key, &value))
        return false;
    *out = value.type == JSON_TRUE;
    return value.type == JSON_TRUE || value.type == JSON_FALSE;
}

static bool read_double(const struct json *number, double *out)
{
    char text[NUMBER_MAX];
    if (number->text.len >= sizeof text)
        return false;
    span_copy_text(number->text, text, sizeof text);
    *out = strtod(text, NULL);
    return true;
}

/* Above 2^53, where the last digits do not matter. */
static bool get_time(const struct json *object, const char *key, uint64_t *unix_ns)
{
    struct json value;
    double ns;
    if (!get_member(object, key, JSON_NUMBER, &value) || !read_double(&value, &ns) ||
        !(ns >= 0 && ns < 1e19))
        return false;
    *unix_ns = (uint64_t)ns;
    return true;
}

/* ---- Targets -------------------------------------------------------------------------------- */

/* A block that did not measure it is null. */
static bool read_blocks(const struct json *list, struct diff_figure *f)
{
    struct json_walk walk = json_walk(list);
    struct json value;
    while (json_next(&walk, NULL, &value)) {
        double number;
        if (value.type == JSON_NULL)
            continue;
        if (value.type != JSON_NUMBER || f->count == BLOCKS_MAX || !read_double(&value, &number) ||
            !(number > 0.0 && number <= DBL_MAX))
            return false;
        f->values[f->count++] = number;
    }
    return true;
}

static bool read_figure(const struct json *figures, const char *key, struct diff_figure *f)
{
    char reason[RESULT_NAME] = "";
    struct json figure;
    struct json list;
    bool refused;
    if (!json_find(figures, key, &figure))
        return true; /* not measured */
    if (!get_bool(&figure, "refused", &refused))
        return false;
    /* A bound is not comparable, and the blocks that have more than one would flatter. */
    (void)get_text(&figure, "reason", reason, sizeof reason);
    return refused || strcmp(reason, "unanswered") == 0 ||
           (get_member(&figure, "by_block", JSON_ARRAY, &list) && read_blocks(&list, f));
}

static bool read_scenario(const struct json *scenarios, enum scenario s, struct diff_target *t)
{
    struct json scenario;
    struct json figures;
    if (!json_find(scenarios, scenario_key(s), &scenario))
        return true; /* not run */
    if (!get_member(&scenario, "figures", JSON_OBJECT, &figures))
        return false;
    bool good = true;
    for (unsigned f = 0; f < FIGURE_COUNT; f++)
        good = good && read_figure(&figures, figure_key((enum figure)f), &t->figures[s][f]);
    return good;
}

static bool read_target(const struct json *target, struct diff_target *t)
{
    struct json scenarios;
    bool good = get_text(target, "name", t->name, sizeof t->name) &&
                get_text(target, "kind", t->kind, sizeof t->kind) &&
                get_text(target, "matched", t->matched, sizeof t->matched) &&
                get_count(target, "payload_bytes", &t->size) &&
                get_bool(target, "binary", &t->binary) &&
                get_member(target, "scenarios", JSON_OBJECT, &scenarios);
    for (unsigned s = 0; s < SCENARIO_COUNT; s++)
        good = good && read_scenario(&scenarios, (enum scenario)s, t);
    return good;
}

static bool read_targets(const struct json *report, struct diff_side *side)
{
    struct json list;
    struct json target;
    if (!get_member(report, "targets", JSON_ARRAY, &list))
        return false;
    struct json_walk walk = json_walk(&list);
    while (json_next(&walk, NULL, &target))
        if (side->target_count == TARGETS_MAX ||
            !read_target(&target, &side->targets[side->target_count++]))
            return false;
    return true;
}

/* ---- The rest ------------------------------------------------------------------------------- */

/* What A's verdicts are on, "rate_per_s" of "throughput" for instance. */
static bool read_verdict(const struct json *report, struct diff_side *side)
{
    char key[RESULT_NAME];
    char scenario[RESULT_NAME];
    struct json verdicts;
    if (!get_member(report, "verdicts", JSON_OBJECT, &verdicts) ||
        !get_text(&verdicts, "scenario", scenario, sizeof scenario) ||
        !get_text(&verdicts, "figure", key, sizeof key))
        return false;
    unsigned s = 0;
    while (s < SCENARIO_COUNT && strcmp(scenario_key((enum scenario)s), scenario) != 0)
        s++;
    unsigned f = 0;
    while (f < FIGURE_COUNT && strcmp(figure_key((enum figure)f), key) != 0)
        f++;
    side->verdict_scenario = (enum scenario)s;
    side->verdict_figure = (enum figure)f;
    return s < SCENARIO_COUNT && f < FIGURE_COUNT;
}

static bool read_environment(const struct json *report, struct diff_side *side)
{
    const struct {
        const char *key;
        char *text; /* of ENVIRONMENT_TEXT bytes */
    } rows[] = {
        {"cpu", side->cpu},         {"system", side->system}, {"poller", side->poller},
        {"version", side->version}, {"commit", side->commit}, {"compiler", side->compiler},
        {"flags", side->flags},
    };
    struct json e;
    if (!get_member(report, "environment", JSON_OBJECT, &e))
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!get_text(&e, rows[i].key, rows[i].text, ENVIRONMENT_TEXT))
            return false;
    return get_count(&e, "cores_used", &side->cores_used) &&
           get_time(&e, "started_unix_ns", &side->started_unix_ns);
}

/* Reports of before this member have none. */
static bool read_placement(const struct json *report, struct diff_side *side)
{
    struct json placement;
    struct json trials;
    if (!json_find(report, "placement", &placement))
        return true;
    if (!get_member(&placement, "trials", JSON_OBJECT, &trials))
        return false;
    for (unsigned i = 0; i < PLACEMENT_COUNT; i++) {
        uint64_t count;
        if (!get_count(&trials, placement_key((enum placement)i), &count) || count > UINT32_MAX)
            return false;
        side->placement.trials[i] = (unsigned)count;
    }
    return true;
}

static bool read_run(const struct json *report, struct diff_side *side)
{
    struct json baseline;
    if (!json_find(report, "baseline", &baseline))
        return false;
    if (baseline.type == JSON_STRING &&
        !get_text(report, "baseline", side->baseline, sizeof side->baseline))
        return false;
    return get_text(report, "scenario", side->scenario, sizeof side->scenario) &&
           get_text(report, "options", side->options, sizeof side->options) &&
           get_count(report, "blocks", &side->blocks) &&
           get_bool(report, "partial", &side->partial) && get_bool(report, "failed", &side->failed);
}

static int read_report(const struct json *report, struct diff_side *side,
                       char error[OPTION_ERROR_BYTES])
{
    struct json sweep;
    if (get_member(report, "sweep", JSON_OBJECT, &sweep))
        return refuse(side, error, "a sweep, which has no blocks to compare");
    if (!read_run(report, side) || !read_environment(report, side) ||
        !read_placement(report, side) || !read_verdict(report, side) || !read_targets(report, side))
        return refuse(side, error, "damaged: a member is missing or of the wrong type");
    return STATUS_OK;
}

/* ---- The file ------------------------------------------------------------------------------- */

static int read_file(const struct diff_side *side, struct span *text,
                     char error[OPTION_ERROR_BYTES])
{
    if (bytes == NULL)
        bytes = port_region(SAVED_MAX + 1);
    if (bytes == NULL)
        return refuse(side, error, "no memory to read it into");
    FILE *file = port_file_open(side->file, "r");
    if (file == NULL)
        return refuse(side, error, "cannot be read");
    text->ptr = bytes;
    text->len = fread(bytes, 1, SAVED_MAX + 1, file);
    bool good = ferror(file) == 0;
    fclose(file);
    if (!good)
        return refuse(side, error, "cannot be read");
    if (text->len > SAVED_MAX)
        return refuse(side, error, "larger than 8 MiB: no report of wsio-client");
    return STATUS_OK;
}

static_assert(SAVED_MAX == 8 * 1024 * 1024, "as the message above says");

/* The name of the schema stands near the start: it is a report of ours, or the first part of one.
 */
static bool has_schema_name(struct span text)
{
    size_t most = text.len < FAMILY_NEAR ? text.len : FAMILY_NEAR;
    for (size_t i = 0; i < most; i++)
        if (span_starts(span_after(text, i), SPAN(FAMILY)))
            return true;
    return false;
}

int saved_read(struct diff_side *side, const char *path, char error[OPTION_ERROR_BYTES])
{
    struct span text = {NULL, 0};
    struct json report;
    struct json schema;
    memset(side, 0, sizeof *side);
    side->file = path;
    int status = read_file(side, &text, error);
    if (status < 0)
        return status;
    if (!has_schema_name(text))
        return refuse(side, error, "no report of wsio-client --json");
    if (json_parse(text, &report) < 0)
        return refuse(side, error, "cut or damaged: no whole JSON");
    if (!get_member(&report, "schema", JSON_STRING, &schema) ||
        !json_string_equal(&schema, SPAN(REPORT_JSON_SCHEMA)))
        return refuse(side, error, "another version: expected schema " REPORT_JSON_SCHEMA);
    return read_report(&report, side, error);
}
