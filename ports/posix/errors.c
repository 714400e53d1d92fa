#define _POSIX_C_SOURCE 200809L

#include <errno.h>

#include "private.h"

static const struct {
    int16_t error;
    int16_t status;
} errors[] = {
    {EPIPE, STATUS_CLOSED},
    {ENOTCONN, STATUS_CLOSED},
    {ECONNRESET, STATUS_RESET},
    {ECONNABORTED, STATUS_RESET},
    {EPROTO, STATUS_RESET},
    {ECONNREFUSED, STATUS_REFUSED},
    {ETIMEDOUT, STATUS_TIMEOUT},
    {EHOSTUNREACH, STATUS_UNREACHABLE},
    {ENETUNREACH, STATUS_UNREACHABLE},
    {ENETDOWN, STATUS_UNREACHABLE},
    {EADDRINUSE, STATUS_IN_USE},
    {EACCES, STATUS_DENIED},
    {EPERM, STATUS_DENIED},
    {EMFILE, STATUS_LIMIT},
    {ENFILE, STATUS_LIMIT},
    {ENOSPC, STATUS_LIMIT}, /* epoll: the user's watches are used up */
    {EAGAIN,
     STATUS_LIMIT}, /* fork: too many processes; where it means "not now" it never comes here */
    {ENOMEM, STATUS_NO_MEMORY},
    {ENOBUFS, STATUS_NO_MEMORY},
    {ENOENT, STATUS_NOT_FOUND},
    {ENOTDIR, STATUS_NOT_FOUND},
    {ESRCH, STATUS_NOT_FOUND},
    {EADDRNOTAVAIL, STATUS_UNAVAILABLE},
    {EAFNOSUPPORT, STATUS_UNSUPPORTED},
    {EPROTONOSUPPORT, STATUS_UNSUPPORTED},
    {EOPNOTSUPP, STATUS_UNSUPPORTED},
    {ENOPROTOOPT, STATUS_UNSUPPORTED},
    {ENOSYS, STATUS_UNSUPPORTED},
    {ENOEXEC, STATUS_UNSUPPORTED},
    {EINVAL, STATUS_INVALID},
    {EINTR, STATUS_STOPPED},
};

int posix_status(int error)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].error == error)
            return errors[i].status;
    }
    return STATUS_SYSTEM;
}

int posix_failure(void)
{
    return posix_status(errno);
}
