/*
 * CPython's limited API as of 3.8, and the few functions that every CPython since then exports
 * although its headers hide them from the limited API of that version.
 */
#pragma once

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03080000
#include <Python.h>

/* NOLINTBEGIN(readability-identifier-naming): CPython's names */

/* In the limited API since 3.10, exported since 3.3. NULL with an error set for lone surrogates. */
PyAPI_FUNC(const char *) PyUnicode_AsUTF8AndSize(PyObject *unicode, Py_ssize_t *ret_size);

/* Py_buffer: in the limited API since 3.11, laid out like this since 3.3. Source: PEP 3118. */
struct api_buffer {
    void *buf;
    PyObject *obj;
    Py_ssize_t len, itemsize;
    int readonly, ndim;
    char *format;
    Py_ssize_t *shape, *strides, *suboffsets;
    void *internal;
};
#define API_BUFFER_SIMPLE 0 /* PyBUF_SIMPLE: contiguous bytes */
PyAPI_FUNC(int) PyObject_GetBuffer(PyObject *object, struct api_buffer *ret, int flags);
PyAPI_FUNC(void) PyBuffer_Release(struct api_buffer *view);

/* NOLINTEND(readability-identifier-naming) */

/* Lets go of a reference at the end of the scope: CLEANUP(api_decref). */
static inline void api_decref(PyObject **reference) { Py_XDECREF(*reference); }
