#include "interp/python/publish.h"

#include "interp/python/buffer.h"
#include "interp/python/encode.h"
#include "interp/python/state.h"
#include "interp/python/streams.h"

#include <stdlib.h>

static void free_buffers(struct bytes **list)
{
    for (size_t i = 0; list && list[i]; i++)
        bytes_unref(list[i]);
    free((void *)list);
}

/* The NULL-ended list of blocks, for free_buffers(); NULL with an exception set. */
static struct bytes **read_buffers(PyObject *sequence)
{
    Py_ssize_t count = sequence == Py_None ? 0 : PySequence_Size(sequence);
    struct bytes **list = count < 0 ? NULL : calloc((size_t)count + 1, sizeof(struct bytes *));
    if (!list)
        return count < 0 ? NULL : (struct bytes **)PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < count; i++) {
        CLEANUP(api_decref) PyObject *item = PySequence_GetItem(sequence, i);
        if (!item || buffer_new(item, &list[i]) < 0) {
            free_buffers(list);
            return NULL;
        }
    }
    return list;
}

static int encode_object(PyObject *dict, struct bytes **ret)
{
    CLEANUP(buf_finish) struct buf text = BUF_INIT;
    if (encode_json(&text, dict) < 0)
        return -1;
    if (buf_take(&text, ret) == 0)
        return 0;
    PyErr_NoMemory();
    return -1;
}

static int publish(enum msg_type type, PyObject *content, PyObject *metadata,
                   struct bytes **buffers)
{
    CLEANUP(bytes_unrefp) struct bytes *content_text = NULL, *metadata_text = NULL;
    if (encode_object(content, &content_text) < 0 || encode_object(metadata, &metadata_text) < 0)
        return -1;
    struct interp_host *host = python_host();
    if (!python_is_attached() ||
        host->impl->publish_large(host, streams_request(), type, TAKE(content_text),
                                  metadata_text->view, buffers) == 0)
        return 0;
    PyErr_NoMemory();
    return -1;
}

PyObject *publish_message(PyObject *module, PyObject *args)
{
    (void)module;
    const char *type_text;
    PyObject *content, *metadata, *buffers = Py_None;
    if (!PyArg_ParseTuple(args, "sO!O!|O", &type_text, &PyDict_Type, &content, &PyDict_Type,
                          &metadata, &buffers))
        return NULL;
    enum msg_type type = msg_type_from_text(span_of(type_text));
    if (type == MSG_UNKNOWN)
        return PyErr_Format(PyExc_ValueError, "no message type of the protocol: %s", type_text);
    struct bytes **list = read_buffers(buffers);
    int r = list ? publish(type, content, metadata, list) : -1;
    free_buffers(list);
    if (r < 0)
        return NULL;
    Py_RETURN_NONE;
}
