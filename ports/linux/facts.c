/* The machine, as only Linux tells it. */
#define _GNU_SOURCE

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "linux/files.h"
#include "port.h"

/* The rest of the line without the separator and quotes around it. */
static struct span value_of(const char *text)
{
    static const char around[] = " \t:=\"";

    text += strspn(text, around);
    size_t length = strcspn(text, "\n");
    while (length > 0 && strchr(around, text[length - 1]) != NULL)
        length--;
    return span_of(text, length);
}

static void read_cpu(char out[PORT_FACT_TEXT])
{
    static const char *const keys[] = {"model name", "Hardware", "cpu model", "uarch"};
    char text[4096]; /* the first core says enough */

    linux_file_read("/proc/cpuinfo", text, sizeof text);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *found = linux_file_find(text, keys[i]);
        if (found != NULL) {
            span_copy_text(value_of(found), out, PORT_FACT_TEXT);
            return;
        }
    }
}

static void read_system(char out[PORT_FACT_TEXT])
{
    struct utsname kernel;
    char text[2048];
    struct span name = SPAN("unknown distribution");

    if (uname(&kernel) < 0)
        return;
    linux_file_read("/etc/os-release", text, sizeof text);
    const char *found = linux_file_find(text, "PRETTY_NAME=");
    if (found != NULL)
        name = value_of(found);
    int shown = name.len < 48 ? (int)name.len : 48;
    snprintf(out, PORT_FACT_TEXT, "%.10s %.40s %.16s (%.*s)", kernel.sysname, kernel.release,
             kernel.machine, shown, (const char *)name.ptr);
}

static unsigned cores_allowed(unsigned cores)
{
    cpu_set_t set;

    /* Fails on a machine with more cores than the set has bits. */
    return sched_getaffinity(0, sizeof set, &set) < 0 ? cores : (unsigned)CPU_COUNT(&set);
}

void port_facts_read(struct port_facts *facts)
{
    char text[1024];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    *facts = (struct port_facts){.cpu = "unknown", .system = "unknown", .load = -1};
    read_cpu(facts->cpu);
    read_system(facts->system);
    facts->cores = cores > 0 ? (unsigned)cores : 0;
    facts->cores_allowed = cores_allowed(facts->cores);
    linux_file_read("/proc/meminfo", text, sizeof text);
    facts->memory_bytes = linux_file_number(text, "MemTotal:") * 1024;
    if (getloadavg(&facts->load, 1) != 1)
        facts->load = -1;
}

uint64_t port_descriptors_open(void)
{
    DIR *folder = opendir("/proc/self/fd");
    uint64_t count = 0;

    if (folder == NULL)
        return 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count - 1; /* the folder itself was open too */
}
