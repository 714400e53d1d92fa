#include "base/option.h"

#include <string.h>

#include "base/status.h"

#define NAME_SHOWN  40 /* bytes of a name in an error */
#define VALUE_SHOWN 64
#define CAUSE_SHOWN (OPTION_ERROR_BYTES - NAME_SHOWN - VALUE_SHOWN - 8)
#define WORD_MAX    32 /* longer words are no misspellings of ours */
#define SHORT_WORD  4  /* letters, up to which one misspelling is allowed, else two */

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
    if (o->kind == OPTION_CHOICE || o->kind == OPTION_WORD) {
        put_words(out, o->kind == OPTION_WORD ? table->words : unit);
        return;
    }
    option_put_number(o->kind, o->least, out);
    buf_put_text(out, "..");
    option_put_number(o->kind, o->most, out);
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
    unsigned kind = table->rows[row].kind;
    buf_put_text(out, "expected ");
    if (kind == OPTION_TEXT || kind == OPTION_TEXTS)
        buf_put_text(out, option_part(table, row, OPTION_HINT));
    else if (kind == OPTION_U64)
        buf_put_text(out, "a whole number below 2^64");
    else
        option_put_range(table, row, out);
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

/* Letters to insert, drop, change, or swap with the next. Words of at most WORD_MAX bytes. */
static size_t distance_between(const char *a, const char *b)
{
    uint8_t least[WORD_MAX + 1][WORD_MAX + 1]; /* between the first i and j letters */
    size_t i = 0;
    size_t j = 0;
    for (i = 0; i == 0 || a[i - 1] != '\0'; i++)
        for (j = 0; j == 0 || b[j - 1] != '\0'; j++) {
            size_t best = i + j;
            if (i > 0 && j > 0) {
                best = least_of(least[i - 1][j], least[i][j - 1]) + 1u;
                best = least_of(best, least[i - 1][j - 1] + (size_t)(a[i - 1] != b[j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = least_of(best, least[i - 2][j - 2] + 1u);
            }
            least[i][j] = (uint8_t)best;
        }
    return least[i - 1][j - 1];
}

const char *option_nearest(const char *word, const char *const *words, size_t count)
{
    size_t length = strlen(word);
    size_t letters = length - strspn(word, "-");
    size_t allowed = letters > SHORT_WORD ? 2 : 1;
    const char *nearest = NULL;
    size_t best = allowed + 1;
    if (letters < 3 || length > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i]) > WORD_MAX)
            continue;
        size_t distance = distance_between(word, words[i]);
        if (strncmp(word, words[i], length) == 0)
            distance = least_of(distance, allowed); /* cut short is near, too */
        if (distance < best) {
            best = distance;
            nearest = words[i];
        }
    }
    return nearest;
}

bool option_put_nearest(const char *word, const char *words, size_t step, size_t count,
                        struct buf *out)
{
    const char *list[OPTION_ROWS_MAX];
    for (size_t i = 0; i < count; i++)
        list[i] = bytes_word(words, i * step);
    const char *nearest = option_nearest(word, list, count);
    if (nearest == NULL)
        return false;
    buf_put_text(out, "did you mean ");
    buf_put_text(out, nearest);
    buf_put_byte(out, '?');
    return true;
}

static int refuse_unknown(const struct option_table *table, struct span given,
                          char error[OPTION_ERROR_BYTES])
{
    char name[NAME_SHOWN + 1];
    span_copy_text(given, name, sizeof name);
    struct buf out = begin_error(error);
    buf_put_text(&out, "unknown option ");
    put_shown(&out, name, NAME_SHOWN);
    buf_put_text(&out, "; ");
    if (!option_put_nearest(name, name_of(table, 0), OPTION_PARTS, table->count, &out))
        buf_put_text(&out, "see --help");
    return finish_error(&out);
}

static void store(const struct option *row, void *dest, const void *value, size_t size)
{
    memcpy((uint8_t *)dest + row->offset, value, size);
}

static bool store_number(const struct option *row, const char *text, void *dest)
{
    uint64_t value;
    if (!option_read_number(row->kind, span_text(text), &value) || value < row->least ||
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

/* The index of `text` among "a|b|c", or -1. */
static int find_word(const char *words, const char *text)
{
    size_t length = strlen(text);
    for (int i = 0; *words != '\0'; i++) {
        size_t word = strcspn(words, "|");
        if (word == length && memcmp(words, text, word) == 0)
            return i;
        words += word + (words[word] != '\0');
    }
    return -1;
}

static bool store_choice(const struct option *row, const char *words, const char *text, void *dest)
{
    int index = find_word(words, text);
    uint32_t choice = (uint32_t)index;
    if (index >= 0)
        store(row, dest, &choice, sizeof choice);
    return index >= 0;
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
    case OPTION_WORD:
        fine = o->kind == OPTION_TEXT ? text[0] != '\0' : find_word(table->words, text) >= 0;
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
    const char *name = strcmp(argv[0], "-h") == 0 ? "--help" : argv[0];
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
