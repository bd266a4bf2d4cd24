/*
 * The short answers. Each sends the reply, or an error by reply_error(), to a request whose
 * `content` is an object. dispatch.c says which thread calls it.
 * Source: "Messaging in Jupyter", sections by the names of the messages.
 */
#pragma once

#include "kernel/request.h"

#include <jansson.h>

void answer_kernel_info(struct kernel *kernel, struct request *request, json_t *content);
void answer_connect(struct kernel *kernel, struct request *request, json_t *content);
void answer_interrupt(struct kernel *kernel, struct request *request, json_t *content);
void answer_shutdown(struct kernel *kernel, struct request *request, json_t *content);
void answer_complete(struct kernel *kernel, struct request *request, json_t *content);
void answer_inspect(struct kernel *kernel, struct request *request, json_t *content);
void answer_is_complete(struct kernel *kernel, struct request *request, json_t *content);
void answer_history(struct kernel *kernel, struct request *request, json_t *content);
void answer_comm_info(struct kernel *kernel, struct request *request, json_t *content);
void answer_comm(struct kernel *kernel, struct request *request, json_t *content);

/* What threads_impl answers: subshells, usage. */
void answer_by_threads(struct kernel *kernel, struct request *request, json_t *content);
