/*
 * Which comms are open, and for which target: comm_info_request asks.
 * Source: "Messaging in Jupyter", section "Custom Messages".
 *
 * Threads: none of its own; the kernel's lock is held. Nothing blocks.
 */
#pragma once

#include "protocol/message.h"

#include <jansson.h>

struct comms {
    json_t *targets; /* comm_id to target_name; NULL while there are none */
};

void comms_finish(struct comms *self);

/* A comm_open or comm_close was sent or received; other types change nothing. */
void comms_note(struct comms *self, enum msg_type type, const json_t *content);

/* Appends comm_info_reply's "comms" value: {ID: {"target_name": …}, …}; an empty target for all. */
void comms_list(const struct comms *self, struct span target, struct buf *out);
