/* One trial under way, as a scenario's driver sees it: simulated users against one destination.
 *
 * The way of a message: a driver calls user_send(); message_put() writes it into the loop's output,
 * for which the user's transport asks; the loop sends it. What comes back goes loop -> conn -> the
 * user's transport -> user.c, is matched and counted in traffic.c, and then comes to the driver's
 * reply(). */
#ifndef WSIO_CLIENT_COURSE_H
#define WSIO_CLIENT_COURSE_H

#include "client/drivers/driver_state.h"
#include "client/drivers/watch.h"
#include "client/drivers/window.h"
#include "client/options/client_options.h"
#include "client/plan/plan.h"
#include "client/user/user.h"

struct course;

/* What makes a scenario. unanswered(), due() and tick() may be NULL. */
struct driver {
    /* ready() waits for the end of an upgrade. Else it comes during the upgrade; then only one
     * message is sent, and reply() waits until the upgrade is over. */
    bool ready_settled;
    void (*start)(struct course *c);

    /* Reports of users, as in struct crowd_hooks. */
    void (*ready)(struct course *c, struct user *u);
    void (*reply)(struct course *c, struct user *u, const struct traffic_reply *reply);
    void (*unanswered)(struct course *c, struct user *u, uint64_t sequence, uint64_t sent);
    void (*gone)(struct course *c, struct user *u);

    /* When tick() is wanted at the latest, ns; PORT_FOREVER: never, 0: at each turn. */
    uint64_t (*due)(const struct course *c);
    void (*tick)(struct course *c, uint64_t now);
};

/* Memory for one trial: its users, and by user what they and the scenarios need. */
struct course_memory {
    uint32_t user_count;
    struct user *users;
    uint64_t *starts;   /* plan.depth of each user */
    uint8_t *control;   /* control_cap of each user */
    size_t control_cap; /* bytes */
    uint64_t *dues;     /* rate: plan.depth of each user; else NULL */
    uint32_t *queue;    /* rate: one of each user; else NULL */
    uint64_t *raw;      /* --log: latencies in ns, plan.roundtrips of each user of the trial, 0
                           where there is none; NULL: none are kept */
    size_t raw_count;
};

/* One assignment starts it. */
struct course {
    const struct driver *driver;
    const struct client_options *options;
    struct plan plan;
    struct course_memory memory;
    int64_t server_pid; /* 0: its usage is not known */
    bool own_server;    /* the target is the sibling's: frames have known sizes */

    struct crowd crowd;            /* what the users share, and the trial's record */
    bool over;                     /* nothing more is to be done */
    bool filling;                  /* course_fill() is at work */
    uint32_t next_free;            /* where the search for a free user begins */
    uint64_t began;                /* ns, before the first connect() */
    uint64_t deadline;             /* ns; whatever is under way then has failed */
    const char *deadline_reason;   /* why it is then */
    struct loop_counters counters; /* when it began */
    struct window window;
    struct watch watch; /* where both ends run */
    union {             /* what the driver keeps */
        struct {
            struct steady steady; /* roundtrip, rate */
            struct pacing pacing; /* rate */
        };
        struct sending sending; /* send */
    };
};

/* The time that was read last, ns. */
uint64_t course_now(const struct course *c);

/* No connection comes about any more, or none is answered, and enough were tried. */
bool course_is_hopeless(const struct course *c);

/* The run was stopped, or the trial's time is over: this user did not go of its own. */
bool course_is_cut(const struct course *c, const struct user *u);

/* Nobody answers a message any more that has waited since `since` (ns): it is missing in `h`, later
 * than the timeout. Where the trial is cut, it only is if it has waited longer than all others. */
void course_miss(const struct course *c, const struct user *u, struct histogram *h, uint64_t since);

/* Connects one more user; there is a free one. Its failure comes by gone(). */
void course_open_user(struct course *c);

/* Opens users while there are fewer than `total` so far, `open` at once, `connecting` not ready
 * yet. What fails at once calls the driver's gone() from within; a call from there returns at once,
 * and this one goes on. */
void course_fill(struct course *c, uint32_t total, uint32_t open, uint32_t connecting);

/* Replies are asked when they came to this system, from now until the window ends. Stamps make the
 * kernel slower for every packet (about 1 % of a round trip on loopback), so they are taken in the
 * last COURSE_STAMP_PART-th of a window only. */
#define COURSE_STAMP_PART 8
void course_begin_stamps(struct course *c);

/* The measuring window: see window.h. */
void course_begin_window(struct course *c);
void course_end_window(struct course *c);

#endif
