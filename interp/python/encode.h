/*
 * Python objects to JSON text and back, without importing json.
 * Threads: with the GIL.
 */
#pragma once

#include "interp/python/api.h"
#include "protocol/bytes.h"

enum { ENCODE_DEPTH_MAX = 900 }; /* json.dumps ends at the recursion limit, 1000 */

/*
 * Appends the object: None, bool, int, float, str, dict, list, tuple; bytes as base64; for anything
 * else, what _carme/messages/jsonable.py makes of the whole object. Lone surrogates are written as
 * \udcXX. 0, or -1 with an exception set: nested too deep, or a type that has no form in JSON.
 */
MUST_CHECK int encode_json(struct buf *out, PyObject *object);

/* The members of a dict, without braces. */
MUST_CHECK int encode_members(struct buf *out, PyObject *dict);

/* The text of a str as UTF-8; lone surrogates as above. `*ret_owner` is a new reference that keeps
 * the text alive, or NULL when `text` itself does. -1 with an exception set. */
MUST_CHECK int encode_text(PyObject *text, struct span *ret, PyObject **ret_owner);

/* A new reference: JSON text as dict, list, str, int, float, bool, None. NULL with an exception. */
PyObject *decode_json(struct span text);
