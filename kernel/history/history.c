#include "kernel/history/history.h"

#include "kernel/history/pattern.h"
#include "protocol/json.h"

#include <errno.h>
#include <stdlib.h>

static void finish_cells(struct history_cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bytes_unref(cells[i].code);
        bytes_unref(cells[i].output);
    }
    free(cells);
}

void history_finish(struct history *self)
{
    finish_cells(self->cells, self->count);
    *self = (struct history){0};
}

void history_found_finish(struct history_found *self)
{
    finish_cells(self->cells, self->count);
    *self = (struct history_found){0};
}

static int grow(struct history *self)
{
    if (self->count < self->cap)
        return 0;
    size_t cap = self->cap ? 2 * self->cap : 64;
    struct history_cell *cells = realloc(self->cells, cap * sizeof *cells);
    if (!cells)
        return -ENOMEM;
    self->cells = cells;
    self->cap = cap;
    return 0;
}

int history_add(struct history *self, long line, struct span code)
{
    int r = grow(self);
    if (r < 0)
        return r;
    while (code.len > 0 && code.ptr[code.len - 1] == '\n')
        code.len--;
    struct bytes *block = NULL;
    r = bytes_new_copy(code, &block);
    if (r < 0)
        return r;
    self->cells[self->count++] = (struct history_cell){line, block, NULL};
    if (self->store)
        self->store->impl->add_cell(self->store, line, block);
    return 0;
}

void history_note_result(struct history *self, long line, struct span content)
{
    struct history_cell *cell = self->count ? &self->cells[self->count - 1] : NULL;
    char why[160];
    CLEANUP(json_decrefp) json_t *result = NULL;
    if (!cell || cell->line != line || content.len > HISTORY_OUTPUT_MAX ||
        json_read_object(content, why, &result) < 0)
        return;
    struct span text = json_member_text(json_object_get(result, "data"), "text/plain", SPAN(""));
    struct bytes *block = NULL;
    if (text.len == 0 || bytes_new_copy(text, &block) < 0)
        return;
    bytes_unref(cell->output);
    cell->output = block;
    if (self->store)
        self->store->impl->add_output(self->store, line, block);
}

/* What was found so far is newer: of cells with the same code the last one stands for all. */
static bool repeated_later(const struct history_found *found, struct span code)
{
    for (size_t i = 0; i < found->count; i++)
        if (span_equal(found->cells[i].code->view, code))
            return true;
    return false;
}

static bool wanted(const struct history_cell *cell, const struct history_query *query,
                   const struct history_found *found)
{
    struct span code = cell->code->view;
    if (cell->line < query->start || cell->line >= query->stop)
        return false;
    if (query->pattern.ptr && !pattern_matches(query->pattern, code))
        return false;
    return !query->unique || !repeated_later(found, code);
}

static void keep(struct history_found *found, const struct history_cell *cell)
{
    bytes_ref(cell->code);
    if (cell->output)
        bytes_ref(cell->output);
    found->cells[found->count++] = *cell;
}

static void reverse(struct history_found *found)
{
    for (size_t i = 0, j = found->count; i + 1 < j; i++) {
        struct history_cell cell = found->cells[i];
        found->cells[i] = found->cells[--j];
        found->cells[j] = cell;
    }
}

int history_select(const struct history *self, const struct history_query *query,
                   struct history_found *ret)
{
    size_t room = query->newest < self->count ? query->newest : self->count;
    struct history_found found = {calloc(room + 1, sizeof *found.cells), 0};
    if (!found.cells)
        return -ENOMEM;
    for (size_t i = self->count; i > 0 && found.count < room; i--)
        if (wanted(&self->cells[i - 1], query, &found))
            keep(&found, &self->cells[i - 1]);
    reverse(&found);
    *ret = found;
    return 0;
}
