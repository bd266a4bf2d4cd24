/*
 * All that the kernel sends, in one order. Texts of one stream of one request are joined into one
 * message until something else follows, they are OUTPUT_PIECE long, or OUTPUT_AGE_MS old: front
 * ends draw each message, and a client that reads 50 messages a second sees no difference.
 *
 * Threads: any; the kernel's lock is taken inside.
 */
#pragma once

#include "interp/interp.h"

struct kernel;
struct output;

enum { OUTPUT_PIECE = 64 * 1024, OUTPUT_MESSAGE_MAX = 256 * 1024, OUTPUT_AGE_MS = 20 };

void output_finish(struct output *self);

/* Joins `text` to the request's stream. NULL for the current request. -ENOMEM. */
int output_append(struct kernel *kernel, struct request *request, enum stream stream,
                  struct span text);

/* At the end of an execution: writes how much of its text was dropped because of stream_max. */
void output_tell_cut(struct kernel *kernel, struct request *request);

/* Sends the joined text, if there is any. */
void output_flush(struct kernel *kernel);

/* Sends a message after all text so far. Takes it, also on failure. */
int output_send(struct kernel *kernel, struct message *msg);

/* Makes a message on iopub and sends it after all text so far, that of the file descriptors too.
 * `request` NULL: of the current one. Takes `content`, also on failure; copies metadata, holds the
 * buffers (NULL-ended, or NULL). -ENOMEM. */
int output_publish(struct kernel *kernel, struct request *request, enum msg_type type,
                   struct bytes *content, struct span metadata, struct bytes *const *buffers);
