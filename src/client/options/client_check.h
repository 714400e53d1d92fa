/* Checks of texts from the command line that are sent as they are. */
#ifndef WSIO_CLIENT_CLIENT_CHECK_H
#define WSIO_CLIENT_CLIENT_CHECK_H

/* Each returns NULL when the text may be sent, else the cause of a refusal. Texts are never empty.
 */

/* "Name: value", a field that the handshake does not set itself (RFC 9110 section 5.6.2). */
const char *client_check_header(const char *text);

/* The value of a header field. */
const char *client_check_field(const char *text);

/* Tokens, separated by ", ". */
const char *client_check_subprotocol(const char *text);

/* The path of a request: starts with '/' and has no query. */
const char *client_check_path(const char *text);

/* A JSON object. */
const char *client_check_auth(const char *text);

/* The name of an event: valid UTF-8, and none that Socket.IO reserves. */
const char *client_check_event(const char *text);

const char *client_check_utf8(const char *text);

#endif
