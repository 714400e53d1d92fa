#include "report/text/grid.h"

#include <string.h>

#include "report/phrases.h"
#include "report/text/layout.h"

#define LABEL   24 /* columns */
#define COLUMN  14
#define TARGETS 4 /* side by side */

struct grid {
    FILE *out;
    unsigned table; /* its bit of row.tables */
    unsigned count; /* of targets */
    struct rows_cell cells[TARGETS];
    bool started; /* a row was put */
    bool gap;     /* an empty line comes before the next one */
};

static void put_label(const struct grid *g, const struct row *row)
{
    char text[LAYOUT_COLUMNS];
    const char *name = row->names_base ? phrases_base_name(g->cells[0].result, row->base) : "";
    snprintf(text, sizeof text, "%s%s%s", row->label, name[0] == '\0' ? "" : " ", name);
    fputs("  ", g->out);
    layout_put_left(g->out, text, LABEL - 2);
}

static void put_row(struct grid *g, const struct row *row)
{
    char text[TARGETS][FORMAT_TEXT];
    bool any = false;
    for (unsigned i = 0; i < g->count; i++) {
        text[i][0] = '\0';
        row->fill(text[i], row, &g->cells[i]);
        any = any || text[i][0] != '\0';
    }
    if (!any)
        return;
    if (g->gap)
        fputc('\n', g->out);
    put_label(g, row);
    for (unsigned i = 0; i < g->count; i++)
        layout_put_right(g->out, text[i][0] == '\0' ? "-" : text[i], COLUMN);
    fputc('\n', g->out);
    g->started = true;
    g->gap = false;
}

static void put_part(struct grid *g, const struct row *rows, size_t row_count)
{
    g->started = false;
    g->gap = false;
    fprintf(g->out, "%*s", LABEL, "");
    for (unsigned i = 0; i < g->count; i++)
        layout_put_right(g->out, g->cells[i].target->name, COLUMN);
    fputc('\n', g->out);
    for (size_t i = 0; i < row_count; i++) {
        if ((rows[i].tables & g->table) == 0)
            continue;
        if (rows[i].fill == NULL)
            g->gap = g->started;
        else
            put_row(g, &rows[i]);
    }
}

void grid_write(FILE *out, const struct result *r, enum scenario scenario, const struct row *rows,
                size_t count)
{
    struct grid g = {.out = out, .table = 1U << scenario};
    bool again = false;
    for (unsigned i = 0; i < r->target_count; i++) {
        const struct result_target *t = &r->targets[i];
        bool last = i + 1 == r->target_count;
        if (t->summaries[scenario].blocks > 0)
            g.cells[g.count++] = (struct rows_cell){r, t, scenario, &t->summaries[scenario]};
        if (g.count == 0 || (g.count < TARGETS && !last))
            continue;
        if (again)
            fputc('\n', out);
        put_part(&g, rows, count);
        again = true;
        g.count = 0;
    }
}
