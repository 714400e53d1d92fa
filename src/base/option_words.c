#include <string.h>

#include "base/option.h"

void option_words_split(struct option_words *words, const char *text)
{
    struct buf out = buf_over(words->text, sizeof words->text);
    size_t count = 0;
    for (size_t length; *text != '\0' && count < OPTION_WORDS_MAX; text += length) {
        text += *text == '|' ? 1 : 0;
        length = strcspn(text, "|");
        if (buf_room(&out) <= length)
            break;
        words->item[count++] = words->text + out.len;
        buf_put(&out, text, length);
        buf_put_byte(&out, '\0');
    }
    words->item[count] = NULL;
}
