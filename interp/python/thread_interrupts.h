/*
 * Threads that no signal reaches, and how an interrupt is raised in them: functions of the module
 * _carme. With the GIL.
 */
#pragma once

#include "interp/python/api.h"

/* interrupt_thread(threads, ident): raises KeyboardInterrupt in the thread, if it is in the set, in
 * one step with the look. Whether it is. */
PyObject *thread_interrupt(PyObject *module, PyObject *args);

/* exclude_thread(threads, ident): takes the thread out of the set, in one step with what has been
 * raised in it. */
PyObject *thread_exclude(PyObject *module, PyObject *args);
