/* The module _carme of the desktop: what is in module.c and threads.c, and _carme.main(). */
#include "interp/python/embedded.h"
#include "interp/python/module.h"
#include "interp/python/process.h"
#include "interp/python/python.h"
#include "interp/python/thread_interrupts.h"

#include <stdlib.h>

enum { MODULE_AT = 1, CARME_AT, VERB_AT, KERNEL_END = VERB_AT + 2 }; /* places in sys.argv */

static int (*program)(int count, const char *const *arguments); /* python_module()'s */

/* The launcher's part of sys.argv from CARME on: all that a verb has, and a kernel's first; what is
 * left is as `python -c` leaves it. */
static PyObject *take_arguments(void)
{
    PyObject *argv = PySys_GetObject("argv"); /* borrowed */
    if (!argv || PyList_Size(argv) <= VERB_AT)
        return PyList_New(0);
    CLEANUP(api_decref) PyObject *verb = PyUnicode_FromString("kernelspec");
    int is_verb = verb ? PyObject_RichCompareBool(PyList_GetItem(argv, VERB_AT), verb, Py_EQ) : -1;
    Py_ssize_t end = is_verb ? PyList_Size(argv) : KERNEL_END;
    PyObject *ours = is_verb < 0 ? NULL : PySequence_GetSlice(argv, CARME_AT, end);
    if (ours && PySequence_DelSlice(argv, MODULE_AT, end) == 0)
        return ours;
    Py_XDECREF(ours);
    return NULL;
}

/* The texts of the list in the file system's encoding; *ret_bytes keeps them alive. */
static const char **read_arguments(PyObject *list, PyObject **ret_bytes)
{
    Py_ssize_t count = PyList_Size(list);
    CLEANUP(api_decref) PyObject *all = PyList_New(count);
    const char **texts = calloc((size_t)count + 1, sizeof(char *));
    for (Py_ssize_t i = 0; all && texts && i < count; i++) {
        PyObject *bytes = PyUnicode_EncodeFSDefault(PyList_GetItem(list, i));
        if (!bytes || PyList_SetItem(all, i, bytes) < 0) {
            free(texts);
            return NULL;
        }
        texts[i] = PyBytes_AsString(bytes);
    }
    *ret_bytes = TAKE(all);
    return texts;
}

static PyObject *module_main(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    CLEANUP(api_decref) PyObject *list = take_arguments(), *bytes = NULL;
    const char **texts = list ? read_arguments(list, &bytes) : NULL;
    if (!texts)
        return NULL;
    int status = program((int)PyList_Size(list), texts);
    free((void *)texts);
    if (status > 0) {
        CLEANUP(api_decref) PyObject *code = PyLong_FromLong(status);
        PyErr_SetObject(PyExc_SystemExit, code);
    }
    if (status != 0)
        return NULL;
    Py_RETURN_NONE;
}

int python_run_spec(const char *carme_path, int count, const char *const *words)
{
    CLEANUP(api_decref) PyObject *list = PyList_New(0);
    CLEANUP(api_decref) PyObject *resources = PyDict_New();
    for (int i = 0; list && i < count; i++) {
        CLEANUP(api_decref) PyObject *text = PyUnicode_DecodeFSDefault(words[i]);
        if (!text || PyList_Append(list, text) < 0)
            return -1;
    }
    struct embedded files = embedded_resources;
    const char *name;
    struct span content;
    while (resources && embedded_next(&files, &name, &content)) {
        CLEANUP(api_decref)
        PyObject *data = PyBytes_FromStringAndSize(content.ptr, (Py_ssize_t)content.len);
        if (!data || PyDict_SetItemString(resources, name, data) < 0)
            return -1;
    }
    CLEANUP(api_decref) PyObject *spec = PyImport_ImportModule("_carme.spec");
    CLEANUP(api_decref) PyObject *carme = PyUnicode_DecodeFSDefault(carme_path);
    CLEANUP(api_decref)
    PyObject *status =
        spec ? PyObject_CallMethod(spec, "run", "OOO", carme, resources, list) : NULL;
    return status ? (int)PyLong_AsLong(status) : -1;
}

/* signal.default_int_handler(), and the kernel knows that it ran. */
static PyObject *module_interrupted(PyObject *module, PyObject *args)
{
    (void)module, (void)args;
    process_interrupt_handled();
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    return NULL;
}

static PyMethodDef methods[] = {
    {"interrupted", module_interrupted, METH_VARARGS,
     "The default handler for SIGINT: raises KeyboardInterrupt."},
    {"main", module_main, METH_NOARGS, NULL},
    {"interrupt_thread", thread_interrupt, METH_VARARGS, NULL},
    {"exclude_thread", thread_exclude, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

void *python_module(int (*main)(int count, const char *const *arguments))
{
    program = main;
    return module_new(methods);
}
