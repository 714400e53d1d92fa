/* Student's t distribution, for intervals of means of few values. */
#ifndef WSIO_MEASURE_STUDENT_H
#define WSIO_MEASURE_STUDENT_H

/* The t that |T| exceeds with probability `outside`, 1e-9 <= outside < 1, for `freedom` >= 1
 * degrees of freedom. Exact to 1e-9 of its value (Abramowitz and Stegun, 26.7.3 and 26.7.4). */
double student_quantile(double outside, unsigned freedom);

#endif
