/* The native module _carme. */
#pragma once

#include "interp/python/api.h"

/* The module with the functions that desktop and browser share, and `more`, which is kept. NULL
 * with an exception set. */
PyObject *module_new(PyMethodDef *more);
