/*
 * Threads beside the shells, each made when it is first needed.
 *
 * One answers what is asked about code (complete, inspect, is_complete) while a cell of the main
 * shell runs, from what the language can read meanwhile. Such a request stands in the main shell's
 * queue, behind cells alone or another client's requests, and is answered there if the cell ends
 * within ASIDE_GRACE_MS of its beginning. The other one reads the system for usage_request, which
 * may take long.
 *
 * A language with one thread (interp_impl's enter is NULL) has a kernel without these.
 * aside.c is the desktop's; kernel/browser/aside.c a browser worker's, which has no threads.
 * Threads: any, unless said; the kernel's lock is taken inside.
 */
#pragma once

#include "protocol/message.h"

struct kernel;

enum aside_kind { ASIDE_CODE, ASIDE_SYSTEM, ASIDE_COUNT };

enum { ASIDE_GRACE_MS = 40 }; /* most cells have ended by then, and the answer knows their names */

/* Takes a usage_request. False: this one, and any other, is the caller's to answer. */
MUST_CHECK bool aside_push(struct kernel *kernel, struct message *msg);

/* Whether the message may be answered beside the cell that it waits for. */
bool aside_concerns(const struct message *msg);

/* There is such a message in the main shell's queue, which is busy. */
void aside_look(struct kernel *kernel);

/* They end once they have answered what they are at. Does not wait for them. */
void asides_stop(struct kernel *kernel);

/* Stops them, waits for their ends and frees them. One thread. */
void asides_finish(struct kernel *kernel);
