#include "kernel/failure.h"

#include "protocol/json.h"

#include <stdio.h>
#include <time.h>

/* ISO 8601 as clients write it. The zone is passed over: a client's dates are all in one. */
static bool read_date(struct span text, int64_t *ret_us)
{
    char date[40];
    struct tm tm = {0};
    char fraction[8] = "";
    if (text.len >= sizeof date)
        return false;
    memcpy(date, text.ptr, text.len);
    date[text.len] = '\0';
    int found = sscanf(date, "%4d-%2d-%2dT%2d:%2d:%2d.%6[0-9]", &tm.tm_year, &tm.tm_mon,
                       &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, fraction);
    if (found < 6)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    int64_t us = 0;
    size_t digits = strlen(fraction);
    for (size_t i = 0; i < 6; i++)
        us = us * 10 + (i < digits ? fraction[i] - '0' : 0);
    *ret_us = (int64_t)timegm(&tm) * 1000000 + us;
    return true;
}

static bool date_of(const struct message *request, int64_t *ret_us)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *header = NULL;
    return json_read_object(request->header, why, &header) == 0 &&
           read_date(json_member_text(header, "date", SPAN("")), ret_us);
}

static bool names_its_cell(const struct message *request)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *metadata = NULL;
    return json_read_object(request->metadata, why, &metadata) == 0 &&
           json_is_string(json_object_get(metadata, "cellId"));
}

void failure_note(struct failure *self, const struct message *request, int64_t took_us)
{
    int64_t date;
    self->session_len = 0;
    if (request->session.len == 0 || request->session.len > sizeof self->session ||
        !names_its_cell(request) || !date_of(request, &date))
        return;
    memcpy(self->session, request->session.ptr, request->session.len);
    self->session_len = request->session.len;
    self->until_us = date + took_us + (int64_t)FAILURE_GRACE_MS * 1000;
}

bool failure_covers(struct failure *self, const struct message *request)
{
    int64_t date;
    struct span session = {self->session, self->session_len};
    if (session.len == 0 || !span_equal(session, request->session))
        return false;
    if (names_its_cell(request) && date_of(request, &date) && date < self->until_us)
        return true;
    self->session_len = 0;
    return false;
}
