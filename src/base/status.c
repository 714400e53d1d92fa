#include "base/status.h"

#include <stddef.h>

static const struct row {
    int status;
    const char *name;
    const char *text;
} rows[] = {
#define X(NAME, number, name, text) {STATUS_##NAME, name, text},
    STATUS_LIST(X)
#undef X
};

static const struct row *find_row(int status)
{
    static const struct row unknown = {0, "unknown", "unknown status"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].status == status)
            return &rows[i];
    return &unknown;
}

const char *status_text(int status)
{
    return find_row(status)->text;
}

const char *status_name(int status)
{
    return find_row(status)->name;
}
