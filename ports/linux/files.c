#define _POSIX_C_SOURCE 200809L

#include "linux/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool linux_file_read(const char *path, char *out, size_t cap)
{
    size_t length = 0;
    ssize_t got;

    out[0] = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    do {
        got = read(fd, out + length, cap - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    } while (got > 0 && length < cap - 1);
    close(fd);
    out[length] = '\0';
    return length > 0;
}

bool linux_file_read_under(const char *root, const char *path, char *out, size_t cap)
{
    char whole[1024];

    snprintf(whole, sizeof whole, "%s%s", root, path);
    return linux_file_read(whole, out, cap);
}

const char *linux_file_find(const char *text, const char *key)
{
    size_t length = strlen(key);

    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0)
            return line + length;
    }
    return NULL;
}

uint64_t linux_file_number(const char *text, const char *key)
{
    const char *value = linux_file_find(text, key);

    return value != NULL ? strtoull(value, NULL, 10) : 0;
}

bool linux_line_has(const char *line, const char *word)
{
    size_t length = strlen(word);

    while (*line != '\0' && *line != '\n') {
        line += *line == ' ';
        size_t here = strcspn(line, " \n");
        if (here == length && strncmp(line, word, length) == 0)
            return true;
        line += here;
    }
    return false;
}

const char *linux_stat_field(const char *stat, int number)
{
    const char *p = strrchr(stat, ')');

    for (int field = 2; p != NULL && field < number; field++) {
        p = strchr(p, ' ');
        if (p != NULL)
            p++;
    }
    return p;
}
