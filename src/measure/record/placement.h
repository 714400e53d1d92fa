/* Where the two ends of a trial ran: on one core, in turns, or each on a core of its own. It
 * changes every latency, so it is sampled, and stands beside the figures. */
#ifndef WSIO_MEASURE_PLACEMENT_H
#define WSIO_MEASURE_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

/* X(NAME, key, words). */
#define PLACEMENT_LIST(X)                                                                          \
    /* Nothing was sampled: the server's process is not known, or the system does not say. */      \
    X(UNKNOWN, "unknown", "not known")                                                             \
    /* Both ends were on one core in 90 % of the samples or more. */                               \
    X(SAME, "same", "same core")                                                                   \
    /* They were on different cores in 90 % or more. */                                            \
    X(APART, "apart", "apart")                                                                     \
    /* Neither: they came together and parted. */                                                  \
    X(MOVING, "moving", "moving")

enum placement {
#define X(name, key, words) PLACEMENT_##name,
    PLACEMENT_LIST(X)
#undef X
        PLACEMENT_COUNT
};

#define PLACEMENT_SHARE 0.90 /* of the samples, that must agree */

/* All-zero: none. */
struct placement_samples {
    uint64_t taken;
    uint64_t same; /* with both ends on one core */
};

void placement_add(struct placement_samples *s, bool same);
void placement_merge(struct placement_samples *into, const struct placement_samples *from);

enum placement placement_find(const struct placement_samples *s);

/* The part of the samples with both ends on one core; 0 without any. */
double placement_same_share(const struct placement_samples *s);

/* "same", "same core"; "-" outside of the list. */
const char *placement_key(enum placement placement);
const char *placement_words(enum placement placement);

/* ---- Of several trials ----------------------------------------------------------------------- */

/* How many trials saw each placement. All-zero: none. */
struct placement_count {
    unsigned trials[PLACEMENT_COUNT];
};

void placement_count_add(struct placement_count *c, enum placement placement);
void placement_count_merge(struct placement_count *into, const struct placement_count *from);

/* They saw more than one; trials where it is not known do not count. */
bool placement_count_differs(const struct placement_count *c);

/* The one that they saw; PLACEMENT_UNKNOWN where there is none, or more than one. */
enum placement placement_count_common(const struct placement_count *c);

#define PLACEMENT_TEXT 96 /* bytes of placement_count_format()'s output, with its NUL */

/* "7 same core, 3 apart"; "none". */
void placement_count_format(char out[PLACEMENT_TEXT], const struct placement_count *c);

#endif
