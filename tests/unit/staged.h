/* A report built by hand, and its outputs read back: what the tests of the writers share. */
#ifndef WSIO_TESTS_STAGED_H
#define WSIO_TESTS_STAGED_H

#include <stdio.h>

#include "measure/result/result.h"

extern struct result staged;
extern struct trial staged_trial;
extern char staged_output[]; /* of the last staged_read_back, with a NUL */

void staged_fill_environment(struct environment *e);
void staged_add_target(const char *name, const char *kind, int reference);
void staged_start_trial(enum scenario scenario, unsigned clients, unsigned depth);
void staged_record_phases(uint64_t clients, uint64_t slowness, unsigned last_phase);
void staged_record_messages(uint64_t count, uint64_t ns);
void staged_add_connect(struct result_target *t, unsigned block, uint64_t slowness, unsigned last);
/* Fills staged_trial: a closed loop of one place. */
void staged_roundtrip(uint64_t count, uint64_t ns);
void staged_add_roundtrip(struct result_target *t, unsigned block, uint64_t count, uint64_t ns);
void staged_add_throughput(struct result_target *t, unsigned block, uint64_t ns);
void staged_add_send(struct result_target *t, unsigned block, enum proof proof);
/* tcp, ws, sio and sio-upgrade, whose round trips take 10.0, 10.5 and 11.5 us and 100 ns more in
 * each further block; the first target once per block. */
void staged_build_compare(unsigned blocks);

/* Two of its messages stay unanswered; plain latencies are a quarter of the others. */
void staged_add_rate(struct result_target *t, unsigned block, uint64_t count, uint64_t ns);

void staged_add_extras(void);
void staged_read_back(int (*write)(FILE *, const struct result *));
void staged_assert_fits(void);
void staged_assert_has(const char *text);
void staged_assert_lacks(const char *text);
void staged_assert_line(const char *expected);

#endif
