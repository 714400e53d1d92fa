/* Every result that is not a count: one list gives the enum, the names and the texts.
 *
 * The convention of the whole program: a decoder or an I/O call returns > 0 for bytes used or
 * moved, 0 for "need more" or "not now", and one of these, which are all negative, for a failure.
 */
#ifndef WSIO_BASE_STATUS_H
#define WSIO_BASE_STATUS_H

/* X(NAME, number, "name", text). Families by distance: the number shows which side is at fault. */
#define STATUS_LIST(X)                                                                             \
    X(OK, 0, "ok", "ok")                                                                           \
    /* the system and the network */                                                               \
    X(CLOSED, -1, "closed", "closed by the peer")                                                  \
    X(RESET, -2, "reset", "connection reset")                                                      \
    X(REFUSED, -3, "refused", "connection refused")                                                \
    X(TIMEOUT, -4, "timeout", "timed out")                                                         \
    X(UNREACHABLE, -5, "unreachable", "no route to host")                                          \
    X(IN_USE, -6, "in_use", "address already in use")                                              \
    X(DENIED, -7, "denied", "permission denied")                                                   \
    X(NO_NAME, -8, "no_name", "name not found")                                                    \
    X(LIMIT, -9, "limit", "a limit of the system is reached")                                      \
    X(NO_MEMORY, -10, "no_memory", "out of memory")                                                \
    X(NOT_FOUND, -11, "not_found", "no such file or program")                                      \
    X(UNAVAILABLE, -12, "unavailable", "address not available on this machine")                    \
    X(UNSUPPORTED, -13, "unsupported", "not supported here")                                       \
    X(SYSTEM, -14, "system", "unexpected error of the system")                                     \
    /* our own use of our own functions */                                                         \
    X(NO_ROOM, -30, "no_room", "does not fit")                                                     \
    X(INVALID, -31, "invalid", "invalid value")                                                    \
    X(STOPPED, -32, "stopped", "interrupted")                                                      \
    /* HTTP */                                                                                     \
    X(HTTP_BAD, -40, "http_bad", "malformed HTTP head")                                            \
    X(HTTP_TOO_LARGE, -41, "http_too_large", "HTTP head too large")                                \
    X(HTTP_VERSION, -42, "http_version", "HTTP version not supported")                             \
    X(HTTP_STATUS, -43, "http_status", "unexpected HTTP status")                                   \
    X(HTTP_TOO_MANY, -44, "http_too_many", "too many HTTP header fields")                          \
    X(NOT_WEBSOCKET, -45, "not_websocket", "the server does not answer as a WebSocket server")     \
    X(BAD_ACCEPT, -46, "bad_accept", "wrong Sec-WebSocket-Accept")                                 \
    X(NOT_OFFERED, -47, "not_offered", "an extension or subprotocol that was not offered")         \
    /* RFC 6455 frames and messages */                                                             \
    X(WS_RESERVED_BITS, -60, "ws_reserved_bits", "reserved bits set")                              \
    X(WS_OPCODE, -61, "ws_opcode", "reserved opcode")                                              \
    X(WS_LENGTH, -62, "ws_length", "length not minimal or above 63 bits")                          \
    X(WS_CONTROL, -63, "ws_control", "control frame fragmented or above 125 bytes")                \
    X(WS_MASK, -64, "ws_mask", "frame masked on the wrong side")                                   \
    X(WS_SEQUENCE, -65, "ws_sequence", "continuation without start, or start inside a message")    \
    X(WS_CLOSE_CODE, -66, "ws_close_code", "invalid close code")                                   \
    X(WS_CLOSE_LENGTH, -67, "ws_close_length", "close frame with a body of one byte")              \
    X(UTF8, -68, "utf8", "invalid UTF-8")                                                          \
    X(TOO_BIG, -69, "too_big", "message too big")                                                  \
    X(WS_CLOSED, -70, "ws_closed", "WebSocket closed by the peer")                                 \
    /* JSON, Engine.IO, Socket.IO */                                                               \
    X(JSON_SYNTAX, -80, "json_syntax", "malformed JSON")                                           \
    X(JSON_DEPTH, -81, "json_depth", "JSON nested too deeply")                                     \
    X(JSON_TYPE, -82, "json_type", "JSON value of another type")                                   \
    X(EIO_PACKET, -90, "eio_packet", "invalid Engine.IO packet")                                   \
    X(EIO_OPEN, -91, "eio_open", "invalid Engine.IO open packet")                                  \
    X(EIO_VERSION, -92, "eio_version", "the server does not speak Engine.IO 4 (EIO=4)")            \
    X(EIO_CLOSED, -93, "eio_closed", "Engine.IO session closed by the peer")                       \
    X(PING_TIMEOUT, -94, "ping_timeout", "Engine.IO heartbeat missed")                             \
    X(SIO_PACKET, -100, "sio_packet", "invalid Socket.IO packet")                                  \
    X(SIO_ATTACHMENT, -101, "sio_attachment",                                                      \
      "binary attachment missing, unasked or out of range")                                        \
    X(SIO_NAMESPACE, -102, "sio_namespace", "packet for a namespace that is not joined")           \
    X(SIO_CONNECT_ERROR, -103, "sio_connect_error", "Socket.IO connection refused by the server")  \
    X(SIO_DISCONNECT, -104, "sio_disconnect", "disconnected from the namespace by the server")     \
    X(CONNECT_TIMEOUT, -105, "connect_timeout", "no namespace joined in time")                     \
    X(QUEUE_FULL, -106, "queue_full", "more is queued for the peer than allowed")

enum status {
#define X(NAME, number, name, text) STATUS_##NAME = (number),
    STATUS_LIST(X)
#undef X
};

/* The sentence for people, without a full stop. Never NULL; "unknown status" outside the list. */
const char *status_text(int status);

/* The name for JSON and logs in lower case, such as "refused". Never NULL. */
const char *status_name(int status);

#endif
