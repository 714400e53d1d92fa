/* The phases of a client's life: one list gives the enum, the keys, the titles and the sentences.
 */
#ifndef WSIO_MEASURE_PHASE_H
#define WSIO_MEASURE_PHASE_H

/* X(NAME, key, title, starts, ends). A phase starts at the time stamp that ended the one before. */
#define PHASE_LIST(X)                                                                              \
    X(RESOLVE, "resolve", "resolve", "before the look-up, once per target", "addresses known")     \
    X(TCP, "tcp", "tcp", "before connect()", "writable, no pending error")                         \
    X(UPGRADE, "upgrade", "upgrade", "end of tcp", "101 verified")                                 \
    X(EIO_OPEN, "eio_open", "eio open", "end of upgrade (polling: of tcp)", "0{...} parsed")       \
    X(SIO_CONNECT, "sio_connect", "sio connect", "end of eio open", "40{sid} parsed")              \
    X(PROBE, "probe", "probe", "WebSocket of the upgrade opened", "3probe parsed")                 \
    X(SWITCH, "switch", "switch", "3probe parsed", "5 sent")                                       \
    X(READY, "ready", "ready", "before connect()", "may send")                                     \
    X(FIRST_ECHO, "first_echo", "first echo", "before the first send", "its reply matched")        \
    X(CLOSE, "close", "close", "before the first closing byte", "end of stream")

enum phase {
#define X(name, key, title, starts, ends) PHASE_##name,
    PHASE_LIST(X)
#undef X
        PHASE_COUNT /* also "no phase" where a failure belongs to none */
};

/* Never NULL; "-" for PHASE_COUNT. */
const char *phase_key(enum phase phase);    /* "eio_open": JSON, CSV, gates */
const char *phase_title(enum phase phase);  /* "eio open": tables */
const char *phase_starts(enum phase phase); /* what starts it, in a few words */
const char *phase_ends(enum phase phase);

#endif
