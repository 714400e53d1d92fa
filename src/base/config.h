/* Every limit of wsio, with its unit, its range and its reason. X_MIN, X_DEFAULT and X_MAX are
 * those of an option; the others are fixed. A limit within #ifndef may be set with -D when wsio is
 * built, in the range that stands beside it. */
#ifndef WSIO_BASE_CONFIG_H
#define WSIO_BASE_CONFIG_H

#include <assert.h>

#define WSIO_VERSION "0.1.0"

/* ---- Buffers of a loop --------------------------------------------------------------------- */

/* Bytes of one receive, 16 KiB to 1 MiB; one buffer per loop. A frame of ECHO_WHOLE arrives in few
 * calls, and the buffer stays in the second-level cache. */
#ifndef RECV_BYTES
#define RECV_BYTES (128 * 1024)
#endif

/* A server's receive from one peer begins with RECEIVE_LEAST << RECEIVE_FIRST bytes, doubles while
 * receives come full and cheap, and falls back to RECEIVE_LEAST when its work had to be cut. */
#define RECEIVE_LEAST 4096
#define RECEIVE_FIRST 2

/* Bytes that a step may write beyond the length of its input, fixed: the largest thing that is
 * written unasked or for a short question (a page of figures, an open packet, a close). */
#define OUT_SLACK (16 * 1024)

/* Bytes collected before a send, from RECV_BYTES + OUT_SLACK on; one buffer per loop. The echoes of
 * one receive fit: an echo is at most OUT_SLACK longer than its message, and what does not fit is
 * sent in between. */
#ifndef OUT_BYTES
#define OUT_BYTES (RECV_BYTES + 64 * 1024)
#endif

/* Bytes of the largest WebSocket frame that is held and comes back as one frame, up to RECV_BYTES.
 * The echo of a longer one is sent in pieces as it arrives. */
#ifndef ECHO_WHOLE
#define ECHO_WHOLE (128 * 1024)
#endif

/* Bytes kept free in front of a held message, fixed, so that it is answered in place: the longest
 * heads of a frame and a packet that an answer can have beyond those of the question. */
#define HOLD_HEADROOM 32

/* ---- Memory for messages ------------------------------------------------------------------- */

/* Bytes of one block of the pool, a power of two: the unit of leases. */
#ifndef POOL_BLOCK_BYTES
#define POOL_BLOCK_BYTES (4 * 1024)
#endif

/* Bytes of the server's pool, from 4 * MESSAGE_LIMIT_MAX on: half-built messages, and output that
 * peers are slow to take. */
#ifndef SERVER_POOL_BYTES
#define SERVER_POOL_BYTES (96u * 1024 * 1024)
#endif

/* What one owner (a connection with the sessions that were opened over it) may have queued: the
 * SHARE_PART-th part of what is free then, and SHARE_LEAST bytes in any case, for which SHARE_ROOM
 * bytes are kept. An owner that has more when memory becomes short is closed unless its queue moves
 * within SHARE_WAIT_MS. */
#define SHARE_PART    16
#define SHARE_LEAST   (16 * 1024)
#define SHARE_ROOM    (4 * 1024 * 1024)
#define SHARE_WAIT_MS 2000

/* So long a large queue is kept for a session whose connection is gone, and that no client polls.
 */
#define QUEUE_LEFT_MS 5000

/* Memory goes back to the system when the pool is empty, and was not much used for so long. */
#define TRIM_AFTER_MS 1000

/* ---- Messages and requests ----------------------------------------------------------------- */

/* Bytes of one Socket.IO packet with its attachments (--max-message), which the server advertises
 * as maxPayload. The default is socket.io's, so that stock clients behave as with a stock server.
 */
#define MESSAGE_LIMIT_MIN     1024
#define MESSAGE_LIMIT_DEFAULT 1000000
#define MESSAGE_LIMIT_MAX     (16 * 1024 * 1024)

/* Bytes of an HTTP request head (--max-head). The default is node's, and is what a peer can make
 * the server keep before it is known. */
#define HEAD_LIMIT_MIN     1024
#define HEAD_LIMIT_DEFAULT 16384
#define HEAD_LIMIT_MAX     65536

/* Header fields of one head, kept in a fixed array. */
#define HTTP_HEADERS_MAX 64

/* Attachments of one Socket.IO packet: socket.io 4.8 refuses more, too. */
#define ATTACHMENTS_MAX 10

/* Levels of nested JSON: one bit each on the stack of the checker, one byte each on that of the
 * search for placeholders. socket.io takes 1000 levels and more, until its own recursion fails. */
#define JSON_DEPTH_MAX 4096

/* ---- Tables of the server ------------------------------------------------------------------ */

/* Connections of the server (--max-clients). The memory of all of them is taken at the start. */
#define CLIENTS_LIMIT_DEFAULT 4096
#define CLIENTS_LIMIT_MAX     65536

/* Connections beside --max-clients, which are answered /healthz and /stats, and 503 otherwise; and
 * the ms that they have for the request. */
#define CROWD_SLOTS 8
#define CROWD_MS    1000

/* Sessions of one connection, and how many it may open in a second: a browser opens one. */
#define SESSIONS_EACH       64
#define SESSIONS_PER_SECOND 128

/* Namespaces beside "/" (--namespace), one bit each in a session; bytes of a name with its NUL. */
#define NAMESPACES_MAX     8
#define NAMESPACE_NAME_MAX 64

/* Rooms at once, of all namespaces, one bit each in a session; bytes of a name in UTF-8. */
#define ROOMS_MAX     32
#define ROOM_NAME_MAX 64

/* Rooms of one session, so that one cannot take all. */
#define ROOMS_EACH 8

/* Origins that are allowed (--origin), compared one by one; bytes of one with its NUL. */
#define ORIGINS_MAX     8
#define ORIGIN_NAME_MAX 128

/* Names that Host may have (--host), compared one by one; bytes of one with its NUL: of a name in
 * the DNS. */
#define HOSTS_MAX     8
#define HOST_TEXT_MAX 256

/* Subprotocols that are chosen (--subprotocol); bytes of one that a client may offer. Some clients
 * put a credential there, and the one that is chosen goes into an answer of at most OUT_SLACK. */
#define SUBPROTOCOLS_MAX 8
#define SUBPROTOCOL_MAX  4096

/* ---- Times of the server, ms --------------------------------------------------------------- */

/* Range of its options: a busy peer takes some ms to answer, and no peer waits longer than a day.
 */
#define SERVER_TIME_MIN 10
#define SERVER_TIME_MAX 86400000

/* The defaults of Engine.IO and Socket.IO, so that stock peers see what they expect. */
#define PING_INTERVAL_DEFAULT   25000
#define PING_TIMEOUT_DEFAULT    20000
#define CONNECT_TIMEOUT_DEFAULT 45000

#define HANDSHAKE_TIMEOUT_DEFAULT 10000 /* from accept to the end of the head */
/* ms that a raw or WebSocket echo connection may stay open without a single byte or frame. */
#define SILENT_TIMEOUT_MS 60000

#define IDLE_TIMEOUT_DEFAULT 0 /* 0: an idle connection may stay */

#define LEASE_WAIT_MS      2000  /* a peer that waits longer for memory is refused */
#define MESSAGE_TIMEOUT_MS 30000 /* from the first byte of a message to its last */
#define CLOSE_TIMEOUT_MS   2000  /* a peer that never answers Close is dropped */
#define SEND_STALL_MS      30000 /* a peer that takes no byte for so long is dropped */

/* engine.io's own values. */
#define LEAVE_MS      30000 /* a session that we closed is kept for the poll that reports it */
#define UPGRADE_MS    10000 /* from the handshake of the probe to `5` */
#define NOOP_EVERY_MS 100   /* between two noops for a client that polls on during the probe */

/* From the answer to CONNECT to the event `auth` of the conformance application. Public suites wait
 * for each with a listener of its own, and JavaScript's `ws` may deliver all messages of one chunk
 * at once: then the second one finds no listener. */
#define AUTH_AFTER_MS 10

/* ---- Both programs ------------------------------------------------------------------------- */

/* Number of a core (--cpu): what the system's sets of cores can name. */
#define CPU_MAX 1023

/* Bytes of a socket's kernel buffer in each direction (--socket-buffer). */
#define SOCKET_BUFFER_MIN 1024
#define SOCKET_BUFFER_MAX (64 * 1024 * 1024)

/* ---- The client ---------------------------------------------------------------------------- */

#define TARGETS_MAX    8                  /* targets of one run, each with all its summaries */
#define CLIENTS_MAX    20000              /* simulated users: fewer than one address has ports */
#define ROUNDTRIPS_MAX 1000000            /* messages of one client of `throughput` */
#define DEPTH_MAX      10000              /* messages outstanding of one client, 8 bytes each */
#define RATE_MAX       10000000           /* messages per second: more than one core can send */
#define PAYLOAD_MAX    (64 * 1024 * 1024) /* bytes of one payload */
#define BLOCKS_MAX     100                /* trials of each target: a figure has a value for each */
#define SWEEP_MAX      16                 /* values of --sweep, each with a summary of its own */
#define ADDRESSES_MAX  8                  /* addresses of a host that are tried */

/* A reply that comes in pieces may take longer than --timeout, but not longer than so many ns for
 * each of its bytes. */
#define SLOWEST_NS_PER_BYTE 1000000

/* Nanoseconds before a message of `rate` falls due in which the loop looks without sleeping, 0 to
 * 1 ms. A sleep ends late: Linux lets timers slip by 50 us, and waking takes some more. The time
 * spent looking is counted apart from what messages cost. */
#define RATE_SPIN_NS 100000

/* Bytes of a saved report that diff reads, fixed: eight targets with all scenarios and BLOCKS_MAX
 * blocks take 4 MB. The memory is static, and touched as far as it is needed. */
#define SAVED_MAX (8 * 1024 * 1024)

static_assert((POOL_BLOCK_BYTES & (POOL_BLOCK_BYTES - 1)) == 0, "a block is a power of two");
static_assert(OUT_BYTES >= RECV_BYTES + OUT_SLACK, "one receive's echoes fit the output buffer");
static_assert(ECHO_WHOLE <= RECV_BYTES, "a held frame is answered within the output buffer");
static_assert(HEAD_LIMIT_DEFAULT <= RECV_BYTES, "a head by default is parsed where it arrives");
static_assert(SUBPROTOCOL_MAX + 1024 <= OUT_SLACK, "a 101 with its subprotocol fits the output");
static_assert(ROOMS_MAX <= 32, "one bit per room in a session");
static_assert(SERVER_POOL_BYTES >= 4u * MESSAGE_LIMIT_MAX, "some of the largest messages fit");

#endif
