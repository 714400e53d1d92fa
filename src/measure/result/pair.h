/* Which target is compared with which, and what every figure of the two shows. This is the only
 * place that knows the rule. */
#ifndef WSIO_MEASURE_PAIR_H
#define WSIO_MEASURE_PAIR_H

#include "base/config.h"
#include "measure/result/verdict.h"

#define PAIR_NONE   (-1) /* instead of a target's index */
#define PAIR_VARIES (-2) /* several: not the same for all */

/* Why two targets are compared. */
enum pair_base {
    PAIR_BASELINE,  /* the other is raw TCP, which all are compared with */
    PAIR_REFERENCE, /* the other is this one's own reference: for Socket.IO the first WebSocket */
    PAIR_FURTHER,   /* it speaks the same protocol, or is the reference of all */
};

#define PAIR_BASES 3
#define PAIRS_MAX  (TARGETS_MAX * (TARGETS_MAX - 1) / 2) /* no two are compared twice */

/* What a target speaks. */
enum pair_protocol {
    PAIR_OTHER, /* unknown: neither a baseline nor a special reference */
    PAIR_TCP,
    PAIR_WEBSOCKET,
    PAIR_SOCKET_IO,
};

/* One figure of the two. */
struct comparison {
    struct estimate ratio;       /* of the target to the other, block by block */
    struct interval noise;       /* of the control to its target; n is 0: not measured */
    enum contrast_result result; /* CONTRAST_NONE, too, when the ratio is refused */
};

struct pair {
    unsigned target; /* index of the one that is judged */
    unsigned other;  /* index of the one it is divided by */
    enum pair_base base;
    struct comparison figures[SCENARIO_COUNT][FIGURE_COUNT];
    struct verdict verdict; /* by the figure that decides */
};

/* The first target of raw TCP, or PAIR_NONE. */
int pair_find_baseline(const enum pair_protocol *protocols, unsigned count);

/* Socket.IO is judged against the first WebSocket; all else against target `against`, the reference
 * of all, or where that is the baseline against the first of its protocol. PAIR_NONE: it has no
 * reference of its own, or is that of its reference. */
int pair_find_reference(const enum pair_protocol *protocols, unsigned count, unsigned against,
                        unsigned target);

/* Lists every pair once: each target with the baseline, with its reference, with those before it
 * of its protocol, and with `against`, in the order of targets. `references` has `count` indices.
 * Returns how many there are; only target, other and base of each are set. */
unsigned pair_list(struct pair pairs[PAIRS_MAX], const enum pair_protocol *protocols, int baseline,
                   const int *references, unsigned against, unsigned count);

/* NULL: this target has no such pair. Of PAIR_FURTHER it may have several: the first. */
const struct pair *pair_find(const struct pair *pairs, unsigned count, unsigned target,
                             enum pair_base base);

/* The target that all pairs of this base have in common, PAIR_NONE or PAIR_VARIES: the heads of
 * columns name it. */
int pair_common(const struct pair *pairs, unsigned count, enum pair_base base);

/* `noise` is the ratio of the control to its target; `claims` pairs are judged together. */
struct comparison pair_compare(struct summary_trials of, struct summary_trials to,
                               const struct estimate *noise, enum figure figure, unsigned claims);

#endif
