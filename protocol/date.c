#include "protocol/date.h"

static const int64_t DAY_US = INT64_C(86400) * 1000000;

enum { DAYS_OF_ERA = 146097, DAYS_TO_1970 = 719468 }; /* from 0000-03-01, a year's first day here */

/* Writes `width` digits and the character after them; returns where to go on. */
static char *put_digits(char *at, int64_t value, int width, char after)
{
    for (int i = width - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    at[width] = after;
    return at + width + 1;
}

static char *put_day(char *at, int64_t days)
{
    int64_t since = days + DAYS_TO_1970;
    int64_t era = since / DAYS_OF_ERA, day_of_era = since % DAYS_OF_ERA;
    int64_t year =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day = day_of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day + 2) / 153; /* from March */
    day -= (153 * month + 2) / 5;
    at = put_digits(at, year + era * 400 + (month >= 10), 4, '-');
    at = put_digits(at, month < 10 ? month + 3 : month - 9, 2, '-');
    return put_digits(at, day + 1, 2, 'T');
}

void date_write(int64_t us, char ret_text[DATE_LEN + 1])
{
    int64_t seconds = us % DAY_US / 1000000;
    char *at = put_day(ret_text, us / DAY_US);
    at = put_digits(at, seconds / 3600, 2, ':');
    at = put_digits(at, seconds / 60 % 60, 2, ':');
    at = put_digits(at, seconds % 60, 2, '.');
    at = put_digits(at, us % 1000000, 6, 'Z');
    *at = '\0';
}

/* Reads `width` digits and, unless it is NUL, the character after them. */
static bool take_digits(struct span *text, size_t width, char after, int64_t *ret)
{
    size_t len = width + (after ? 1 : 0);
    int64_t value = 0;
    if (text->len < len)
        return false;
    for (size_t i = 0; i < width; i++) {
        if (text->ptr[i] < '0' || text->ptr[i] > '9')
            return false;
        value = value * 10 + (text->ptr[i] - '0');
    }
    if (after && text->ptr[width] != after)
        return false;
    *text = (struct span){text->ptr + len, text->len - len};
    *ret = value;
    return true;
}

static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400, year_of_era = year % 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * DAYS_OF_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
           day_of_year - DAYS_TO_1970;
}

static int64_t fraction_of(struct span text)
{
    int64_t us = 0, digit = 0;
    bool digits = text.len > 1 && text.ptr[0] == '.';
    for (size_t i = 1; i <= 6; i++) {
        struct span rest = {text.ptr + i, i < text.len ? 1 : 0};
        digits = digits && take_digits(&rest, 1, '\0', &digit);
        us = us * 10 + (digits ? digit : 0);
    }
    return us;
}

bool date_read(struct span text, int64_t *ret_us)
{
    int64_t year, month, day, hour, minute, second;
    if (!take_digits(&text, 4, '-', &year) || !take_digits(&text, 2, '-', &month) ||
        !take_digits(&text, 2, 'T', &day) || !take_digits(&text, 2, ':', &hour) ||
        !take_digits(&text, 2, ':', &minute) || !take_digits(&text, 2, '\0', &second))
        return false;
    if (year < 1 || month < 1 || month > 12)
        return false;
    int64_t seconds = hour * 3600 + minute * 60 + second;
    *ret_us = days_of(year, month, day) * DAY_US + seconds * 1000000 + fraction_of(text);
    return true;
}
