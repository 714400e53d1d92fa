/* Pictures as inline SVG: scales, axes and marks, each written where it is called.
 *
 * Lengths are in the picture's own units; y grows downwards. Texts are set in a face of fixed
 * width, so that their place is known without measuring them. Colours are classes of the page's
 * style: "s0".."s7" for the targets, each with a mark of its own shape. */
#ifndef WSIO_REPORT_SVG_H
#define WSIO_REPORT_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "measure/result/interval.h"
#include "report/format.h"

#define SVG_WIDTH  680.0
#define SVG_LETTER 7.3  /* of 12 units' size; 0.602 em in the widest common face */
#define SVG_LINE   15.0 /* from one line of text to the next */
#define SVG_TICKS  24   /* at the most on one axis */
#define SVG_SERIES 8    /* distinct colours and marks; further ones begin anew */

/* ---- Scales ------------------------------------------------------------------------------ */

/* Values low..high lie at from..to, evenly or by their logarithm (then 0 < low). low < high. */
struct svg_scale {
    double low;
    double high;
    double from;
    double to;
    bool log;
};

/* Empty; the first svg_reach() sets both ends. */
struct svg_scale svg_scale_empty(bool log);

/* Widens it to this value; on a logarithmic scale what is 0 or less is no value. */
void svg_reach(struct svg_scale *s, double value);

/* Sets its place and leaves `part` of its length free at either end, so that nothing lies on the
 * rim; makes a scale of what has next to no extent. A low end of 0 stays. False when there was no
 * value. */
bool svg_fix(struct svg_scale *s, double from, double to, double part);

/* Where a value lies; beyond the ends, at the ends. */
double svg_place(const struct svg_scale *s, double value);

/* At most `most` (2..SVG_TICKS) round values within the scale, ascending: multiples of 1, 2 or 5
 * times a power of ten; over a decade or more of a logarithmic scale those powers, with their
 * double and fivefold where they fit. Returns their number. */
size_t svg_ticks(const struct svg_scale *s, size_t most, double ticks[SVG_TICKS]);

/* Moves ascending places apart until each is `gap` from the next and all lie within low..high, if
 * that is possible: down, and back up from the end. */
void svg_spread(double *places, size_t n, double gap, double low, double high);

/* ---- Writing ----------------------------------------------------------------------------- */

/* Text for HTML and SVG, attributes too: escaped; what is no UTF-8, and control characters, become
 * '?'. */
void svg_escape(FILE *out, const char *text);

double svg_width(const char *text); /* of a line in the picture's face */

/* A picture of that height; `number` makes its ids unique in the page. */
void svg_open(FILE *out, double height, unsigned number, const char *title,
              const char *description);
void svg_close(FILE *out);

enum svg_anchor {
    SVG_START,
    SVG_MIDDLE,
    SVG_END,
};

/* One line at its baseline, moved so that it lies within the picture. `style` is a class or "". */
void svg_text(FILE *out, double x, double y, enum svg_anchor anchor, const char *style,
              const char *text);

void svg_line(FILE *out, const char *style, double x1, double y1, double x2, double y2);
void svg_rect(FILE *out, const char *style, double x, double y, double width, double height);

/* The mark of a series, about 9 units wide; hollow ones for what stands beside. */
void svg_mark(FILE *out, double x, double y, unsigned series, bool hollow);

/* A mark in running text of the page, outside any picture. */
void svg_badge(FILE *out, unsigned series);

/* A line through points: open, each point, end. */
void svg_path_open(FILE *out, unsigned series, const char *style);
void svg_path_point(FILE *out, double x, double y, bool first);
void svg_path_end(FILE *out);

/* An interval with its middle, along a row at y. */
void svg_whisker(FILE *out, const struct svg_scale *x, double y, const struct interval *i,
                 unsigned series);

/* Values of an axis are round: it writes them out, however close they lie. */
typedef void svg_format(char out[FORMAT_TEXT], double value);

/* Grid lines with their values: of a horizontal scale from `top` to `bottom`, the values below; of
 * a vertical one from `left` to `right`, the values to the left. Values that would touch are left
 * out. The first for chosen values, ascending. */
void svg_ticks_x(FILE *out, const struct svg_scale *x, double top, double bottom,
                 svg_format *format, const double *ticks, size_t n);
void svg_axis_x(FILE *out, const struct svg_scale *x, double top, double bottom,
                svg_format *format);
void svg_axis_y(FILE *out, const struct svg_scale *y, double left, double right,
                svg_format *format);

#endif
