#include "client/output/outputs.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/status.h"
#include "client/plan/plan.h"
#include "port.h"
#include "report/csv.h"
#include "report/facts.h"
#include "report/hgrm.h"
#include "report/html/html.h"
#include "report/json/json.h"
#include "report/text/text.h"

#define PATH_BYTES 4096

static int cannot_write(char error[OPTION_ERROR_BYTES], const char *option, const char *path)
{
    bool console = strcmp(path, "-") == 0;
    snprintf(error, OPTION_ERROR_BYTES, "%s%s%.180s: cannot be written",
             console ? "stdout" : option, console ? "" : " ",
             console ? "" : path); /* a path in UTF-8 is shown as it is */
    return STATUS_SYSTEM;
}

/* ---- One file each ----------------------------------------------------------------------- */

enum { JSON, CSV, HTML, LOG, FILES };

static const char *option_of(unsigned which)
{
    return bytes_word("--json\0--csv\0--html\0--log", which);
}

static const char *path_of(const struct client_options *o, unsigned which)
{
    const char *const paths[FILES] = {o->json, o->csv, o->html, o->log};
    return paths[which];
}

static FILE **file_of(struct outputs *out, unsigned which)
{
    FILE **const files[FILES] = {&out->json, &out->csv, &out->html, &out->log};
    return files[which];
}

/* Two that write to one file, or to stdout, would spoil each other. */
static int check_places(const struct client_options *o, char error[OPTION_ERROR_BYTES])
{
    for (unsigned i = 0; i < FILES; i++)
        for (unsigned j = 0; j < i; j++)
            if (path_of(o, i) != NULL && path_of(o, j) != NULL &&
                strcmp(path_of(o, i), path_of(o, j)) == 0) {
                char cause[64];
                snprintf(cause, sizeof cause, "is taken by %s", option_of(j));
                return option_refuse(error, option_of(i), path_of(o, i), cause);
            }
    return STATUS_OK;
}

int outputs_open(struct outputs *out, const struct client_options *o,
                 char error[OPTION_ERROR_BYTES])
{
    *out = (struct outputs){.options = o};
    int status = check_places(o, error);
    for (unsigned i = 0; i < FILES && status >= 0; i++) {
        const char *path = path_of(o, i);
        FILE **file = file_of(out, i);
        if (path == NULL)
            continue;
        *file = strcmp(path, "-") == 0 ? stdout : port_file_open(path, i == LOG ? "a" : "w");
        if (*file == NULL)
            status = cannot_write(error, option_of(i), path);
    }
    if (status >= 0 && out->csv != NULL)
        csv_write_head(out->csv);
    return status;
}

/* `error` stays that of the first failure, told by `status`. */
static int close_file(FILE *file, bool good, int status, const char *option, const char *path,
                      char error[OPTION_ERROR_BYTES])
{
    if (file == NULL)
        return status;
    good = ferror(file) == 0 && good;
    good = (file == stdout ? fflush(file) : fclose(file)) == 0 && good;
    return good || status < 0 ? status : cannot_write(error, option, path);
}

/* ---- A file for each target and scenario --------------------------------------------------- */

/* What one file is about. */
struct place {
    const struct target_list *targets;
    uint32_t target;
    enum scenario scenario;
    uint32_t point; /* of the sweep; 0 without one */
};

/* Names of targets are letters, digits, '_', '.' and '-': fit for any file system. */
static bool path_put(const struct outputs *out, const struct place *p, char path[PATH_BYTES])
{
    const struct client_options *o = out->options;
    char value[32] = "";
    if (o->sweep.count > 0)
        snprintf(value, sizeof value, "-%s%" PRIu64, sweep_key(o->sweep.kind),
                 o->sweep.values[p->point]);
    int length = snprintf(path, PATH_BYTES, "%s-%s-%s%s.hgrm", o->hgrm,
                          p->targets->item[p->target].name, scenario_key(p->scenario), value);
    return length < PATH_BYTES;
}

static const struct summary *summary_at(const struct result *r, const struct place *p)
{
    return r->sweep.count > 0 ? &r->sweep.points[p->target][p->point]
                              : &r->targets[p->target].summaries[p->scenario];
}

static bool write_one(FILE *file, const struct place *p, const struct result *r)
{
    const struct trial *t = &summary_at(r, p)->pooled;
    char title[96];
    bool connect = p->scenario == SCENARIO_CONNECT;
    snprintf(title, sizeof title, "wsio %s of %s: %s", scenario_key(p->scenario),
             p->targets->item[p->target].name, connect ? "until it may send" : "latency");
    return hgrm_write(file, title, connect ? &t->phases[PHASE_READY] : &t->latency) >= 0;
}

/* `r` NULL: creates it and no more. */
static int put_one(const struct outputs *out, const struct place *p, const struct result *r,
                   int status, char error[OPTION_ERROR_BYTES])
{
    char path[PATH_BYTES];
    FILE *file = path_put(out, p, path) ? port_file_open(path, "w") : NULL;
    if (file == NULL)
        return status < 0 ? status : cannot_write(error, "--hgrm", path);
    return close_file(file, r == NULL || write_one(file, p, r), status, "--hgrm", path, error);
}

static int put_all(const struct outputs *out, const struct target_list *targets,
                   const struct result *r, int status, char error[OPTION_ERROR_BYTES])
{
    struct place p = {.targets = targets};
    uint32_t points = plan_points(out->options);
    if (out->options->hgrm == NULL)
        return status;
    for (p.target = 0; p.target < targets->count; p.target++)
        for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
            p.scenario = (enum scenario)s;
            if (plan_has_of(out->options, &targets->item[p.target], p.scenario))
                for (p.point = 0; p.point < points; p.point++)
                    status = put_one(out, &p, r, status, error);
        }
    return status;
}

int outputs_targets(const struct outputs *out, const struct target_list *targets,
                    char error[OPTION_ERROR_BYTES])
{
    return put_all(out, targets, NULL, STATUS_OK, error);
}

/* ---- The end --------------------------------------------------------------------------------- */

/* Whether nothing else is there that the table would spoil. */
static bool stdout_is_free(struct outputs *out)
{
    for (unsigned i = 0; i < FILES; i++)
        if (*file_of(out, i) == stdout)
            return false;
    return true;
}

/* What went wrong, where no table says it. */
RESULT_PRINTF(3, 4)
static void complain(FILE *out, const char *name, const char *format, ...)
{
    va_list list;
    fprintf(out, "wsio-client: %s: ", name);
    va_start(list, format);
    vfprintf(out, format, list);
    va_end(list);
    fputc('\n', out);
}

int outputs_write(struct outputs *out, const struct target_list *targets, const struct result *r,
                  char error[OPTION_ERROR_BYTES])
{
    bool good[FILES] = {true, true, true, true};
    int status = STATUS_OK;
    bool text = !out->options->quiet && stdout_is_free(out);
    if (text && report_text_write(stdout, r) < 0)
        status = cannot_write(error, "stdout", "-");
    if (!text)
        facts_each_fault(stderr, r, complain);
    if (out->json != NULL)
        good[JSON] = report_json_write(out->json, r) >= 0;
    if (out->html != NULL)
        good[HTML] = html_write(out->html, r) >= 0;
    for (unsigned i = 0; i < FILES; i++)
        status = close_file(*file_of(out, i), good[i], status, option_of(i),
                            path_of(out->options, i), error);
    return put_all(out, targets, r, status, error);
}
