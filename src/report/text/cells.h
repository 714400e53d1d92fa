/* What stands in the cells of the text report's tables. */
#ifndef WSIO_REPORT_CELLS_H
#define WSIO_REPORT_CELLS_H

#include "report/text/layout.h"

/* In groups, whose order cells.c relies on. */
enum cells_kind {
    /* Of the row's figure over the blocks, in the row's format. */
    CELLS_MEDIAN,
    CELLS_QUARTILE_LOW, /* both empty unless 2 .. INTERVAL_MIN - 1 blocks have it */
    CELLS_QUARTILE_HIGH,
    CELLS_FROM, /* 95 % interval; both empty below INTERVAL_MIN blocks */
    CELLS_TO,
    /* Its ratio to the floor's or the pair's: the median over blocks; the 95 % interval, empty
     * below INTERVAL_MIN blocks. */
    CELLS_RATIO_FLOOR,
    CELLS_RATIO_PAIR,
    CELLS_INTERVAL_FLOOR,
    CELLS_INTERVAL_PAIR,

    /* Of the latencies of all blocks pooled, in the row's format. */
    CELLS_MIN,
    CELLS_MEAN,
    CELLS_MAX,
    CELLS_DEVIATION,

    /* The same of the clients' own means. */
    CELLS_CLIENT_MIN,
    CELLS_CLIENT_MEAN,
    CELLS_CLIENT_MAX,
    CELLS_CLIENT_DEVIATION,

    /* Counts of all blocks: these always, */
    CELLS_STARTED, /* clients */
    CELLS_ANSWERED,
    CELLS_WRONG,
    CELLS_ALWAYS = CELLS_WRONG,
    /* those empty where none is. */
    CELLS_SAMPLES,
    CELLS_OUTSIDE, /* beyond the histogram */
    CELLS_CLIENTS, /* with a mean */
    CELLS_SENT,
    CELLS_UNANSWERED,
    CELLS_UNEXPECTED,
    CELLS_PLANNED,
    CELLS_PLANNED_SENT,
    CELLS_PLANNED_ANSWERED,
    CELLS_PLANNED_WAITED,
    CELLS_ACCEPTED,
    CELLS_PROVEN,
    CELLS_COUNTS = CELLS_PROVEN,

    CELLS_P999, /* pooled; "n/a" below RESULT_TAIL_MIN samples */
    CELLS_WORST_LAG,
    CELLS_PROOF, /* of one-way sends */
    CELLS_PROVEN_RATE,
    CELLS_TRUE_RATE,         /* of the same target's round trips */
    CELLS_ACCEPTED_PER_TRUE, /* by how much a rate of mere sends exceeds that */
    CELLS_WIRE,              /* bytes of a message's frame, out + in */
    CELLS_LIMIT,             /* who was the limit, in two words at most */
};

/* What the cell's row asks for, or "" where there is nothing to say; "refused" for a figure that
 * contradicts itself. */
void cells_fill(const struct layout_cell *cell, char out[FORMAT_TEXT]);

#endif
