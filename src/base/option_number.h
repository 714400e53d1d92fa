/* Numbers as command lines have them, with their units. Inner part of option. */
#ifndef WSIO_BASE_OPTION_NUMBER_H
#define WSIO_BASE_OPTION_NUMBER_H

#include "base/option.h"

/* Reads a number of that kind, of any size. False when it is none. */
bool option_read_number(enum option_kind kind, struct span text, uint64_t *value);

#endif
