/* The machine, as only Linux describes it. */
#define _GNU_SOURCE

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "linux/facts.h"
#include "linux/files.h"

/* The rest of the line without the separator and quotes around it. */
static struct span trim_value(const char *text)
{
    static const char around[] = " \t:=\"";

    text += strspn(text, around);
    size_t length = strcspn(text, "\n");
    while (length > 0 && strchr(around, text[length - 1]) != NULL)
        length--;
    return span_of(text, length);
}

/* The CPU's name, and whether it reports that it is virtual. */
static void read_cpu(const char *root, struct port_facts *facts)
{
    static const char *const keys[] = {"model name", "Hardware", "cpu model", "uarch"};
    char text[4096]; /* enough for the first core */

    linux_file_read_under(root, "/proc/cpuinfo", text, sizeof text);
    const char *flags = linux_file_find(text, "flags");
    facts->virtual_machine = flags != NULL && linux_line_has(flags, "hypervisor");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *found = linux_file_find(text, keys[i]);
        if (found != NULL) {
            span_copy_text(trim_value(found), facts->cpu, sizeof facts->cpu);
            return;
        }
    }
}

static void read_system(const char *root, char out[PORT_FACT_TEXT])
{
    struct utsname kernel;
    char text[2048];
    struct span name = SPAN("unknown distribution");

    if (uname(&kernel) < 0)
        return;
    linux_file_read_under(root, "/etc/os-release", text, sizeof text);
    const char *found = linux_file_find(text, "PRETTY_NAME=");
    if (found != NULL)
        name = trim_value(found);
    int shown = name.len < 48 ? (int)name.len : 48;
    snprintf(out, PORT_FACT_TEXT, "%.10s %.40s %.16s (%.*s)", kernel.sysname, kernel.release,
             kernel.machine, shown, (const char *)name.ptr);
}

static unsigned count_allowed_cores(unsigned cores)
{
    cpu_set_t set;

    /* Fails on a machine with more cores than the set has bits. */
    return sched_getaffinity(0, sizeof set, &set) < 0 ? cores : (unsigned)CPU_COUNT(&set);
}

/* The first core's; without one it stays unknown. */
static void read_governor(const char *root, struct port_facts *facts)
{
    static const char path[] = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";
    char text[64];

    if (linux_file_read_under(root, path, text, sizeof text))
        span_copy_text(trim_value(text), facts->governor, sizeof facts->governor);
}

/* The eighth number of the line of all cores, in ticks. */
static void read_steal(const char *root, struct port_facts *facts)
{
    char text[512];
    uint64_t ticks = 0;
    long per_second = sysconf(_SC_CLK_TCK);

    linux_file_read_under(root, "/proc/stat", text, sizeof text);
    char *at = (char *)linux_file_find(text, "cpu ");
    for (int i = 0; i < 8 && at != NULL; i++)
        ticks = strtoull(at, &at, 10);
    if (per_second > 0)
        facts->steal_ns = ticks * (UINT64_C(1000000000) / (uint64_t)per_second);
}

/* `tw` counts those of IPv4 and IPv6 together. */
static void read_network(const char *root, struct port_facts *facts)
{
    char text[1024];
    char *end;

    linux_file_read_under(root, "/proc/sys/net/ipv4/ip_local_port_range", text, sizeof text);
    facts->ports_first = (unsigned)strtoull(text, &end, 10);
    facts->ports_last = (unsigned)strtoull(end, NULL, 10);
    linux_file_read_under(root, "/proc/sys/net/core/somaxconn", text, sizeof text);
    facts->backlog_most = (unsigned)strtoull(text, NULL, 10);
    linux_file_read_under(root, "/proc/net/sockstat", text, sizeof text);
    const char *line = linux_file_find(text, "TCP:");
    const char *waiting = line != NULL ? strstr(line, " tw ") : NULL;
    if (waiting != NULL)
        facts->ports_waiting = (unsigned)strtoull(waiting + strlen(" tw "), NULL, 10);
}

void linux_facts_read(const char *root, struct port_facts *facts)
{
    char text[1024];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    *facts = (struct port_facts){
        .cpu = "unknown", .system = "unknown", .governor = "unknown", .load = -1};
    read_cpu(root, facts);
    read_system(root, facts->system);
    facts->cores = cores > 0 ? (unsigned)cores : 0;
    facts->cores_allowed = count_allowed_cores(facts->cores);
    linux_file_read_under(root, "/proc/meminfo", text, sizeof text);
    facts->memory_bytes = linux_file_number(text, "MemTotal:") * 1024;
    if (getloadavg(&facts->load, 1) != 1)
        facts->load = -1;
    read_governor(root, facts);
    facts->quota_cores = linux_quota_read(root);
    read_steal(root, facts);
    read_network(root, facts);
}

void port_facts_read(struct port_facts *facts)
{
    linux_facts_read("", facts);
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
