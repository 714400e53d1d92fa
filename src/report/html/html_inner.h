/* What the parts of the page share: html.c and its html_*.c. */
#ifndef WSIO_REPORT_HTML_INNER_H
#define WSIO_REPORT_HTML_INNER_H

#include "report/html/html.h"
#include "report/html/svg.h"

struct html_page {
    FILE *out;
    const struct result *report;
    unsigned pictures; /* written so far: the next one's number */
};

/* ---- Words: html_words.c ----------------------------------------------------------------- */

/* The target as people say it, "WebSocket"; by its name when several of that kind ran this. */
void html_name_target(const struct result *r, const struct result_target *t, enum scenario scenario,
                      char out[RESULT_NAME]);

/* "12.3 us" becomes "12.3 µs"; other texts stay. */
void html_write_micro(char text[FORMAT_TEXT]);

/* A number with its unit: "20.4 µs", "40 016", "12.4 MB/s", "0.93". */
void html_format_number(char out[FORMAT_TEXT], enum figure_unit unit, double value);
void html_format_time(char out[FORMAT_TEXT], double ns);

/* The same on an axis: "20 µs", "23.05 µs", "40 000", "0.9"; as exact as the value, up to six
 * digits. */
void html_format_tick(char out[FORMAT_TEXT], double value);
void html_format_tick_time(char out[FORMAT_TEXT], double ns);

#define HTML_TEXT (3 * RESULT_TEXT) /* a sentence or two */

/* The median, and "1.06 to 1.10" beside it. False, and "", when there is one value only. */
bool html_format_interval(char number[FORMAT_TEXT], char range[HTML_TEXT], enum figure_unit unit,
                          const struct interval *i);

/* What the ends of an interval are, with that many blocks behind it. */
const char *html_describe_ends(const struct result_blocks *b);

const char *html_title(enum scenario scenario); /* "Round trips" */

/* What the run was about: the verdict's scenario and figure where they were run, else those of the
 * scenario that was. SCENARIO_COUNT when nothing was measured. */
enum scenario html_find_subject(const struct result *r, enum figure *figure);

/* The answer: one sentence that is the page's heading, the others below it. */
void html_put_answer(struct html_page *p);

/* ---- The page's pieces: html.c ----------------------------------------------------------- */

/* <tag>text</tag>, the text by printf's format and escaped, cut at 1023 bytes. What follows a
 * space in the tag are attributes. */
void html_put(FILE *out, const char *tag, const char *format, ...) RESULT_PRINTF(3, 4);

/* A head cell with the target's mark and name. */
void html_put_target(FILE *out, const struct result *r, const struct result_target *t);

/* A picture under its caption; svg_* come between. */
void html_open_figure(struct html_page *p, double height, const char *title, const char *caption);
void html_close_figure(struct html_page *p);

/* ---- Pictures of rows along one scale: html_rows.c ----------------------------------------- */

#define HTML_ROWS (10 * TARGETS_MAX)

enum html_row_kind {
    HTML_HEAD, /* mark and name of a series, above its rows */
    HTML_LANE, /* a bar from low to high, its number behind it */
    HTML_DOT,  /* an interval with its middle; all numbers in a column */
};

struct html_row {
    enum html_row_kind kind;
    unsigned series;
    bool marked; /* HTML_DOT: the series' mark stands before the label */
    bool strong;
    struct interval place; /* on the scale */
    struct interval noise; /* a band behind it; n is 0: none */
    char label[2 * RESULT_NAME + 8];
    char number[128];
};

struct html_rows {
    struct svg_scale x; /* with svg_start_scale() it is ready */
    bool ratios;        /* a line at 1 */
    struct result_blocks blocks;
    unsigned count;
    struct html_row item[HTML_ROWS];
};

/* The next one, empty but for these; callers know that there is room. */
struct html_row *html_rows_add(struct html_rows *rows, enum html_row_kind kind, unsigned series,
                               const char *format, ...) RESULT_PRINTF(4, 5);

/* The axis of HTML_DOT rows between their labels and their numbers. */
void html_rows_fit(struct html_rows *rows, double part);

void html_rows_draw(struct html_page *p, const struct html_rows *rows, const char *title,
                    const char *caption, svg_format *format);

/* ---- Sections: nothing where there is no data -------------------------------------------- */

void html_put_lanes(struct html_page *p);
void html_put_percentiles(struct html_page *p); /* html_curves.c */
void html_put_sweep(struct html_page *p);
void html_put_steps(struct html_page *p);
void html_put_rates(struct html_page *p); /* html_dots.c */
void html_put_ratios(struct html_page *p);
void html_put_short(struct html_page *p); /* html_tables.c */
void html_put_tables(struct html_page *p);
void html_put_faults(struct html_page *p); /* html_about.c */
void html_put_gates(struct html_page *p);
void html_put_preflight(struct html_page *p);
void html_put_environment(struct html_page *p);
void html_put_reading(struct html_page *p);

#endif
