#include "base/status.h"

#include <stddef.h>

struct entry {
    int status;
    char name[24]; /* as in the enum until it is first asked for, then in lower case */
    const char *text;
};

static struct entry entries[] = {
#define X(name, number, text) {(number), #name, text},
    STATUS_LIST(X)
#undef X
};

static struct entry *find(int status)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (entries[i].status == status) {
            return &entries[i];
        }
    }
    return NULL;
}

const char *status_text(int status)
{
    const struct entry *entry = find(status);
    return entry ? entry->text : "unknown status";
}

const char *status_name(int status)
{
    struct entry *entry = find(status);
    if (!entry) {
        return "unknown";
    }
    /* The preprocessor cannot lower letters; doing it again changes nothing. */
    for (char *c = entry->name; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (char)(*c | 0x20);
        }
    }
    return entry->name;
}
