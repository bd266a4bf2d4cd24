#include "kernel/failed_cell.h"

#include "protocol/date.h"
#include "protocol/json.h"

static bool date_of(const struct message *request, int64_t *ret_us)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *header = NULL;
    return json_read_object(request->header, why, &header) == 0 &&
           date_read(json_member_text(header, "date", SPAN("")), ret_us);
}

static bool names_its_cell(const struct message *request)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *metadata = NULL;
    return json_read_object(request->metadata, why, &metadata) == 0 &&
           json_is_string(json_object_get(metadata, "cellId"));
}

void failed_cell_note(struct failed_cell *self, const struct message *request, int64_t took_us)
{
    int64_t date;
    self->session_len = 0;
    if (request->session.len == 0 || request->session.len > sizeof self->session ||
        !names_its_cell(request) || !date_of(request, &date))
        return;
    memcpy(self->session, request->session.ptr, request->session.len);
    self->session_len = request->session.len;
    self->until_us = date + took_us + (int64_t)FAILED_CELL_GRACE_MS * 1000;
}

bool failed_cell_aborts(struct failed_cell *self, const struct message *request)
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
