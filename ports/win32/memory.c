/* Entropy and memory. */
#include "private.h"

#include <bcrypt.h>

#define ENTROPY_ONCE ((size_t)1 << 20)

int port_entropy(void *out, size_t len)
{
    unsigned char *to = out;

    while (len > 0) {
        size_t part = len < ENTROPY_ONCE ? len : ENTROPY_ONCE;
        if (BCryptGenRandom(NULL, to, (ULONG)part, BCRYPT_USE_SYSTEM_PREFERRED_RNG) < 0)
            return STATUS_SYSTEM;
        to += part;
        len -= part;
    }
    return STATUS_OK;
}

/* The system promises the whole at once, but takes a page when it is touched. */
void *port_region(size_t bytes)
{
    return VirtualAlloc(NULL, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

/* MEM_RESET says that the contents are not needed; DiscardVirtualMemory, which also takes them out
 * of the working set, is of Windows 8.1. Both leave the pages committed. */
void port_region_discard(void *part, size_t bytes)
{
    VirtualAlloc(part, bytes, MEM_RESET, PAGE_READWRITE);
    VirtualUnlock(part, bytes); /* of pages that are not locked: drops them from the working set */
}

void port_region_release(void *region, size_t bytes)
{
    (void)bytes;
    if (region != NULL)
        VirtualFree(region, 0, MEM_RELEASE);
}
