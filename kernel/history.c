#include "kernel/history.h"

#include "kernel/glob.h"
#include "protocol/json.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

struct history_entry {
    long line;
    struct bytes *code;
    struct bytes *output; /* or NULL */
};

/* One question: which entries, how many of them, and how they are written. */
struct query {
    size_t first, end;   /* entries [first, end) */
    struct span pattern; /* glob; ptr is NULL for every entry */
    size_t newest;       /* at most so many, the latest */
    bool unique, output;
};

void history_finish(struct history *self)
{
    for (size_t i = 0; i < self->count; i++) {
        bytes_unref(self->entries[i].code);
        bytes_unref(self->entries[i].output);
    }
    free(self->entries);
    *self = (struct history){0};
}

static int grow(struct history *self)
{
    if (self->count < self->cap)
        return 0;
    size_t cap = self->cap ? 2 * self->cap : 64;
    struct history_entry *entries = realloc(self->entries, cap * sizeof *entries);
    if (!entries)
        return -ENOMEM;
    self->entries = entries;
    self->cap = cap;
    return 0;
}

int history_add(struct history *self, long line, struct span code)
{
    int r = grow(self);
    if (r < 0)
        return r;
    struct bytes *block = NULL;
    r = bytes_new_copy(code, &block);
    if (r < 0)
        return r;
    self->entries[self->count++] = (struct history_entry){line, block, NULL};
    return 0;
}

void history_note_result(struct history *self, long line, struct span content)
{
    struct history_entry *entry = self->count ? &self->entries[self->count - 1] : NULL;
    char why[160];
    CLEANUP(json_decrefp) json_t *result = NULL;
    if (!entry || entry->line != line || content.len > HISTORY_OUTPUT_MAX ||
        json_read_object(content, why, &result) < 0)
        return;
    struct span text = json_member_text(json_object_get(result, "data"), "text/plain", SPAN(""));
    struct bytes *block = NULL;
    if (text.len == 0 || bytes_new_copy(text, &block) < 0)
        return;
    bytes_unref(entry->output);
    entry->output = block;
}

/* Whether a later entry of the same query has the same code: the last one stands for all. */
static bool repeated_later(const struct history *self, const struct query *query, size_t index)
{
    for (size_t i = index + 1; i < query->end; i++)
        if (span_equal(self->entries[i].code->view, self->entries[index].code->view))
            return true;
    return false;
}

static bool wanted(const struct history *self, const struct query *query, size_t index)
{
    const struct history_entry *entry = &self->entries[index];
    if (query->pattern.ptr && !glob_matches(query->pattern, entry->code->view))
        return false;
    return !query->unique || !repeated_later(self, query, index);
}

static void put_entry(struct buf *out, const struct history_entry *entry, bool output)
{
    buf_printf(out, "[%d,%ld,%s", HISTORY_SESSION, entry->line, output ? "[" : "");
    json_put_string(out, entry->code->view);
    if (output && entry->output) {
        buf_putc(out, ',');
        json_put_string(out, entry->output->view);
    }
    buf_put(out, !output ? SPAN("]") : entry->output ? SPAN("]]") : SPAN(",null]]"));
}

/* The first index from which on at most `newest` entries are wanted. */
static size_t newest_from(const struct history *self, const struct query *query)
{
    size_t index = query->end, found = 0;
    while (index > query->first && found < query->newest)
        if (wanted(self, query, --index))
            found++;
    return index;
}

static void answer(const struct history *self, const struct query *query, struct buf *out)
{
    bool any = false;
    buf_putc(out, '[');
    for (size_t i = newest_from(self, query); i < query->end; i++) {
        if (!wanted(self, query, i))
            continue;
        if (any)
            buf_putc(out, ',');
        put_entry(out, &self->entries[i], query->output);
        any = true;
    }
    buf_putc(out, ']');
}

static long member_long(const json_t *object, const char *key, long otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? (long)json_integer_value(value) : otherwise;
}

/* Lines start <= line < stop of this session, 0 or less counting sessions back: only 0 is ours. */
static void limit_range(const struct history *self, const json_t *request, struct query *query)
{
    long session = member_long(request, "session", 0);
    long start = member_long(request, "start", 1), stop = member_long(request, "stop", LONG_MAX);
    if (session != 0 && session != HISTORY_SESSION) {
        query->end = 0;
        return;
    }
    while (query->first < query->end && self->entries[query->first].line < start)
        query->first++;
    while (query->end > query->first && self->entries[query->end - 1].line >= stop)
        query->end--;
}

int history_answer(const struct history *self, const json_t *request, struct buf *out,
                   const char **ret_why)
{
    struct query query = {.end = self->count, .newest = SIZE_MAX};
    struct span access = json_member_text(request, "hist_access_type", SPAN("tail"));
    query.output = json_member_bool(request, "output", false);
    long newest = member_long(request, "n", -1);
    if (span_equal(access, SPAN("range"))) {
        limit_range(self, request, &query);
    } else if (span_equal(access, SPAN("search"))) {
        query.pattern = json_member_text(request, "pattern", SPAN("*"));
        query.unique = json_member_bool(request, "unique", false);
    } else if (!span_equal(access, SPAN("tail"))) {
        *ret_why = "history_request: \"hist_access_type\" must be tail, range or search";
        return -EINVAL;
    }
    if (newest >= 0 && !span_equal(access, SPAN("range")))
        query.newest = (size_t)newest;
    answer(self, &query, out);
    return buf_error(out);
}
