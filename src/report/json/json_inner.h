/* What the files of json.c share. */
#ifndef WSIO_REPORT_JSON_INNER_H
#define WSIO_REPORT_JSON_INNER_H

#include "measure/result/result.h"
#include "report/json/writer.h"

/* Two members, null below INTERVAL_MIN blocks. */
void json_put_interval(struct writer *w, const struct interval *i);

/* The members of one scenario of one target, within an object that is open. */
void json_put_summary(struct writer *w, const struct summary *s);

/* A member `key`: each figure of `of` divided by that of `to`, which belongs to target `name`;
 * nothing when one of them was not run. */
void json_put_ratios(struct writer *w, const char *key, const char *name, const struct summary *of,
                     const struct summary *to);

/* Two members. */
void json_put_failures(struct writer *w, const struct failures *f);

#endif
