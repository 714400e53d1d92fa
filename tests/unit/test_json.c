/* Proves that JSON is checked, walked, unescaped and quoted exactly, to a bounded depth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codec/json.h"
#include "base/config.h"
#include "base/status.h"
#include "guard.h"

struct text_case {
    struct span text;
    enum json_type type; /* JSON_NONE: to be refused */
};
#define TEXT(literal, type)                                                                        \
    {                                                                                              \
        {(const uint8_t *)(literal), sizeof(literal) - 1}, type                                    \
    }
#define BAD(literal) TEXT(literal, JSON_NONE)

static const struct text_case cases[] = {
    TEXT("{}", JSON_OBJECT),
    TEXT(" \t\r\n{ } \t\r\n", JSON_OBJECT),
    TEXT("{\"a\":1,\"a\":[2]}", JSON_OBJECT),
    TEXT("{ \"a\" : { \"b\" : [ ] } , \"\" : null }", JSON_OBJECT),
    TEXT("[]", JSON_ARRAY),
    TEXT("[[],{},[[]],\"\",0]", JSON_ARRAY),
    TEXT("[ 1 , 2 ]", JSON_ARRAY),
    TEXT("\"\"", JSON_STRING),
    TEXT("\"more than eight plain octets\"", JSON_STRING),
    TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uABCD\\uabcd\"", JSON_STRING),
    TEXT("\"\\ud83d\\ude00\"", JSON_STRING),
    TEXT("\"\\ud83d\"", JSON_STRING),
    TEXT("\"\x7f \xc3\xa9\xff\"", JSON_STRING),
    TEXT("0", JSON_NUMBER),
    TEXT("-0", JSON_NUMBER),
    TEXT("10.01", JSON_NUMBER),
    TEXT("-1.5e+10", JSON_NUMBER),
    TEXT("0e0", JSON_NUMBER),
    TEXT("1E-9", JSON_NUMBER),
    TEXT("123456789012345678901234567890", JSON_NUMBER),
    TEXT("true", JSON_TRUE),
    TEXT("false", JSON_FALSE),
    TEXT(" null ", JSON_NULL),

    BAD(""),
    BAD(" "),
    BAD("{"),
    BAD("}"),
    BAD("["),
    BAD("]"),
    BAD("[}"),
    BAD("{]"),
    BAD("[1"),
    BAD("[1,"),
    BAD("[1,]"),
    BAD("[,1]"),
    BAD("[1 2]"),
    BAD("[1:2]"),
    BAD("[]]"),
    BAD("[[]"),
    BAD("{\"a\"}"),
    BAD("{\"a\":}"),
    BAD("{\"a\" 1}"),
    BAD("{\"a\":1,}"),
    BAD("{\"a\":1 \"b\":2}"),
    BAD("{\"a\":1:2}"),
    BAD("{,}"),
    BAD("{1:2}"),
    BAD("{a:1}"),
    BAD("{\"a\":1,[]}"),
    BAD("{}{}"),
    BAD("1 2"),
    BAD("\""),
    BAD("\"a"),
    BAD("'a'"),
    BAD("\"a\nb\""),
    BAD("\"12345678\x1f\""),
    BAD("\"\0\""),
    BAD("\"\\"),
    BAD("\"\\\""),
    BAD("\"\\a\""),
    BAD("\"\\0\""),
    BAD("\"\\\0\""),
    BAD("\"\\u12\""),
    BAD("\"\\u12g4\""),
    BAD("\"\\u"),
    BAD("\"\\U0041\""),
    BAD("-"),
    BAD("+1"),
    BAD("01"),
    BAD("-01"),
    BAD(".5"),
    BAD("5."),
    BAD("1.e1"),
    BAD("1e"),
    BAD("1e+"),
    BAD("1.2.3"),
    BAD("0x10"),
    BAD("NaN"),
    BAD("Infinity"),
    BAD("tru"),
    BAD("truE"),
    BAD("True"),
    BAD("truefalse"),
    BAD("nul"),
    BAD("fals"),
    BAD("undefined"),
    BAD("[1]//"),
    BAD("\xef\xbb\xbf{}"),
    BAD("\v1"),
};
#define CASES (sizeof cases / sizeof cases[0])

/* Holds until the next call. */
static const struct json *parsed(struct span text)
{
    static struct json value;
    assert_int_equal(json_parse(text, &value), STATUS_OK);
    return &value;
}

static void texts_are_accepted_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct json value;
        memset(&value, 1, sizeof value);
        int status = json_parse(guard_copy(cases[i].text), &value);
        bool fine = cases[i].type != JSON_NONE;
        if (status != (fine ? STATUS_OK : STATUS_JSON_SYNTAX) || value.type != cases[i].type) {
            fail_msg("'%.*s': %d, type %d", (int)cases[i].text.len, (const char *)cases[i].text.ptr,
                     status, value.type);
        }
        if (!fine) {
            assert_null(value.text.ptr);
            assert_int_equal(value.text.len, 0);
        }
    }
}

/* A part of an object, an array or a string is never a value; and nothing is read behind it. */
static void no_prefix_is_a_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct span text = cases[i].text;
        while (text.len > 0 && text.ptr[text.len - 1] <= ' ') {
            text.len--;
        }
        for (size_t len = 0; len < text.len; len++) {
            struct json value;
            int status = json_parse(guard_copy(span_of(text.ptr, len)), &value);
            if (cases[i].type >= JSON_OBJECT && cases[i].type <= JSON_STRING) {
                assert_int_equal(status, STATUS_JSON_SYNTAX);
            }
        }
    }
}

static void text_is_exact(void **state)
{
    (void)state;
    assert_true(span_equal_text(parsed(SPAN(" [1, 2]\n"))->text, "[1, 2]"));
    assert_true(span_equal_text(parsed(SPAN(" -1.5 "))->text, "-1.5"));
    assert_true(span_equal_text(parsed(SPAN("\t\"a b\"\t"))->text, "\"a b\""));
}

static struct span nested(size_t depth, const char *open, const char *inner, const char *close)
{
    static char room[8 * (JSON_DEPTH_MAX + 2)];
    struct buf out = buf_over(room, sizeof room);
    for (size_t i = 0; i < depth; i++) {
        buf_put_text(&out, open);
    }
    buf_put_text(&out, inner);
    for (size_t i = 0; i < depth; i++) {
        buf_put_text(&out, close);
    }
    assert_false(out.full);
    return buf_span(&out);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    struct json value;
    assert_int_equal(json_parse(nested(JSON_DEPTH_MAX, "[", "1", "]"), &value), STATUS_OK);
    assert_int_equal(json_parse(nested(JSON_DEPTH_MAX, "{\"\":", "1", "}"), &value), STATUS_OK);
    assert_int_equal(json_parse(nested(JSON_DEPTH_MAX + 1, "[", "", "]"), &value),
                     STATUS_JSON_DEPTH);
    assert_int_equal(value.type, JSON_NONE);
    assert_int_equal(json_parse(nested(JSON_DEPTH_MAX + 1, "{\"\":", "1", "}"), &value),
                     STATUS_JSON_DEPTH);
    assert_int_equal(json_parse(nested(JSON_DEPTH_MAX / 2, "[{\"\":", "1", "}]"), &value),
                     STATUS_OK);
    assert_int_equal(json_parse(nested(JSON_DEPTH_MAX / 2, "[{\"\":", "1", "]}"), &value),
                     STATUS_JSON_SYNTAX);
    /* Breadth is not depth. */
    assert_int_equal(json_parse(nested(JSON_DEPTH_MAX + 1, "", "[[],[],[[]]]", ""), &value),
                     STATUS_OK);
}

static void arrays_are_walked(void **state)
{
    (void)state;
    static const char *const elements[] = {"1", "[2,[3]]", "{\"a\":4}", "\",\"", "null"};
    struct json_walk walk =
        json_walk(parsed(guard_copy(SPAN("[1,[2,[3]] , {\"a\":4},\",\" ,\tnull ]"))));
    struct json key, value;
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        assert_true(json_next(&walk, i % 2 ? &key : NULL, &value));
        assert_true(span_equal_text(value.text, elements[i]));
        if (i % 2) {
            assert_int_equal(key.type, JSON_NONE);
        }
    }
    for (int again = 0; again < 2; again++) {
        assert_false(json_next(&walk, NULL, &value));
        assert_int_equal(value.type, JSON_NONE);
    }
}

static void objects_are_walked(void **state)
{
    (void)state;
    struct json_walk walk = json_walk(parsed(SPAN("{\"a\":1 , \"b\" : {\"c\":[]},\"\":\"x\"}")));
    struct json key, value;
    assert_true(json_next(&walk, &key, &value));
    assert_true(span_equal_text(key.text, "\"a\""));
    assert_int_equal(key.type, JSON_STRING);
    assert_true(span_equal_text(value.text, "1"));
    assert_true(json_next(&walk, NULL, &value));
    assert_true(span_equal_text(value.text, "{\"c\":[]}"));
    assert_true(json_next(&walk, &key, &value));
    assert_true(span_equal_text(key.text, "\"\""));
    assert_int_equal(value.type, JSON_STRING);
    assert_false(json_next(&walk, &key, &value));
    assert_int_equal(key.type, JSON_NONE);
}

static void nothing_is_walked_in_scalars(void **state)
{
    (void)state;
    static const char *const texts[] = {"[]", "[ ]", "{}", "{ }", "1", "\"[1]\"", "null"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct json_walk walk = json_walk(parsed(span_text(texts[i])));
        struct json value;
        assert_false(json_next(&walk, NULL, &value));
    }
    struct json_walk walk = json_walk(&(struct json){0});
    struct json value;
    assert_false(json_next(&walk, NULL, &value));
}

static void members_are_found(void **state)
{
    (void)state;
    struct json object = *parsed(SPAN("{\"x\":{\"b\":0},\"\\u0062\":1,\"b\":2,\"\":3}"));
    struct json value;
    assert_true(json_find(&object, "b", &value));
    assert_true(span_equal_text(value.text, "1"));
    assert_true(json_find(&object, "", &value));
    assert_true(span_equal_text(value.text, "3"));
    assert_false(json_find(&object, "c", &value));
    assert_int_equal(value.type, JSON_NONE);
    value.type = JSON_TRUE;
    assert_false(json_find(parsed(SPAN("[\"b\"]")), "b", &value));
    assert_int_equal(value.type, JSON_NONE);
}

static void flat_tokens_in_order(void **state)
{
    (void)state;
    static const struct {
        enum json_flat_kind kind;
        const char *text;
    } tokens[] = {
        {JSON_FLAT_OPEN, ""},     {JSON_FLAT_SCALAR, "\"a\""}, {JSON_FLAT_OPEN, ""},
        {JSON_FLAT_KEY, "\"k\""}, {JSON_FLAT_OPEN, ""},        {JSON_FLAT_CLOSE, ""},
        {JSON_FLAT_KEY, "\"l\""}, {JSON_FLAT_SCALAR, "true"},  {JSON_FLAT_CLOSE, ""},
        {JSON_FLAT_SCALAR, "-1"}, {JSON_FLAT_CLOSE, ""},
    };
    struct span rest = parsed(guard_copy(SPAN("[ \"a\",{\"k\" : [ ],\"l\":true} , -1]")))->text;
    struct json_flat token;
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        assert_true(json_flat_next(&rest, &token));
        assert_int_equal(token.kind, tokens[i].kind);
        assert_true(span_equal_text(token.scalar.text, tokens[i].text));
    }
    assert_false(json_flat_next(&rest, &token));
    assert_int_equal(token.kind, JSON_FLAT_NONE);
}

static const struct {
    const char *json;
    struct span plain;
} strings[] = {
#define STRING(json, literal)                                                                      \
    {                                                                                              \
        json,                                                                                      \
        {                                                                                          \
            (const uint8_t *)(literal), sizeof(literal) - 1                                        \
        }                                                                                          \
    }
    STRING("\"\"", ""),
    STRING("\"plain \xc3\xa9\"", "plain \xc3\xa9"),
    STRING("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"),
    STRING("\"a\\u0000b\"", "a\0b"),
    STRING("\"\\u007f\\u0080\\u07ff\"", "\x7f\xc2\x80\xdf\xbf"),
    STRING("\"\\u0800\\uFFFF\\ud7ff\\ue000\"", "\xe0\xa0\x80\xef\xbf\xbf\xed\x9f\xbf\xee\x80\x80"),
    STRING("\"\\ud83d\\uDE00!\"", "\xf0\x9f\x98\x80!"),
    STRING("\"\\ud800\\udc00\\udbff\\udfff\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
    STRING("\"\\ud83d\"", "\xef\xbf\xbd"),
    STRING("\"\\ude00x\"", "\xef\xbf\xbdx"),
    STRING("\"\\ud83dxxxxxx\"", "\xef\xbf\xbdxxxxxx"),
    STRING("\"\\ud83d\\n\\u0041\"", "\xef\xbf\xbd\nA"),
    STRING("\"\\ud83d\\u0041\"", "\xef\xbf\xbd"
                                 "A"),
    STRING("\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80"),
    STRING("\"\\ude00\\ud83d\"", "\xef\xbf\xbd\xef\xbf\xbd"),
#undef STRING
};
#define STRINGS (sizeof strings / sizeof strings[0])

static void strings_are_unescaped(void **state)
{
    (void)state;
    for (size_t i = 0; i < STRINGS; i++) {
        struct json string = *parsed(guard_copy(span_text(strings[i].json)));
        size_t full = strings[i].plain.len;
        for (size_t cap = 0; cap <= full; cap++) {
            char room[64];
            struct buf out = {.ptr = (uint8_t *)room, .cap = cap};
            assert_int_equal(json_string_copy(&string, &out),
                             cap < full ? STATUS_NO_ROOM : STATUS_OK);
            assert_int_equal(out.len, cap < full ? 0 : full);
            assert_false(out.full);
            if (cap == full && !span_equal(buf_span(&out), strings[i].plain)) {
                fail_msg("%s", strings[i].json);
            }
        }
    }
    uint8_t room[8];
    struct buf out = buf_over(room, sizeof room);
    assert_int_equal(json_string_copy(parsed(SPAN("12")), &out), STATUS_JSON_TYPE);
    assert_int_equal(json_string_copy(&(struct json){0}, &out), STATUS_JSON_TYPE);
    assert_int_equal(out.len, 0);
}

static void strings_are_compared_unescaped(void **state)
{
    (void)state;
    for (size_t i = 0; i < STRINGS; i++) {
        struct json string = *parsed(guard_copy(span_text(strings[i].json)));
        uint8_t other[64];
        size_t len = strings[i].plain.len;
        assert_true(json_string_equal(&string, strings[i].plain));
        memcpy(other, strings[i].plain.ptr, len);
        other[len] = 'x';
        assert_false(json_string_equal(&string, span_of(other, len + 1)));
        for (size_t k = 0; k < len; k++) {
            other[k] ^= 1;
            assert_false(json_string_equal(&string, span_of(other, len)));
            assert_false(json_string_equal(&string, span_of(strings[i].plain.ptr, k)));
            other[k] ^= 1;
        }
    }
    assert_false(json_string_equal(parsed(SPAN("[]")), SPAN("")));
    assert_false(json_string_equal(parsed(SPAN("1")), SPAN("1")));
    assert_false(json_string_equal(&(struct json){0}, (struct span){0}));
}

static void integers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool fine;
        uint64_t value;
    } numbers[] = {
        {"0", true, 0},     {"25000", true, 25000},
        {"-0", false, 0},   {"9007199254740992", true, (uint64_t)1 << 53},
        {"1.0", false, 0},  {"9007199254740993", false, 0},
        {"1e3", false, 0},  {"99999999999999999999", false, 0},
        {"-1", false, 0},   {"\"1\"", false, 0},
        {"true", false, 0},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint64_t value = 5;
        assert_int_equal(json_to_u64(parsed(span_text(numbers[i].text)), &value), numbers[i].fine);
        assert_true(value == numbers[i].value);
    }
}

static void strings_are_quoted(void **state)
{
    (void)state;
    struct span plain = SPAN("a\"b\\c/\n\x1e\0\x1f\x7f\xc3\xa9 and more than eight");
    const char *quoted =
        "\"a\\\"b\\\\c/\\u000a\\u001e\\u0000\\u001f\x7f\xc3\xa9 and more than eight\"";
    size_t full = strlen(quoted);
    for (size_t cap = 0; cap <= full; cap++) {
        uint8_t *room = guard_room(cap);
        struct buf out = buf_over(room, cap);
        json_put_string(&out, plain);
        assert_int_equal(out.full, cap < full);
        assert_int_equal(out.len, cap < full ? 0 : full);
    }
    char room[128];
    struct buf out = buf_over(room, sizeof room);
    json_put_string(&out, guard_copy(plain));
    assert_true(span_equal_text(buf_span(&out), quoted));
    assert_true(json_string_equal(parsed(buf_span(&out)), plain));
    out.len = 0;
    json_put_string(&out, (struct span){0});
    assert_true(span_equal_text(buf_span(&out), "\"\""));
}

/* Every byte, at every place of a word of eight, on the way out and back. */
static void every_byte_survives_quoting(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        for (size_t at = 0; at < 17; at++) {
            uint8_t plain[17];
            char room[128];
            struct buf out = buf_over(room, sizeof room);
            memset(plain, 'p', sizeof plain);
            plain[at] = (uint8_t)byte;
            json_put_string(&out, span_of(plain, sizeof plain));
            bool raw = out.len == sizeof plain + 2;
            assert_int_equal(raw, byte >= 0x20 && byte != '"' && byte != '\\');
            assert_true(json_string_equal(parsed(buf_span(&out)), span_of(plain, sizeof plain)));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_accepted_or_refused),
        cmocka_unit_test(no_prefix_is_a_value),
        cmocka_unit_test(text_is_exact),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(arrays_are_walked),
        cmocka_unit_test(objects_are_walked),
        cmocka_unit_test(nothing_is_walked_in_scalars),
        cmocka_unit_test(members_are_found),
        cmocka_unit_test(flat_tokens_in_order),
        cmocka_unit_test(strings_are_unescaped),
        cmocka_unit_test(strings_are_compared_unescaped),
        cmocka_unit_test(integers_are_read),
        cmocka_unit_test(strings_are_quoted),
        cmocka_unit_test(every_byte_survives_quoting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
