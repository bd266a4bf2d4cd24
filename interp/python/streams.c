#include "interp/python/streams.h"

#include "interp/python/encode.h"
#include "interp/python/process.h"
#include "interp/python/state.h"

enum { ROOM_WAIT_MS = 50 };

/* Of a thread that cells or libraries have started. */
static _Thread_local struct {
    bool buffered;      /* lines are sent whole, so that those of several threads do not mix */
    struct buf kept[2]; /* by stream: a line that is not finished yet */
} lines;

static atomic_bool writes_to_running_cell; /* all such threads, not to their own cell */

struct request *streams_request(void)
{
    if (lines.buffered && atomic_load(&writes_to_running_cell))
        return NULL;
    PyObject *request_variable = python_state()->request_variable;
    CLEANUP(api_decref)
    PyObject *capsule =
        request_variable ? PyObject_CallMethod(request_variable, "get", NULL) : NULL;
    if (capsule && PyCapsule_CheckExact(capsule))
        return PyCapsule_GetPointer(capsule, NULL);
    PyErr_Clear();
    return NULL;
}

void python_become_child(void)
{
    python_detach();
    for (int i = 0; i < 2; i++)
        buf_finish(&lines.kept[i]);
}

static int send_text(enum stream stream, struct span text)
{
    if (!python_is_attached())
        return process_write(stream == STREAM_STDOUT ? 1 : 2, text);
    struct interp_host *host = python_host();
    struct request *request = streams_request();
    int r;
    while ((r = host->impl->write(host, request, stream, text)) == -EAGAIN) {
        PyThreadState *state = process_unlock();
        host->impl->room(host, ROOM_WAIT_MS);
        process_lock(state);
        if (PyErr_CheckSignals() < 0)
            return -1;
    }
    if (r == -ENOMEM)
        PyErr_NoMemory();
    return r < 0 ? -1 : 0;
}

static int flush_line(enum stream stream)
{
    CLEANUP(buf_finish) struct buf line = lines.kept[stream];
    lines.kept[stream] = BUF_INIT;
    return send_text(stream, buf_view(&line));
}

static int write_stream(enum stream stream, struct span text)
{
    if (!lines.buffered && python_is_attached())
        return send_text(stream, text);
    buf_put(&lines.kept[stream], text);
    if (buf_error(&lines.kept[stream]) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return memchr(text.ptr, '\n', text.len) ? flush_line(stream) : 0;
}

static PyObject *write_object(enum stream stream, PyObject *text)
{
    struct span utf8;
    CLEANUP(api_decref) PyObject *owner = NULL;
    if (!PyUnicode_Check(text)) {
        CLEANUP(api_decref) PyObject *type = PyObject_Type(text);
        return PyErr_Format(PyExc_TypeError, "write() argument must be str, not %S", type);
    }
    if (encode_text(text, &utf8, &owner) < 0 || write_stream(stream, utf8) < 0)
        return NULL;
    return PyLong_FromSsize_t(PyUnicode_GetLength(text));
}

PyObject *streams_write_stdout(PyObject *module, PyObject *text)
{
    (void)module;
    return write_object(STREAM_STDOUT, text);
}

PyObject *streams_write_stderr(PyObject *module, PyObject *text)
{
    (void)module;
    return write_object(STREAM_STDERR, text);
}

PyObject *streams_flush(PyObject *module, PyObject *args)
{
    (void)module;
    int fd;
    if (!PyArg_ParseTuple(args, "i", &fd))
        return NULL;
    if (flush_line(fd == 1 ? STREAM_STDOUT : STREAM_STDERR) < 0)
        return NULL;
    if (fd == 1 && !python_is_attached())
        process_flush();
    Py_RETURN_NONE;
}

PyObject *streams_buffer_lines(PyObject *module, PyObject *on)
{
    (void)module;
    lines.buffered = PyObject_IsTrue(on) == 1;
    if (!lines.buffered && (flush_line(STREAM_STDOUT) < 0 || flush_line(STREAM_STDERR) < 0))
        return NULL;
    Py_RETURN_NONE;
}

PyObject *streams_write_to_running_cell(PyObject *module, PyObject *on)
{
    (void)module;
    atomic_store(&writes_to_running_cell, PyObject_IsTrue(on) == 1);
    Py_RETURN_NONE;
}
