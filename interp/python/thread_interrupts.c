#include "interp/python/thread_interrupts.h"

PyObject *thread_interrupt(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *threads, *ident;
    if (!PyArg_ParseTuple(args, "OO", &threads, &ident))
        return NULL;
    int in = PySet_Contains(threads, ident);
    if (in == 1)
        PyThreadState_SetAsyncExc(PyLong_AsUnsignedLong(ident), PyExc_KeyboardInterrupt);
    return in < 0 ? NULL : PyBool_FromLong(in);
}

PyObject *thread_exclude(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *threads, *ident;
    if (!PyArg_ParseTuple(args, "OO", &threads, &ident) || PySet_Discard(threads, ident) < 0)
        return NULL;
    PyThreadState_SetAsyncExc(PyLong_AsUnsignedLong(ident), NULL);
    Py_RETURN_NONE;
}
