/* Counts and times as floating-point numbers. */
#ifndef WSIO_BASE_REAL_H
#define WSIO_BASE_REAL_H

#include <stdint.h>

/* For values below 2^63. A machine converts signed numbers with one instruction, and needs ten and
 * a branch where the topmost bit may be set. */
static inline double real_of(uint64_t n)
{
    return (double)(int64_t)n;
}

/* The smaller and the larger of two numbers, neither of which is NaN. */
static inline double real_min(double a, double b)
{
    return a < b ? a : b;
}

static inline double real_max(double a, double b)
{
    return a > b ? a : b;
}

#endif
