/* Checks of texts from the command line that go onto the wire as they are. */
#ifndef WSIO_CLIENT_CLIENT_CHECK_H
#define WSIO_CLIENT_CLIENT_CHECK_H

#include <stddef.h>

/* Each gives NULL when the text is fine, else the cause of a refusal. Texts are never empty. */
const char *
client_check_header(const char *text); /* "Name: value", no field of the handshake's own */
const char *client_check_field(const char *text);       /* the value of a header field */
const char *client_check_subprotocol(const char *text); /* tokens, separated by ", " */
const char *client_check_path(const char *text);  /* of a request: starts with '/', no query */
const char *client_check_auth(const char *text);  /* a JSON object */
const char *client_check_event(const char *text); /* no reserved event name, valid UTF-8 */
const char *client_check_utf8(const char *text);

#endif
