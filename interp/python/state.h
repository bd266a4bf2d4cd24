/*
 * The state of CPython's back end: the one interpreter. All files of this folder may include it.
 *
 * Threads: with the GIL, but for the atomic members.
 */
#pragma once

#include "interp/python/api.h"
#include "interp/python/python.h"

struct python {
    struct interp base;         /* first: interp functions cast back */
    PyObject *shell;            /* the Python half, module _carme.shell.entry_points */
    PyObject *wait;             /* called instead of poll() once there is a loop to run; or NULL */
    PyObject *request_variable; /* the ContextVar that holds a context's request; or NULL */
    struct request *awaiting;   /* the execution that backend_finish() ends later, or NULL */
    atomic_bool started;
    atomic_bool detached;
};

struct python *python_state(void); /* never NULL */

/* The kernel; NULL before kernel_new(). */
struct interp_host *python_host(void);

/* There is a kernel, and it takes what Python writes: python_detach(). */
bool python_is_attached(void);
