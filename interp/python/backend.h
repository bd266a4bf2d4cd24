/* CPython's interp_impl: python_interp(), which python.h declares. */
#pragma once

#include "interp/python/api.h"

struct request;

/* Ends an execution with what the Python half's execute() returned, or with the exception that is
 * set where it is NULL. With the GIL. */
void backend_finish(struct request *request, PyObject *result);
