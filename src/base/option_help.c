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

void option_put_commands(const struct option_table *table, uint32_t commands, struct buf *out)
{
    const char *between = "";
    for (size_t i = 0; i < table->command_count; i++) {
        if ((commands >> i & 1) == 0)
            continue;
        buf_put_text(out, between);
        buf_put_text(out, bytes_word(table->commands, i));
        between = ", ";
    }
}

/* The plain default, then those of some commands: "[5s; send 1s]". */
static void put_all_defaults(const struct option_table *table, size_t row, uint32_t commands,
                             struct buf *out)
{
    const struct option *o = &table->rows[row];
    const char *initial = option_part(table, row, OPTION_INITIAL);
    buf_put_text(out, initial[0] != '\0' ? initial : option_part(table, row, OPTION_UNSET));
    for (size_t i = 0; i < table->default_count; i++) {
        const struct option_default *d = &table->defaults[i];
        uint32_t mask = d->commands & o->commands & commands;
        if (mask == 0 || d->offset != o->offset)
            continue;
        buf_put_text(out, "; ");
        option_put_commands(table, mask, out);
        buf_put_byte(out, ' ');
        buf_put_text(out, d->value);
    }
}

static void put_default(const struct option_table *table, size_t row, uint32_t commands,
                        struct buf *out)
{
    if (option_part(table, row, OPTION_INITIAL)[0] == '\0' &&
        option_part(table, row, OPTION_UNSET)[0] == '\0')
        return;
    buf_put_text(out, " [");
    unsigned command = 0;
    while (command + 1 < table->command_count && (commands >> command & 1) == 0)
        command++;
    const char *only = "";
    if ((commands & (commands - 1)) == 0)
        only = option_default_value(table, row, command);
    if (only[0] != '\0')
        buf_put_text(out, only);
    else
        put_all_defaults(table, row, commands, out);
    buf_put_byte(out, ']');
}

static void put_row(const struct option_table *table, size_t row, uint32_t commands,
                    struct buf *out)
{
    size_t start = out->len;
    buf_put_text(out, "  ");
    buf_put_text(out, option_part(table, row, OPTION_NAME));
    buf_put_byte(out, ' ');
    buf_put_text(out, option_part(table, row, OPTION_HINT));
    do
        buf_put_byte(out, ' ');
    while (!out->full && out->len - start < TEXT_COLUMN);
    buf_put_text(out, option_part(table, row, OPTION_HELP));
    if (has_range(table->rows[row].kind)) {
        buf_put_text(out, ", ");
        option_put_range(table, row, out);
    }
    put_default(table, row, commands, out);
    buf_put_byte(out, '\n');
}

void option_help(const struct option_table *table, uint32_t commands, struct buf *out)
{
    const char *group = ""; /* heading still to be written */
    for (size_t row = 0; row < table->count; row++) {
        if (option_part(table, row, OPTION_GROUP)[0] != '\0')
            group = option_part(table, row, OPTION_GROUP);
        if ((table->rows[row].commands & commands) == 0)
            continue;
        if (group[0] != '\0') {
            buf_put_byte(out, '\n');
            buf_put_text(out, group);
            buf_put_text(out, ":\n");
            group = "";
        }
        put_row(table, row, commands, out);
    }
}
