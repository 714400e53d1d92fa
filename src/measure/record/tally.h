/* Plain counters of one trial. All-zero is the start; merging is addition. */
#ifndef WSIO_MEASURE_TALLY_H
#define WSIO_MEASURE_TALLY_H

#include <stdbool.h>
#include <stdint.h>

/* X(name). Each message sent ends as exactly one of answered, wrong, unanswered. */
#define TALLY_LIST(X)                                                                              \
    X(sent)        /* messages handed to the connection, first echo and warm-up included */        \
    X(answered)    /* own reply matched and equal */                                               \
    X(wrong)       /* own reply matched and not equal */                                           \
    X(unanswered)  /* given up: time over, or the client failed */                                 \
    X(unexpected)  /* replies to nothing, duplicates: outside the sum; the target has failed */    \
    X(ignored)     /* events of other names; with --ignore-unexpected, what answers nothing */     \
    X(heartbeats)  /* pings and pongs of any layer */                                              \
    X(payload_out) /* bytes of user payload sent */                                                \
    X(payload_in)  /* bytes of user payload of the replies, right or wrong */                      \
    X(wire_out)    /* all bytes that the kernel took, handshakes and closes included */            \
    X(wire_in)     /* all bytes received */                                                        \
    X(frames_out)  /* frames (tcp: messages) that carried a message's payload */                   \
    X(frames_in)                                                                                   \
    X(frame_bytes_out) /* wire bytes of those frames, counted, not computed */                     \
    X(frame_bytes_in)                                                                              \
    X(sends) /* system calls */                                                                    \
    X(receives)                                                                                    \
    X(waits)

struct tally {
#define X(name) uint64_t name;
    TALLY_LIST(X)
#undef X
};

void tally_merge(struct tally *into, const struct tally *from);

/* sent == answered + wrong + unanswered. */
bool tally_balanced(const struct tally *t);

#endif
