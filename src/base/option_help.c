#include <string.h>

#include "base/option.h"

#define TEXT_COLUMN 26 /* where the sentence starts */

static bool has_range(enum option_kind kind)
{
    switch (kind) {
    case OPTION_NUMBER:
    case OPTION_MS:
    case OPTION_DURATION:
    case OPTION_SIZE:
    case OPTION_CHOICE:
    case OPTION_WORD:
        return true;
    default:
        return false;
    }
}

/* The plain default, then those of some commands: "5s; send 1s". */
static void put_all_defaults(const struct option_table *table, const struct option *row,
                             uint32_t commands, struct buf *out)
{
    buf_put_text(out, row->initial != NULL ? row->initial : row->unset);
    for (size_t i = 0; i < OPTION_DEFAULTS_MAX; i++) {
        uint32_t mask = row->defaults[i].commands & row->commands & commands;
        if (mask == 0)
            continue;
        buf_put_text(out, "; ");
        option_put_commands(table, mask, out);
        buf_put_byte(out, ' ');
        buf_put_text(out, row->defaults[i].value);
    }
}

/* The default under the only command of the mask; NULL when the mask has several. */
static const char *find_only_default(const struct option *row, uint32_t commands)
{
    unsigned command = 0;
    if (commands == 0 || (commands & (commands - 1)) != 0)
        return NULL;
    while ((commands >> command & 1) == 0)
        command++;
    return option_default_value(row, command);
}

static void put_default(const struct option_table *table, const struct option *row,
                        uint32_t commands, struct buf *out)
{
    const char *only = find_only_default(row, commands);
    if (row->initial == NULL && row->unset == NULL)
        return;
    buf_put_text(out, " [");
    if (only != NULL)
        buf_put_text(out, only);
    else
        put_all_defaults(table, row, commands, out);
    buf_put_byte(out, ']');
}

static void put_row(const struct option_table *table, const struct option *row, uint32_t commands,
                    struct buf *out)
{
    size_t start = out->len;
    buf_put_text(out, "  ");
    buf_put_text(out, row->name);
    buf_put_byte(out, ' ');
    if (row->hint != NULL)
        buf_put_text(out, row->hint);
    do
        buf_put_byte(out, ' ');
    while (!out->full && out->len - start < TEXT_COLUMN);
    buf_put_text(out, row->help);
    if (has_range(row->value.kind)) {
        buf_put_text(out, ", ");
        option_put_range(row, out);
    }
    put_default(table, row, commands, out);
    buf_put_byte(out, '\n');
}

static void put_heading(const char *group, struct buf *out)
{
    buf_put_byte(out, '\n');
    buf_put_text(out, group);
    buf_put_text(out, ":\n");
}

void option_help(const struct option_table *table, uint32_t commands, struct buf *out)
{
    const char *group = NULL; /* heading still to be written */
    for (size_t i = 0; i < table->count; i++) {
        const struct option *row = &table->rows[i];
        if (row->group != NULL)
            group = row->group;
        if ((row->commands & commands) == 0)
            continue;
        if (group != NULL)
            put_heading(group, out);
        group = NULL;
        put_row(table, row, commands, out);
    }
}
