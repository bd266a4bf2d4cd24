/*
 * Which input_reply answers which input_request.
 * Source: "Messaging in Jupyter", section "Messages on the stdin channel".
 */
#pragma once

#include "protocol/message.h"

/*
 * Only the asking request's client counts: the identity must be the one that was asked, and a
 * parent header, when there is one (jupyter_client sends none), must name the question.
 */
bool stdin_accepts(const struct message *question, const struct message *answer);
