/* A whole run: which trials there are, in which order, against which targets, and what of them is
 * reported. */
#ifndef WSIO_CLIENT_CAMPAIGN_H
#define WSIO_CLIENT_CAMPAIGN_H

#include "client/options/client_options.h"
#include "client/user/destination.h"
#include "client/output/outputs.h"
#include "client/output/progress.h"
#include "client/drivers/run.h"
#include "client/campaign/placing.h"
#include "client/campaign/sibling.h"
#include "measure/result/result.h"

#define CAMPAIGN_LOOKS     4 /* of --until-decided: at 10, 20, 40 and 80 blocks */
#define CAMPAIGN_TURNS_MAX (TARGETS_MAX * SWEEP_MAX + 1)

/* The trials of one target within a block, one after the other. */
struct campaign_turn {
    uint8_t target; /* index */
    uint8_t point;  /* index of the value of --sweep; 0 without one */
    bool control;   /* the second turn of the reference of all */
};

/* About 15 MiB: one static object. */
struct campaign {
    /* What is to be done. */
    const struct client_options *options;
    struct target_list targets;
    struct placing *placing;   /* of both ends */
    struct sibling *sibling;   /* NULL: foreign servers are measured */
    int64_t pids[TARGETS_MAX]; /* the servers' processes; 0: not known */
    struct preflight_plan needs;

    /* The order of trials. */
    uint64_t seed_state;
    uint32_t turn_count;
    struct campaign_turn turns[CAMPAIGN_TURNS_MAX]; /* of the block under way, in its order */

    /* How far it is. */
    uint64_t started;                  /* ns, before the first trial */
    uint64_t trials;                   /* so far */
    bool dead[TARGETS_MAX][SWEEP_MAX]; /* no client became ready: no more trials */
    struct progress progress;

    /* The sibling's system calls. */
    uint64_t questions;      /* asked so far */
    uint64_t question_calls; /* what one question costs */
    uint64_t server_calls;   /* up to the last question; 0: not known */

    /* Where the figures go. */
    struct result *result;
    const struct gate_list *gates; /* what --until-decided decides, beside verdicts; set before */
    const struct outputs *outputs;

    /* What trials use. */
    struct trial trial;
    struct destination destinations[TARGETS_MAX];
    struct run run;
};

/* Prepares everything for `targets`, resolves their names, and takes all memory. `result` is reset
 * and partly filled. STATUS_OK, or a failure with one line in `error`. A target whose name cannot
 * be resolved is reported as failed. */
int campaign_open(struct campaign *c, struct client_options *options,
                  const struct target_list *targets, struct placing *placing,
                  struct sibling *sibling, const struct port_poller *poller, struct result *result,
                  const struct outputs *outputs, char error[OPTION_ERROR_BYTES]);

/* Inner parts of campaign_open(). The seed: as given, or chosen. The turns of a block, in the order
 * of targets, with the control last. The frame of the result: everything that is known beforehand.
 */
void campaign_choose_seed(struct campaign *c);
void campaign_make_turns(struct campaign *c);
void campaign_describe(struct campaign *c);

/* Inner part of campaign_run(): puts the turns into a random order, the next one of the seed. */
void campaign_shuffle_turns(struct campaign *c);

/* Runs all trials, or those up to a signal. */
void campaign_run(struct campaign *c);

/* Completes the result (the sibling's figures, the end of the environment) and releases everything.
 */
void campaign_close(struct campaign *c);

#endif
