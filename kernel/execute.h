/*
 * execute_request: from the request to its idle.
 * Source: "Messaging in Jupyter", "Execute".
 */
#pragma once

#include "kernel/request.h"

#include <jansson.h>

/* As the functions of answers.h; the reply is execute_done()'s. The shell's thread. */
void answer_execute(struct kernel *kernel, struct request *request, json_t *content);

/* execute_reply's "aborted", for a cell behind one that failed. */
void answer_aborted(struct kernel *kernel, struct request *request);

/* interp_host_impl's done(). */
void execute_done(struct kernel *kernel, struct request *request, const struct outcome *outcome);
