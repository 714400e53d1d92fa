/* Sums that must come out, whatever is measured. A figure that breaks one is refused, in words. */
#ifndef WSIO_MEASURE_IDENTITY_H
#define WSIO_MEASURE_IDENTITY_H

#include <stddef.h>

#include "measure/record/trial.h"

enum identity {
    IDENTITY_BALANCE, /* sent = answered + wrong + unanswered */
    IDENTITY_LITTLE,  /* rate x mean latency = messages outstanding, within 5 %, in roundtrip:
                         the places kept, less the time in which they stood vacant */
    IDENTITY_BYTES,   /* bytes = frames x size, where frames have one size */
    IDENTITY_COUNT
};

enum identity_outcome {
    IDENTITY_SKIPPED, /* does not apply to this trial, or too few messages to say */
    IDENTITY_HOLDS,
    IDENTITY_BROKEN,
};

#define IDENTITY_TEXT 160

const char *identity_key(enum identity identity); /* "balance", "little", "bytes" */

/* Checks one trial. `text` gets one sentence with the numbers, without a full stop (empty when
 * skipped). Balance is checked when the trial is over: nothing may be outstanding any more. */
enum identity_outcome identity_check(enum identity identity, const struct trial *t,
                                     char text[IDENTITY_TEXT]);

#endif
