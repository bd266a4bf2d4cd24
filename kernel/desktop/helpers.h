/*
 * Helper threads: each answers one kind of request in the place of the main shell, and is made when
 * it is first needed.
 *
 * One answers requests about code (complete, inspect, is_complete) while a cell of the main shell
 * runs, from what the language can read meanwhile. Such a request stands in the main shell's queue,
 * behind cells or another client's requests only, and is answered there if the cell ends within
 * HELPER_GRACE_MS of its beginning. The other one reads the system for usage_request, which may
 * take long.
 *
 * A language with one thread (interp_impl's enter is NULL) has no helpers.
 * Threads: any, unless said; the kernel's lock is taken inside.
 */
#pragma once

#include "protocol/message.h"

struct kernel;

enum helper_kind { HELPER_CODE, HELPER_SYSTEM, HELPER_COUNT };

enum { HELPER_GRACE_MS = 40 }; /* most cells have ended by then, and the answer knows their names */

/* Zeroes are none. The kernel's lock's. */
struct helpers {
    struct helper *list[HELPER_COUNT]; /* each NULL until it is needed */
};

/* Takes a usage_request. False: this one, and any other, is the caller's to answer. */
MUST_CHECK bool helpers_push(struct helpers *self, struct kernel *kernel, struct message *msg);

/* There is a request about code in the main shell's queue, which is busy. */
void helpers_look(struct helpers *self, struct kernel *kernel);

/* They end once they have answered what they are at. Does not wait for them. */
void helpers_stop(struct helpers *self, struct kernel *kernel);

/* Stops them, waits for their ends and frees them. One thread. */
void helpers_join(struct helpers *self, struct kernel *kernel);
