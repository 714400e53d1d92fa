/* Command lines by table: one row gives an option's name, type, range, default, and line of help.
 *
 * A row points at the variable that takes its value. Texts are not copied: they live as long as
 * argv. */
#ifndef WSIO_BASE_OPTION_H
#define WSIO_BASE_OPTION_H

#include "base/bytes.h"

#define OPTION_ROWS_MAX     64  /* rows of a table */
#define OPTION_DEFAULTS_MAX 2   /* commands, or groups of them, with a default of their own */
#define OPTION_TEXTS_MAX    16  /* values of an option that may be repeated */
#define OPTION_OPERANDS_MAX 16  /* arguments that are not options */
#define OPTION_WORDS_MAX    8   /* words of struct option_words */
#define OPTION_WORDS_BYTES  64  /* their text, with a NUL behind each */
#define OPTION_ERROR_BYTES  256 /* one line with its NUL */
#define OPTION_LINE_MAX     80  /* columns of a line of help */

enum option_kind {
    OPTION_FLAG,     /* takes no value */
    OPTION_NUMBER,   /* `250` */
    OPTION_U64,      /* any number below 2^64 */
    OPTION_MS,       /* in ms: `250`, `250ms`, `2s` */
    OPTION_DURATION, /* in ns: `5`, `5s`, `200ms`, `30us`; a plain number is in seconds */
    OPTION_SIZE,     /* in bytes: `64`, `16K`, `16KiB`, `1M`, `1MiB` */
    OPTION_TEXT,     /* never empty */
    OPTION_CHOICE,   /* one of the row's words: its index is stored */
    OPTION_WORD,     /* one of the row's words: the word is stored */
    OPTION_TEXTS,    /* may be repeated up to `max` times */
};

struct option_texts {
    uint32_t count;
    const char *item[OPTION_TEXTS_MAX];
};

/* The kind of an option and the variable that takes its value. Written with OPTION_TO_X only, with
 * which a compiler refuses a variable whose type does not fit the kind. */
struct option_place {
    enum option_kind kind;
    union {
        bool *flag;
        uint32_t *u32;
        uint64_t *u64;
        size_t *size;
        const char **text;
        struct option_texts *texts;
    } to;
};

/* clang-format off */
#define OPTION_TO_FLAG(variable)     {.kind = OPTION_FLAG,     .to.flag = (variable)}
#define OPTION_TO_NUMBER(variable)   {.kind = OPTION_NUMBER,   .to.u32 = (variable)}
#define OPTION_TO_U64(variable)      {.kind = OPTION_U64,      .to.u64 = (variable)}
#define OPTION_TO_MS(variable)       {.kind = OPTION_MS,       .to.u32 = (variable)}
#define OPTION_TO_DURATION(variable) {.kind = OPTION_DURATION, .to.u64 = (variable)}
#define OPTION_TO_SIZE(variable)     {.kind = OPTION_SIZE,     .to.size = (variable)}
#define OPTION_TO_TEXT(variable)     {.kind = OPTION_TEXT,     .to.text = (variable)}
#define OPTION_TO_CHOICE(variable)   {.kind = OPTION_CHOICE,   .to.u32 = (variable)}
#define OPTION_TO_WORD(variable)     {.kind = OPTION_WORD,     .to.text = (variable)}
#define OPTION_TO_TEXTS(variable)    {.kind = OPTION_TEXTS,    .to.texts = (variable)}
/* clang-format on */

/* A default that holds under some commands only. */
struct option_default {
    uint32_t commands;
    const char *value;
};

/* One option. Texts that are not needed are NULL. */
struct option {
    const char *group; /* heading in the help, on the first row of a group */
    const char *name;  /* "--duration" */
    const char *hint;  /* what stands for the value in the help: "TIME"; none for a flag */
    struct option_place value;
    bool *given;              /* set to true when the option is on the command line; may be NULL */
    uint64_t min;             /* range, in the unit of the variable; none for texts */
    uint64_t max;             /* likewise; of OPTION_TEXTS: how often it may be given */
    const char *unit;         /* of OPTION_NUMBER, for the range: "messages" */
    const char *const *words; /* of OPTION_CHOICE and OPTION_WORD; NULL behind the last */
    uint32_t commands;        /* bit i: command i uses the option */
    const char *initial;      /* value when it is not given, parsed like a given one; NULL: the
                                 variable is left as it is */
    struct option_default defaults[OPTION_DEFAULTS_MAX]; /* instead of `initial` */
    const char *unset; /* what the help shows as default when there is no `initial` */
    const char *help;  /* without range and default, which the help adds */
};

struct option_table {
    const struct option *rows;
    size_t count;
    const char *const *commands; /* their names */
    size_t command_count;        /* 1, whatever its name, for a program without commands */
};

/* What a parse found beside the values. */
struct option_args {
    bool given[OPTION_ROWS_MAX]; /* the rows that were on the command line */
    uint32_t operand_count;
    const char *operands[OPTION_OPERANDS_MAX];
};

/* Words that only the program knows, for `words` of a row: all zero, until they are split. */
struct option_words {
    char text[OPTION_WORDS_BYTES];
    const char *item[OPTION_WORDS_MAX + 1]; /* NULL behind the last */
};

/* Takes over the words of "a|b|c". Words that do not fit are left out. */
void option_words_split(struct option_words *words, const char *text);

/* Reads argv[1..argc-1] into the variables of the rows. `--opt value` and `--opt=value` are the
 * same, and so are `-h` and `--help`; `--` ends the options; a separate value never starts with
 * `--`; the last value of a repeated option holds. `args` is reset on entry. STATUS_OK, or
 * STATUS_INVALID with one line, without a line end, in `error`. */
int option_parse(const struct option_table *table, int argc, char *const argv[],
                 struct option_args *args, char error[OPTION_ERROR_BYTES]);

/* Once the command is known: refuses given options that it does not use, and sets the defaults of
 * all that were not given. The same results. */
int option_resolve(const struct option_table *table, unsigned command,
                   const struct option_args *args, char error[OPTION_ERROR_BYTES]);

/* Reads a number as options of that kind do, of any size. False when it is none. */
bool option_read_number(enum option_kind kind, struct span text, uint64_t *value);

/* Appends a number of that kind with its unit: "600ms", "1K". A duration loses what is below 1 us.
 */
void option_put_number(enum option_kind kind, uint64_t value, struct buf *out);

/* The one of `count` words that `word` may be a misspelling of, or NULL. */
const char *option_nearest(const char *word, const char *const *words, size_t count);

/* Appends "did you mean X?" if `word` may be a misspelling of one of `count` words. False, and
 * nothing, if there is none. */
bool option_put_nearest(const char *word, const char *const *words, size_t count, struct buf *out);

/* Writes "NAME VALUE: cause" into `error`: bytes that are not printable ASCII become '?', a long
 * value is cut. `value` NULL: "NAME: cause". Returns STATUS_INVALID, to be returned in turn. */
int option_refuse(char error[OPTION_ERROR_BYTES], const char *name, const char *value,
                  const char *cause);

/* Appends the lines of the options that the commands of this mask use, with headings. With one bit
 * in the mask the default of that command is shown, else all defaults. */
void option_help(const struct option_table *table, uint32_t commands, struct buf *out);

/* Appends the range as help and errors show it: "1..10000 messages", "order or any". Not for texts.
 */
void option_put_range(const struct option *row, struct buf *out);

/* Appends the names of the commands in the mask: "connect, send". */
void option_put_commands(const struct option_table *table, uint32_t commands, struct buf *out);

/* The value under this command when the option is not given, as text; NULL: nothing is set. */
const char *option_default_value(const struct option *row, unsigned command);

#endif
