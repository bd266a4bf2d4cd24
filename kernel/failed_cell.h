/*
 * Which requests are aborted because a cell before them has failed ("Run all" of a notebook).
 *
 * A front end sends all cells at once, but a fast kernel has failed and answered before the next
 * one arrives. That cell was sent without knowledge of the failure all the same, and is aborted: it
 * is of the same session, names its cell (metadata.cellId, as JupyterLab writes it; a script that
 * goes on after an error does not), and was made within FAILED_CELL_GRACE_MS of the answer. Both
 * dates are the client's own, so that no two clocks are compared.
 *
 * Threads: kernel_run()'s only. Nothing blocks.
 */
#pragma once

#include "protocol/message.h"

#include <stdint.h>

enum { FAILED_CELL_GRACE_MS = 100, FAILED_CELL_SESSION_MAX = 128 };

struct failed_cell {
    char session[FAILED_CELL_SESSION_MAX];
    size_t session_len; /* 0: none */
    int64_t until_us;   /* of the client's clock */
};

/* A cell has failed after so long. Takes the place of the one before. */
void failed_cell_note(struct failed_cell *self, const struct message *request, int64_t took_us);

/* Whether this request was sent before its client can have known. */
bool failed_cell_aborts(struct failed_cell *self, const struct message *request);
