#include "measure/result/student.h"

#include <math.h>

#define HALF_PI 1.57079632679489661923

/* 1 + 1/2 c^2 + (1 3)/(2 4) c^4 + ..., and for an odd freedom c + 2/3 c^3 + (2 4)/(3 5) c^5 + ...
 */
static double sum_cosines(double cosine, unsigned freedom)
{
    double term = freedom % 2 == 0 ? 1.0 : cosine;
    double sum = term;
    for (unsigned k = freedom % 2 == 0 ? 2 : 3; k + 2 <= freedom; k += 2) {
        term *= cosine * cosine * (k - 1) / k;
        sum += term;
    }
    return sum;
}

/* The probability of |T| <= t. */
static double find_inside(double t, unsigned freedom)
{
    double angle = atan(t / sqrt(freedom));
    double sine = sin(angle);
    if (freedom == 1)
        return angle / HALF_PI;
    double sum = sum_cosines(cos(angle), freedom);
    return freedom % 2 == 0 ? sine * sum : (angle + sine * sum) / HALF_PI;
}

double student_quantile(double outside, unsigned freedom)
{
    double low = 0.0;
    double high = 1.0;
    while (1.0 - find_inside(high, freedom) > outside)
        high *= 2.0;
    while (high - low > high * 1e-10) {
        double middle = (low + high) / 2.0;
        if (1.0 - find_inside(middle, freedom) > outside)
            low = middle;
        else
            high = middle;
    }
    return high;
}
