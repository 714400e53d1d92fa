#include "measure/record/phase.h"

#include "base/bytes.h"

/* Key, title, start and end of each, behind one another; then those of none. */
static const char words[] =
#define X(name, key, title, starts, ends) key "\0" title "\0" starts "\0" ends "\0"
    PHASE_LIST(X)
#undef X
        "-\0-\0-\0-";

static const char *word(enum phase phase, unsigned which)
{
    unsigned row = (unsigned)phase < PHASE_COUNT ? (unsigned)phase : PHASE_COUNT;
    return bytes_word(words, 4 * row + which);
}

const char *phase_key(enum phase phase)
{
    return word(phase, 0);
}

const char *phase_title(enum phase phase)
{
    return word(phase, 1);
}

const char *phase_starts(enum phase phase)
{
    return word(phase, 2);
}

const char *phase_ends(enum phase phase)
{
    return word(phase, 3);
}
