/* Pictures as inline SVG: scales, axes and marks. Every function writes its part at once.
 *
 * Lengths are in the picture's own units; y grows downwards. Texts have a font of fixed width, so
 * that their extent is known without measuring. Colours are classes of the page's style: "s0" to
 * "s7", one for each target ("series"), each with a mark of its own shape. */
#ifndef WSIO_REPORT_SVG_H
#define WSIO_REPORT_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "measure/result/interval.h"
#include "report/format.h"

#define SVG_WIDTH  680.0
#define SVG_LETTER 7.3  /* the width of a letter of size 12: 0.602 em in the widest common font */
#define SVG_LINE   15.0 /* the distance of two lines of text */
#define SVG_TICKS  24   /* at most, on one axis */
#define SVG_SERIES 8    /* distinct colours and marks; series 8 looks like series 0 */

/* ---- Scales ------------------------------------------------------------------------------ */

/* Maps the values low..high (low < high) to the places from..to. */
struct svg_scale {
    bool log;   /* by the value's logarithm: then 0 < low */
    double low; /* values */
    double high;
    double from; /* places; from > to on an upright axis */
    double to;
};

/* A scale without values: svg_widen_scale() gives it some, svg_fit_scale() its places. */
struct svg_scale svg_start_scale(bool log);

/* Makes the scale hold this value. Ignores what is not finite, and on a logarithmic scale what is 0
 * or less. */
void svg_widen_scale(struct svg_scale *s, double value);

/* Sets the scale's places. Leaves `part` of its length free at either end, so that nothing lies on
 * the rim; a low end of 0 stays at the rim. Widens a scale whose values are all as good as equal.
 * False when the scale has no value. */
bool svg_fit_scale(struct svg_scale *s, double from, double to, double part);

/* The place of a value; for a value beyond the scale, the nearer end. */
double svg_find_place(const struct svg_scale *s, double value);

/* At most `most` (2..SVG_TICKS) round values within the scale, ascending: multiples of 1, 2 or 5
 * times a power of ten; on a logarithmic scale of a decade or more the powers of ten, and between
 * them their double and fivefold where these fit. Returns their number. */
size_t svg_find_ticks(const struct svg_scale *s, size_t most, double ticks[SVG_TICKS]);

/* Moves n ascending places so that each is `gap` from the next and all lie within low..high, as far
 * as they fit: first down, then back up from the end. */
void svg_move_apart(double *places, size_t n, double gap, double low, double high);

/* ---- Writing ----------------------------------------------------------------------------- */

/* Writes text for HTML and SVG, inside attributes too. Control characters, and each byte beyond
 * ASCII in text that is not UTF-8, become '?'. */
void svg_escape(FILE *out, const char *text);

/* The width of one line of text in a picture. */
double svg_measure_text(const char *text);

/* A picture of that height. Its ids contain `number`: give each picture of a page another one. */
void svg_open(FILE *out, double height, unsigned number, const char *title,
              const char *description);
void svg_close(FILE *out);

/* The part of a text that lies at its x. */
enum svg_anchor {
    SVG_START,
    SVG_MIDDLE,
    SVG_END,
};

/* One line with its baseline at y, moved sideways if it would leave the picture. `style` is a class
 * of the page's style, or "". */
void svg_put_text(FILE *out, double x, double y, enum svg_anchor anchor, const char *style,
                  const char *text);

void svg_put_line(FILE *out, const char *style, double x1, double y1, double x2, double y2);
void svg_put_rect(FILE *out, const char *style, double x, double y, double width, double height);

/* The mark of a series, about 9 units wide, with its middle at (x, y); only its outline if hollow.
 */
void svg_put_mark(FILE *out, double x, double y, unsigned series, bool hollow);

/* The mark as a small picture of its own, for running text and tables. */
void svg_put_badge(FILE *out, unsigned series);

/* A line through points: open it, add each point (the first of a stroke with `first`), close it. */
void svg_open_path(FILE *out, unsigned series, const char *style);
void svg_add_point(FILE *out, double x, double y, bool first);
void svg_close_path(FILE *out);

/* An interval at height y: a line from low to high, the series' mark at the median. */
void svg_put_whisker(FILE *out, const struct svg_scale *x, double y, const struct interval *i,
                     unsigned series);

/* Grid lines with their values. On a horizontal scale the lines run from `top` to `bottom`, with
 * the values below; on an upright one from `left` to `right`, with the values to the left. A value
 * that would touch the one before it is left out. svg_put_ticks_x() takes the values (ascending)
 * from the caller; the other two find round ones. */
void svg_put_ticks_x(FILE *out, const struct svg_scale *x, double top, double bottom,
                     format_put *format, const double *ticks, size_t n);
void svg_put_axis_x(FILE *out, const struct svg_scale *x, double top, double bottom,
                    format_put *format);
void svg_put_axis_y(FILE *out, const struct svg_scale *y, double left, double right,
                    format_put *format);

#endif
