/* Command lines by table: one row gives an option's name, type, range, default, and line of help.
 *
 * Rows point into a struct of the caller by offset. Values are not copied: they live as long as
 * argv. */
#ifndef WSIO_BASE_OPTION_H
#define WSIO_BASE_OPTION_H

#include "base/bytes.h"

#define OPTION_ROWS_MAX     64  /* rows of a table: one bit each */
#define OPTION_TEXTS_MAX    16  /* values of an option that may be repeated */
#define OPTION_OPERANDS_MAX 16  /* arguments that are no options */
#define OPTION_ERROR_BYTES  256 /* one line with its NUL */
#define OPTION_LINE_MAX     80  /* columns of a line of help */

enum option_kind {
    OPTION_FLAG,     /* bool; takes no value */
    OPTION_NUMBER,   /* uint32_t */
    OPTION_U64,      /* uint64_t */
    OPTION_MS,       /* uint32_t in ms: `250`, `250ms`, `2s` */
    OPTION_DURATION, /* uint64_t in ns: `5`, `5s`, `200ms`, `30us`; plain numbers are seconds */
    OPTION_SIZE,     /* size_t in bytes: `64`, `16K`, `16KiB`, `1M`, `1MiB` */
    OPTION_TEXT,     /* const char *; never empty */
    OPTION_CHOICE,   /* uint32_t: index of the word */
    OPTION_WORD,     /* const char *; one of the table's `words` */
    OPTION_TEXTS,    /* struct option_texts; may be repeated up to `most` times */
};

struct option_texts {
    uint32_t count;
    const char *item[OPTION_TEXTS_MAX];
};

/* What of a row is a number; small, as there are many. */
struct option {
    uint64_t most; /* range in the destination's unit */
    uint32_t least;
    unsigned offset : 12;   /* of the destination */
    unsigned commands : 12; /* bit i: used by command i */
    unsigned kind : 8;      /* enum option_kind */
};

/* What of a row is text; "" is none. */
enum option_part {
    OPTION_GROUP,   /* heading in the help, on the first row of a group */
    OPTION_NAME,    /* "--duration" */
    OPTION_HINT,    /* "TIME"; none for a flag */
    OPTION_UNIT,    /* "messages", for ranges of OPTION_NUMBER; of OPTION_CHOICE the words, "a|b" */
    OPTION_INITIAL, /* value when not given, parsed like a given one; none: left as it is */
    OPTION_UNSET,   /* what the help says of the default when there is no OPTION_INITIAL */
    OPTION_HELP,    /* without range and default, which the help adds */
    OPTION_PARTS,
};

/* A list of X(group, name, hint, kind, offset, least, most, unit, commands, initial, unset, help)
 * gives an array of struct option with the one, and with the other the texts of all rows. */
#define OPTION_ROW(group, name, hint, kind, offset, least, most, unit, commands, initial, unset,   \
                   help)                                                                           \
    {most, least, offset, commands, kind},
#define OPTION_ROW_TEXTS(group, name, hint, kind, offset, least, most, unit, commands, initial,    \
                         unset, help)                                                              \
    group "\0" name "\0" hint "\0" unit "\0" initial "\0" unset "\0" help "\0"

/* A default that differs from OPTION_INITIAL under some commands. */
struct option_default {
    uint16_t commands;
    uint16_t offset; /* of the row's destination */
    char value[8];
};

struct option_table {
    const struct option *rows;
    const char *texts; /* OPTION_PARTS of each row, behind one another */
    size_t count;
    const struct option_default *defaults;
    size_t default_count;
    const char *commands; /* their names, behind one another; a program without has one, unnamed */
    size_t command_count;
    const char *words; /* what only the program knows, for OPTION_WORD: "a|b" */
};

/* What a parse found beside the values. */
struct option_args {
    uint64_t given; /* bit i: row i */
    uint32_t operand_count;
    const char *operands[OPTION_OPERANDS_MAX];
};

/* Reads argv[1..argc-1] into `dest`. `--opt value` and `--opt=value` are the same, and so are `-h`
 * and `--help`; `--` ends the options; a separate value never starts with `--`; of a repeated
 * option the last value holds. `args` is reset on entry. STATUS_OK, or STATUS_INVALID with one
 * line, without a line end, in `error`. */
int option_parse(const struct option_table *table, int argc, char *const argv[], void *dest,
                 struct option_args *args, char error[OPTION_ERROR_BYTES]);

/* Once the command is known: refuses given options that it does not use, and sets the defaults of
 * all that were not given. The same results. */
int option_resolve(const struct option_table *table, unsigned command, void *dest,
                   const struct option_args *args, char error[OPTION_ERROR_BYTES]);

/* Whether the row of this name is in the bits of `given`. */
bool option_given(const struct option_table *table, uint64_t given, const char *name);

/* Reads a number as options of that kind do, of any size. False when it is none. */
bool option_read_number(enum option_kind kind, struct span text, uint64_t *value);

/* Appends a number of that kind with its unit: "600ms", "1K". Of a duration what is below 1 us is
 * left out. */
void option_put_number(enum option_kind kind, uint64_t value, struct buf *out);

/* Of `count` words the one that `word` may be a misspelling of, or NULL. */
const char *option_nearest(const char *word, const char *const *words, size_t count);

/* Appends "did you mean X?" if `word` may be a misspelling of one of `count` words, which are every
 * `step`-th of those behind one another. False, and nothing, if there is none. */
bool option_put_nearest(const char *word, const char *words, size_t step, size_t count,
                        struct buf *out);

/* Writes "NAME VALUE: cause" into `error`: bytes that are not printable ASCII become '?', a long
 * value is cut. `value` NULL: "NAME: cause". Returns STATUS_INVALID, to be returned in turn. */
int option_refuse(char error[OPTION_ERROR_BYTES], const char *name, const char *value,
                  const char *cause);

/* Appends the lines of the options that the commands of this mask use, with headings. Defaults are
 * those of the command if there is one bit in the mask, else all of them. */
void option_help(const struct option_table *table, uint32_t commands, struct buf *out);

/* Appends the range as help and errors show it: "1..10000 messages", "order or any". Not for texts.
 */
void option_put_range(const struct option_table *table, size_t row, struct buf *out);

/* Appends the names of the commands in the mask: "connect, send". */
void option_put_commands(const struct option_table *table, uint32_t commands, struct buf *out);

/* A text of that row; never NULL. */
const char *option_part(const struct option_table *table, size_t row, enum option_part part);

/* What holds under this command when the option is not given, as text; "": nothing is set. */
const char *option_default_value(const struct option_table *table, size_t row, unsigned command);

#endif
