/* Numbers for people: three significant digits, unit beside it. All into caller's text. */
#ifndef WSIO_REPORT_FORMAT_H
#define WSIO_REPORT_FORMAT_H

#include <stdint.h>

#define FORMAT_TEXT 32 /* bytes of every output here, with its NUL */

/* One of the functions below, for tables. */
typedef void format_put(char out[FORMAT_TEXT], double value);

void format_ns(char out[FORMAT_TEXT], double ns); /* "870 ns" "12.3 us" "1.24 ms" "2.50 s" */
/* The same of round values, up to six digits: "20 us" "23.05 us". */
void format_ns_exactly(char out[FORMAT_TEXT], double ns);
void format_ms(char out[FORMAT_TEXT], double ns);          /* "0.012": milliseconds without unit */
void format_count(char out[FORMAT_TEXT], uint64_t n);      /* "40 016" */
void format_rate(char out[FORMAT_TEXT], double per_s);     /* "40 016", "12.5" below 100 */
void format_bytes(char out[FORMAT_TEXT], double bytes);    /* "512 B" "12.4 MB" (powers of 1000) */
void format_memory(char out[FORMAT_TEXT], uint64_t bytes); /* "15.6 GiB" (powers of 1024) */
void format_bytes_rate(char out[FORMAT_TEXT], double bytes_per_s); /* "12.4 MB/s" */
void format_ratio(char out[FORMAT_TEXT], double ratio);            /* "0.93"; "-" for 0 or less */
void format_share(char out[FORMAT_TEXT], double share);            /* "58 %" */
void format_range(char out[FORMAT_TEXT], double low, double high); /* of ratios: "0.91..0.95" */
void format_interval(char out[2 * FORMAT_TEXT], double median, double low,
                     double high);                         /* "1.049 (1.033..1.064)" */
void format_time(char out[FORMAT_TEXT], uint64_t unix_ns); /* "2024-05-01 12:00:00 UTC" */

#endif
