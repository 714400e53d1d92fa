/* What the parts of the page share: html.c and its html_*.c. */
#ifndef WSIO_REPORT_HTML_INNER_H
#define WSIO_REPORT_HTML_INNER_H

#include "report/html/html.h"
#include "report/html/svg.h"

struct html_page {
    FILE *out;
    const struct result *result;
    unsigned pictures; /* written so far: the number of the next one */
};

/* ---- Words: html_words.c ----------------------------------------------------------------- */

#define HTML_TEXT (3 * RESULT_TEXT) /* bytes of a sentence or two */

/* A target as people call it: "WebSocket". Its own name if the user chose it, or if several targets
 * of that kind ran the scenario. */
void html_name_target(const struct result *r, const struct result_target *t, enum scenario scenario,
                      char out[RESULT_NAME]);

/* The figure as it is called in "takes 1.08 times WebSocket's ...". */
void html_name_figure(char out[RESULT_TEXT], const struct result *r, enum scenario scenario,
                      enum figure figure);

/* Replaces " us" by " µs": ASCII has no micro sign, a page has. Other texts stay. */
void html_write_micro(char text[FORMAT_TEXT]);

/* A number with its unit: "20.4 µs", "40 016", "12.4 MB/s", "0.93". */
void html_format_number(char out[FORMAT_TEXT], enum figure_unit unit, double value);
void html_format_time(char out[FORMAT_TEXT], double ns);

/* The same on an axis, where values are round: "20 µs", "23.05 µs", "40 000", "0.9". As exact
 * as the value, up to six digits. */
void html_format_tick(char out[FORMAT_TEXT], double value);
void html_format_tick_time(char out[FORMAT_TEXT], double ns);

/* `number` gets the median, `range` the ends of the interval: "1.06 to 1.10". With a single block
 * `range` is "", and the result false. */
bool html_format_interval(char number[FORMAT_TEXT], char range[HTML_TEXT], enum figure_unit unit,
                          const struct interval *i);

/* A sentence that says what the ends of an interval are, for that many blocks. */
const char *html_describe_ends(const struct result_blocks *b);

/* A value of a sweep: "1 client", "1 024 bytes". */
void html_format_swept(char out[HTML_TEXT], const struct result_sweep *sweep, unsigned point);

/* ---- The page's pieces: html_pieces.c ------------------------------------------------------ */

#define HTML_PUT_BYTES 1024 /* of a text, with its NUL: it is cut there */

/* Writes <tag>text</tag>, the text by printf's format and escaped. What follows a space in the tag
 * are its attributes. */
void html_put(FILE *out, const char *tag, const char *format, ...) RESULT_PRINTF(3, 4);

/* A head cell of a table with the target's mark and name. */
void html_put_target(FILE *out, const struct result *r, const struct result_target *t);

/* A picture under its caption; calls of svg_* come between the two. */
void html_open_figure(struct html_page *p, double height, const char *title, const char *caption);
void html_close_figure(struct html_page *p);

/* ---- Pictures of rows along one scale: html_rows.c ----------------------------------------- */

#define HTML_ROWS 160 /* at most, in one picture */

enum html_row_kind {
    HTML_HEAD, /* the mark and name of a series, above its rows */
    HTML_LANE, /* a bar from low to high with its number behind it */
    HTML_DOT,  /* an interval with its median; the numbers stand in one column */
};

struct html_row {
    enum html_row_kind kind;
    unsigned series;
    char label[2 * RESULT_NAME + 8];
    char number[128];
    struct interval place; /* on the scale */
    struct interval noise; /* HTML_DOT: a band behind it; n is 0: none */
    bool marked;           /* HTML_DOT: the series' mark stands before the label */
    bool strong;           /* in bold letters */
};

/* Start with {.x = svg_start_scale(...)}. */
struct html_rows {
    bool ratios; /* with an upright line at 1 */
    struct svg_scale x;
    struct result_blocks blocks; /* behind the intervals */
    unsigned count;
    struct html_row item[HTML_ROWS];
};

/* Adds a row with nothing but these. The caller has made sure that there is room. */
struct html_row *html_add_row(struct html_rows *rows, enum html_row_kind kind, unsigned series,
                              const char *format, ...) RESULT_PRINTF(4, 5);

/* Places the scale of HTML_DOT rows between their labels and their numbers. `part` as in
 * svg_fit_scale(). */
void html_fit_rows(struct html_rows *rows, double part);

void html_draw_rows(struct html_page *p, const struct html_rows *rows, const char *title,
                    const char *caption, format_put *format);

/* ---- Sections, in the order of the page. Each writes nothing if it has no data ------------- */

void html_put_answer(struct html_page *p);      /* html_answer.c */
void html_put_faults(struct html_page *p);      /* html_about.c */
void html_put_short(struct html_page *p);       /* html_tables.c */
void html_put_lanes(struct html_page *p);       /* html_lanes.c */
void html_put_percentiles(struct html_page *p); /* html_curves.c */
void html_put_rates(struct html_page *p);       /* html_dots.c */
void html_put_ratios(struct html_page *p);      /* html_dots.c */
void html_put_sweep(struct html_page *p);       /* html_curves.c */
void html_put_steps(struct html_page *p);       /* html_curves.c */
void html_put_tables(struct html_page *p);      /* html_tables.c */
void html_put_gates(struct html_page *p);       /* html_about.c, and all below */
void html_put_preflight(struct html_page *p);
void html_put_environment(struct html_page *p);
void html_put_reading(struct html_page *p);

#endif
