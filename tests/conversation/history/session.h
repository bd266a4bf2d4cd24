/*
 * A kernel whose cells run in the test's thread, and what its history_reply says.
 */
#pragma once

#include "kernel/history/store.h"
#include "tests/conversation/harness/harness.h"

struct session {
    struct store *store;
    struct harness *t;
    unsigned queries, cells;
    char *text; /* of the last history_reply */
};

/* `store`: taken; NULL: the history is this session's. */
void session_open(struct session *self, struct store *store);
void session_close(struct session *self);

/* Runs a cell to its execute_reply. */
void session_execute(struct session *self, const char *code);
/* Sends a history_request; the history of its reply as compact JSON, valid until the next one. */
const char *session_query(struct session *self, const char *content);
/* The last 100 cells. */
const char *session_tail(struct session *self);
