/*
 * Python objects to JSON text and back, without importing json.
 * Threads: with the GIL.
 */
#pragma once

#include "interp/python/api.h"
#include "protocol/bytes.h"

enum { ENCODE_DEPTH_MAX = 200 };

/*
 * Appends the object: None, bool, int, float, str, dict, list, tuple; bytes-like as base64; NaN and
 * infinities as null (JSON has none); what has __index__ or __float__ as a number; anything else as
 * its str(). Lone surrogates are written out as \udcXX, readable. 0, or -1 with an exception set:
 * nested too deep, or a str() that raised.
 */
MUST_CHECK int encode_json(struct buf *out, PyObject *object);

/* The members of a dict, without braces. */
MUST_CHECK int encode_members(struct buf *out, PyObject *dict);

/* The text of a str as UTF-8; lone surrogates as above. `*ret_owner` is a new reference that keeps
 * the text alive, or NULL when `text` itself does. -1 with an exception set. */
MUST_CHECK int encode_text(PyObject *text, struct span *ret, PyObject **ret_owner);

/* A new reference: JSON text as dict, list, str, int, float, bool, None. NULL with an exception. */
PyObject *decode_json(struct span text);
