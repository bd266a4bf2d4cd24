/*
 * What the files of this folder share: the one interpreter, and the native module's parts.
 */
#pragma once

#include "interp/python/api.h"
#include "interp/python/python.h"

#include <pthread.h>
#include <signal.h>

struct python {
    struct interp base; /* first: interp functions cast back */
    PyObject *shell;    /* module _carme.shell */
    PyObject *wait;     /* called instead of poll() once there is a loop to run; or NULL */
    PyObject *parents;  /* the ContextVar that holds a context's request; or NULL */
    pthread_t thread;   /* the one that signals are for, once it has started */
    atomic_bool started;
    atomic_bool detached;
};

struct python *python_the(void);

/* Blocks all signals until the end of the scope, in this thread. */
struct signal_block {
    sigset_t before;
};
void signal_block_start(struct signal_block *self);
void signal_block_end(struct signal_block *self); /* for CLEANUP */

/* NOLINTNEXTLINE(readability-identifier-naming): CPython's name */
PyMODINIT_FUNC PyInit__carme(void); /* for PyImport_AppendInittab */
