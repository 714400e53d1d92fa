/* What went wrong, grouped by phase and cause: a thousand refused connects are one row. */
#ifndef WSIO_MEASURE_FAILURE_H
#define WSIO_MEASURE_FAILURE_H

#include <stdint.h>

#include "measure/record/phase.h"

#define FAILURES_KEPT 8
#define FAILURE_TEXT  96

struct failure {
    int status;       /* enum status, negative */
    enum phase phase; /* in which it happened; PHASE_COUNT: while exchanging messages */
    uint64_t count;
    char text[FAILURE_TEXT]; /* detail of the first one, such as "HTTP 404"; may be empty */
};

/* All-zero is none. */
struct failures {
    struct failure list[FAILURES_KEPT];
    unsigned used;
    uint64_t more; /* of kinds for which there was no row left */
};

/* Counts one; `text` is kept with the first of its kind, cut to fit; NULL is "". */
void failures_add(struct failures *f, int status, enum phase phase, const char *text);
void failures_merge(struct failures *into, const struct failures *from);
uint64_t failures_count(const struct failures *f);

#endif
