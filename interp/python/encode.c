#include "interp/python/encode.h"

#include "protocol/json.h"

#include <math.h>

void api_decref(PyObject **reference) { Py_XDECREF(*reference); }

int encode_text(PyObject *text, struct span *ret, PyObject **ret_owner)
{
    Py_ssize_t len;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &len);
    PyObject *owner = NULL;
    if (!utf8) {
        char *bytes;
        PyErr_Clear();
        owner = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
        if (!owner || PyBytes_AsStringAndSize(owner, &bytes, &len) < 0) {
            Py_XDECREF(owner);
            return -1;
        }
        utf8 = bytes;
    }
    *ret = (struct span){utf8, (size_t)len};
    *ret_owner = owner;
    return 0;
}

static int put_text(struct buf *out, PyObject *text)
{
    struct span utf8;
    CLEANUP(api_decref) PyObject *owner = NULL;
    if (encode_text(text, &utf8, &owner) < 0)
        return -1;
    json_put_string(out, utf8);
    return 0;
}

static int put_str_of(struct buf *out, PyObject *object)
{
    CLEANUP(api_decref) PyObject *text = PyObject_Str(object);
    return text ? put_text(out, text) : -1;
}

/* An int as its digits; also 10**100, which JSON has no limit for. */
static int put_int(struct buf *out, PyObject *number)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (!overflow) {
        buf_printf(out, "%lld", value);
        return 0;
    }
    struct span digits;
    CLEANUP(api_decref) PyObject *text = PyNumber_ToBase(number, 10);
    CLEANUP(api_decref) PyObject *owner = NULL;
    if (!text || encode_text(text, &digits, &owner) < 0)
        return -1;
    buf_put(out, digits);
    return 0;
}

static int put_double(struct buf *out, double value)
{
    if (!isfinite(value)) {
        buf_put(out, SPAN("null"));
        return 0;
    }
    char *text = PyOS_double_to_string(value, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (!text)
        return -1;
    buf_put(out, span_of(text));
    PyMem_Free(text);
    return 0;
}

static void put_base64(struct buf *out, const unsigned char *data, size_t len)
{
    enum { PAD = 64 };
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    if (buf_reserve(out, (len + 2) / 3 * 4 + 2) < 0)
        return;
    buf_putc(out, '"');
    for (size_t i = 0; i < len; i += 3) {
        unsigned long group = (unsigned long)data[i] << 16;
        group |= i + 1 < len ? (unsigned long)data[i + 1] << 8 : 0;
        group |= i + 2 < len ? data[i + 2] : 0;
        const char four[] = {digits[group >> 18], digits[group >> 12 & 63],
                             digits[i + 1 < len ? group >> 6 & 63 : PAD],
                             digits[i + 2 < len ? group & 63 : PAD]};
        buf_append(out, four, sizeof four);
    }
    buf_putc(out, '"');
}

/* 0 when the object has no buffer, 1 when it was written. */
static int put_buffer(struct buf *out, PyObject *object)
{
    struct api_buffer view;
    if (PyObject_GetBuffer(object, &view, API_BUFFER_SIMPLE) < 0) {
        PyErr_Clear();
        return 0;
    }
    put_base64(out, view.buf, (size_t)view.len);
    PyBuffer_Release(&view);
    return 1;
}

static int put_number_like(struct buf *out, PyObject *object)
{
    if (PyIndex_Check(object)) {
        CLEANUP(api_decref) PyObject *number = PyNumber_Index(object);
        return number ? put_int(out, number) : -1;
    }
    CLEANUP(api_decref) PyObject *to_float = PyObject_GetAttrString(object, "__float__");
    CLEANUP(api_decref) PyObject *number = to_float ? PyNumber_Float(object) : NULL;
    if (number)
        return put_double(out, PyFloat_AsDouble(number));
    PyErr_Clear();
    return put_str_of(out, object);
}

static int put_value(struct buf *out, PyObject *object, int depth);

static int put_sequence(struct buf *out, PyObject *sequence, int depth)
{
    Py_ssize_t count = PySequence_Size(sequence);
    buf_putc(out, '[');
    for (Py_ssize_t i = 0; i < count; i++) {
        CLEANUP(api_decref) PyObject *item = PySequence_GetItem(sequence, i);
        if (i > 0)
            buf_putc(out, ',');
        if (!item || put_value(out, item, depth) < 0)
            return -1;
    }
    buf_putc(out, ']');
    return count < 0 ? -1 : 0;
}

static int put_members(struct buf *out, PyObject *dict, int depth)
{
    PyObject *key, *value;
    Py_ssize_t position = 0;
    CLEANUP(api_decref) PyObject *copy = PyDict_Copy(dict);
    for (bool first = true; copy && PyDict_Next(copy, &position, &key, &value); first = false) {
        if (!first)
            buf_putc(out, ',');
        int r = PyUnicode_Check(key) ? put_text(out, key) : put_str_of(out, key);
        buf_putc(out, ':');
        if (r < 0 || put_value(out, value, depth) < 0)
            return -1;
    }
    return copy ? 0 : -1;
}

static int put_dict(struct buf *out, PyObject *dict, int depth)
{
    buf_putc(out, '{');
    int r = put_members(out, dict, depth);
    buf_putc(out, '}');
    return r;
}

static int put_value(struct buf *out, PyObject *object, int depth)
{
    if (depth > ENCODE_DEPTH_MAX) {
        PyErr_SetString(PyExc_ValueError, "nested too deep for JSON, or in a circle");
        return -1;
    }
    if (PyUnicode_Check(object))
        return put_text(out, object);
    if (object == Py_None || object == Py_True || object == Py_False) {
        buf_put(out, object == Py_None   ? SPAN("null")
                     : object == Py_True ? SPAN("true")
                                         : SPAN("false"));
        return 0;
    }
    if (PyLong_Check(object))
        return put_int(out, object);
    if (PyFloat_Check(object))
        return put_double(out, PyFloat_AsDouble(object));
    if (PyDict_Check(object))
        return put_dict(out, object, depth + 1);
    if (PyList_Check(object) || PyTuple_Check(object))
        return put_sequence(out, object, depth + 1);
    return put_buffer(out, object) ? 0 : put_number_like(out, object);
}

static int finish(struct buf *out, int r)
{
    if (r == 0 && buf_error(out) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return r;
}

int encode_json(struct buf *out, PyObject *object)
{
    return finish(out, put_value(out, object, 0));
}

int encode_members(struct buf *out, PyObject *dict)
{
    return finish(out, put_members(out, dict, 0));
}

static PyObject *decode_value(const json_t *value);

static PyObject *decode_array(const json_t *array)
{
    size_t count = json_array_size(array);
    CLEANUP(api_decref) PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *item = decode_value(json_array_get(array, i));
        if (!item || PyList_SetItem(list, (Py_ssize_t)i, item) < 0)
            return NULL;
    }
    return TAKE(list);
}

static PyObject *decode_object(const json_t *object)
{
    const char *key;
    json_t *value;
    CLEANUP(api_decref) PyObject *dict = PyDict_New();
    if (!dict)
        return NULL;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        CLEANUP(api_decref) PyObject *item = decode_value(value);
        if (!item || PyDict_SetItemString(dict, key, item) < 0)
            return NULL;
    }
    return TAKE(dict);
}

static PyObject *decode_value(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return decode_object(value);
    case JSON_ARRAY:
        return decode_array(value);
    case JSON_STRING:
        return PyUnicode_FromStringAndSize(json_string_value(value),
                                           (Py_ssize_t)json_string_length(value));
    case JSON_INTEGER:
        return PyLong_FromLongLong(json_integer_value(value));
    case JSON_REAL:
        return PyFloat_FromDouble(json_real_value(value));
    case JSON_TRUE:
    case JSON_FALSE:
        return PyBool_FromLong(json_is_true(value));
    case JSON_NULL:
    default:
        Py_INCREF(Py_None);
        return Py_None;
    }
}

PyObject *decode_json(struct span text)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *object = NULL;
    if (json_read_object(text, why, &object) < 0) {
        PyErr_SetString(PyExc_ValueError, why);
        return NULL;
    }
    return decode_value(object);
}
