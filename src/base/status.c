#include "base/status.h"

#include <stddef.h>

struct entry {
    int status;
    const char *name;
    const char *text;
};

static const struct entry entries[] = {
#define X(NAME, number, name, text) {STATUS_##NAME, name, text},
    STATUS_LIST(X)
#undef X
};

static const struct entry *find(int status)
{
    static const struct entry unknown = {0, "unknown", "unknown status"};
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (entries[i].status == status) {
            return &entries[i];
        }
    }
    return &unknown;
}

const char *status_text(int status)
{
    return find(status)->text;
}

const char *status_name(int status)
{
    return find(status)->name;
}
