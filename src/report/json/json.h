/* The report for machines: schema "wsio-report-3", units in the names of the keys. Numbers that
 * were not measured are null. */
#ifndef WSIO_REPORT_JSON_H
#define WSIO_REPORT_JSON_H

#include <stdio.h>

#include "measure/result/result.h"

#define REPORT_JSON_SCHEMA "wsio-report-3" /* readers accept no other */

/* Writes one line-broken object and flushes. STATUS_OK, or STATUS_SYSTEM when the stream did not
 * take it all. */
int report_json_write(FILE *out, const struct result *r);

#endif
