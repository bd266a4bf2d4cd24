/*
 * A client's message as Python sees it.
 * Threads: with the GIL.
 */
#pragma once

#include "interp/python/api.h"
#include "protocol/message.h"

/* A new list of bytes objects. NULL with an exception set. */
PyObject *blocks_list(struct bytes *const *blocks);

/*
 * A new dict, as jupyter_client's Session.deserialize makes it: header, parent_header, metadata,
 * content (dicts), msg_id, msg_type (str), buffers (list of bytes), and idents (list of bytes), the
 * client's identities. NULL with an exception set.
 */
PyObject *message_dict(const struct message *msg);
