/* The command line of wsio-client: scenario, options, targets. */
#ifndef WSIO_CLIENT_CLIENT_OPTIONS_H
#define WSIO_CLIENT_CLIENT_OPTIONS_H

#include "base/option.h"
#include "client/options/payload.h"
#include "client/options/sweep.h"
#include "client/options/target.h"
#include "measure/result/figure.h"
#include "measure/record/scenario.h"

#define CLIENT_HELP_BYTES     16384      /* enough for the help */
#define CLIENT_OPTION_UNSET   UINT32_MAX /* of `cpu`: not pinned */
#define CLIENT_ROUNDTRIPS_MAX 1000000

/* X(NAME, word, what it does) */
#define CLIENT_SCENARIO_LIST(X)                                                                    \
    X(COMPARE, "compare", "connect, roundtrip, throughput and send, blocks in random order")       \
    X(CONNECT, "connect", "open and close one client at a time, every phase timed")                \
    X(ROUNDTRIP, "roundtrip", "clients open at once, each with messages outstanding")              \
    X(THROUGHPUT, "throughput", "many clients, some at a time, connects included")                 \
    X(RATE, "rate", "a fixed rate, timed from the instant each message is due")                    \
    X(SEND, "send", "one way: send without waiting, then prove what arrived")                      \
    X(DOCTOR, "doctor", "what a run needs and what this machine has; no measuring")                \
    X(DIFF, "diff", "compare two saved reports: diff A.json B.json")                               \
    X(ECHO, "echo", "no measuring: return every message until the peer closes")

enum client_scenario {
#define X(name, word, text) CLIENT_##name,
    CLIENT_SCENARIO_LIST(X)
#undef X
        CLIENT_SCENARIOS,
};

enum client_match {
    CLIENT_MATCH_ORDER,
    CLIENT_MATCH_ANY, /* each reply counts, unchecked */
};

/* Every value is checked, in its range, and resolved: nothing depends on the scenario any more.
 * A value that the scenario does not use is 0 or its plain default. */
struct client_options {
    enum client_scenario scenario;
    bool scenario_named; /* it was written, not assumed */
    bool ack; /* an ack id on each event; at least one target is Socket.IO, or the sibling's */
    bool busy_poll;
    bool quiet; /* no progress line, no table */
    bool help;
    bool version;
    uint64_t given; /* see client_options_given */

    uint64_t duration_ns;   /* of a trial; of compare: of its roundtrip trials */
    uint64_t warmup_ns;     /* cut from the duration's start; < duration_ns */
    uint64_t timeout_ns;    /* for a connect, a handshake, a reply, the drain of send */
    uint64_t time_limit_ns; /* of compare as a whole; 0: none */
    uint32_t clients;       /* connect, throughput, compare: in all; roundtrip: at once; send: 1 */
    uint32_t concurrency;   /* of throughput and compare: at a time, <= clients */
    uint32_t roundtrips;    /* of throughput and compare: per client */
    uint32_t depth;         /* messages outstanding per client; of send: where it stops */
    uint32_t blocks;        /* trials of each target */
    uint32_t rate;          /* messages per second of all clients; of compare: 0, none of it */
    uint32_t match;         /* enum client_match */
    uint32_t cpu;           /* core, or CLIENT_OPTION_UNSET */
    const char *sweep_text; /* as given, or NULL */
    struct sweep sweep;     /* parsed; count 0: none. What it sweeps has its largest value here */

    struct payload payload;
    const char *event;
    const char *reply_event;   /* never NULL: the same as `event` by default */
    size_t socket_buffer;      /* bytes for each direction; 0: the system's */
    uint64_t seed;             /* when given; else 0: choose one */
    const char *poller;        /* NULL: the port's best */
    const char *auth;          /* a JSON object, or NULL */
    const char *subprotocol;   /* NULL: none offered */
    const char *origin;        /* NULL: none sent */
    const char *socketio_path; /* starts with '/', sent as it is */

    const char *json;               /* file, "-" is stdout; NULL: none */
    const char *csv;                /* likewise */
    const char *html;               /* file; NULL: none */
    const char *hgrm;               /* start of file names; NULL: none */
    const char *log;                /* file to append to; NULL: none */
    const char *verdict_text;       /* SCENARIO.FIGURE */
    enum scenario verdict_scenario; /* parsed */
    enum figure verdict_figure;
    const char *files[2]; /* of diff */

    struct option_texts headers; /* "Name: value", checked, none that the handshake sets itself */
    struct option_texts server_pids; /* "NAME=PID", checked: each of a target, a number > 0 */
    struct option_texts gates;       /* --fail-if, parsed by report/gate.h */
    struct target_list targets;      /* none: the sibling's */
};

/* Before all else: the names that --poller takes, such as "epoll|select". */
void client_options_pollers(const char *names);

/* Resets `options` and fills it. STATUS_OK, or STATUS_INVALID with one line in `error`. With `help`
 * or `version` set only `scenario` and `scenario_named` count beside. */
int client_options_parse(struct client_options *options, int argc, char *const argv[],
                         char error[OPTION_ERROR_BYTES]);

/* Whether the option of this name, such as "--depth", stood on the command line. */
bool client_options_given(const struct client_options *options, const char *name);

/* Appends the whole help, or with `named` what applies to that scenario. */
void client_options_help(enum client_scenario scenario, bool named, struct buf *out);

/* --server-pid number `index`: of which target, and which process. False when it is no such thing,
 * which a parse has refused. */
bool client_options_server_pid(const struct client_options *options, uint32_t index,
                               uint32_t *target, int64_t *pid);

/* The scenario's word, such as "roundtrip". */
const char *client_options_scenario_name(enum client_scenario scenario);

#endif
