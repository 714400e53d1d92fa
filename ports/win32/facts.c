/* The machine, as Windows describes it. */
#include "private.h"

#include <stdio.h>
#include <string.h>

#if defined __x86_64__ || defined __i386__
#include <cpuid.h>
#endif

#ifndef PROCESSOR_ARCHITECTURE_ARM64
#define PROCESSOR_ARCHITECTURE_ARM64 12
#endif

/* The 48 bytes of the processor's own name, padded with blanks on either side; "" without one. */
static void read_brand(char out[PORT_FACT_TEXT])
{
    out[0] = '\0';
#if defined __x86_64__ || defined __i386__
    unsigned words[12];

    for (unsigned i = 0; i < 3; i++) {
        unsigned *w = &words[4 * i];
        if (!__get_cpuid(0x80000002u + i, w, w + 1, w + 2, w + 3))
            return;
    }
    const char *text = (const char *)words;
    size_t first = 0;
    size_t last = strnlen(text, sizeof words);
    while (first < last && text[first] == ' ')
        first++;
    while (last > first && text[last - 1] == ' ')
        last--;
    span_copy_text(span_of(text + first, last - first), out, PORT_FACT_TEXT);
#endif
}

static void read_cpu(char out[PORT_FACT_TEXT])
{
    char text[PORT_FACT_TEXT];

    read_brand(text);
    if (text[0] == '\0')
        GetEnvironmentVariableA("PROCESSOR_IDENTIFIER", text, sizeof text);
    if (text[0] != '\0')
        memcpy(out, text, sizeof text);
}

/* A hypervisor sets a bit that no processor has. */
static bool is_virtual(void)
{
#if defined __x86_64__ || defined __i386__
    unsigned a, b, c, d;

    return __get_cpuid(1, &a, &b, &c, &d) && (c >> 31) != 0;
#else
    return false;
#endif
}

static const char *name_machine(void)
{
    SYSTEM_INFO info;

    GetNativeSystemInfo(&info);
    switch (info.wProcessorArchitecture) {
    case PROCESSOR_ARCHITECTURE_AMD64:
        return "x86_64";
    case PROCESSOR_ARCHITECTURE_INTEL:
        return "i686";
    case PROCESSOR_ARCHITECTURE_ARM64:
        return "aarch64";
    default:
        return "unknown machine";
    }
}

/* GetVersionEx would give only a version that this program claims to know. */
static void read_system(char out[PORT_FACT_TEXT])
{
    typedef LONG(NTAPI * read_version)(OSVERSIONINFOW *);
    read_version read = (read_version)win32_find(L"ntdll", "RtlGetVersion");
    OSVERSIONINFOW v = {.dwOSVersionInfoSize = sizeof v};
    struct buf text = buf_over(out, PORT_FACT_TEXT - 1);

    if (read == NULL || read(&v) < 0)
        return;
    buf_put_text(&text, "Windows ");
    buf_put_u64(&text, v.dwMajorVersion);
    buf_put_text(&text, ".");
    buf_put_u64(&text, v.dwMinorVersion);
    buf_put_text(&text, ".");
    buf_put_u64(&text, v.dwBuildNumber);
    buf_put_text(&text, " ");
    buf_put_text(&text, name_machine());
    if (win32_wine() != NULL) {
        buf_put_text(&text, " under Wine ");
        buf_put_text(&text, win32_wine());
    }
    const char *lack;
    for (size_t i = 0; (lack = win32_lack_at(i)) != NULL; i++) {
        buf_put_text(&text, i == 0 ? " without " : ", ");
        buf_put_text(&text, lack);
    }
    out[text.len] = '\0';
}

void port_facts_read(struct port_facts *facts)
{
    MEMORYSTATUSEX memory = {.dwLength = sizeof memory};
    GROUP_AFFINITY allowed;

    *facts = (struct port_facts){
        .cpu = "unknown", .system = "unknown", .load = -1, .governor = "unknown"};
    read_cpu(facts->cpu);
    read_system(facts->system);
    facts->cores = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    if (GetThreadGroupAffinity(GetCurrentThread(), &allowed)) {
        for (KAFFINITY rest = allowed.Mask; rest != 0; rest &= rest - 1)
            facts->cores_allowed++;
    }
    facts->virtual_machine = is_virtual();
    if (GlobalMemoryStatusEx(&memory))
        facts->memory_bytes = memory.ullTotalPhys;
}
