/* What several writers say in the same words: numbers with their unit, gates, names of what targets
 * are compared with. */
#ifndef WSIO_REPORT_PHRASES_H
#define WSIO_REPORT_PHRASES_H

#include "measure/result/result.h"
#include "report/format.h"

#define PHRASES_SENTENCE 256               /* bytes, with the NUL */
#define PHRASES_GATE     (GATE_TEXT + 128) /* bytes of that sentence, with its NUL */

/* A value in its unit; ratios and other plain numbers with three digits behind the point. */
void phrases_value(char out[FORMAT_TEXT], double value, enum figure_unit unit);

/* Puts "> " before a number of which only a lower bound is known. */
void phrases_mark_beyond(char text[FORMAT_TEXT], bool beyond);

/* What stands instead of a number: "-" where nothing was measured, "n/a" where too few messages
 * were, "refused" where it contradicts itself. NULL: there is a number. */
const char *phrases_instead(const struct estimate *e);

/* The interval of a ratio: "0.91..0.95", or "> 0.91" where its upper end is not known. */
void phrases_range(char out[FORMAT_TEXT], const struct interval *i);

/* A target at a value of a sweep: "ws at 1 024 bytes", "ws at 1 client". */
void phrases_swept(char out[PHRASES_SENTENCE], const struct result *r, unsigned target,
                   unsigned point);

/* "In 1 of 10 trials ws stood vacant for more than 5 % of the window: messages were outstanding,
 * and nothing was answered for up to 2.00 s." "" where that was not so. */
void phrases_silence(char out[PHRASES_SENTENCE], const char *name, const struct summary *s);

/* "TEXT: holds, 3.10 ms (2.90 ms to 3.40 ms)". */
void phrases_gate(char out[PHRASES_GATE], const struct gate_result *g);

/* "ws was not steady: the p50 of the window's last third is 1.15 times that of the first." */
void phrases_drift(char out[PHRASES_SENTENCE], const char *name, const struct summary *s);

/* "10 blocks", "1 block", "2 to 3 blocks". */
void phrases_blocks(char out[FORMAT_TEXT], const struct result_blocks *b);

/* "both ends on one core", of all trials of the run: what stands beside its figures. */
const char *phrases_placement(const struct result *r);

/* "asked: apart (client on core 1, server on core 0); seen: 80 trials apart". */
void phrases_placement_facts(char out[PHRASES_SENTENCE], const struct result_placement *p);

/* The name of what the targets are compared with: "its pair" when it is not the same for all, ""
 * when there is none. */
const char *phrases_base_name(const struct result *r, enum pair_base base);

#endif
