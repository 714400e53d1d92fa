/* Input against an unreadable page: one byte too far kills the test, without any sanitizer. */
#ifndef WSIO_TESTS_GUARD_H
#define WSIO_TESTS_GUARD_H

#include "base/bytes.h"

#define GUARD_BYTES ((size_t)1 << 18) /* the longest input */

/* Writable memory that ends right before an unreadable page, or begins right behind one. The next
 * call gives the same memory again. len <= GUARD_BYTES. */
uint8_t *guard_room(size_t len);
uint8_t *guard_room_front(size_t len);

/* The same with a copy of `s` in it. */
struct span guard_copy(struct span s);
struct span guard_copy_front(struct span s);

#endif
