#include "client/options/target.h"

#include <string.h>

#include "base/status.h"

#define DEFAULT_PORT 80

static_assert(TARGETS_MAX == 8, "the limit named in a refusal");

static const char *const kinds[] = {
    [TARGET_TCP] = "tcp",
    [TARGET_WS] = "ws",
    [TARGET_SIO] = "sio",
};

/* What stands behind the '#'. */
static const char *const transports[] = {
    [TARGET_WEBSOCKET] = "websocket",
    [TARGET_POLLING] = "polling",
    [TARGET_UPGRADE] = "upgrade",
};

/* Engine.IO's own parameters, which the client writes itself. */
static const char *const reserved_parameters[] = {"EIO", "transport", "sid"};

#define LETTERS    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS     "0123456789"
#define NAME_CHARS LETTERS DIGITS "_.-"

/* Steps of the parse. Each takes what it has read off `rest`, and returns NULL or the cause of a
 * refusal. */

static bool has_only(struct span s, const char *chars)
{
    for (size_t i = 0; i < s.len; i++) {
        if (memchr(chars, s.ptr[i], strlen(chars)) == NULL)
            return false;
    }
    return true;
}

/* Bytes before the first of `ends`, or all. */
static struct span take_until(struct span *rest, const char *ends)
{
    size_t len = 0;
    while (len < rest->len && memchr(ends, rest->ptr[len], strlen(ends)) == NULL)
        len++;
    struct span taken = span_of(rest->ptr, len);
    *rest = span_after(*rest, len);
    return taken;
}

static const char *check_text(struct span text)
{
    if (text.len > TARGET_URL_MAX)
        return "longer than 1024 bytes";
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return "expected printable ASCII without spaces; escape other bytes as %XX";
    }
    return NULL;
}

/* The name before the URL, if there is one: a '=' behind the scheme belongs to the URL. */
static const char *take_name(struct target *target, struct span *rest)
{
    struct span after = *rest;
    struct span name = take_until(&after, "=:/?#");
    if (after.len == 0 || after.ptr[0] != '=')
        return NULL;
    if (name.len == 0 || name.len >= TARGET_NAME_BYTES || !has_only(name, NAME_CHARS))
        return "a name is 1..31 letters, digits, '_', '.' or '-'";
    span_copy_text(name, target->name, sizeof target->name);
    *rest = span_after(after, 1);
    return NULL;
}

static const char *take_scheme(struct target *target, struct span *rest)
{
    struct span scheme = take_until(rest, ":/?#");
    if (!span_starts(*rest, SPAN("://")))
        return "expected tcp://, ws:// or http://";
    *rest = span_after(*rest, 3);
    if (span_equal_nocase(scheme, "tcp"))
        target->kind = TARGET_TCP;
    else if (span_equal_nocase(scheme, "ws"))
        target->kind = TARGET_WS;
    else if (span_equal_nocase(scheme, "http"))
        target->kind = TARGET_SIO;
    else if (span_equal_nocase(scheme, "wss") || span_equal_nocase(scheme, "https"))
        return "TLS is not built in; put a TLS proxy in front";
    else
        return "expected tcp://, ws:// or http://";
    return NULL;
}

static const char *take_host(struct target *target, struct span *rest)
{
    struct span host;
    if (rest->len > 0 && rest->ptr[0] == '[') {
        *rest = span_after(*rest, 1);
        host = take_until(rest, "]");
        if (rest->len == 0)
            return "']' is missing";
        *rest = span_after(*rest, 1);
        if (!has_only(host, NAME_CHARS ":%") || memchr(host.ptr, ':', host.len) == NULL)
            return "expected an IPv6 address in the brackets";
    } else {
        host = take_until(rest, ":");
        if (rest->len > 1 && memchr(rest->ptr + 1, ':', rest->len - 1) != NULL)
            return "an IPv6 address goes in brackets";
        if (!has_only(host, NAME_CHARS))
            return "a host is a name, an IPv4 address, or an IPv6 address in brackets";
    }
    if (host.len == 0)
        return "the host is missing";
    if (host.len >= TARGET_HOST_BYTES)
        return "the host is longer than 255 bytes";
    span_copy_text(host, target->host, sizeof target->host);
    return NULL;
}

static const char *take_port(struct target *target, struct span rest)
{
    uint64_t port = DEFAULT_PORT;
    if (rest.len == 0 && target->kind == TARGET_TCP)
        return "the port is missing: tcp://HOST:PORT";
    if (rest.len > 0) {
        if (rest.ptr[0] != ':' || !span_to_u64(span_after(rest, 1), &port) || port == 0 ||
            port > UINT16_MAX)
            return "expected a port 1..65535 behind the host";
    }
    target->port = (uint16_t)port;
    return NULL;
}

static const char *take_authority(struct target *target, struct span *rest)
{
    struct span authority = take_until(rest, "/?#");
    if (authority.len > 0 && memchr(authority.ptr, '@', authority.len) != NULL)
        return "a user name is not supported";
    const char *cause = take_host(target, &authority);
    return cause != NULL ? cause : take_port(target, authority);
}

static bool is_reserved_parameter(struct span key)
{
    for (size_t i = 0; i < sizeof reserved_parameters / sizeof reserved_parameters[0]; i++)
        if (span_equal_text(key, reserved_parameters[i]))
            return true;
    return false;
}

static bool has_reserved_parameter(struct span query)
{
    while (query.len > 0) {
        struct span pair = take_until(&query, "&");
        if (is_reserved_parameter(take_until(&pair, "=")))
            return true;
        query = span_after(query, query.len > 0 ? 1 : 0);
    }
    return false;
}

static const char *take_namespace(struct target *target, struct span resource)
{
    struct span path = take_until(&resource, "?");
    if (path.len > 0)
        target->path = path;
    if (memchr(target->path.ptr, ',', target->path.len) != NULL)
        return "a namespace has no comma"; /* it ends the namespace in a packet */
    if (resource.len > 1)
        target->query = span_after(resource, 1);
    if (has_reserved_parameter(target->query))
        return "EIO, transport and sid are set by the client";
    return NULL;
}

static const char *take_resource(struct target *target, struct span *rest)
{
    struct span resource = take_until(rest, "#");
    if (target->kind == TARGET_TCP)
        return resource.len == 0 ? NULL : "tcp:// has neither path nor query";
    target->path = SPAN("/");
    if (target->kind == TARGET_SIO)
        return take_namespace(target, resource);
    if (resource.len > 0 && resource.ptr[0] == '?')
        return "a path is missing before the query: write /?";
    if (resource.len > 0)
        target->path = resource;
    return NULL;
}

static const char *take_transport(struct target *target, struct span rest)
{
    if (rest.len == 0)
        return NULL;
    if (target->kind != TARGET_SIO)
        return "only http:// has a #TRANSPORT";
    for (int i = TARGET_WEBSOCKET; i <= TARGET_UPGRADE; i++) {
        target->transport = (enum target_transport)i;
        if (span_equal_text(span_after(rest, 1), transports[i]))
            return NULL;
    }
    return "expected #websocket, #polling or #upgrade";
}

static const char *take_target(struct target *target, struct span rest)
{
    const char *cause = check_text(rest);
    if (cause == NULL)
        cause = take_name(target, &rest);
    if (cause == NULL)
        cause = take_scheme(target, &rest);
    if (cause == NULL)
        cause = take_authority(target, &rest);
    if (cause == NULL)
        cause = take_resource(target, &rest);
    return cause != NULL ? cause : take_transport(target, rest);
}

int target_parse(struct target *target, const char *text, char error[OPTION_ERROR_BYTES])
{
    memset(target, 0, sizeof *target);
    target->text = text;
    error[0] = '\0';
    const char *cause = take_target(target, span_text(text));
    return cause == NULL ? STATUS_OK : option_refuse(error, "target", text, cause);
}

static bool is_taken(const struct target_list *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (strcmp(list->item[i].name, name) == 0)
            return true;
    }
    return false;
}

static void choose_name(const struct target_list *list, struct target *target)
{
    char name[TARGET_NAME_BYTES];
    for (uint64_t number = 1; target->name[0] == '\0'; number++) {
        struct buf out = buf_over(name, sizeof name - 1);
        buf_put_text(&out, kinds[target->kind]);
        if (target->transport != TARGET_WEBSOCKET) {
            buf_put_byte(&out, '-');
            buf_put_text(&out, transports[target->transport]);
        }
        if (number > 1)
            buf_put_u64(&out, number);
        name[out.len] = '\0';
        if (!is_taken(list, name))
            memcpy(target->name, name, out.len + 1);
    }
}

int target_list_parse(struct target_list *list, const char *const *texts, size_t count,
                      char error[OPTION_ERROR_BYTES])
{
    struct target target;
    memset(list, 0, sizeof *list);
    error[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        int status = target_parse(&target, texts[i], error);
        if (status != STATUS_OK)
            return status;
        if (list->count == TARGETS_MAX)
            return option_refuse(error, "target", texts[i], "too many targets, expected at most 8");
        if (target.name[0] != '\0' && is_taken(list, target.name))
            return option_refuse(error, "target", texts[i], "another target has the same name");
        list->item[list->count++] = target;
    }
    /* After all others, so that a chosen name differs from a given one that follows. */
    for (uint32_t i = 0; i < list->count; i++)
        choose_name(list, &list->item[i]);
    return STATUS_OK;
}

const char *target_url(const struct target *target)
{
    const char *equals = strchr(target->text, '=');
    return equals != NULL && equals < strstr(target->text, "://") ? equals + 1 : target->text;
}

void target_put_authority(const struct target *target, struct buf *out)
{
    bool brackets = strchr(target->host, ':') != NULL;
    buf_put_text(out, brackets ? "[" : "");
    buf_put_text(out, target->host);
    buf_put_text(out, brackets ? "]" : "");
    if (target->kind == TARGET_TCP || target->port != DEFAULT_PORT) {
        buf_put_byte(out, ':');
        buf_put_u64(out, target->port);
    }
}

uint32_t target_connections(const struct target *target)
{
    static const uint32_t connections[] = {
        [TARGET_WEBSOCKET] = 1,
        [TARGET_POLLING] = 2, /* GET and POST */
        [TARGET_UPGRADE] = 3, /* and the WebSocket, while they end */
    };
    return connections[target->transport];
}
