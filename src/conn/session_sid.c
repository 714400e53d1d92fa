#include "conn/session_sid.h"

#include <string.h>

#define SID_BYTES     16 /* from the system's generator: 22 characters */
#define SID_LENGTH    22
#define NUMBER_LENGTH 3 /* characters of six bits, behind it */

static const char sid_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void session_sid_make(struct random *random, char out[EIO_SID_MAX])
{
    uint8_t raw[SID_BYTES];
    random_bytes(random, raw, sizeof raw);
    uint32_t bits = 0;
    unsigned have = 0;
    size_t from = 0;
    for (size_t i = 0; i < SID_LENGTH; i++) {
        if (have < 6 && from < sizeof raw) {
            bits = bits << 8 | raw[from++];
            have += 8;
        }
        unsigned take = have < 6 ? have : 6;
        have -= take;
        out[i] = sid_digits[bits >> have & 63];
    }
    out[SID_LENGTH] = '\0';
}

void session_sid_append(char sid[EIO_SID_MAX], uint32_t number)
{
    for (unsigned i = 0; i < NUMBER_LENGTH; i++)
        sid[SID_LENGTH + i] = sid_digits[number >> (6 * i) & 63];
    sid[SID_LENGTH + NUMBER_LENGTH] = '\0';
}

uint32_t session_sid_number(const char *sid)
{
    uint32_t number = 0;
    if (strlen(sid) != SID_LENGTH + NUMBER_LENGTH)
        return UINT32_MAX;
    for (unsigned i = 0; i < NUMBER_LENGTH; i++) {
        const char *digit = strchr(sid_digits, sid[SID_LENGTH + i]);
        if (digit == NULL)
            return UINT32_MAX;
        number |= (uint32_t)(digit - sid_digits) << (6 * i);
    }
    return number;
}
