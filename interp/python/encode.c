#include "interp/python/encode.h"

#include "protocol/json.h"

#include <math.h>

/* What the functions below return for what is not plain data: jsonable.py makes it such. */
enum { FOREIGN = 1 };

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
    if (!isfinite(value))
        return FOREIGN;
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

static int put_bytes(struct buf *out, PyObject *bytes)
{
    char *data;
    Py_ssize_t len;
    if (PyBytes_AsStringAndSize(bytes, &data, &len) < 0)
        return -1;
    put_base64(out, (const unsigned char *)data, (size_t)len);
    return 0;
}

static int put_value(struct buf *out, PyObject *object, int depth);

static int put_sequence(struct buf *out, PyObject *sequence, int depth)
{
    Py_ssize_t count = PySequence_Size(sequence);
    int r = count < 0 ? -1 : 0;
    buf_putc(out, '[');
    for (Py_ssize_t i = 0; i < count && r == 0; i++) {
        CLEANUP(api_decref) PyObject *item = PySequence_GetItem(sequence, i);
        if (i > 0)
            buf_putc(out, ',');
        r = item ? put_value(out, item, depth) : -1;
    }
    buf_putc(out, ']');
    return r;
}

static int put_members(struct buf *out, PyObject *dict, int depth)
{
    PyObject *key, *value;
    Py_ssize_t position = 0;
    CLEANUP(api_decref) PyObject *copy = PyDict_Copy(dict);
    int r = copy ? 0 : -1;
    for (bool first = true; r == 0 && PyDict_Next(copy, &position, &key, &value); first = false) {
        if (!first)
            buf_putc(out, ',');
        r = PyUnicode_Check(key) ? put_text(out, key) : FOREIGN;
        buf_putc(out, ':');
        r = r == 0 ? put_value(out, value, depth) : r;
    }
    return r;
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
    if (PyDict_CheckExact(object))
        return put_dict(out, object, depth + 1);
    if (PyList_CheckExact(object) || PyTuple_CheckExact(object))
        return put_sequence(out, object, depth + 1);
    return PyBytes_Check(object) ? put_bytes(out, object) : FOREIGN;
}

static PyObject *plain_form(PyObject *object)
{
    CLEANUP(api_decref) PyObject *jsonable = PyImport_ImportModule("_carme.messages.jsonable");
    return jsonable ? PyObject_CallMethod(jsonable, "plain", "O", object) : NULL;
}

/* Appends the object by `put`, or what jsonable.py makes of it when it is not plain data. */
static int encode(struct buf *out, PyObject *object, int (*put)(struct buf *, PyObject *, int))
{
    size_t before = out->len;
    int r = put(out, object, 0);
    if (r == FOREIGN) {
        CLEANUP(api_decref) PyObject *plain = plain_form(object);
        out->len = before;
        r = plain ? put(out, plain, 0) : -1;
    }
    if (r == FOREIGN) {
        PyErr_SetString(PyExc_TypeError, "no form in JSON");
        return -1;
    }
    if (r == 0 && buf_error(out) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return r;
}

int encode_json(struct buf *out, PyObject *object) { return encode(out, object, put_value); }

int encode_members(struct buf *out, PyObject *dict) { return encode(out, dict, put_members); }

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
