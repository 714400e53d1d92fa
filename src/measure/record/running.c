#include "measure/record/running.h"

#include <math.h>

#include "base/real.h"

void running_add(struct running *r, double value)
{
    if (r->n == 0 || value < r->min)
        r->min = value;
    if (r->n == 0 || value > r->max)
        r->max = value;
    r->n++;
    double distance = value - r->mean;
    r->mean += distance / real_of(r->n);
    r->m2 += distance * (value - r->mean);
}

void running_merge(struct running *into, const struct running *from)
{
    if (from->n == 0)
        return;
    if (into->n == 0) {
        *into = *from;
        return;
    }
    double a = real_of(into->n);
    double b = real_of(from->n);
    double distance = from->mean - into->mean;
    into->mean += distance * b / (a + b);
    into->m2 += from->m2 + distance * distance * a * b / (a + b);
    into->min = real_min(into->min, from->min);
    into->max = real_max(into->max, from->max);
    into->n += from->n;
}

double running_deviation(const struct running *r)
{
    return r->n < 2 ? 0.0 : sqrt(r->m2 / real_of(r->n - 1));
}
