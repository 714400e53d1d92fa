#include "report/html/svg.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/real.h"
#include "base/utf8.h"

#define TICK_GAP 8.0  /* between the labels of two ticks */
#define EPSILON  1e-9 /* what rounding may add to or take from a multiple of a step */
#define NARROW   1e-4 /* a scale narrower than this part of its values shows them as one value */

/* ---- Scales ------------------------------------------------------------------------------ */

struct svg_scale svg_start_scale(bool log)
{
    return (struct svg_scale){.low = HUGE_VAL, .high = -HUGE_VAL, .log = log};
}

void svg_widen_scale(struct svg_scale *s, double value)
{
    if (!(fabs(value) <= DBL_MAX) || (s->log && value <= 0.0))
        return;
    s->low = real_min(s->low, value);
    s->high = real_max(s->high, value);
}

bool svg_fit_scale(struct svg_scale *s, double from, double to, double part)
{
    s->from = from;
    s->to = to;
    if (s->low > s->high)
        return false;
    bool is_point = s->high - s->low <= fabs(s->high) * NARROW;
    if (s->log) {
        double room = is_point ? 1.02 : pow(s->high / s->low, part);
        s->low /= room;
        s->high *= room;
    } else {
        double room = (s->high - s->low) * part;
        if (is_point)
            room = s->high == 0.0 ? 1.0 : fabs(s->high) * 0.02;
        s->low -= s->low == 0.0 ? 0.0 : room;
        s->high += room;
    }
    return true;
}

static double find_share(const struct svg_scale *s, double value)
{
    if (s->log)
        return log10(value / s->low) / log10(s->high / s->low);
    return (value - s->low) / (s->high - s->low);
}

double svg_find_place(const struct svg_scale *s, double value)
{
    double part = value <= s->low ? 0.0 : value >= s->high ? 1.0 : find_share(s, value);
    return s->from + part * (s->to - s->from);
}

static size_t find_even_ticks(const struct svg_scale *s, size_t most, double *ticks)
{
    static const double factors[] = {1.0, 2.0, 5.0};
    double step = 0.0;
    double span = s->high - s->low;
    double power = pow(10.0, floor(log10(span / real_of(most))));
    for (size_t i = 0;; i++) {
        step = factors[i % 3] * (i < 3 ? power : 10.0 * power);
        if (floor(s->high / step + EPSILON) - ceil(s->low / step - EPSILON) < real_of(most))
            break;
    }
    size_t n = 0;
    double first = ceil(s->low / step - EPSILON);
    while (n < most && (first + real_of(n)) * step <= s->high + EPSILON * span) {
        ticks[n] = (first + real_of(n)) * step;
        n++;
    }
    return n;
}

/* `factors` times the power of ten of every `stride`-th decade. Returns how many lie on the scale;
 * at most SVG_TICKS of them are stored. */
static size_t find_decade_ticks(const struct svg_scale *s, const double *factors, size_t count,
                                int stride, double *ticks)
{
    size_t n = 0;
    int last = (int)floor(log10(s->high) + EPSILON);
    int first = (int)floor(log10(s->low) + EPSILON);
    for (int decade = first; decade <= last; decade++) {
        for (size_t i = 0; i < count && decade % stride == 0; i++) {
            double value = factors[i] * pow(10.0, decade);
            bool inside = value >= s->low * (1.0 - EPSILON) && value <= s->high * (1.0 + EPSILON);
            if (inside && n++ < SVG_TICKS)
                ticks[n - 1] = value;
        }
    }
    return n;
}

size_t svg_find_ticks(const struct svg_scale *s, size_t most, double ticks[SVG_TICKS])
{
    static const double factors[] = {1.0, 2.0, 5.0};
    assert(most >= 2 && most <= SVG_TICKS);
    if (!s->log || s->high < 10.0 * s->low)
        return find_even_ticks(s, most, ticks);
    size_t n = find_decade_ticks(s, factors, 3, 1, ticks);
    for (int stride = 1; n > most; stride++)
        n = find_decade_ticks(s, factors, 1, stride, ticks);
    return n;
}

void svg_move_apart(double *places, size_t n, double gap, double low, double high)
{
    double min = low;
    for (size_t i = 0; i < n; i++) {
        places[i] = real_max(places[i], min);
        min = places[i] + gap;
    }
    /* The last ones may lie beyond the end now: move them back, and with them those before. */
    double max = high;
    for (size_t i = n; i > 0; i--) {
        places[i - 1] = real_min(places[i - 1], max);
        max = places[i - 1] - gap;
    }
}

/* ---- Text -------------------------------------------------------------------------------- */

static void put_escaped(FILE *out, char c)
{
    switch (c) {
    case '<':
        fputs("&lt;", out);
        break;
    case '>':
        fputs("&gt;", out);
        break;
    case '&':
        fputs("&amp;", out);
        break;
    case '"':
        fputs("&quot;", out);
        break;
    case '\'':
        fputs("&#39;", out);
        break;
    default:
        fputc((c >= 0 && c < ' ') || c == 0x7f ? '?' : c, out);
    }
}

void svg_escape(FILE *out, const char *text)
{
    struct utf8 state = {0};
    struct span whole = span_of((const uint8_t *)text, strlen(text));
    bool sound = utf8_check(&state, whole) == whole.len && utf8_complete(&state);
    for (; *text != '\0'; text++)
        put_escaped(out, sound || (uint8_t)*text < 0x80 ? *text : '?');
}

double svg_measure_text(const char *text)
{
    size_t letters = 0;
    for (; *text != '\0'; text++)
        letters += (*text & 0xc0) != 0x80;
    return real_of(letters) * SVG_LETTER;
}

/* ---- Marks ------------------------------------------------------------------------------- */

void svg_open(FILE *out, double height, unsigned number, const char *title, const char *description)
{
    fprintf(out,
            "<svg class='p' viewBox='0 0 %.0f %.0f' role='img' aria-labelledby='t%u d%u'>"
            "<title id='t%u'>",
            SVG_WIDTH, height, number, number, number);
    svg_escape(out, title);
    fprintf(out, "</title><desc id='d%u'>", number);
    svg_escape(out, description);
    fputs("</desc>\n", out);
}

void svg_close(FILE *out)
{
    fputs("</svg>\n", out);
}

void svg_put_text(FILE *out, double x, double y, enum svg_anchor anchor, const char *style,
                  const char *text)
{
    static const struct {
        const char *style;
        double share; /* the part of the text's width that lies left of x */
    } anchors[] = {
        [SVG_START] = {"start", 0.0},
        [SVG_MIDDLE] = {"middle", 0.5},
        [SVG_END] = {"end", 1.0},
    };
    double width = svg_measure_text(text);
    double before = anchors[anchor].share * width;
    double left = real_max(real_min(x - before, SVG_WIDTH - 1.0 - width), 1.0);
    fprintf(out, "<text class='%s %s' x='%.1f' y='%.1f'>", anchors[anchor].style, style,
            left + before, y);
    svg_escape(out, text);
    fputs("</text>\n", out);
}

void svg_put_line(FILE *out, const char *style, double x1, double y1, double x2, double y2)
{
    fprintf(out, "<path class='%s' d='M%.1f %.1fL%.1f %.1f'/>\n", style, x1, y1, x2, y2);
}

void svg_put_rect(FILE *out, const char *style, double x, double y, double width, double height)
{
    fprintf(out, "<rect class='%s' x='%.1f' y='%.1f' width='%.1f' height='%.1f'/>\n", style, x, y,
            width, height);
}

/* Paths that start in the middle of the mark. Each shape is known without its colour. */
static const char *const marks[SVG_SERIES] = {
    "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",    /* circle */
    "m-3.5-3.5h7v7h-7z",                     /* square */
    "m0-5l5 8.5h-10z",                       /* triangle */
    "m0-5l5 5-5 5-5-5z",                     /* diamond */
    "m0 5l5-8.5h-10z",                       /* triangle, upside down */
    "m-1.5-4.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z", /* cross */
    "m-4-4h8l-8 8h8z",                       /* hourglass */
    "m-3.5-5l8 5-8 5z",                      /* arrow head */
};

void svg_put_mark(FILE *out, double x, double y, unsigned series, bool hollow)
{
    unsigned kind = series % SVG_SERIES;
    fprintf(out, "<path class='s%u %s' d='M%.1f %.1f%s'/>\n", kind, hollow ? "hollow" : "full", x,
            y, marks[kind]);
}

void svg_put_badge(FILE *out, unsigned series)
{
    fputs("<svg class='badge' viewBox='-6 -6 12 12' aria-hidden='true'>", out);
    svg_put_mark(out, 0.0, 0.0, series, false);
    fputs("</svg>", out);
}

void svg_open_path(FILE *out, unsigned series, const char *style)
{
    fprintf(out, "<path class='s%u %s' d='", series % SVG_SERIES, style);
}

void svg_add_point(FILE *out, double x, double y, bool first)
{
    fprintf(out, "%c%.1f %.1f", first ? 'M' : 'L', x, y);
}

void svg_close_path(FILE *out)
{
    fputs("'/>\n", out);
}

void svg_put_whisker(FILE *out, const struct svg_scale *x, double y, const struct interval *i,
                     unsigned series)
{
    double left = svg_find_place(x, i->low);
    double right = svg_find_place(x, i->high);
    svg_open_path(out, series, "line");
    fprintf(out, "M%.1f %.1fv8m0-4H%.1fm0-4v8", left, y - 4.0, right);
    svg_close_path(out);
    svg_put_mark(out, svg_find_place(x, i->middle), y, series, false);
}

/* ---- Axes -------------------------------------------------------------------------------- */

void svg_put_ticks_x(FILE *out, const struct svg_scale *x, double top, double bottom,
                     format_put *format, const double *ticks, size_t n)
{
    char text[FORMAT_TEXT];
    double end = -TICK_GAP;
    for (size_t i = 0; i < n; i++) {
        double place = svg_find_place(x, ticks[i]);
        svg_put_line(out, "grid", place, top, place, bottom);
        format(text, ticks[i]);
        double half = svg_measure_text(text) / 2.0;
        /* svg_put_text() moves a label into the picture, too. */
        double middle = real_max(real_min(place, SVG_WIDTH - half), half);
        if (middle - half < end + TICK_GAP)
            continue;
        svg_put_text(out, middle, bottom + SVG_LINE, SVG_MIDDLE, "small", text);
        end = middle + half;
    }
}

void svg_put_axis_x(FILE *out, const struct svg_scale *x, double top, double bottom,
                    format_put *format)
{
    double ticks[SVG_TICKS];
    svg_put_ticks_x(out, x, top, bottom, format, ticks, svg_find_ticks(x, 10, ticks));
}

void svg_put_axis_y(FILE *out, const struct svg_scale *y, double left, double right,
                    format_put *format)
{
    double ticks[SVG_TICKS];
    char text[FORMAT_TEXT];
    double end = HUGE_VAL;
    size_t n = svg_find_ticks(y, 8, ticks);
    for (size_t i = 0; i < n; i++) {
        double place = svg_find_place(y, ticks[i]);
        svg_put_line(out, "grid", left, place, right, place);
        if (place > end)
            continue;
        format(text, ticks[i]);
        svg_put_text(out, left - TICK_GAP, place + 4.0, SVG_END, "small", text);
        end = place - SVG_LINE;
    }
}
