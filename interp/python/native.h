/*
 * What the files of this folder share: the one interpreter, and the native module's parts.
 */
#pragma once

#include "interp/python/api.h"
#include "interp/python/python.h"

struct python {
    struct interp base;       /* first: interp functions cast back */
    PyObject *shell;          /* module _carme.shell.entry_points */
    PyObject *wait;           /* called instead of poll() once there is a loop to run; or NULL */
    PyObject *parents;        /* the ContextVar that holds a context's request; or NULL */
    struct request *awaiting; /* the execution that python_finish() ends later, or NULL */
    atomic_bool started;
    atomic_bool detached;
};

struct python *python_the(void);

/* What the Python half's execute() returned, or NULL with an exception set, ends the execution. */
void python_finish(struct request *request, PyObject *result);

/* The module with all that is in module.c and `more`, which is kept. NULL with an exception set. */
PyObject *module_new(PyMethodDef *more);

/* NOLINTNEXTLINE(readability-identifier-naming): CPython's name */
PyMODINIT_FUNC PyInit__carme(void); /* for PyImport_AppendInittab */
