/* Addresses: struct port_address holds a sockaddr_in or a sockaddr_in6 as bytes. */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "private.h"

static_assert(sizeof(struct sockaddr_in6) <= sizeof(((struct port_address *)0)->storage),
              "an address fits");

static sa_family_t find_family(const struct port_address *a)
{
    struct sockaddr head;

    if (a->length < sizeof head)
        return AF_UNSPEC;
    memcpy(&head, a->storage, sizeof head);
    return head.sa_family;
}

static int translate_status(int code)
{
    if (code == EAI_SYSTEM)
        return posix_failure();
    return code == EAI_MEMORY ? STATUS_NO_MEMORY : STATUS_NO_NAME;
}

int port_resolve(const char *host, uint16_t port, struct port_address *out, size_t cap)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[8];
    size_t count = 0;

    snprintf(service, sizeof service, "%u", (unsigned)port);
    int code = getaddrinfo(host, service, &hints, &found);
    if (code != 0)
        return translate_status(code);
    for (const struct addrinfo *i = found; i != NULL && count < cap; i = i->ai_next) {
        if (i->ai_family != AF_INET && i->ai_family != AF_INET6)
            continue;
        out[count] = (struct port_address){.length = i->ai_addrlen};
        memcpy(out[count].storage, i->ai_addr, i->ai_addrlen);
        count++;
    }
    freeaddrinfo(found);
    return count > 0 ? (int)count : STATUS_NO_NAME;
}

void port_address_text(const struct port_address *a, char out[PORT_ADDRESS_TEXT])
{
    char host[INET6_ADDRSTRLEN] = "?";
    unsigned port = port_address_port(a);

    if (find_family(a) == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, a->storage, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
        snprintf(out, PORT_ADDRESS_TEXT, "%s:%u", host, port);
    } else if (find_family(a) == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, a->storage, sizeof v6);
        inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
        snprintf(out, PORT_ADDRESS_TEXT, "[%s]:%u", host, port);
    } else {
        snprintf(out, PORT_ADDRESS_TEXT, "-");
    }
}

uint16_t port_address_port(const struct port_address *a)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    switch (find_family(a)) {
    case AF_INET:
        memcpy(&v4, a->storage, sizeof v4);
        return ntohs(v4.sin_port);
    case AF_INET6:
        memcpy(&v6, a->storage, sizeof v6);
        return ntohs(v6.sin6_port);
    default:
        return 0;
    }
}

bool port_address_is_loopback(const struct port_address *a)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    switch (find_family(a)) {
    case AF_INET:
        memcpy(&v4, a->storage, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    case AF_INET6:
        memcpy(&v6, a->storage, sizeof v6);
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && v6.sin6_addr.s6_addr[12] == 127);
    default:
        return false;
    }
}
