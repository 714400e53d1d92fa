/* What a run says about where both ends ran. */
#ifndef WSIO_MEASURE_RESULT_PLACEMENT_H
#define WSIO_MEASURE_RESULT_PLACEMENT_H

#include "base/config.h"
#include "measure/record/placement.h"
#include "measure/record/scenario.h"

#define RESULT_WARNINGS     (TARGETS_MAX + SCENARIO_COUNT + 2)
#define RESULT_WARNING_TEXT 640

#define RESULT_NO_CORE (-1)

struct result_placement {
    /* Filled by the client before the run. */
    char asked[16];  /* --placement: "same", "apart", "free"; "": nothing was run */
    int client_core; /* to which it was bound; RESULT_NO_CORE: to none */
    int server_core; /* likewise; also where it was bound to several */

    /* By result_conclude(). */
    struct placement_count all; /* trials of all targets, the control's and the sweep's included */
    bool differs;               /* they saw different placements, in some scenario */
    unsigned warning_count;     /* sentences that belong beside the figures */
    char warnings[RESULT_WARNINGS][RESULT_WARNING_TEXT];
};

#endif
