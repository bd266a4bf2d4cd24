/*
 * Python buffers (PEP 3118) as shared blocks: a 100 MB array leaves without a copy.
 * Threads: making and sweeping with the GIL; letting go from any thread.
 */
#pragma once

#include "interp/python/api.h"
#include "protocol/bytes.h"

/* One reference on the object's bytes. -1 with an exception set when it has none. */
MUST_CHECK int buffer_new(PyObject *object, struct bytes **ret);

/* Releases the Python objects of blocks that were let go of elsewhere: a thread without the GIL may
 * not. Called with the GIL now and then. */
void buffer_sweep(void);
