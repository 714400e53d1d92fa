/* Reads what --json wrote. It lies here and not in report/, which knows nothing of parsing. */
#ifndef WSIO_CLIENT_SAVED_H
#define WSIO_CLIENT_SAVED_H

#include "measure/result/diff.h"

/* Resets `side`; `path` stays in it. STATUS_OK, or STATUS_INVALID with one line in `error`: cannot
 * be read, no such report, another schema, cut or damaged, larger than SAVED_MAX, a sweep. */
int saved_read(struct diff_side *side, const char *path, char error[OPTION_ERROR_BYTES]);

#endif
