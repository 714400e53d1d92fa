/* Addresses: struct port_address holds a sockaddr_in or a sockaddr_in6 as bytes. */
#include "private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define NAME_UNITS 256 /* UTF-16 units of a name with its end: DNS allows 253 octets */

static_assert(sizeof(union win32_address) <= sizeof(((struct port_address *)0)->storage),
              "an address fits");

int win32_address_put(union win32_address *to, const struct port_address *a)
{
    uint32_t length = a->length <= sizeof *to ? a->length : 0;

    memset(to, 0, sizeof *to);
    memcpy(to, a->storage, length);
    return (int)length;
}

void win32_address_get(struct port_address *a, const union win32_address *from, size_t length)
{
    *a = (struct port_address){.length = length <= sizeof *from ? (uint32_t)length : 0};
    memcpy(a->storage, from, a->length);
}

static bool add_port(union win32_address *a, uint16_t port)
{
    if (a->any.sa_family == AF_INET)
        a->v4.sin_port = htons(port);
    else if (a->any.sa_family == AF_INET6)
        a->v6.sin6_port = htons(port);
    else
        return false;
    return true;
}

int port_resolve(const char *host, uint16_t port, struct port_address *out, size_t cap)
{
    ADDRINFOW hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    ADDRINFOW *found = NULL;
    wchar_t name[NAME_UNITS];
    size_t count = 0;

    /* No name at all would mean this machine. */
    if (*host == '\0' || win32_wide(host, name, NAME_UNITS) < 0)
        return STATUS_NO_NAME;
    int error = GetAddrInfoW(name, NULL, &hints, &found);
    if (error != 0)
        return error == WSA_NOT_ENOUGH_MEMORY ? STATUS_NO_MEMORY : STATUS_NO_NAME;
    for (const ADDRINFOW *i = found; i != NULL && count < cap; i = i->ai_next) {
        union win32_address a = {0};
        if (i->ai_addrlen > sizeof a)
            continue;
        memcpy(&a, i->ai_addr, i->ai_addrlen);
        if (add_port(&a, port))
            win32_address_get(&out[count++], &a, i->ai_addrlen);
    }
    FreeAddrInfoW(found);
    return count > 0 ? (int)count : STATUS_NO_NAME;
}

void port_address_text(const struct port_address *a, char out[PORT_ADDRESS_TEXT])
{
    union win32_address address;
    char host[PORT_ADDRESS_TEXT - sizeof "[]:65535"] = "?";
    unsigned port = port_address_port(a);

    win32_address_put(&address, a);
    if (address.any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address.v4.sin_addr, host, sizeof host);
        snprintf(out, PORT_ADDRESS_TEXT, "%s:%u", host, port);
    } else if (address.any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &address.v6.sin6_addr, host, sizeof host);
        snprintf(out, PORT_ADDRESS_TEXT, "[%s]:%u", host, port);
    } else {
        snprintf(out, PORT_ADDRESS_TEXT, "-");
    }
}

uint16_t port_address_port(const struct port_address *a)
{
    union win32_address address;

    win32_address_put(&address, a);
    switch (address.any.sa_family) {
    case AF_INET:
        return ntohs(address.v4.sin_port);
    case AF_INET6:
        return ntohs(address.v6.sin6_port);
    default:
        return 0;
    }
}

bool port_address_is_loopback(const struct port_address *a)
{
    union win32_address address;

    win32_address_put(&address, a);
    switch (address.any.sa_family) {
    case AF_INET:
        return ntohl(address.v4.sin_addr.s_addr) >> 24 == 127;
    case AF_INET6:
        return IN6_IS_ADDR_LOOPBACK(&address.v6.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&address.v6.sin6_addr) &&
                address.v6.sin6_addr.s6_addr[12] == 127);
    default:
        return false;
    }
}
