#include "client/output/outputs.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/status.h"
#include "client/plan/plan.h"
#include "report/csv.h"
#include "report/facts.h"
#include "report/hgrm.h"
#include "report/html/html.h"
#include "report/json/json.h"
#include "report/text/text.h"

static int refuse_unwritable(char error[OPTION_ERROR_BYTES], const char *option, const char *path)
{
    bool console = strcmp(path, "-") == 0;
    snprintf(error, OPTION_ERROR_BYTES, "%s%s%.180s: cannot be written",
             console ? "stdout" : option, console ? "" : " ",
             console ? "" : path); /* unlike option_refuse, which would spoil a path in UTF-8 */
    return STATUS_SYSTEM;
}

/* ---- One file each ----------------------------------------------------------------------- */

/* Refuses two outputs into the same file, or both to stdout: they would spoil each other. */
static int check_places(const struct outputs *out, char error[OPTION_ERROR_BYTES])
{
    for (unsigned i = 0; i < OUTPUTS_KINDS; i++)
        for (unsigned j = 0; j < i; j++) {
            const struct outputs_file *file = &out->files[i];
            const struct outputs_file *other = &out->files[j];
            char cause[64];
            if (file->path == NULL || other->path == NULL || strcmp(file->path, other->path) != 0)
                continue;
            snprintf(cause, sizeof cause, "%s writes to the same file", other->option);
            return option_refuse(error, file->option, file->path, cause);
        }
    return STATUS_OK;
}

static int open_file(struct outputs_file *f, bool appends, char error[OPTION_ERROR_BYTES])
{
    if (f->path == NULL)
        return STATUS_OK;
    int status = appends ? safe_file_append(&f->safe, f->path) : safe_file_open(&f->safe, f->path);
    return status < 0 ? refuse_unwritable(error, f->option, f->path) : STATUS_OK;
}

int outputs_open(struct outputs *out, const struct client_options *o,
                 char error[OPTION_ERROR_BYTES])
{
    *out = (struct outputs){
        .options = o,
        .files =
            {
                [OUTPUTS_JSON] = {.option = "--json", .path = o->json},
                [OUTPUTS_CSV] = {.option = "--csv", .path = o->csv},
                [OUTPUTS_HTML] = {.option = "--html", .path = o->html},
                [OUTPUTS_LOG] = {.option = "--log", .path = o->log},
            },
    };
    int status = check_places(out, error);
    for (unsigned i = 0; i < OUTPUTS_KINDS && status >= 0; i++)
        status = open_file(&out->files[i], i == OUTPUTS_LOG, error);
    if (status >= 0 && out->files[OUTPUTS_CSV].safe.file != NULL)
        csv_write_head(out->files[OUTPUTS_CSV].safe.file);
    return status;
}

/* `good`: everything was written so far. `status` is that of the files before this one; if it is a
 * failure, `error` is about them and stays. */
static int close_file(struct outputs_file *f, bool good, int status, char error[OPTION_ERROR_BYTES])
{
    int closed = safe_file_close(&f->safe, good);
    if (status < 0 || closed == STATUS_OK)
        return status;
    if (closed != STATUS_DENIED)
        return refuse_unwritable(error, f->option, f->path);
    snprintf(error, OPTION_ERROR_BYTES, "%s %.90s: cannot be replaced; the report is in %.100s",
             f->option, f->path, f->safe.temporary);
    return STATUS_SYSTEM;
}

/* ---- A file for each target and scenario --------------------------------------------------- */

/* The subject of one file. */
struct place {
    const struct target_list *targets;
    uint32_t target;
    enum scenario scenario;
    uint32_t point; /* index of the value of --sweep; 0 without one */
};

/* A target's name is letters, digits, '_', '.' and '-', which every file system takes. */
static bool make_path(const struct outputs *out, const struct place *p, char path[SAFE_FILE_PATH])
{
    const struct client_options *o = out->options;
    char value[32] = "";
    if (o->sweep.count > 0)
        snprintf(value, sizeof value, "-%s%" PRIu64, sweep_key(o->sweep.kind),
                 o->sweep.values[p->point]);
    int length = snprintf(path, SAFE_FILE_PATH, "%s-%s-%s%s.hgrm", o->hgrm,
                          p->targets->item[p->target].name, scenario_key(p->scenario), value);
    return length < SAFE_FILE_PATH;
}

static const struct summary *find_summary(const struct result *r, const struct place *p)
{
    return r->sweep.count > 0 ? &r->sweep.points[p->target][p->point]
                              : &r->targets[p->target].summaries[p->scenario];
}

static bool write_one(FILE *file, const struct place *p, const struct result *r)
{
    const struct trial *t = &find_summary(r, p)->pooled;
    char title[96];
    bool connect = scenario_flow(p->scenario) == FLOW_FIRST_ECHO;
    snprintf(title, sizeof title, "wsio %s of %s: %s", scenario_key(p->scenario),
             p->targets->item[p->target].name, connect ? "until it may send" : "latency");
    return hgrm_write(file, title, connect ? &t->phases[PHASE_READY] : &t->latency) >= 0;
}

/* `r` NULL: only proves that the file can be written. */
static int put_one(const struct outputs *out, const struct place *p, const struct result *r,
                   int status, char error[OPTION_ERROR_BYTES])
{
    char path[SAFE_FILE_PATH];
    static struct outputs_file f;
    f = (struct outputs_file){.option = "--hgrm", .path = path};
    bool fits = make_path(out, p, path);
    bool good = fits && (r == NULL ? safe_file_can_open(path) : safe_file_open(&f.safe, path) >= 0);
    if (!good)
        return status < 0 ? status : refuse_unwritable(error, f.option, path);
    return r == NULL ? status : close_file(&f, write_one(f.safe.file, p, r), status, error);
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

/* Whether no file is written to stdout, which the table would spoil. */
static bool is_stdout_free(const struct outputs *out)
{
    for (unsigned i = 0; i < OUTPUTS_KINDS; i++)
        if (out->files[i].safe.file == stdout)
            return false;
    return true;
}

/* The other files are complete: they were written as trials ended. */
static bool write_report(FILE *file, enum outputs_kind kind, const struct result *r)
{
    switch (kind) {
    case OUTPUTS_JSON:
        return report_json_write(file, r) >= 0;
    case OUTPUTS_HTML:
        return html_write(file, r) >= 0;
    case OUTPUTS_CSV:
    case OUTPUTS_LOG:
    case OUTPUTS_KINDS:
        break;
    }
    return true;
}

/* Reports a fault on stderr, where there is no table that has it. */
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

void outputs_discard(struct outputs *out)
{
    for (unsigned i = 0; i < OUTPUTS_KINDS; i++)
        safe_file_close(&out->files[i].safe, false);
}

int outputs_write(struct outputs *out, const struct target_list *targets, const struct result *r,
                  char error[OPTION_ERROR_BYTES])
{
    int status = STATUS_OK;
    bool text = !out->options->quiet && is_stdout_free(out);
    if (text && report_text_write(stdout, r) < 0)
        status = refuse_unwritable(error, "stdout", "-");
    if (!text)
        facts_each_fault(stderr, r, complain);
    for (unsigned i = 0; i < OUTPUTS_KINDS; i++) {
        FILE *file = out->files[i].safe.file;
        bool good = file == NULL || write_report(file, (enum outputs_kind)i, r);
        status = close_file(&out->files[i], good, status, error);
    }
    return put_all(out, targets, r, status, error);
}
