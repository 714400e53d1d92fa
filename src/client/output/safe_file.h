/* A report's file that is whole or not there: what is written goes to a temporary file beside it,
 * which takes its place when it is complete. So an older report stays until then, whatever happens.
 */
#ifndef WSIO_CLIENT_SAFE_FILE_H
#define WSIO_CLIENT_SAFE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#define SAFE_FILE_PATH 4096 /* bytes of a path with its NUL */

/* All-zero: not open. */
struct safe_file {
    const char *path;
    FILE *file;                     /* to write to */
    char temporary[SAFE_FILE_PATH]; /* its path; "": `path` itself is written */
};

/* Opens what becomes `path`, which outlives it. "-" is stdout. A pipe, a device or a link is
 * written as it is, and so is a file in a folder where no other one can be created. STATUS_OK, or
 * STATUS_SYSTEM when it cannot be written. */
int safe_file_open(struct safe_file *f, const char *path);

/* Closes it. With `good` the file takes its place, else it is deleted. STATUS_OK also for a file
 * that is not open; STATUS_SYSTEM when not all could be written, and then an older file is as it
 * was; STATUS_DENIED when it could not take its place: then it stays under its temporary path. */
int safe_file_close(struct safe_file *f, bool good);

/* Opens `path` itself, to add to it. Results as above. */
int safe_file_append(struct safe_file *f, const char *path);

/* Whether `path` could be opened. Leaves everything as it was. */
bool safe_file_can_open(const char *path);

/* Deletes all temporary files; nothing else may be done with them. For port_stop_catch(). */
void safe_file_delete_all(void);

#endif
