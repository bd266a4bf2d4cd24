/*
 * A message's header, as far as the kernel looks into it.
 * Source: "Messaging in Jupyter", section "General Message Format".
 */
#pragma once

#include "protocol/message.h"

/* Reads type, id and session from `msg->header`. -EBADMSG: no JSON object with strings msg_id and
 * msg_type. -ENOMEM. */
MUST_CHECK int header_read(struct message *msg);
