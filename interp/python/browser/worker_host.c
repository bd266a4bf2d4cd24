#include "interp/python/browser/worker_host.h"

#include "interp/python/api.h"
#include "interp/python/encode.h"
#include "interp/python/message_dict.h"

#include <errno.h>

static PyObject *the_host; /* the adapter that the Python half makes */

static const char *const channel_names[CHANNEL_COUNT] = {
    [CHANNEL_SHELL] = "shell", [CHANNEL_CONTROL] = "control", [CHANNEL_STDIN] = "stdin",
    [CHANNEL_IOPUB] = "iopub", [CHANNEL_HB] = "hb",
};

bool worker_host_set(void *host)
{
    if (the_host)
        return false;
    Py_INCREF(host);
    the_host = host;
    return true;
}

/* --- to the host ------------------------------------------------------------------------------ */

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

void worker_host_post(const struct message *msg)
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

void worker_host_arm(unsigned ms)
{
    CLEANUP(api_decref) PyObject *done = PyObject_CallMethod(the_host, "arm", "I", ms);
    forget_error(done);
}

int64_t worker_host_now_us(void *unused)
{
    (void)unused;
    CLEANUP(api_decref) PyObject *ms = PyObject_CallMethod(the_host, "now", NULL);
    double now = ms ? PyFloat_AsDouble(ms) : 0;
    if (PyErr_Occurred())
        PyErr_Clear();
    return (int64_t)(now * 1000);
}

void worker_host_random(void *unused, void *ret, size_t len)
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

struct bytes *worker_host_history(void)
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

void worker_host_keep(long line, struct span code)
{
    CLEANUP(api_decref)
    PyObject *done =
        PyObject_CallMethod(the_host, "keep", "ls#", line, code.ptr, (Py_ssize_t)code.len);
    forget_error(done);
}

void worker_host_interrupt(void) { call_host("interrupt"); }

void worker_host_forget_interrupts(void) { call_host("forget_interrupts"); }

/* --- input ------------------------------------------------------------------------------------ */

static int read_reply(PyObject *text, struct message **ret)
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

int worker_host_ask(const struct message *request, struct message **ret_reply)
{
    if (!request) { /* the interrupt's handler has not raised, and the request is gone */
        PyErr_SetNone(PyExc_KeyboardInterrupt);
        return -ECANCELED;
    }
    CLEANUP(api_decref)
    PyObject *answer = PyObject_CallMethod(
        the_host, "ask", "s#s#s#s#", request->header.ptr, (Py_ssize_t)request->header.len,
        request->parent.ptr, (Py_ssize_t)request->parent.len, request->metadata.ptr,
        (Py_ssize_t)request->metadata.len, request->content.ptr, (Py_ssize_t)request->content.len);
    if (!answer)
        return -ECANCELED;
    if (PyUnicode_Check(answer))
        return read_reply(answer, ret_reply);
    PyErr_SetInterrupt();
    return -EINTR;
}
