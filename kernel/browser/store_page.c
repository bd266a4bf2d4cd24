#include "kernel/browser/store_page.h"

#include "kernel/history/pattern.h"
#include "protocol/json.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

struct store_page {
    struct store base; /* first: store functions cast back */
    void (*keep)(long line, struct span code);
    json_t *whole;
    const json_t *cells; /* in whole */
    long session;
    bool ended;
};

static void add_cell(struct store *s, long line, struct bytes *code)
{
    const struct store_page *self = (struct store_page *)s;
    if (!self->ended)
        self->keep(line, code->view);
}

/* As IPython's default: results are not kept. */
static void add_output(struct store *s, long line, struct bytes *text)
{
    (void)s, (void)line, (void)text;
}

static bool read_cell(const json_t *entry, struct store_cell *ret)
{
    const json_t *session = json_array_get(entry, 0), *line = json_array_get(entry, 1),
                 *code = json_array_get(entry, 2);
    if (!json_is_integer(session) || !json_is_integer(line) || !json_is_string(code))
        return false;
    *ret = (struct store_cell){.session = (long)json_integer_value(session),
                               .line = (long)json_integer_value(line),
                               .code = {json_string_value(code), json_string_length(code)}};
    return true;
}

/* Of cells with the same code the newest stands for all. */
static bool repeated_later(const json_t *cells, size_t index, struct span code)
{
    for (size_t i = index + 1; i < json_array_size(cells); i++) {
        struct store_cell later;
        if (read_cell(json_array_get(cells, i), &later) && span_equal(later.code, code))
            return true;
    }
    return false;
}

static bool matches(const struct store_page *self, const struct store_query *query, size_t index,
                    const struct store_cell *cell)
{
    long session = query->session < 0 ? self->session + query->session : query->session;
    if (query->session != 0 && cell->session != session)
        return false;
    if (cell->line < query->start || cell->line >= query->stop)
        return false;
    if (query->pattern.ptr && !pattern_matches(query->pattern, cell->code))
        return false;
    return !query->unique || !repeated_later(self->cells, index, cell->code);
}

static long read_cells(struct store *s, const struct store_query *query, store_found found,
                       void *user)
{
    const struct store_page *self = (struct store_page *)s;
    long left = found && query->session != self->session ? query->newest : 0;
    for (size_t i = json_array_size(self->cells); i > 0 && left > 0; i--) {
        struct store_cell cell;
        if (!read_cell(json_array_get(self->cells, i - 1), &cell) ||
            !matches(self, query, i - 1, &cell))
            continue;
        left--;
        if (!found(user, &cell))
            break;
    }
    return self->session;
}

static void end(struct store *s) { ((struct store_page *)s)->ended = true; }

static void destroy(struct store *s)
{
    struct store_page *self = (struct store_page *)s;
    json_decref(self->whole);
    free(self);
}

static const struct store_impl impl = {
    .add_cell = add_cell,
    .add_output = add_output,
    .read = read_cells,
    .end = end,
    .close = end,
    .destroy = destroy,
};

int store_page_new(struct span text, void (*keep)(long line, struct span code), struct store **ret)
{
    char why[160];
    struct store_page *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    *self = (struct store_page){.base = {&impl}, .keep = keep};
    int r = json_read_object(text, why, &self->whole);
    self->cells = json_object_get(self->whole, "cells");
    self->session = (long)json_integer_value(json_object_get(self->whole, "session"));
    if (r == 0 && (!json_is_array(self->cells) || self->session < 1))
        r = -EBADMSG;
    if (r < 0)
        destroy(&self->base);
    else
        *ret = &self->base;
    return r;
}
