#include "client/options/client_check.h"

#include <string.h>

#include "base/status.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "codec/sio.h"

/* RFC 9110 section 5.6.2 */
#define TOKEN_CHARS "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Fields that the handshake sets itself. */
static const char *const own_headers[] = {
    "Host",
    "Upgrade",
    "Connection",
    "Origin",
    "Content-Length",
    "Transfer-Encoding",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
};

const char *client_check_field(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if ((*c < ' ' && *c != '\t') || *c > '~')
            return "expected printable ASCII";
    }
    return NULL;
}

const char *client_check_header(const char *text)
{
    size_t length = strspn(text, TOKEN_CHARS);
    if (length == 0 || text[length] != ':')
        return "expected \"Name: value\"";
    for (size_t i = 0; i < sizeof own_headers / sizeof own_headers[0]; i++)
        if (span_equal_nocase(span_of(text, length), own_headers[i]))
            return "the handshake sets this field itself";
    return client_check_field(text);
}

const char *client_check_subprotocol(const char *text)
{
    for (;;) {
        size_t length = strspn(text, TOKEN_CHARS);
        text += length;
        if (length == 0)
            break;
        if (*text == '\0')
            return NULL;
        if (*text != ',')
            break;
        text += 1 + strspn(text + 1, " ");
    }
    return "expected NAME or \"NAME, NAME\"";
}

const char *client_check_path(const char *text)
{
    if (text[0] != '/')
        return "expected a path that starts with /";
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~' || *text == '?' || *text == '#')
            return "expected printable ASCII without spaces, '?' and '#'";
    }
    return NULL;
}

const char *client_check_utf8(const char *text)
{
    struct utf8 state = {0};
    struct span s = span_text(text);
    return utf8_check(&state, s) == s.len && utf8_complete(&state) ? NULL : "invalid UTF-8";
}

const char *client_check_auth(const char *text)
{
    struct json value;
    if (json_parse(span_text(text), &value) != STATUS_OK || value.type != JSON_OBJECT)
        return "expected a JSON object";
    return client_check_utf8(text);
}

const char *client_check_event(const char *text)
{
    if (sio_name_is_reserved(span_text(text)))
        return "Socket.IO reserves this name for itself";
    return client_check_utf8(text);
}
