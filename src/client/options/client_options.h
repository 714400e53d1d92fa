/* The command line of wsio-client: scenario, options, targets. */
#ifndef WSIO_CLIENT_CLIENT_OPTIONS_H
#define WSIO_CLIENT_CLIENT_OPTIONS_H

#include "base/option.h"
#include "client/options/payload.h"
#include "client/options/sweep.h"
#include "client/options/target.h"
#include "measure/result/figure.h"
#include "measure/record/scenario.h"

#define CLIENT_HELP_BYTES   16384      /* enough for the help */
#define CLIENT_OPTION_UNSET UINT32_MAX /* `cpu`: the client is not pinned */

/* What the first word of a command line asks for: a whole comparison, one scenario, or no
 * measuring. In the order of the help. */
enum client_scenario {
    CLIENT_COMPARE,
#define X(name, key, title, flow) CLIENT_##name,
    SCENARIO_LIST(X)
#undef X
        CLIENT_DOCTOR,
    CLIENT_DIFF,
    CLIENT_ECHO,
    CLIENT_SCENARIOS,
};

enum client_match {
    CLIENT_MATCH_ORDER,
    CLIENT_MATCH_ANY, /* each reply counts, unchecked */
};

/* Where the client and the servers of this machine run. */
enum client_placement {
    CLIENT_PLACEMENT_SAME,  /* all on one core */
    CLIENT_PLACEMENT_APART, /* the client alone on its core */
    CLIENT_PLACEMENT_FREE,  /* where the system puts them */
    CLIENT_PLACEMENTS,
};

enum client_unsure {
    CLIENT_UNSURE_FAIL, /* exit status 4 */
    CLIENT_UNSURE_WARN, /* a line on stderr */
    CLIENT_UNSURE_OK,
};

/* Which options are on the command line, where more depends on it than their values. */
struct client_given {
    bool clients;
    bool concurrency;
    bool blocks;
    bool warmup;
    bool time_limit;
    bool seed;
    bool size;
    bool event;
    bool socketio_path;
    bool verdict_on;
    bool placement;
};

/* Every value is checked, in its range, and complete: nothing depends on the scenario any more.
 * A value that the scenario does not use is 0 or its plain default. */
struct client_options {
    /* What is to be done. */
    enum client_scenario scenario;
    bool scenario_named; /* it was written, not assumed */
    bool help;
    bool version;
    struct client_given given;
    struct target_list targets; /* none: those of the sibling */
    const char *files[2];       /* the saved reports of diff */

    /* Load. */
    uint64_t duration_ns; /* of a trial; in compare: of a roundtrip trial */
    uint64_t warmup_ns;   /* cut from the start of a trial; < duration_ns */
    uint32_t clients;     /* in connect, throughput and compare: in all; in roundtrip and rate: open
                             at once; in send: 1 */
    uint32_t concurrency; /* in throughput and compare: open at once, <= clients */
    uint32_t roundtrips;  /* in throughput and compare: per client */
    uint32_t depth;       /* messages outstanding per client; in send: where it stops */
    uint32_t blocks;      /* trials of each target */
    uint32_t rate;        /* messages per second of all clients; in compare 0: no rate trials */
    const char *sweep_text; /* as given, or NULL */
    struct sweep sweep;     /* parsed; count 0: none. The member that is swept, payload.size or
                               clients, has the largest value */
    uint64_t time_limit_ns; /* of the run as a whole; 0: none */
    uint64_t seed;          /* of the order of trials, if given.seed; else one is chosen */
    uint64_t timeout_ns;    /* for a connect, a handshake, a reply, the drain of send */

    /* Messages. */
    struct payload payload;
    uint32_t match;         /* enum client_match */
    bool ignore_unexpected; /* WebSocket, Socket.IO: what equals no outstanding message is left out
                             */

    /* Socket.IO. */
    const char *event;
    const char *reply_event;   /* never NULL: the same as `event` by default */
    bool ack;                  /* an ack id on each event; some target is Socket.IO */
    const char *auth;          /* a JSON object, or NULL */
    const char *socketio_path; /* starts with '/', sent as it is */

    /* Handshake. */
    struct option_texts headers; /* "Name: value", checked; none that the handshake sets itself */
    const char *subprotocol;     /* NULL: none is offered */
    const char *origin;          /* NULL: none is sent */

    /* Running. */
    const char *poller; /* NULL: the port's best */
    bool busy_poll;
    uint32_t cpu;                    /* core, or CLIENT_OPTION_UNSET */
    uint32_t placement;              /* enum client_placement */
    size_t socket_buffer;            /* bytes for each direction; 0: the system's default */
    struct option_texts server_pids; /* "NAME=PID", checked: each of a target, a number > 0 */

    /* Judging. */
    const char *against;            /* name of a target; NULL: the first */
    const char *verdict_text;       /* SCENARIO.FIGURE */
    enum scenario verdict_scenario; /* parsed */
    enum figure verdict_figure;     /* likewise */
    struct option_texts gates;      /* --fail-if, parsed by measure/result/gate.h */
    uint32_t unsure;                /* enum client_unsure: what an unsure gate does */
    bool until_decided;             /* add blocks until verdicts and gates are decided */
    const char *within_text;        /* "2%" */
    double within;                  /* parsed: 0.02 */

    /* Output. */
    const char *json; /* file, "-" is stdout; NULL: none */
    const char *csv;  /* likewise */
    const char *html; /* file; NULL: none */
    const char *hgrm; /* start of file names; NULL: none */
    const char *log;  /* file to append to; NULL: none */
    bool quiet;       /* no progress line, no table */
};

/* Sets the names that --poller takes, such as "epoll|select". Called before a parse. */
void client_options_set_pollers(const char *names);

/* Resets `options` and fills it. STATUS_OK, or STATUS_INVALID with one line in `error`. With `help`
 * or `version` set, only `scenario` and `scenario_named` are valid beside them. */
int client_options_parse(struct client_options *options, int argc, char *const argv[],
                         char error[OPTION_ERROR_BYTES]);

/* Appends the whole help, or with `named` what applies to that scenario. */
void client_options_help(enum client_scenario scenario, bool named, struct buf *out);

/* Reads --server-pid number `index`: the index of its target, and the process. False when it is not
 * NAME=PID with the name of a target, which a parse refuses. */
bool client_options_read_pid(const struct client_options *options, uint32_t index, uint32_t *target,
                             int64_t *pid);

/* "same", "apart", "free". */
const char *client_options_placement_name(enum client_placement placement);

/* The scenario's word, such as "roundtrip". */
const char *client_options_scenario_name(enum client_scenario scenario);

#endif
