/* The small text files in which Linux describes itself. */
#ifndef WSIO_LINUX_FILES_H
#define WSIO_LINUX_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The beginning of a file, cut to cap - 1 bytes and terminated. False, and "" in out, without it.
 */
bool linux_file_read(const char *path, char *out, size_t cap);

/* The same of root and path joined. */
bool linux_file_read_under(const char *root, const char *path, char *out, size_t cap);

/* What follows `key` where it begins a line, or NULL: "model name\t: Intel" for "model name". */
const char *linux_file_find(const char *text, const char *key);

/* The number behind `key`, 0 without it. */
uint64_t linux_file_number(const char *text, const char *key);

/* Is `word` one of those that spaces separate, up to the end of the line? */
bool linux_line_has(const char *line, const char *word);

/* Field `number` (>= 3, as proc(5) counts) of a /proc/PID/stat, or NULL. It is counted from behind
 * the name, which is in parentheses and may hold anything. */
const char *linux_stat_field(const char *stat, int number);

#endif
