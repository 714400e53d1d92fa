/* Entropy and memory. */
#define _DEFAULT_SOURCE /* getentropy, MAP_ANONYMOUS, MAP_NORESERVE */

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "private.h"

#define ENTROPY_ONCE 256 /* the most that one getentropy gives */

int port_entropy(void *out, size_t len)
{
    unsigned char *to = out;

    while (len > 0) {
        size_t part = len < ENTROPY_ONCE ? len : ENTROPY_ONCE;
        if (getentropy(to, part) < 0)
            return posix_failure();
        to += part;
        len -= part;
    }
    return STATUS_OK;
}

void *port_region(size_t bytes)
{
    void *region = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return region == MAP_FAILED ? NULL : region;
}

void port_region_discard(void *part, size_t bytes)
{
    (void)madvise(part, bytes, MADV_DONTNEED); /* a hint */
}

void port_region_release(void *region, size_t bytes)
{
    if (region != NULL)
        munmap(region, bytes);
}
