/* Rows of tables of figures: a label, and what stands in the cell of each target. The text report
 * and the page have lists of rows of their own, and fill their cells here. */
#ifndef WSIO_REPORT_ROWS_H
#define WSIO_REPORT_ROWS_H

#include "measure/result/result.h"
#include "report/format.h"

/* Counts of all blocks pooled. */
enum rows_count {
    ROWS_SAMPLES, /* of the latency */
    ROWS_OUTSIDE, /* beyond the histogram */
    ROWS_CLIENTS, /* with a mean of their own */
    ROWS_STARTED, /* clients */
    ROWS_SENT,
    ROWS_ANSWERED,
    ROWS_WRONG,
    ROWS_UNANSWERED,
    ROWS_UNEXPECTED,
    ROWS_IGNORED,
    ROWS_PLANNED,
    ROWS_PLANNED_SENT,
    ROWS_PLANNED_ANSWERED, /* of an open loop only */
    ROWS_PLANNED_WAITED,
    ROWS_ACCEPTED,
    ROWS_PROVEN,
};

enum rows_statistic {
    ROWS_MIN,
    ROWS_MEAN,
    ROWS_MAX,
    ROWS_DEVIATION,
    ROWS_P999,
    ROWS_LAG_P50, /* of an open loop's sends */
    ROWS_LAG_P99,
    ROWS_ARRIVAL_P50, /* of replies, to their read */
    ROWS_ARRIVAL_P99,
};

/* What a cell is about. */
struct rows_cell {
    const struct result *result;
    const struct result_target *target;
    enum scenario scenario;        /* of the table */
    const struct summary *summary; /* of that scenario */
};

struct row;

/* Puts what the row asks for: "" where there is nothing to say, "refused" for a figure that
 * contradicts itself, "n/a" for one of too few messages; "> " before what is a lower bound, since
 * messages were not answered. */
typedef void rows_fill(char out[FORMAT_TEXT], const struct row *row, const struct rows_cell *cell);

struct row {
    const char *label;
    unsigned tables; /* bits 1U << enum scenario: in whose tables it stands; 0: the list's own */
    rows_fill *fill; /* NULL: an empty line between groups */
    enum figure figure;
    format_put *format;
    enum pair_base base; /* of ratios */
    bool names_base;     /* the name of what the targets are compared with ends the label */
    enum rows_statistic statistic;
    enum rows_count count;
    bool always; /* a count of 0 is shown, too */
};

/* The row's figure over the blocks, in the row's format. */
rows_fill rows_fill_median;
rows_fill rows_fill_quartile_low; /* both empty unless 2 .. INTERVAL_MIN - 1 blocks have it */
rows_fill rows_fill_quartile_high;
rows_fill rows_fill_interval_low; /* 95 %; both empty below INTERVAL_MIN blocks */
rows_fill rows_fill_interval_high;

/* Its ratio to the row's base: the median over blocks; its 95 % interval, empty below INTERVAL_MIN
 * blocks. */
rows_fill rows_fill_ratio;
rows_fill rows_fill_ratio_interval;

/* The row's statistic in its format, all blocks pooled: of the latencies (or of the lag), of the
 * clients' means (the first four). "n/a" where fewer than ten messages lie beyond a percentile. */
rows_fill rows_fill_latency;
rows_fill rows_fill_client_means;
rows_fill rows_fill_arrival; /* the same, "not known" where the system does not stamp */

/* The row's count, all blocks pooled: empty for 0, unless the row shows it always. */
rows_fill rows_fill_count;

rows_fill rows_fill_worst_lag;
rows_fill rows_fill_wire;      /* bytes of a message's frame, out + in */
rows_fill rows_fill_placement; /* where both ends ran; empty where it is not known */
rows_fill rows_fill_limit;     /* what limited the exchange, in two words at most */

/* One-way sends. */
rows_fill rows_fill_proof;
rows_fill rows_fill_proven_rate;
rows_fill rows_fill_roundtrip_rate; /* of the same target */
rows_fill rows_fill_accepted_per_roundtrip;

#endif
