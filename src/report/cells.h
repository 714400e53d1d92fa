/* What stands in the cells of the text report's tables. Each fills `out`, or leaves it "" where
 * there is nothing to say; a figure that contradicts itself is "refused". */
#ifndef WSIO_REPORT_CELLS_H
#define WSIO_REPORT_CELLS_H

#include "report/layout.h"

/* Of the row's figure over the blocks, in the row's format. */
layout_fill cells_median;
layout_fill cells_quartile_low; /* both empty unless 2 .. INTERVAL_LEAST - 1 blocks have it */
layout_fill cells_quartile_high;
layout_fill cells_from; /* 95 % interval; both empty below INTERVAL_LEAST blocks */
layout_fill cells_to;

/* The figure's ratio to the floor's or the pair's: the median over blocks; its 95 % interval, empty
 * below INTERVAL_LEAST blocks. */
layout_fill cells_ratio_floor;
layout_fill cells_ratio_pair;
layout_fill cells_interval_floor;
layout_fill cells_interval_pair;

/* Of the latencies of all blocks pooled, in the row's format. */
layout_fill cells_least;
layout_fill cells_mean;
layout_fill cells_most;
layout_fill cells_deviation;
layout_fill cells_p999; /* "n/a" below REPORT_TAIL_LEAST samples */
layout_fill cells_samples;
layout_fill cells_outside; /* beyond the histogram; empty when none is */

/* Counts of all blocks; of the last two empty when none is. */
layout_fill cells_sent;
layout_fill cells_answered;
layout_fill cells_wrong;
layout_fill cells_unanswered;
layout_fill cells_unexpected;

layout_fill cells_wire;  /* bytes of a message's frame, out + in */
layout_fill cells_limit; /* who was the limit, in two words at most */

/* The rows that tables of messages share. */
#define CELLS_RATIO_ROWS(figure)                                                                   \
    {"  ratio to %f", cells_ratio_floor, figure, NULL},                                            \
        {"    95 %", cells_interval_floor, figure, NULL},                                          \
        {"  ratio to %p", cells_ratio_pair, figure, NULL},                                         \
    {                                                                                              \
        "    95 %", cells_interval_pair, figure, NULL                                              \
    }

#define CELLS_RATE_ROWS                                                                            \
    {"  lower quartile", cells_quartile_low, FIGURE_RATE, format_rate},                            \
        {"  upper quartile", cells_quartile_high, FIGURE_RATE, format_rate},                       \
        {"  95 % from", cells_from, FIGURE_RATE, format_rate},                                     \
    {                                                                                              \
        "  95 % to", cells_to, FIGURE_RATE, format_rate                                            \
    }

#define CELLS_COST_ROWS                                                                            \
    {"bytes out + in each", cells_wire, 0, NULL},                                                  \
        {"client CPU / message", cells_median, FIGURE_CLIENT_CPU, format_ns},                      \
        {"  system calls", cells_median, FIGURE_CLIENT_CALLS, format_ratio},                       \
        {"  context switches", cells_median, FIGURE_CLIENT_SWITCHES, format_ratio},                \
        {"  busy, of a core", cells_median, FIGURE_CLIENT_BUSY, format_share},                     \
        {"server CPU / message", cells_median, FIGURE_SERVER_CPU, format_ns},                      \
        {"  system calls", cells_median, FIGURE_SERVER_CALLS, format_ratio},                       \
        {"  context switches", cells_median, FIGURE_SERVER_SWITCHES, format_ratio},                \
        {"  busy, of a core", cells_median, FIGURE_SERVER_BUSY, format_share},                     \
    {                                                                                              \
        "limited by", cells_limit, 0, NULL                                                         \
    }

#endif
