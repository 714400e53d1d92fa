/* Every limit of wsio, with unit, range and reason. Those within #ifndef may be overridden with -D
 * at build time.
 */
#ifndef WSIO_BASE_CONFIG_H
#define WSIO_BASE_CONFIG_H

#include <assert.h>

#define WSIO_VERSION "0.1.0"

/* Bytes of one receive, 16 KiB to 1 MiB: one buffer per loop. Large enough that a frame of
 * ECHO_WHOLE arrives in few calls, small enough to stay in the second-level cache. */
#ifndef RECV_BYTES
#define RECV_BYTES (128 * 1024)
#endif

/* Bytes collected before a send, one buffer per loop. One receive's worth of echoes fits: no
 * message grows by more than OUT_SLACK when it is echoed, and what does not fit is flushed in
 * between. */
#ifndef OUT_BYTES
#define OUT_BYTES (RECV_BYTES + 64 * 1024)
#endif

/* Room that a step may count on beyond the length of its input: the largest thing that is written
 * unasked or for a short question (a page of figures, an open packet, a close). */
#define OUT_SLACK (16 * 1024)

/* Bytes of a WebSocket frame up to which an echo is held and comes back as one frame. */
#ifndef ECHO_WHOLE
#define ECHO_WHOLE (128 * 1024)
#endif

/* Bytes of one block of the pool, a power of two: the unit of leases. */
#ifndef POOL_BLOCK_BYTES
#define POOL_BLOCK_BYTES (4 * 1024)
#endif

/* Bytes kept free in front of a held message, so that it is answered in place: the longest frame
 * head and packet head that an answer can have beyond those of the question. */
#define HOLD_HEADROOM 32

/* Bytes of the server's pool: half-built messages and output that peers are slow to take. */
#ifndef SERVER_POOL_BYTES
#define SERVER_POOL_BYTES (96u * 1024 * 1024)
#endif

/* Bytes of one Socket.IO packet with its attachments; the advertised maxPayload. socket.io's own
 * default, so that stock clients behave as they do against a stock server. */
#define MESSAGE_LIMIT_DEFAULT 1000000
#define MESSAGE_LIMIT_MIN     1024
#define MESSAGE_LIMIT_MAX     (16 * 1024 * 1024)

/* Bytes of an HTTP head, 1 KiB to 64 KiB, and number of its header fields. */
#define HEAD_LIMIT_DEFAULT 8192
#define HEAD_LIMIT_MIN     1024
#define HEAD_LIMIT_MAX     65536
#define HTTP_HEADERS_MAX   64

/* Connections of the server, 1 to 65536. */
#define CLIENTS_LIMIT_DEFAULT 4096
#define CLIENTS_LIMIT_MAX     65536

/* Attachments of one Socket.IO packet; socket.io 4.8 refuses more than 10. */
#define ATTACHMENTS_MAX 10

/* Levels of nested JSON: one bit each in the checker's stack. */
#define JSON_DEPTH_MAX 128

/* Namespaces of the server beside "/", and bytes of one name with its NUL. */
#define NAMESPACES_MAX     8
#define NAMESPACE_NAME_MAX 64

/* Rooms of the server at once, of all names and namespaces: one bit each in a session. Bytes of a
 * name, in UTF-8. */
#define ROOMS_MAX     32
#define ROOM_NAME_MAX 64

/* Entries of --origin, and bytes of one with its NUL. */
#define ORIGINS_MAX     8
#define ORIGIN_NAME_MAX 128

/* Milliseconds. Engine.IO's and Socket.IO's defaults, so that stock peers see what they expect. */
#define PING_INTERVAL_DEFAULT     25000
#define PING_TIMEOUT_DEFAULT      20000
#define CONNECT_TIMEOUT_DEFAULT   45000
#define HANDSHAKE_TIMEOUT_DEFAULT 10000 /* from accept to the end of the head */
#define IDLE_TIMEOUT_DEFAULT      0     /* 0: an idle connection may stay */
#define LEASE_WAIT_MS             2000  /* a peer that waits for memory longer is refused */
#define MESSAGE_TIMEOUT_MS        30000 /* from the first byte of a message to its last */
#define CLOSE_TIMEOUT_MS          2000  /* a peer that never answers Close is dropped */
#define SEND_STALL_MS             30000 /* a peer that takes nothing for so long is dropped */

/* Milliseconds of Engine.IO's server; engine.io's own values. */
#define LEAVE_MS 30000 /* a session that we closed waits so long for the poll that is told */
/* The conformance application's `auth` comes so long behind CONNECT's answer. Public suites wait
 * for each with a listener of its own, and JavaScript's `ws` may tell all messages of one chunk at
 * once: then the second one finds no listener. */
#define AUTH_AFTER_MS 10

#define UPGRADE_MS    10000 /* from the probe's handshake to `5` */
#define NOOP_EVERY_MS 100   /* between two noops for a client that polls on during the probe */

/* The client. */
#define TARGETS_MAX 8                  /* targets of one run */
#define CLIENTS_MAX 20000              /* simulated users open at once */
#define DEPTH_MAX   10000              /* messages outstanding on one client; also send's bound */
#define PAYLOAD_MAX (64 * 1024 * 1024) /* bytes of one payload */
#define BLOCKS_MAX  100
#define SWEEP_MAX   16 /* values of one --sweep */

/* Nanoseconds before a message of `rate` falls due in which the loop looks without sleeping, 0 to 1
 * ms. A sleep ends late: Linux lets timers slip by 50 us, and waking takes some more. Looking is
 * counted apart from what messages cost. */
#define RATE_SPIN_NS 100000

#define ADDRESSES_MAX 8 /* of one name */

/* Bytes of a saved report that diff reads, static, touched as far as needed: eight targets in all
 * scenarios with BLOCKS_MAX blocks have 4 MB. */
#define SAVED_MAX (8 * 1024 * 1024)

static_assert((POOL_BLOCK_BYTES & (POOL_BLOCK_BYTES - 1)) == 0, "a block is a power of two");
static_assert(OUT_BYTES >= RECV_BYTES + OUT_SLACK, "one receive's echoes fit the output buffer");
static_assert(ECHO_WHOLE <= RECV_BYTES, "a held frame is answered within the output buffer");
static_assert(ROOMS_MAX <= 32, "one bit per room in a session");
static_assert(SERVER_POOL_BYTES >= 4u * MESSAGE_LIMIT_MAX, "some of the largest messages fit");

#endif
