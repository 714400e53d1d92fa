/* The whole of a run: which trials, in which order, against which targets, and what the report
 * gets. */
#ifndef WSIO_CLIENT_CAMPAIGN_H
#define WSIO_CLIENT_CAMPAIGN_H

#include "client/options/client_options.h"
#include "client/user/destination.h"
#include "client/drivers/drivers.h"
#include "client/output/outputs.h"
#include "client/output/progress.h"
#include "client/drivers/run.h"
#include "client/campaign/sibling.h"
#include "measure/result/result.h"

#define CAMPAIGN_TURNS_MAX (TARGETS_MAX * SWEEP_MAX + 1)

/* One target's trials within a block, one after the other. */
struct campaign_turn {
    uint8_t target;
    uint8_t point; /* of --sweep; 0 without */
    bool control;  /* the first target's second time */
};

/* About 15 MiB: one static object. */
struct campaign {
    const struct client_options *options;
    struct result *report;
    const struct outputs *outputs;
    struct sibling *sibling; /* NULL: foreign servers are measured */
    uint64_t seed_state;
    uint64_t started;        /* ns, before the first trial */
    uint64_t trials;         /* so far */
    uint64_t questions;      /* to the sibling */
    uint64_t question_calls; /* what one costs it */
    uint64_t server_calls;   /* its system calls until the last one; 0: not known */
    struct progress progress;
    struct preflight_plan needs;
    int64_t pids[TARGETS_MAX]; /* of the servers' processes; 0: not known */
    struct target_list targets;
    bool dead[TARGETS_MAX][SWEEP_MAX]; /* no client came so far that it might send: no trials */
    uint32_t turn_count;
    struct campaign_turn turns[CAMPAIGN_TURNS_MAX]; /* of a block, in its order */
    struct run run;
    struct destination destinations[TARGETS_MAX];
    struct trial trial;
};

/* Prepares everything for `targets`, resolves them, and takes all memory. `report` is reset and
 * partly filled. STATUS_OK, or a failure with one line in `error`. Targets that cannot be resolved
 * are in the report as failed. */
int campaign_open(struct campaign *c, struct client_options *options,
                  const struct target_list *targets, struct sibling *sibling,
                  const struct port_poller *poller, struct result *report,
                  const struct outputs *outputs, char error[OPTION_ERROR_BYTES]);

/* Inner part of campaign_open(): the report's frame, everything that is known beforehand. */
void campaign_describe(struct campaign *c);

/* Runs all trials, or until a signal. */
void campaign_run(struct campaign *c);

/* The sibling's figures, the environment's end; then everything is given back. */
void campaign_close(struct campaign *c);

#endif
