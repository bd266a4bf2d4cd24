/* The module _carme of a browser's worker: what is in module.c, and the way to its host. */
#include "interp/python/browser/bridge.h"

#include "interp/python/buffer.h"
#include "interp/python/encode.h"
#include "interp/python/native.h"
#include "interp/python/received.h"
#include "protocol/header.h"

#include <errno.h>
#include <stdlib.h>

/* A module for a 32-bit Python of another data model would load and then corrupt memory. */
_Static_assert(sizeof(Py_ssize_t) == sizeof(size_t), "CPython's sizes are the compiler's");
_Static_assert(sizeof(struct api_buffer) ==
                   7 * sizeof(void *) + 2 * sizeof(Py_ssize_t) + 2 * sizeof(int),
               "Py_buffer as in PEP 3118");

static PyObject *the_host; /* the adapter that lite.py makes */

static const char *const channel_names[CHANNEL_COUNT] = {
    [CHANNEL_SHELL] = "shell", [CHANNEL_CONTROL] = "control", [CHANNEL_STDIN] = "stdin",
    [CHANNEL_IOPUB] = "iopub", [CHANNEL_HB] = "hb",
};

/* --- to the host ----------------------------------------------------------------------------- */

static PyObject *host_buffers(struct bytes *const *buffers)
{
    if (message_list_count(buffers) == 0)
        return PyObject_GetAttrString(the_host, "no_blocks");
    CLEANUP(api_decref) PyObject *list = blocks_list(buffers);
    return list ? PyObject_CallMethod(the_host, "blocks", "O", list) : NULL;
}

/* sys.stderr would lead back here. */
static void forget_error(const PyObject *result)
{
    if (!result)
        PyErr_Clear();
}

void bridge_post(const struct message *msg)
{
    CLEANUP(api_decref) PyObject *buffers = host_buffers(msg->buffers);
    CLEANUP(api_decref) PyObject *done = NULL;
    if (buffers)
        done = PyObject_CallMethod(the_host, "post", "ss#s#s#s#O", channel_names[msg->channel],
                                   msg->header.ptr, (Py_ssize_t)msg->header.len, msg->parent.ptr,
                                   (Py_ssize_t)msg->parent.len, msg->metadata.ptr,
                                   (Py_ssize_t)msg->metadata.len, msg->content.ptr,
                                   (Py_ssize_t)msg->content.len, buffers);
    forget_error(done);
}

static void call_host(const char *method)
{
    CLEANUP(api_decref) PyObject *done = PyObject_CallMethod(the_host, method, NULL);
    forget_error(done);
}

void bridge_arm(unsigned ms)
{
    CLEANUP(api_decref) PyObject *done = PyObject_CallMethod(the_host, "arm", "I", ms);
    forget_error(done);
}

int64_t bridge_now_us(void *unused)
{
    (void)unused;
    CLEANUP(api_decref) PyObject *ms = PyObject_CallMethod(the_host, "now", NULL);
    double now = ms ? PyFloat_AsDouble(ms) : 0;
    if (PyErr_Occurred())
        PyErr_Clear();
    return (int64_t)(now * 1000);
}

void bridge_random(void *unused, void *ret, size_t len)
{
    (void)unused;
    CLEANUP(api_decref)
    PyObject *bytes = PyObject_CallMethod(the_host, "random", "n", (Py_ssize_t)len);
    char *data;
    Py_ssize_t size;
    memset(ret, 0, len);
    if (!bytes || PyBytes_AsStringAndSize(bytes, &data, &size) < 0)
        PyErr_Clear();
    else
        memcpy(ret, data, (size_t)size < len ? (size_t)size : len);
}

struct bytes *bridge_history(void)
{
    struct span text;
    struct bytes *copy = NULL;
    CLEANUP(api_decref) PyObject *owner = NULL;
    CLEANUP(api_decref) PyObject *answer = PyObject_CallMethod(the_host, "history", NULL);
    if (!answer || !PyUnicode_Check(answer) || encode_text(answer, &text, &owner) < 0) {
        PyErr_Clear();
        return NULL;
    }
    return bytes_new_copy(text, &copy) == 0 ? copy : NULL;
}

void bridge_keep(long line, struct span code)
{
    CLEANUP(api_decref)
    PyObject *done =
        PyObject_CallMethod(the_host, "keep", "ls#", line, code.ptr, (Py_ssize_t)code.len);
    forget_error(done);
}

void bridge_interrupt(void) { call_host("interrupt"); }

void bridge_forget_interrupts(void) { call_host("forget_interrupts"); }

/* --- input ----------------------------------------------------------------------------------- */

static int read_answer(PyObject *text, struct message **ret)
{
    struct span content;
    CLEANUP(api_decref) PyObject *owner = NULL;
    CLEANUP(message_freep) struct message *msg = NULL;
    if (encode_text(text, &content, &owner) < 0)
        return -ECANCELED;
    int r = message_new(MSG_INPUT_REPLY, CHANNEL_STDIN, &msg);
    if (r < 0)
        return r;
    msg->content = arena_copy(msg->store, content);
    if (!msg->content.ptr)
        return -ENOMEM;
    *ret = TAKE(msg);
    return 0;
}

int bridge_ask(const struct message *question, struct message **ret_answer)
{
    if (!question) { /* the interrupt's handler has not raised, and the question is gone */
        PyErr_SetNone(PyExc_KeyboardInterrupt);
        return -ECANCELED;
    }
    CLEANUP(api_decref)
    PyObject *answer = PyObject_CallMethod(
        the_host, "ask", "s#s#s#s#", question->header.ptr, (Py_ssize_t)question->header.len,
        question->parent.ptr, (Py_ssize_t)question->parent.len, question->metadata.ptr,
        (Py_ssize_t)question->metadata.len, question->content.ptr,
        (Py_ssize_t)question->content.len);
    if (!answer)
        return -ECANCELED;
    if (PyUnicode_Check(answer))
        return read_answer(answer, ret_answer);
    PyErr_SetInterrupt();
    return -EINTR;
}

/* --- from the host --------------------------------------------------------------------------- */

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
    return strcmp(name, channel_names[CHANNEL_CONTROL]) == 0 ? CHANNEL_CONTROL : CHANNEL_SHELL;
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
    lite_push(msg);
    buffer_sweep();
    Py_RETURN_NONE;
}

static PyObject *module_done(PyObject *module, PyObject *result)
{
    (void)module;
    struct request *request = TAKE(python_the()->awaiting);
    if (!request) {
        PyErr_SetString(PyExc_RuntimeError, "no cell awaits");
        return NULL;
    }
    python_finish(request, result);
    Py_RETURN_NONE;
}

static PyObject *module_resume(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    lite_resume();
    Py_RETURN_NONE;
}

static PyObject *module_tick(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    lite_tick();
    Py_RETURN_NONE;
}

static PyObject *module_start(PyObject *module, PyObject *host)
{
    (void)module;
    if (the_host) {
        PyErr_SetString(PyExc_RuntimeError, "the kernel has been started");
        return NULL;
    }
    Py_INCREF(host);
    the_host = host;
    int r = lite_start();
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

PyMODINIT_FUNC PyInit__carme(void) { return module_new(methods); }
