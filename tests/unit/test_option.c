/* Proves that a table of options reads numbers, times, sizes and words, refuses others in one line,
 * and prints its help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/option.h"
#include "base/status.h"

static struct {
    bool flag;
    uint32_t number;
    bool number_given;
    uint64_t u64;
    uint32_t ms;
    uint64_t duration;
    size_t size;
    const char *text;
    uint32_t choice;
    struct option_texts texts;
    const char *word;
} values;

static struct option_words pollers;

#define CONNECT   1u
#define ROUNDTRIP 2u
#define BOTH      (CONNECT | ROUNDTRIP)

static const char *const matches[] = {"order", "any", NULL};

static const struct option rows[] = {
    {.group = "First",
     .name = "--flag",
     .value = OPTION_TO_FLAG(&values.flag),
     .commands = BOTH,
     .help = "a flag"},
    {.name = "--depth",
     .hint = "N",
     .value = OPTION_TO_NUMBER(&values.number),
     .given = &values.number_given,
     .min = 1,
     .max = 10000,
     .unit = "messages",
     .commands = ROUNDTRIP,
     .initial = "1",
     .help = "deep"},
    {.name = "--seed",
     .hint = "N",
     .value = OPTION_TO_U64(&values.u64),
     .max = UINT64_MAX,
     .commands = BOTH,
     .unset = "random",
     .help = "of order"},
    {.group = "Second",
     .name = "--wait",
     .hint = "MS",
     .value = OPTION_TO_MS(&values.ms),
     .min = 10,
     .max = 60000,
     .commands = BOTH,
     .initial = "250",
     .help = "wait"},
    {.name = "--duration",
     .hint = "TIME",
     .value = OPTION_TO_DURATION(&values.duration),
     .min = 1000000,
     .max = 60000000000,
     .commands = BOTH,
     .initial = "5s",
     .defaults = {{CONNECT, "600ms"}},
     .help = "lasts"},
    {.name = "--size",
     .hint = "BYTES",
     .value = OPTION_TO_SIZE(&values.size),
     .min = 1,
     .max = 64 * 1024 * 1024,
     .commands = BOTH,
     .initial = "2",
     .help = "big"},
    {.group = "Third",
     .name = "--text",
     .hint = "NAME",
     .value = OPTION_TO_TEXT(&values.text),
     .commands = CONNECT,
     .help = "said"},
    {.name = "--match",
     .hint = "HOW",
     .value = OPTION_TO_CHOICE(&values.choice),
     .words = matches,
     .commands = BOTH,
     .initial = "order",
     .help = "matched"},
    {.name = "--item",
     .hint = "ITEM",
     .value = OPTION_TO_TEXTS(&values.texts),
     .max = 2,
     .commands = BOTH,
     .initial = "/custom",
     .defaults = {{ROUNDTRIP, "other"}},
     .help = "listed"},
    {.name = "--poller",
     .hint = "NAME",
     .value = OPTION_TO_WORD(&values.word),
     .words = pollers.item,
     .commands = BOTH,
     .unset = "the best",
     .help = "polled"},
};

static const char *const commands[] = {"connect", "roundtrip"};

static const struct option_table table = {
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .commands = commands,
    .command_count = sizeof commands / sizeof commands[0],
};

static struct option_args args;
static char error[OPTION_ERROR_BYTES];

/* Parses up to four arguments. */
static int parse(const char *a, const char *b, const char *c, const char *d)
{
    const char *in[] = {"program", a, b, c, d, NULL};
    char *argv[6] = {0};
    int argc = 0;
    for (; in[argc] != NULL; argc++)
        memcpy(&argv[argc], &in[argc], sizeof argv[0]);
    memset(&values, 0, sizeof values);
    option_words_split(&pollers, "epoll|select|kqueue");
    memset(&args, 0xff, sizeof args);
    memset(error, 'x', sizeof error);
    return option_parse(&table, argc, argv, &args, error);
}

static void assert_good(const char *a, const char *b)
{
    if (parse(a, b, NULL, NULL) != STATUS_OK)
        fail_msg("%s %s: refused: %s", a, b != NULL ? b : "", error);
    assert_string_equal(error, "");
}

static void assert_bad(const char *a, const char *b, const char *expected)
{
    assert_int_equal(parse(a, b, NULL, NULL), STATUS_INVALID);
    assert_string_equal(error, expected);
}

static void test_numbers(void **state)
{
    (void)state;
    assert_good("--depth", "1");
    assert_int_equal(values.number, 1);
    assert_good("--depth=10000", NULL);
    assert_int_equal(values.number, 10000);
    assert_good("--depth", "007");
    assert_int_equal(values.number, 7);
    assert_good("--seed", "18446744073709551615");
    assert_true(values.u64 == UINT64_MAX);
    assert_good("--seed", "0");
    assert_true(values.u64 == 0);

    static const char *const bad[] = {"0",    "10001", "-1",   "+1", "1.5", "1 ",        " 1",
                                      "0x10", "1e3",   "many", "1K", "1s",  "4294967297"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char line[OPTION_ERROR_BYTES] = "--depth ";
        strcat(strcat(line, bad[i]), ": expected 1..10000 messages");
        assert_bad("--depth", bad[i], line);
    }
    assert_bad("--depth", "", "--depth \"\": expected 1..10000 messages");
    assert_bad("--depth=", NULL, "--depth \"\": expected 1..10000 messages");
    assert_bad("--seed", "18446744073709551616",
               "--seed 18446744073709551616: expected a whole number below 2^64");
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        uint64_t ns;
    } durations[] = {{"5", 5000000000},  {"5s", 5000000000},      {"200ms", 200000000},
                     {"1ms", 1000000},   {"2500us", 2500000},     {"60", 60000000000},
                     {"0.5", 500000000}, {"1.5s", 1500000000},    {"0.001", 1000000},
                     {"2.5ms", 2500000}, {"1000.999us", 1000999}, {"59.999999999", 59999999999}};
    static const char *const bad[] = {"0",
                                      "61",
                                      "5m",
                                      "5 s",
                                      "s",
                                      "5.",
                                      ".5",
                                      "0.5.5",
                                      "0.1234567891",
                                      "60.000000001",
                                      "1.5 s",
                                      "5S",
                                      "-5",
                                      "5ss",
                                      "ms",
                                      "18446744073709551615",
                                      "1ns",
                                      "5 ",
                                      "999us",
                                      "5u"};
    (void)state;
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        assert_good("--duration", durations[i].text);
        assert_true(values.duration == durations[i].ns);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char line[OPTION_ERROR_BYTES] = "--duration ";
        strcat(strcat(line, bad[i]), ": expected 1ms..60s, in s, ms or us (5 is 5s)");
        assert_bad("--duration", bad[i], line);
    }
    uint64_t ns;
    assert_true(option_read_number(OPTION_DURATION, span_of("30us/1s", 4), &ns));
    assert_int_equal(ns, 30000);
    assert_true(option_read_number(OPTION_DURATION, SPAN("0"), &ns));
    assert_int_equal(ns, 0);
    assert_false(option_read_number(OPTION_DURATION, SPAN(""), &ns));
    assert_false(option_read_number(OPTION_DURATION, SPAN("us"), &ns));
    assert_false(option_read_number(OPTION_DURATION, SPAN("30us/1s"), &ns));
    assert_good("--wait", "250");
    assert_int_equal(values.ms, 250);
    assert_good("--wait", "250ms");
    assert_int_equal(values.ms, 250);
    assert_good("--wait", "60s");
    assert_int_equal(values.ms, 60000);
    assert_bad("--wait", "9", "--wait 9: expected 10..60000 ms");
    assert_bad("--wait", "61s", "--wait 61s: expected 10..60000 ms");
    /* wraps to 10 000 ms if the product is not checked */
    assert_bad("--wait", "18446744073709561s", "--wait 18446744073709561s: expected 10..60000 ms");
}

static void test_numbers_are_put(void **state)
{
    static const struct {
        enum option_kind kind;
        uint64_t value;
        const char *text;
    } numbers[] = {{OPTION_NUMBER, 1024, "1024"},
                   {OPTION_SIZE, 16384, "16K"},
                   {OPTION_MS, 2000, "2000"},
                   {OPTION_DURATION, 0, "0"},
                   {OPTION_DURATION, 2000000000, "2s"},
                   {OPTION_DURATION, 2500000, "2500us"},
                   {OPTION_DURATION, 60000000000, "60s"},
                   {OPTION_DURATION, 1000999, "1ms"}, /* there is no unit for the rest */
                   {OPTION_DURATION, 999, "0"}};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char text[32] = "";
        struct buf out = buf_over(text, sizeof text - 1);
        option_put_number(numbers[i].kind, numbers[i].value, &out);
        text[out.len] = '\0';
        assert_string_equal(text, numbers[i].text);
    }
}

static void test_sizes(void **state)
{
    static const struct {
        const char *text;
        size_t bytes;
    } good[] = {{"1", 1},         {"64", 64},          {"16K", 16384},
                {"16KiB", 16384}, {"1M", 1024 * 1024}, {"64MiB", 64 * 1024 * 1024}};
    static const char *const bad[] = {
        "0", "65M", "1k", "1KB", "1G", "K", "16 K", "-1", "17592186044417M"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_good("--size", good[i].text);
        assert_int_equal(values.size, good[i].bytes);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char line[OPTION_ERROR_BYTES] = "--size ";
        strcat(strcat(line, bad[i]), ": expected 1..64M bytes");
        assert_bad("--size", bad[i], line);
    }
}

static void test_texts_and_words(void **state)
{
    (void)state;
    assert_good("--text", "a b");
    assert_string_equal(values.text, "a b");
    assert_good("--text=x=y", NULL);
    assert_string_equal(values.text, "x=y");
    assert_good("--text", "-");
    assert_string_equal(values.text, "-");
    assert_good("--text=--flag", NULL);
    assert_string_equal(values.text, "--flag");
    assert_good("--match", "any");
    assert_int_equal(values.choice, 1);
    assert_bad("--match", "all", "--match all: expected order or any");
    assert_bad("--match", "an", "--match an: expected order or any");
    assert_good("--poller", "select");
    assert_string_equal(values.word, "select");
    assert_bad("--poller", "selec", "--poller selec: expected epoll, select or kqueue");
    assert_bad("--poller", "", "--poller \"\": expected epoll, select or kqueue");
    assert_bad("--text", "", "--text \"\": expected NAME");
    assert_bad("--item=", NULL, "--item \"\": expected ITEM");

    assert_int_equal(parse("--item", "a", "--item=b", NULL), STATUS_OK);
    assert_int_equal(values.texts.count, 2);
    assert_string_equal(values.texts.item[0], "a");
    assert_string_equal(values.texts.item[1], "b");
    assert_int_equal(parse("--item=a", "--item=b", "--item=c", NULL), STATUS_INVALID);
    assert_string_equal(error, "--item: given more than 2 times");
}

static void test_shape_of_the_line(void **state)
{
    (void)state;
    assert_bad("--depth", NULL, "--depth: a value is missing; expected 1..10000 messages");
    assert_bad("--text", "--flag", "--text: a value is missing; expected NAME");
    assert_bad("--text", "--", "--text: a value is missing; expected NAME");
    assert_bad("--flag=yes", NULL, "--flag: takes no value");
    assert_good("--flag", "yes");
    assert_true(values.flag);
    assert_int_equal(args.operand_count, 1);

    assert_int_equal(parse("a", "--depth=2", "--depth=3", "-"), STATUS_OK);
    assert_int_equal(values.number, 3); /* the last value holds */
    assert_int_equal(args.operand_count, 2);
    assert_string_equal(args.operands[0], "a");
    assert_string_equal(args.operands[1], "-");
    assert_true(values.number_given);
    for (size_t i = 0; i < OPTION_ROWS_MAX; i++)
        assert_int_equal(args.given[i], i == 1); /* the row of --depth and no other */

    assert_int_equal(parse("--", "--flag", "--", NULL), STATUS_OK);
    assert_false(values.flag);
    assert_int_equal(args.operand_count, 2);
    assert_string_equal(args.operands[0], "--flag");
    assert_string_equal(args.operands[1], "--");

    assert_int_equal(parse(NULL, NULL, NULL, NULL), STATUS_OK);
    assert_false(values.number_given);
    for (size_t i = 0; i < OPTION_ROWS_MAX; i++)
        assert_false(args.given[i]);
    assert_int_equal(args.operand_count, 0);
}

static void test_too_many_operands(void **state)
{
    static char word[] = "word";
    char *argv[OPTION_OPERANDS_MAX + 2];
    (void)state;
    for (size_t i = 0; i < OPTION_OPERANDS_MAX + 2; i++)
        argv[i] = word;
    assert_int_equal(option_parse(&table, OPTION_OPERANDS_MAX + 1, argv, &args, error), STATUS_OK);
    assert_int_equal(args.operand_count, OPTION_OPERANDS_MAX);
    assert_int_equal(option_parse(&table, OPTION_OPERANDS_MAX + 2, argv, &args, error),
                     STATUS_INVALID);
    assert_string_equal(error, "word: too many arguments");
}

static void test_unknown(void **state)
{
    (void)state;
    assert_bad("--duraton", "5", "unknown option --duraton; did you mean --duration?");
    assert_bad("--duraton=5", NULL, "unknown option --duraton; did you mean --duration?");
    assert_bad("--durtaion", "5", "unknown option --durtaion; did you mean --duration?");
    assert_bad("--durrations", "5", "unknown option --durrations; did you mean --duration?");
    assert_bad("--dur", "5", "unknown option --dur; did you mean --duration?");
    assert_bad("-depth", "5", "unknown option -depth; did you mean --depth?");
    assert_bad("--xyzzy", NULL, "unknown option --xyzzy; see --help");
    assert_bad("-h", NULL, "unknown option --help; see --help"); /* which it is short for */
    assert_bad("--wiat", "5", "unknown option --wiat; did you mean --wait?");
    assert_bad("--wat", "5", "unknown option --wat; did you mean --wait?");
    assert_bad("--ibem", "5", "unknown option --ibem; did you mean --item?");
    assert_bad("--ibexm", "5", "unknown option --ibexm; did you mean --item?");
    assert_bad("--waaa", "5", "unknown option --waaa; see --help"); /* two of four letters */
    assert_bad("--wy", "5", "unknown option --wy; see --help");
    assert_bad("--DEPTH", NULL, "unknown option --DEPTH; see --help");
    assert_bad("--\x1b[2J\xc3\xa9", NULL, "unknown option --?[2J??; see --help");
}

static void test_refusal_fits_a_line(void **state)
{
    char longest[600];
    (void)state;
    memset(longest, 'v', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(option_refuse(error, longest, longest, longest), STATUS_INVALID);
    assert_true(strlen(error) < OPTION_ERROR_BYTES);
    assert_non_null(strstr(error, "vvv... vvv"));
    assert_non_null(strstr(error, "vvv...: vvv"));
    assert_string_equal(error + strlen(error) - 6, "vvv...");
    assert_int_equal(parse("--depth", longest, NULL, NULL), STATUS_INVALID);
    assert_string_equal(error + strlen(error) - 33, "vv...: expected 1..10000 messages");
    assert_int_equal(parse(longest, NULL, NULL, NULL), STATUS_OK);
    longest[0] = '-';
    assert_int_equal(parse(longest, NULL, NULL, NULL), STATUS_INVALID);
    assert_true(strlen(error) < OPTION_ERROR_BYTES);

    assert_int_equal(option_refuse(error, "--a", "b\n\t\x7f", "c\nd"), STATUS_INVALID);
    assert_string_equal(error, "--a b???: c?d");
    option_refuse(error, "--a", NULL, "c");
    assert_string_equal(error, "--a: c");
}

static void test_resolve(void **state)
{
    (void)state;
    assert_good("--flag", NULL);
    assert_int_equal(option_resolve(&table, 0, &args, error), STATUS_OK);
    assert_int_equal(values.number, 1);
    assert_true(values.duration == 600000000);
    assert_int_equal(values.size, 2);
    assert_int_equal(values.ms, 250);
    assert_null(values.text);
    assert_int_equal(values.texts.count, 1);
    assert_string_equal(values.texts.item[0], "/custom");

    assert_good("--item=given", "--duration=7");
    assert_int_equal(option_resolve(&table, 1, &args, error), STATUS_OK);
    assert_true(values.duration == 7000000000);
    assert_int_equal(values.texts.count, 1);
    assert_string_equal(values.texts.item[0], "given");

    assert_good("--flag", NULL);
    assert_int_equal(option_resolve(&table, 1, &args, error), STATUS_OK);
    assert_true(values.duration == 5000000000);
    assert_string_equal(values.texts.item[0], "other");

    assert_good("--depth", "3");
    assert_int_equal(option_resolve(&table, 1, &args, error), STATUS_OK);
    assert_int_equal(option_resolve(&table, 0, &args, error), STATUS_INVALID);
    assert_string_equal(error, "--depth: not used by connect, but by roundtrip");
}

static void test_help(void **state)
{
    static const char all[] =
        "\nFirst:\n"
        "  --flag                  a flag\n"
        "  --depth N               deep, 1..10000 messages [1]\n"
        "  --seed N                of order [random]\n"
        "\nSecond:\n"
        "  --wait MS               wait, 10..60000 ms [250]\n"
        "  --duration TIME         lasts, 1ms..60s [5s; connect 600ms]\n"
        "  --size BYTES            big, 1..64M bytes [2]\n"
        "\nThird:\n"
        "  --text NAME             said\n"
        "  --match HOW             matched, order or any [order]\n"
        "  --item ITEM             listed [/custom; roundtrip other]\n"
        "  --poller NAME           polled, epoll, select or kqueue [the best]\n";
    static const char connect[] = "\nFirst:\n"
                                  "  --flag                  a flag\n"
                                  "  --seed N                of order [random]\n"
                                  "\nSecond:\n"
                                  "  --wait MS               wait, 10..60000 ms [250]\n"
                                  "  --duration TIME         lasts, 1ms..60s [600ms]\n";
    char memory[2048];
    struct buf out = buf_over(memory, sizeof memory);
    (void)state;
    option_help(&table, BOTH, &out);
    assert_int_equal(out.len, sizeof all - 1);
    assert_memory_equal(memory, all, sizeof all - 1);
    out = buf_over(memory, sizeof memory);
    option_help(&table, 1, &out);
    assert_memory_equal(memory, connect, sizeof connect - 1);
    out = buf_over(memory, 10); /* too small: told, not overrun, not endless */
    option_help(&table, BOTH, &out);
    assert_true(out.full);
}

static void test_nearest(void **state)
{
    static const char *const names[] = {"compare", "connect", "send"};
    (void)state;
    assert_string_equal(option_nearest("conect", names, 3), "connect");
    assert_string_equal(option_nearest("sned", names, 3), "send");
    assert_null(option_nearest("compare", names, 0));
    assert_string_equal(option_nearest("compa", names, 3), "compare");
    assert_null(option_nearest("roundtrip", names, 3));
    assert_null(option_nearest("co", names, 3));
    assert_null(option_nearest("a-word-that-is-longer-than-any-name-we-have", names, 3));
}

static void test_words_are_split(void **state)
{
    struct option_words words;
    (void)state;
    option_words_split(&words, "epoll|select");
    assert_string_equal(words.item[0], "epoll");
    assert_string_equal(words.item[1], "select");
    assert_null(words.item[2]);
    option_words_split(&words, "");
    assert_null(words.item[0]);
    option_words_split(&words, "a|b|c|d|e|f|g|h|i"); /* one more than there is room for */
    assert_string_equal(words.item[OPTION_WORDS_MAX - 1], "h");
    assert_null(words.item[OPTION_WORDS_MAX]);

    char longest[OPTION_WORDS_BYTES + 1];
    memset(longest, 'x', sizeof longest);
    longest[OPTION_WORDS_BYTES - 1] = '\0'; /* fits with its NUL */
    option_words_split(&words, longest);
    assert_string_equal(words.item[0], longest);
    longest[OPTION_WORDS_BYTES - 1] = 'x';
    longest[OPTION_WORDS_BYTES] = '\0';
    option_words_split(&words, longest);
    assert_null(words.item[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_numbers_are_put),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_texts_and_words),
        cmocka_unit_test(test_shape_of_the_line),
        cmocka_unit_test(test_too_many_operands),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_refusal_fits_a_line),
        cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_words_are_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
