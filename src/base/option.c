#include "base/option.h"

#include <string.h>

#include "base/status.h"

#define NAME_SHOWN  40 /* bytes of a name in an error */
#define VALUE_SHOWN 64 /* bytes of a value */
#define CAUSE_SHOWN (OPTION_ERROR_BYTES - NAME_SHOWN - VALUE_SHOWN - 8)

/* {"a", "b", "c"} as "a, b or c". */
static void put_words(struct buf *out, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (i > 0)
            buf_put_text(out, words[i + 1] == NULL ? " or " : ", ");
        buf_put_text(out, words[i]);
    }
}

static const char *find_unit(const struct option *row)
{
    switch (row->value.kind) {
    case OPTION_NUMBER:
        return row->unit;
    case OPTION_MS:
        return "ms";
    case OPTION_SIZE:
        return "bytes";
    default:
        return NULL; /* a duration has its unit in each number */
    }
}

void option_put_range(const struct option *row, struct buf *out)
{
    enum option_kind kind = row->value.kind;
    const char *unit = find_unit(row);
    if (kind == OPTION_CHOICE || kind == OPTION_WORD) {
        put_words(out, row->words);
        return;
    }
    option_put_number(kind, row->min, out);
    buf_put_text(out, "..");
    option_put_number(kind, row->max, out);
    if (unit != NULL) {
        buf_put_byte(out, ' ');
        buf_put_text(out, unit);
    }
}

void option_put_commands(const struct option_table *table, uint32_t commands, struct buf *out)
{
    const char *between = "";
    for (size_t i = 0; i < table->command_count; i++) {
        if ((commands >> i & 1) == 0)
            continue;
        buf_put_text(out, between);
        buf_put_text(out, table->commands[i]);
        between = ", ";
    }
}

/* What the user could have written. */
static void put_expected(const struct option *row, struct buf *out)
{
    enum option_kind kind = row->value.kind;
    buf_put_text(out, "expected ");
    if (kind == OPTION_TEXT || kind == OPTION_TEXTS)
        buf_put_text(out, row->hint);
    else if (kind == OPTION_U64)
        buf_put_text(out, "a whole number below 2^64");
    else
        option_put_range(row, out);
    if (kind == OPTION_DURATION)
        buf_put_text(out, ", in s, ms or us (5 is 5s)");
}

/* Errors go to terminals and logs: what a user pastes must neither steer these nor fill them. */
static void put_shown(struct buf *out, const char *text, size_t most)
{
    size_t len = strlen(text);
    size_t shown = len <= most ? len : most - 3;
    for (size_t i = 0; i < shown; i++)
        buf_put_byte(out, (uint8_t)(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?'));
    if (shown < len)
        buf_put_text(out, "...");
}

static int finish_error(struct buf *out)
{
    out->ptr[out->len] = '\0';
    return STATUS_INVALID;
}

/* One byte of room is kept for the NUL. */
static struct buf begin_error(char error[OPTION_ERROR_BYTES])
{
    return buf_over(error, OPTION_ERROR_BYTES - 1);
}

int option_refuse(char error[OPTION_ERROR_BYTES], const char *name, const char *value,
                  const char *cause)
{
    struct buf out = begin_error(error);
    put_shown(&out, name, NAME_SHOWN);
    if (value != NULL) {
        buf_put_byte(&out, ' ');
        put_shown(&out, value[0] != '\0' ? value : "\"\"", VALUE_SHOWN);
    }
    buf_put_text(&out, ": ");
    put_shown(&out, cause, CAUSE_SHOWN);
    return finish_error(&out);
}

/* `cause` has room for its NUL. */
static int refuse_row(const struct option *row, const char *value, struct buf *cause,
                      char error[OPTION_ERROR_BYTES])
{
    cause->ptr[cause->len] = '\0';
    return option_refuse(error, row->name, value, (const char *)cause->ptr);
}

static int refuse_value(const struct option *row, const char *value, char error[OPTION_ERROR_BYTES])
{
    char cause[CAUSE_SHOWN + 1];
    struct buf out = buf_over(cause, CAUSE_SHOWN);
    if (value == NULL)
        buf_put_text(&out, "a value is missing; ");
    put_expected(row, &out);
    return refuse_row(row, value, &out, error);
}

static int refuse_unknown(const struct option_table *table, struct span given,
                          char error[OPTION_ERROR_BYTES])
{
    const char *names[OPTION_ROWS_MAX];
    char name[NAME_SHOWN + 1];
    span_copy_text(given, name, sizeof name);
    for (size_t i = 0; i < table->count; i++)
        names[i] = table->rows[i].name;
    struct buf out = begin_error(error);
    buf_put_text(&out, "unknown option ");
    put_shown(&out, name, NAME_SHOWN);
    buf_put_text(&out, "; ");
    if (!option_put_nearest(name, names, table->count, &out))
        buf_put_text(&out, "see --help");
    return finish_error(&out);
}

static bool store_number(const struct option *row, const char *text)
{
    uint64_t number;
    if (!option_read_number(row->value.kind, span_text(text), &number) || number < row->min ||
        number > row->max)
        return false;
    switch (row->value.kind) {
    case OPTION_NUMBER:
    case OPTION_MS:
        *row->value.to.u32 = (uint32_t)number;
        return true;
    case OPTION_SIZE:
        *row->value.to.size = (size_t)number;
        return true;
    default:
        *row->value.to.u64 = number;
        return true;
    }
}

/* The index of `text` among the row's words, or -1. */
static int find_word(const struct option *row, const char *text)
{
    for (int i = 0; row->words[i] != NULL; i++)
        if (strcmp(row->words[i], text) == 0)
            return i;
    return -1;
}

static bool store_choice(const struct option *row, const char *text)
{
    int index = find_word(row, text);
    if (index < 0)
        return false;
    *row->value.to.u32 = (uint32_t)index;
    return true;
}

static bool store_text(const struct option *row, const char *text)
{
    bool fits = row->value.kind == OPTION_WORD ? find_word(row, text) >= 0 : text[0] != '\0';
    if (fits)
        *row->value.to.text = text;
    return fits;
}

static int store_another(const struct option *row, const char *text, char error[OPTION_ERROR_BYTES])
{
    struct option_texts *texts = row->value.to.texts;
    if (text[0] == '\0')
        return refuse_value(row, text, error);
    if (texts->count >= row->max || texts->count >= OPTION_TEXTS_MAX) {
        char cause[CAUSE_SHOWN + 1];
        struct buf out = buf_over(cause, CAUSE_SHOWN);
        buf_put_text(&out, "given more than ");
        buf_put_u64(&out, row->max);
        buf_put_text(&out, " times");
        return refuse_row(row, NULL, &out, error);
    }
    texts->item[texts->count++] = text;
    return STATUS_OK;
}

/* `text` is not used for a flag, and not NULL otherwise. */
static int store_value(const struct option *row, const char *text, char error[OPTION_ERROR_BYTES])
{
    bool stored = false;
    switch (row->value.kind) {
    case OPTION_FLAG:
        *row->value.to.flag = true;
        return STATUS_OK;
    case OPTION_TEXTS:
        return store_another(row, text, error);
    case OPTION_TEXT:
    case OPTION_WORD:
        stored = store_text(row, text);
        break;
    case OPTION_CHOICE:
        stored = store_choice(row, text);
        break;
    case OPTION_NUMBER:
    case OPTION_U64:
    case OPTION_MS:
    case OPTION_DURATION:
    case OPTION_SIZE:
        stored = store_number(row, text);
        break;
    }
    return stored ? STATUS_OK : refuse_value(row, text, error);
}

/* NULL when there is none of that name. */
static const struct option *find_row(const struct option_table *table, struct span name)
{
    for (size_t i = 0; i < table->count; i++)
        if (span_equal_text(name, table->rows[i].name))
            return &table->rows[i];
    return NULL;
}

/* Takes the option in argv[0], and its value, which may be argv[1]. Returns the number of arguments
 * used, or STATUS_INVALID. `count` >= 1 arguments are left. */
static int take_option(const struct option_table *table, int count, char *const argv[],
                       struct option_args *args, char error[OPTION_ERROR_BYTES])
{
    const char *name = strcmp(argv[0], "-h") == 0 ? "--help" : argv[0];
    const char *value = strchr(name, '=');
    size_t length = value != NULL ? (size_t)(value - name) : strlen(name);
    const struct option *row = find_row(table, span_of(name, length));
    int used = 1;
    if (row == NULL)
        return refuse_unknown(table, span_of(name, length), error);
    if (row->value.kind == OPTION_FLAG) {
        if (value != NULL)
            return option_refuse(error, row->name, NULL, "takes no value");
    } else if (value != NULL) {
        value++;
    } else if (count < 2 || strncmp(argv[1], "--", 2) == 0) {
        return refuse_value(row, NULL, error);
    } else {
        value = argv[1];
        used = 2;
    }
    args->given[row - table->rows] = true;
    if (row->given != NULL)
        *row->given = true;
    int status = store_value(row, value, error);
    return status == STATUS_OK ? used : status;
}

int option_parse(const struct option_table *table, int argc, char *const argv[],
                 struct option_args *args, char error[OPTION_ERROR_BYTES])
{
    bool ended = false;
    memset(args, 0, sizeof *args);
    error[0] = '\0';
    for (int i = 1; i < argc;) {
        int used = 1;
        if (!ended && strcmp(argv[i], "--") == 0) {
            ended = true;
        } else if (!ended && argv[i][0] == '-' && argv[i][1] != '\0') {
            used = take_option(table, argc - i, argv + i, args, error);
            if (used < 0)
                return used;
        } else if (args->operand_count == OPTION_OPERANDS_MAX) {
            return option_refuse(error, argv[i], NULL, "too many arguments");
        } else {
            args->operands[args->operand_count++] = argv[i];
        }
        i += used;
    }
    return STATUS_OK;
}

const char *option_default_value(const struct option *row, unsigned command)
{
    for (size_t i = 0; i < OPTION_DEFAULTS_MAX; i++)
        if ((row->defaults[i].commands >> command & 1) != 0)
            return row->defaults[i].value;
    return row->initial;
}

static int refuse_unused(const struct option_table *table, const struct option *row,
                         unsigned command, char error[OPTION_ERROR_BYTES])
{
    char cause[CAUSE_SHOWN + 1];
    struct buf out = buf_over(cause, CAUSE_SHOWN);
    buf_put_text(&out, "not used by ");
    buf_put_text(&out, table->commands[command]);
    buf_put_text(&out, ", but by ");
    option_put_commands(table, row->commands, &out);
    return refuse_row(row, NULL, &out, error);
}

int option_resolve(const struct option_table *table, unsigned command,
                   const struct option_args *args, char error[OPTION_ERROR_BYTES])
{
    error[0] = '\0';
    for (size_t i = 0; i < table->count; i++) {
        const struct option *row = &table->rows[i];
        if (args->given[i] && (row->commands >> command & 1) == 0)
            return refuse_unused(table, row, command, error);
        const char *value = args->given[i] ? NULL : option_default_value(row, command);
        int status = value != NULL ? store_value(row, value, error) : STATUS_OK;
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
