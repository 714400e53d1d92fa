/* What json.c and its parts json_*.c share. */
#ifndef WSIO_REPORT_JSON_INNER_H
#define WSIO_REPORT_JSON_INNER_H

#include "measure/result/result.h"
#include "report/json/writer.h"

/* ---- Figures: json_summary.c ----------------------------------------------------------------- */

/* Two members, "low_95" and "high_95": null below INTERVAL_MIN blocks. */
void json_put_interval(struct writer *w, const struct interval *i);

/* The members of one scenario of one target, into the object that is open. */
void json_put_summary(struct writer *w, const struct summary *s);

/* A member for the ratio of two targets in that figure; nothing when it was not measured, or is
 * refused. */
void json_put_ratio(struct writer *w, enum figure figure, const struct estimate *ratio);

/* Two members, "failures" and "failures_of_other_kinds". */
void json_put_failures(struct writer *w, const struct failures *f);

/* ---- Where it was measured: json_environment.c ------------------------------------------------
 */

/* One member each, called "environment", "preflight", "server". */
void json_put_environment(struct writer *w, const struct environment *e);
void json_put_preflight(struct writer *w, const struct preflight *p);
void json_put_server(struct writer *w, const struct server_figures *s);

#endif
