#include <stdarg.h>

#include "base/real.h"
#include "report/html/html_inner.h"

#define MARK   6.0  /* x of the middle of a mark */
#define LEFT   16.0 /* x of the label beside it */
#define GAP    14.0 /* between the scale and the labels, and the numbers */
#define BAR    11.0 /* height of a lane's bar */
#define BOTTOM 24.0 /* height of the values below the rows */

#define HEAD_HEIGHT 24.0
#define LANE_HEIGHT 17.0
#define DOT_HEIGHT  20.0

struct html_row *html_add_row(struct html_rows *rows, enum html_row_kind kind, unsigned series,
                              const char *format, ...)
{
    struct html_row *row = &rows->item[rows->count++];
    *row = (struct html_row){.kind = kind, .series = series};
    va_list list;
    va_start(list, format);
    vsnprintf(row->label, sizeof row->label, format, list);
    va_end(list);
    return row;
}

void html_fit_rows(struct html_rows *rows, double part)
{
    double left = 0.0;
    double right = 0.0;
    for (unsigned i = 0; i < rows->count; i++) {
        const struct html_row *row = &rows->item[i];
        if (row->kind == HTML_DOT)
            left = real_max(left, svg_measure_text(row->label));
        right = real_max(right, svg_measure_text(row->number));
    }
    svg_fit_scale(&rows->x, LEFT + left + GAP, SVG_WIDTH - right - GAP, part);
}

static void draw_head(FILE *out, const struct html_rows *rows, const struct html_row *row, double y)
{
    (void)rows;
    svg_put_mark(out, MARK, y + 12.0, row->series, false);
    svg_put_text(out, LEFT, y + 16.0, SVG_START, "strong", row->label);
}

static void draw_lane(FILE *out, const struct html_rows *rows, const struct html_row *row, double y)
{
    const struct svg_scale *x = &rows->x;
    double left = svg_find_place(x, row->place.low);
    double width = real_max(svg_find_place(x, row->place.high) - left, 1.5);
    char style[FORMAT_TEXT];
    snprintf(style, sizeof style, "s%u full%s", row->series % SVG_SERIES,
             row->strong ? "" : " pale");
    svg_put_rect(out, style, left, y, width, BAR);
    svg_put_text(out, left + width + 6.0, y + BAR - 1.0, SVG_START, row->strong ? "strong" : "",
                 row->number);
    svg_put_text(out, x->from - 8.0, y + BAR - 1.0, SVG_END, row->strong ? "strong" : "small",
                 row->label);
}

static void draw_dot(FILE *out, const struct html_rows *rows, const struct html_row *row, double y)
{
    const struct svg_scale *x = &rows->x;
    const double half = DOT_HEIGHT / 2.0;
    double middle = y + half;
    const char *style = row->strong ? "strong" : "";
    if (row->noise.n > 0) {
        double left = svg_find_place(x, row->noise.low);
        svg_put_rect(out, "band", left, y, svg_find_place(x, row->noise.high) - left, 2.0 * half);
    }
    if (rows->ratios)
        svg_put_line(out, "one", svg_find_place(x, 1.0), y, svg_find_place(x, 1.0), middle + half);
    if (row->marked)
        svg_put_mark(out, MARK, middle, row->series, false);
    svg_put_text(out, LEFT, middle + 4.0, SVG_START, style, row->label);
    svg_put_whisker(out, x, middle, &row->place, row->series);
    svg_put_text(out, SVG_WIDTH, middle + 4.0, SVG_END, style, row->number);
}

/* How a row of each kind looks, and its height. */
static const struct {
    double height;
    void (*draw)(FILE *out, const struct html_rows *rows, const struct html_row *row, double y);
} looks[] = {
    [HTML_HEAD] = {HEAD_HEIGHT, draw_head},
    [HTML_LANE] = {LANE_HEIGHT, draw_lane},
    [HTML_DOT] = {DOT_HEIGHT, draw_dot},
};

void html_draw_rows(struct html_page *p, const struct html_rows *rows, const char *title,
                    const char *caption, format_put *format)
{
    double y = 0.0;
    double height = 0.0;
    for (unsigned i = 0; i < rows->count; i++)
        height += looks[rows->item[i].kind].height;
    html_open_figure(p, height + BOTTOM, title, caption);
    svg_put_axis_x(p->out, &rows->x, 0.0, height, format);
    for (unsigned i = 0; i < rows->count; i++) {
        const struct html_row *row = &rows->item[i];
        looks[row->kind].draw(p->out, rows, row, y);
        y += looks[row->kind].height;
    }
    html_close_figure(p);
}
