#include "measure/record/tally.h"

void tally_merge(struct tally *into, const struct tally *from)
{
#define X(name) into->name += from->name;
    TALLY_LIST(X)
#undef X
}

bool tally_balanced(const struct tally *t)
{
    return t->sent == t->answered + t->wrong + t->unanswered;
}
