#include "kernel/history/history_request.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>

struct request_fields {
    struct history_query own;
    long session; /* of a range */
    bool is_range, raw, output;
};

/* What the reply is made of. Cells of older sessions come from the newest to the oldest. */
struct answer {
    const struct request_fields *fields;
    struct history_found own;
    long session;           /* this one's number */
    struct buf older, ends; /* entries, and where each ends, as size_t */
    size_t count, room;     /* of entries of older sessions */
};

/* --- the request ------------------------------------------------------------------------------ */

static long member_long(const json_t *object, const char *key, long otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? (long)json_integer_value(value) : otherwise;
}

static void read_range(const json_t *request, struct request_fields *ret)
{
    ret->is_range = true;
    ret->session = member_long(request, "session", 0);
    ret->own.start = member_long(request, "start", 1);
    ret->own.stop = member_long(request, "stop", 0);
    if (ret->own.stop == 0)
        ret->own.stop = LONG_MAX;
}

static int read_request(const json_t *request, struct request_fields *ret, const char **ret_why)
{
    struct span access = json_member_text(request, "hist_access_type", SPAN("tail"));
    bool is_tail = span_equal(access, SPAN("tail"));
    *ret = (struct request_fields){.own = {.stop = LONG_MAX, .newest = SIZE_MAX},
                                   .raw = json_member_bool(request, "raw", true),
                                   .output = json_member_bool(request, "output", false)};
    if (span_equal(access, SPAN("range"))) {
        read_range(request, ret);
        return 0;
    }
    if (span_equal(access, SPAN("search"))) {
        ret->own.pattern = json_member_text(request, "pattern", SPAN("*"));
        ret->own.unique = json_member_bool(request, "unique", false);
    } else if (!is_tail) {
        *ret_why = "history_request: \"hist_access_type\" must be tail, range or search";
        return -EINVAL;
    }
    long newest = member_long(request, "n", is_tail ? HISTORY_TAIL : -1);
    if (newest >= 0)
        ret->own.newest = (size_t)newest;
    return 0;
}

/* --- the entries ------------------------------------------------------------------------------ */

static void put_entry(struct buf *out, const struct store_cell *cell, bool output)
{
    buf_printf(out, "[%ld,%ld,%s", cell->session, cell->line, output ? "[" : "");
    json_put_string(out, cell->code);
    if (output && cell->output.ptr) {
        buf_putc(out, ',');
        json_put_string(out, cell->output);
    }
    buf_put(out, !output ? SPAN("]") : cell->output.ptr ? SPAN("]]") : SPAN(",null]]"));
}

static bool is_own(const struct answer *self, struct span code)
{
    for (size_t i = 0; i < self->own.count; i++)
        if (span_equal(self->own.cells[i].code->view, code))
            return true;
    return false;
}

static bool found_older(void *user, const struct store_cell *cell)
{
    struct answer *self = user;
    if (self->fields->own.unique && is_own(self, cell->code))
        return true;
    put_entry(&self->older, cell, self->fields->output);
    buf_append(&self->ends, &self->older.len, sizeof self->older.len);
    return buf_error(&self->older) == 0 && ++self->count < self->room;
}

static size_t end_of(const struct answer *self, size_t index)
{
    size_t end = 0;
    if (index > 0)
        memcpy(&end, self->ends.ptr + (index - 1) * sizeof end, sizeof end);
    return end;
}

static void put_all(const struct answer *self, struct buf *out)
{
    const struct request_fields *fields = self->fields;
    const char *between = "";
    buf_putc(out, '[');
    for (size_t i = self->count; i > 0; i--, between = ",") {
        size_t start = end_of(self, i - 1), end = end_of(self, i);
        buf_put(out, span_of(between));
        buf_append(out, self->older.ptr + start, end - start);
    }
    for (size_t i = 0; i < self->own.count; i++, between = ",") {
        const struct history_cell *own = &self->own.cells[i];
        struct store_cell cell = {.session = fields->is_range ? fields->session : self->session,
                                  .line = own->line,
                                  .code = own->code->view};
        if (own->output)
            cell.output = own->output->view;
        buf_put(out, span_of(between));
        put_entry(out, &cell, fields->output);
    }
    buf_putc(out, ']');
}

/* --- both sources ----------------------------------------------------------------------------- */

static long from_end(long line, long end) { return line < 0 ? line + end : line; }

static int select_own(struct history *history, struct lock *lock, struct answer *self)
{
    struct history_query query = self->fields->own;
    lock_take(lock);
    query.start = from_end(query.start, history->execution_count + 1);
    query.stop = from_end(query.stop, history->execution_count + 1);
    int r = history_select(history, &query, &self->own);
    lock_give(lock);
    return r;
}

static long not_negative(long number) { return number < 0 ? 0 : number; }

/* Older sessions' cells, as many as there is room for. The number of this session is wanted also
 * when there is none. */
static void read_older(struct store *store, struct answer *self)
{
    const struct request_fields *fields = self->fields;
    size_t newest = fields->own.newest;
    self->room = newest - (newest < self->own.count ? newest : self->own.count);
    self->session = 1;
    if (!store)
        return;
    /* the store does not know which cells this session has, too */
    size_t most = fields->own.unique && newest < LONG_MAX ? newest + self->own.count : self->room;
    const struct store_query query = {.session = fields->session,
                                      .start = not_negative(fields->own.start),
                                      .stop = not_negative(fields->own.stop),
                                      .newest = most < LONG_MAX ? (long)most : LONG_MAX,
                                      .pattern = fields->own.pattern,
                                      .unique = fields->own.unique,
                                      .raw = fields->raw,
                                      .output = fields->output};
    self->session = store->impl->read(store, &query, self->room > 0 ? found_older : NULL, self);
}

static int collect(struct history *history, struct lock *lock, struct answer *self)
{
    const struct request_fields *fields = self->fields;
    if (fields->is_range && fields->session != 0) {
        read_older(history->store, self);
        return fields->session == self->session ? select_own(history, lock, self) : 0;
    }
    int r = select_own(history, lock, self);
    if (r == 0 && !fields->is_range)
        read_older(history->store, self);
    return r;
}

static void answer_finish(struct answer *self)
{
    history_found_finish(&self->own);
    buf_finish(&self->older);
    buf_finish(&self->ends);
}

int history_request(struct history *history, struct lock *lock, const json_t *request,
                    struct buf *out, const char **ret_why)
{
    struct request_fields fields;
    int r = read_request(request, &fields, ret_why);
    if (r < 0)
        return r;
    CLEANUP(answer_finish) struct answer answer = {.fields = &fields};
    r = collect(history, lock, &answer);
    if (r == 0 && (buf_error(&answer.older) < 0 || buf_error(&answer.ends) < 0))
        r = -ENOMEM;
    if (r < 0)
        return r;
    put_all(&answer, out);
    return buf_error(out);
}
