#include "interp/python/message_dict.h"

#include "interp/python/encode.h"

PyObject *blocks_list(struct bytes *const *blocks)
{
    size_t count = message_list_count(blocks);
    CLEANUP(api_decref) PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        struct span view = blocks[i]->view;
        PyObject *bytes = PyBytes_FromStringAndSize(view.ptr, (Py_ssize_t)view.len);
        if (!bytes || PyList_SetItem(list, (Py_ssize_t)i, bytes) < 0)
            return NULL;
    }
    return TAKE(list);
}

static PyObject *text_object(struct span text)
{
    return PyUnicode_FromStringAndSize(text.ptr, (Py_ssize_t)text.len);
}

/* Takes `value`, which may be NULL after an exception. */
static int put(PyObject *dict, const char *key, PyObject *value)
{
    int r = value ? PyDict_SetItemString(dict, key, value) : -1;
    Py_XDECREF(value);
    return r;
}

PyObject *message_dict(const struct message *msg)
{
    CLEANUP(api_decref) PyObject *dict = PyDict_New();
    if (!dict || put(dict, "header", decode_json(msg->header)) < 0 ||
        put(dict, "msg_id", text_object(msg->id)) < 0 ||
        put(dict, "msg_type", text_object(msg->type_text)) < 0 ||
        put(dict, "parent_header", decode_json(msg->parent)) < 0 ||
        put(dict, "metadata", decode_json(msg->metadata)) < 0 ||
        put(dict, "content", decode_json(msg->content)) < 0 ||
        put(dict, "buffers", blocks_list(msg->buffers)) < 0 ||
        put(dict, "idents", blocks_list(msg->route)) < 0)
        return NULL;
    return TAKE(dict);
}
