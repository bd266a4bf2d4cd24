/* Messages on iopub that Python code makes: a function of the module _carme. With the GIL. */
#pragma once

#include "interp/python/api.h"

/* publish(type, content, metadata, buffers=None) */
PyObject *publish_message(PyObject *module, PyObject *args);
