#include <string.h>

#include "base/option.h"

#define WORD_MAX   32 /* bytes; a longer word is no misspelling of ours */
#define SHORT_WORD 4  /* up to so many letters one mistake is allowed, beyond them two */

static size_t find_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The number of letters to insert, drop, change, or swap with the next one, that turns one word
 * into the other. Both have at most WORD_MAX bytes. */
static size_t measure_distance(const char *a, const char *b)
{
    uint8_t least[WORD_MAX + 1][WORD_MAX + 1]; /* between the first i and j letters */
    size_t i = 0;
    size_t j = 0;
    for (i = 0; i == 0 || a[i - 1] != '\0'; i++)
        for (j = 0; j == 0 || b[j - 1] != '\0'; j++) {
            size_t best = i + j;
            if (i > 0 && j > 0) {
                best = find_least(least[i - 1][j], least[i][j - 1]) + 1u;
                best = find_least(best, least[i - 1][j - 1] + (size_t)(a[i - 1] != b[j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = find_least(best, least[i - 2][j - 2] + 1u);
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
        size_t distance = measure_distance(word, words[i]);
        if (strncmp(word, words[i], length) == 0)
            distance = find_least(distance, allowed); /* a word cut short is near, too */
        if (distance < best) {
            best = distance;
            nearest = words[i];
        }
    }
    return nearest;
}

bool option_put_nearest(const char *word, const char *const *words, size_t count, struct buf *out)
{
    const char *nearest = option_nearest(word, words, count);
    if (nearest == NULL)
        return false;
    buf_put_text(out, "did you mean ");
    buf_put_text(out, nearest);
    buf_put_byte(out, '?');
    return true;
}
