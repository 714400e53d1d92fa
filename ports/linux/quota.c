/* How much of the cores' time a container grants. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/facts.h"
#include "linux/files.h"

#define FOLDER_BYTES 512

/* The smaller of two quotas; 0: none. */
static double choose_tighter(double a, double b)
{
    return a > 0 && (b <= 0 || a < b) ? a : b;
}

/* Version 2 has one file, "150000 100000" or "max 100000"; version 1 two, and -1 for none. */
static double read_quota(const char *root, const char *folder)
{
    char path[FOLDER_BYTES + 32];
    char text[64];
    char *end;
    double quota, period;

    snprintf(path, sizeof path, "%s/cpu.max", folder);
    if (linux_file_read_under(root, path, text, sizeof text)) {
        quota = strtod(text, &end);
        period = strtod(end, NULL);
    } else {
        snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
        linux_file_read_under(root, path, text, sizeof text);
        quota = strtod(text, NULL);
        snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
        linux_file_read_under(root, path, text, sizeof text);
        period = strtod(text, NULL);
    }
    return quota > 0 && period > 0 ? quota / period : 0;
}

/* From the group of this process up to the mount. In a container the path may be the host's, and
 * lead nowhere; the group then is the mount itself. */
static double read_quota_upwards(const char *root, const char *mount, struct span group)
{
    char folder[FOLDER_BYTES];
    double least = 0;

    snprintf(folder, sizeof folder, "%s%.*s", mount, (int)group.len, (const char *)group.ptr);
    for (char *slash = folder; slash != NULL && strlen(folder) >= strlen(mount);) {
        least = choose_tighter(read_quota(root, folder), least);
        slash = strrchr(folder, '/');
        if (slash != NULL)
            *slash = '\0';
    }
    return least;
}

/* Is "cpu" one of "cpu,cpuacct"? */
static bool has_cpu(struct span controllers)
{
    size_t from = 0;

    for (size_t i = 0; i <= controllers.len; i++) {
        if (i < controllers.len && controllers.ptr[i] != ',')
            continue;
        if (span_equal_text(span_of(controllers.ptr + from, i - from), "cpu"))
            return true;
        from = i + 1;
    }
    return false;
}

/* Lines are NUMBER:CONTROLLERS:PATH; version 2's is the one without controllers. */
double linux_quota_read(const char *root)
{
    char text[2048];
    double least = 0;

    linux_file_read_under(root, "/proc/self/cgroup", text, sizeof text);
    for (const char *line = text; *line != '\0';
         line += strcspn(line, "\n"), line += *line == '\n') {
        const char *first = line + strcspn(line, ":\n");
        if (*first != ':')
            continue;
        const char *second = first + 1 + strcspn(first + 1, ":\n");
        if (*second != ':')
            continue;
        struct span controllers = span_of(first + 1, (size_t)(second - first - 1));
        struct span group = span_of(second + 1, strcspn(second + 1, "\n"));
        if (has_cpu(controllers))
            least = choose_tighter(read_quota_upwards(root, "/sys/fs/cgroup/cpu", group), least);
        if (controllers.len == 0) {
            least = choose_tighter(read_quota_upwards(root, "/sys/fs/cgroup", group), least);
            least =
                choose_tighter(read_quota_upwards(root, "/sys/fs/cgroup/unified", group), least);
        }
    }
    return least;
}
