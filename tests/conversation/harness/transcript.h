/*
 * What the kernel sent because of one request, as one line of text.
 *
 * In order, one word for each message: its type, or the state when it is a status, or the stream's
 * name; the execution_count in brackets, the text in parentheses. Texts of one stream that follow
 * each other stand as one, wherever they were split. A reply has its channel before it unless that
 * is shell, its status behind a colon, and the ename in parentheses.
 *     busy execute_input[1] stdout(a b) execute_result[1](c) execute_reply:ok[1] idle
 */
#pragma once

#include "tests/conversation/harness/harness.h"
#include "tests/unit/check.h"

/* A CHECK of tests/unit/check.h; prints all that was received when it fails. */
#define CHECK_TRANSCRIPT(harness, parent, expected) \
    transcript_check((harness), (parent), (expected), __FILE__, __LINE__)
bool transcript_check(struct harness *harness, const char *parent, const char *expected,
                      const char *file, int line);

/* Of each request: busy first, idle last, each once, and between them one reply. The kernel must be
 * idle. */
void check_all_answered(struct harness *harness);
