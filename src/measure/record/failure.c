#include "measure/record/failure.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The row of that kind, a new one if need be; NULL when the table is full. */
static struct failure *find_row(struct failures *f, int status, enum phase phase)
{
    for (unsigned i = 0; i < f->used; i++)
        if (f->list[i].status == status && f->list[i].phase == phase)
            return &f->list[i];
    if (f->used == FAILURES_KEPT)
        return NULL;
    struct failure *row = &f->list[f->used++];
    memset(row, 0, sizeof *row);
    row->status = status;
    row->phase = phase;
    return row;
}

static void count_failure(struct failures *f, int status, enum phase phase, const char *text,
                          uint64_t n)
{
    struct failure *row = find_row(f, status, phase);
    if (row == NULL) {
        f->more += n;
        return;
    }
    if (row->count == 0 && text != NULL)
        snprintf(row->text, sizeof row->text, "%s", text);
    row->count += n;
}

void failures_add(struct failures *f, int status, enum phase phase, const char *text)
{
    count_failure(f, status, phase, text, 1);
}

void failures_merge(struct failures *into, const struct failures *from)
{
    for (unsigned i = 0; i < from->used; i++) {
        const struct failure *row = &from->list[i];
        count_failure(into, row->status, row->phase, row->text, row->count);
    }
    into->more += from->more;
}

uint64_t failures_count(const struct failures *f)
{
    uint64_t sum = f->more;
    for (unsigned i = 0; i < f->used; i++)
        sum += f->list[i].count;
    return sum;
}
