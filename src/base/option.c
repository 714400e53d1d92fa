#include "base/option.h"

#include <string.h>

#include "base/status.h"

#define NAME_SHOWN  40 /* bytes of a name in an error */
#define VALUE_SHOWN 64
#define CAUSE_SHOWN (OPTION_ERROR_BYTES - NAME_SHOWN - VALUE_SHOWN - 8)
#define WORD_MAX    32 /* longer words are no misspellings of ours */
#define DISTANCE    2  /* letters by which a misspelling differs */

/* How numbers are written. The first factor that divides a value is used to print it. */
struct unit {
    uint32_t factor;
    char suffix[4];
};

static const struct unit plain_units[] = {{1, ""}, {0, ""}};
static const struct unit ms_units[] = {{1, ""}, {1, "ms"}, {1000, "s"}, {0, ""}};
static const struct unit duration_units[] = {
    {1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1000000000, ""}, {0, ""}};
static const struct unit size_units[] = {{1024 * 1024, "M"},   {1024, "K"},   {1, ""},
                                         {1024 * 1024, "MiB"}, {1024, "KiB"}, {0, ""}};

static const struct unit *units_of(enum option_kind kind)
{
    switch (kind) {
    case OPTION_MS:
        return ms_units;
    case OPTION_DURATION:
        return duration_units;
    case OPTION_SIZE:
        return size_units;
    default:
        return plain_units;
    }
}

static size_t digits_of(struct span text)
{
    size_t digits = 0;
    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    return digits;
}

/* Times may have a fraction, of 1 to 9 digits. */
static bool read_number(struct span text, const struct unit *units, uint64_t *value)
{
    size_t digits = digits_of(text);
    uint64_t fraction = 0;
    uint64_t scale = 1;
    if (!span_to_u64(span_of(text.ptr, digits), value))
        return false;
    text = span_after(text, digits);
    if (units == duration_units && text.len > 0 && text.ptr[0] == '.') {
        text = span_after(text, 1);
        digits = digits_of(text);
        if (digits > 9 || !span_to_u64(span_of(text.ptr, digits), &fraction))
            return false;
        text = span_after(text, digits);
        for (; digits > 0; digits--)
            scale *= 10;
    }
    for (const struct unit *u = units; u->factor != 0; u++) {
        if (!span_equal_text(text, u->suffix))
            continue;
        fraction = fraction * u->factor / scale;
        if (*value > (UINT64_MAX - fraction) / u->factor)
            return false;
        *value = *value * u->factor + fraction;
        return true;
    }
    return false;
}

bool option_read_duration(struct span text, uint64_t *ns)
{
    return read_number(text, duration_units, ns);
}

static void put_number(struct buf *out, uint64_t value, const struct unit *units)
{
    const struct unit *u = units;
    while (value % u->factor != 0)
        u++;
    buf_put_u64(out, value / u->factor);
    if (value != 0)
        buf_put_text(out, u->suffix);
}

const char *option_part(const struct option_table *table, size_t row, enum option_part part)
{
    return bytes_word(table->texts, row * OPTION_PARTS + part);
}

static const char *name_of(const struct option_table *table, size_t row)
{
    return option_part(table, row, OPTION_NAME);
}

/* "a|b|c" as "a, b or c". */
static void put_words(struct buf *out, const char *words)
{
    for (; *words != '\0'; words++) {
        if (*words != '|')
            buf_put_byte(out, (uint8_t)*words);
        else
            buf_put_text(out, strchr(words + 1, '|') == NULL ? " or " : ", ");
    }
}

void option_put_range(const struct option_table *table, size_t row, struct buf *out)
{
    const struct option *o = &table->rows[row];
    const char *unit = option_part(table, row, OPTION_UNIT);
    if (o->kind == OPTION_CHOICE) {
        put_words(out, unit);
        return;
    }
    const struct unit *units = units_of(o->kind);
    put_number(out, o->least, units);
    buf_put_text(out, "..");
    put_number(out, o->most, units);
    if (o->kind == OPTION_MS)
        unit = "ms";
    else if (o->kind == OPTION_SIZE)
        unit = "bytes";
    if (unit[0] != '\0') {
        buf_put_byte(out, ' ');
        buf_put_text(out, unit);
    }
}

/* What the user could have written. */
static void put_expected(const struct option_table *table, size_t row, struct buf *out)
{
    enum option_kind kind = table->rows[row].kind;
    buf_put_text(out, "expected ");
    if (kind == OPTION_TEXT || kind == OPTION_TEXTS)
        buf_put_text(out, option_part(table, row, OPTION_HINT));
    else if (kind == OPTION_U64)
        buf_put_text(out, "a whole number below 2^64");
    else
        option_put_range(table, row, out);
    if (kind == OPTION_DURATION)
        buf_put_text(out, ", such as 5, 0.5s or 200ms");
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

static int refuse_row(const struct option_table *table, size_t row, const char *value,
                      struct buf *cause, char error[OPTION_ERROR_BYTES])
{
    cause->ptr[cause->len] = '\0';
    return option_refuse(error, name_of(table, row), value, (const char *)cause->ptr);
}

static int refuse_value(const struct option_table *table, size_t row, const char *value,
                        char error[OPTION_ERROR_BYTES])
{
    char cause[CAUSE_SHOWN + 1];
    struct buf out = buf_over(cause, CAUSE_SHOWN);
    if (value == NULL)
        buf_put_text(&out, "a value is missing; ");
    put_expected(table, row, &out);
    return refuse_row(table, row, value, &out, error);
}

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters to insert, drop or change (Levenshtein), one row of the matrix at a time. Words of at
 * most WORD_MAX bytes. */
static size_t distance_between(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1];
    size_t columns = strlen(b);
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < columns; j++) {
            size_t change = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = least_of(change, least_of(row[j], diagonal) + 1);
        }
    }
    return row[columns];
}

const char *option_nearest(const char *word, const char *const *words, size_t count)
{
    size_t length = strlen(word);
    const char *nearest = NULL;
    size_t best = DISTANCE + 1;
    if (length < 3 || length > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i]) > WORD_MAX)
            continue;
        size_t distance = distance_between(word, words[i]);
        if (length > DISTANCE + 2 && strncmp(word, words[i], length) == 0)
            distance = least_of(distance, DISTANCE); /* cut short is near, too */
        if (distance < best) {
            best = distance;
            nearest = words[i];
        }
    }
    return nearest;
}

static int refuse_unknown(const struct option_table *table, struct span given,
                          char error[OPTION_ERROR_BYTES])
{
    char name[NAME_SHOWN + 1];
    const char *names[OPTION_ROWS_MAX];
    span_copy_text(given, name, sizeof name);
    for (size_t i = 0; i < table->count; i++)
        names[i] = name_of(table, i);
    const char *nearest = option_nearest(name, names, table->count);

    struct buf out = begin_error(error);
    buf_put_text(&out, "unknown option ");
    put_shown(&out, name, NAME_SHOWN);
    buf_put_text(&out, nearest != NULL ? "; did you mean " : "; see --help");
    if (nearest != NULL) {
        buf_put_text(&out, nearest);
        buf_put_byte(&out, '?');
    }
    return finish_error(&out);
}

static void store(const struct option *row, void *dest, const void *value, size_t size)
{
    memcpy((uint8_t *)dest + row->offset, value, size);
}

static bool store_number(const struct option *row, const char *text, void *dest)
{
    uint64_t value;
    if (!read_number(span_text(text), units_of(row->kind), &value) || value < row->least ||
        value > row->most)
        return false;
    uint32_t narrow = (uint32_t)value;
    size_t size = (size_t)value;
    if (row->kind == OPTION_NUMBER || row->kind == OPTION_MS)
        store(row, dest, &narrow, sizeof narrow);
    else if (row->kind == OPTION_SIZE)
        store(row, dest, &size, sizeof size);
    else
        store(row, dest, &value, sizeof value);
    return true;
}

static bool store_choice(const struct option *row, const char *words, const char *text, void *dest)
{
    size_t length = strlen(text);
    for (uint32_t i = 0; *words != '\0'; i++) {
        size_t word = strcspn(words, "|");
        if (word == length && memcmp(words, text, word) == 0) {
            store(row, dest, &i, sizeof i);
            return true;
        }
        words += word + (words[word] != '\0');
    }
    return false;
}

static int store_another(const struct option_table *table, size_t row, const char *text, void *dest,
                         char error[OPTION_ERROR_BYTES])
{
    const struct option *o = &table->rows[row];
    struct option_texts texts;
    memcpy(&texts, (const uint8_t *)dest + o->offset, sizeof texts);
    if (texts.count >= o->most || texts.count >= OPTION_TEXTS_MAX) {
        char cause[CAUSE_SHOWN + 1];
        struct buf out = buf_over(cause, CAUSE_SHOWN);
        buf_put_text(&out, "given more than ");
        buf_put_u64(&out, o->most);
        buf_put_text(&out, " times");
        return refuse_row(table, row, NULL, &out, error);
    }
    texts.item[texts.count++] = text;
    store(o, dest, &texts, sizeof texts);
    return STATUS_OK;
}

/* `text` is not used for a flag, and not NULL otherwise. */
static int store_value(const struct option_table *table, size_t row, const char *text, void *dest,
                       char error[OPTION_ERROR_BYTES])
{
    const bool yes = true;
    const struct option *o = &table->rows[row];
    bool fine = false;
    switch (o->kind) {
    case OPTION_FLAG:
        store(o, dest, &yes, sizeof yes);
        return STATUS_OK;
    case OPTION_TEXTS:
        if (text[0] != '\0')
            return store_another(table, row, text, dest, error);
        break;
    case OPTION_TEXT:
        fine = text[0] != '\0';
        if (fine)
            store(o, dest, &text, sizeof text);
        break;
    case OPTION_CHOICE:
        fine = store_choice(o, option_part(table, row, OPTION_UNIT), text, dest);
        break;
    default:
        fine = store_number(o, text, dest);
    }
    return fine ? STATUS_OK : refuse_value(table, row, text, error);
}

/* table->count when there is none of that name. */
static size_t find_row(const struct option_table *table, struct span name)
{
    size_t row = 0;
    while (row < table->count && !span_equal_text(name, name_of(table, row)))
        row++;
    return row;
}

/* Takes the option in argv[0], and its value, which may be argv[1]. Returns the number of arguments
 * used, or STATUS_INVALID. `count` >= 1 arguments are left. */
static int take_option(const struct option_table *table, int count, char *const argv[], void *dest,
                       struct option_args *args, char error[OPTION_ERROR_BYTES])
{
    const char *name = argv[0];
    const char *value = strchr(name, '=');
    size_t length = value != NULL ? (size_t)(value - name) : strlen(name);
    size_t row = find_row(table, span_of(name, length));
    int used = 1;
    if (row == table->count)
        return refuse_unknown(table, span_of(name, length), error);
    if (table->rows[row].kind == OPTION_FLAG) {
        if (value != NULL)
            return option_refuse(error, name_of(table, row), NULL, "takes no value");
    } else if (value != NULL) {
        value++;
    } else if (count < 2 || strncmp(argv[1], "--", 2) == 0) {
        return refuse_value(table, row, NULL, error);
    } else {
        value = argv[1];
        used = 2;
    }
    args->given |= UINT64_C(1) << row;
    int status = store_value(table, row, value, dest, error);
    return status == STATUS_OK ? used : status;
}

int option_parse(const struct option_table *table, int argc, char *const argv[], void *dest,
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
            used = take_option(table, argc - i, argv + i, dest, args, error);
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

const char *option_default_value(const struct option_table *table, size_t row, unsigned command)
{
    for (size_t i = 0; i < table->default_count; i++) {
        const struct option_default *d = &table->defaults[i];
        if ((d->commands >> command & 1) != 0 && d->offset == table->rows[row].offset)
            return d->value;
    }
    return option_part(table, row, OPTION_INITIAL);
}

static int refuse_unused(const struct option_table *table, size_t row, unsigned command,
                         char error[OPTION_ERROR_BYTES])
{
    char cause[CAUSE_SHOWN + 1];
    struct buf out = buf_over(cause, CAUSE_SHOWN);
    buf_put_text(&out, "not used by ");
    buf_put_text(&out, bytes_word(table->commands, command));
    return refuse_row(table, row, NULL, &out, error);
}

int option_resolve(const struct option_table *table, unsigned command, void *dest,
                   const struct option_args *args, char error[OPTION_ERROR_BYTES])
{
    error[0] = '\0';
    for (size_t row = 0; row < table->count; row++) {
        bool given = (args->given >> row & 1) != 0;
        if (given && (table->rows[row].commands >> command & 1) == 0)
            return refuse_unused(table, row, command, error);
        const char *value = given ? "" : option_default_value(table, row, command);
        int status = value[0] != '\0' ? store_value(table, row, value, dest, error) : STATUS_OK;
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

bool option_given(const struct option_table *table, uint64_t given, const char *name)
{
    size_t row = find_row(table, span_text(name));
    return row < table->count && (given >> row & 1) != 0;
}
