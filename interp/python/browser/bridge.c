#include "interp/python/browser/bridge.h"

#include "interp/python/backend.h"
#include "interp/python/browser/worker_host.h"
#include "interp/python/buffer.h"
#include "interp/python/encode.h"
#include "interp/python/module.h"
#include "interp/python/state.h"
#include "protocol/header.h"

#include <errno.h>
#include <stdlib.h>

/* A module for a 32-bit Python of another data model would load and then corrupt memory. */
_Static_assert(sizeof(Py_ssize_t) == sizeof(size_t), "CPython's sizes are the compiler's");
_Static_assert(sizeof(struct api_buffer) ==
                   7 * sizeof(void *) + 2 * sizeof(Py_ssize_t) + 2 * sizeof(int),
               "Py_buffer as in PEP 3118");

static const struct bridge_kernel *the_kernel;

static int take_text(struct message *msg, PyObject *object, struct span *ret)
{
    struct span text;
    CLEANUP(api_decref) PyObject *owner = NULL;
    if (encode_text(object, &text, &owner) < 0)
        return -1;
    *ret = arena_copy(msg->store, text);
    if (ret->ptr)
        return 0;
    PyErr_NoMemory();
    return -1;
}

/* The list's own references; buffers are bytes objects. */
static int take_buffers(struct message *msg, PyObject *list)
{
    size_t count = (size_t)PyList_Size(list);
    struct bytes **blocks = arena_alloc(msg->store, (count + 1) * sizeof(struct bytes *));
    if (!blocks) {
        PyErr_NoMemory();
        return -1;
    }
    memset((void *)blocks, 0, (count + 1) * sizeof(struct bytes *));
    msg->buffers = blocks;
    for (size_t i = 0; i < count; i++)
        if (buffer_new(PyList_GetItem(list, (Py_ssize_t)i), &blocks[i]) < 0)
            return -1;
    return 0;
}

static enum channel channel_of(const char *name)
{
    return strcmp(name, "control") == 0 ? CHANNEL_CONTROL : CHANNEL_SHELL;
}

/* A header that can not be read gives a request of an unknown type, which gets an error reply. */
static int read_message(PyObject *args, struct message **ret)
{
    const char *channel;
    PyObject *texts[4], *buffers;
    CLEANUP(message_freep) struct message *msg = NULL;
    if (!PyArg_ParseTuple(args, "sUUUUO!", &channel, &texts[0], &texts[1], &texts[2], &texts[3],
                          &PyList_Type, &buffers))
        return -1;
    if (message_new(MSG_UNKNOWN, channel_of(channel), &msg) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    struct span *spans[4] = {&msg->header, &msg->parent, &msg->metadata, &msg->content};
    for (int i = 0; i < 4; i++)
        if (take_text(msg, texts[i], spans[i]) < 0)
            return -1;
    if (take_buffers(msg, buffers) < 0)
        return -1;
    if (header_read(msg) < 0)
        msg->header = SPAN("{}");
    *ret = TAKE(msg);
    return 0;
}

static PyObject *module_push(PyObject *module, PyObject *args)
{
    (void)module;
    struct message *msg = NULL;
    if (read_message(args, &msg) < 0)
        return NULL;
    the_kernel->push(msg);
    buffer_sweep();
    Py_RETURN_NONE;
}

static PyObject *module_done(PyObject *module, PyObject *result)
{
    (void)module;
    struct request *request = TAKE(python_state()->awaiting);
    if (!request) {
        PyErr_SetString(PyExc_RuntimeError, "no cell awaits");
        return NULL;
    }
    backend_finish(request, result);
    Py_RETURN_NONE;
}

static PyObject *module_resume(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    the_kernel->resume();
    Py_RETURN_NONE;
}

static PyObject *module_tick(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    the_kernel->tick();
    Py_RETURN_NONE;
}

static PyObject *module_start(PyObject *module, PyObject *host)
{
    (void)module;
    if (!worker_host_set(host)) {
        PyErr_SetString(PyExc_RuntimeError, "the kernel has been started");
        return NULL;
    }
    int r = the_kernel->start();
    if (r == -ECANCELED)
        return NULL;
    if (r < 0)
        return PyErr_Format(PyExc_RuntimeError, "the kernel can not start: error %d", -r);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"start", module_start, METH_O, NULL},    {"push", module_push, METH_VARARGS, NULL},
    {"done", module_done, METH_O, NULL},      {"resume", module_resume, METH_NOARGS, NULL},
    {"tick", module_tick, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL},
};

void *bridge_module(const struct bridge_kernel *kernel)
{
    the_kernel = kernel;
    return module_new(methods);
}
