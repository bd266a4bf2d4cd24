/* The native module _carme: what the Python half asks of the kernel, on the desktop and in a
 * browser. Its contract for Python is lib/_carme/__init__.pyi. */
#include "interp/python/native.h"

#include "interp/python/buffer.h"
#include "interp/python/embedded.h"
#include "interp/python/encode.h"
#include "interp/python/process.h"
#include "interp/python/received.h"
#include "protocol/murmur2.h"

#include <errno.h>
#include <stdlib.h>

enum { ROOM_WAIT_MS = 50 };

static struct interp_host *the_host(void) { return python_the()->base.host; }

/* Of a thread that cells or libraries have started. */
static _Thread_local struct {
    bool by_line; /* lines leave whole: those of several threads, or of several children, do not mix
                   */
    struct buf kept[2]; /* by stream: a line that is not finished yet */
} lines;

static atomic_bool follows_latest; /* what those threads write */

/* The request that this context belongs to; NULL: to the shell's own. The capsule holds it. */
static struct request *the_request(void)
{
    if (lines.by_line && atomic_load(&follows_latest))
        return NULL;
    PyObject *parents = python_the()->parents;
    CLEANUP(api_decref)
    PyObject *capsule = parents ? PyObject_CallMethod(parents, "get", NULL) : NULL;
    if (capsule && PyCapsule_CheckExact(capsule))
        return PyCapsule_GetPointer(capsule, NULL);
    PyErr_Clear();
    return NULL;
}

static bool attached(void) { return the_host() && !atomic_load(&python_the()->detached); }

/* --- output ---------------------------------------------------------------------------------- */

void python_become_child(void)
{
    python_detach();
    for (int i = 0; i < 2; i++)
        buf_finish(&lines.kept[i]);
}

static int send_text(enum stream stream, struct span text)
{
    if (!attached())
        return process_write(stream == STREAM_STDOUT ? 1 : 2, text);
    struct interp_host *host = the_host();
    struct request *request = the_request();
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
    if (!lines.by_line && attached())
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

static PyObject *module_write_stdout(PyObject *module, PyObject *text)
{
    (void)module;
    return write_object(STREAM_STDOUT, text);
}

static PyObject *module_write_stderr(PyObject *module, PyObject *text)
{
    (void)module;
    return write_object(STREAM_STDERR, text);
}

static PyObject *module_flush(PyObject *module, PyObject *args)
{
    (void)module;
    int fd;
    if (!PyArg_ParseTuple(args, "i", &fd))
        return NULL;
    if (flush_line(fd == 1 ? STREAM_STDOUT : STREAM_STDERR) < 0)
        return NULL;
    if (fd == 1 && !attached())
        process_flush();
    Py_RETURN_NONE;
}

static PyObject *module_by_line(PyObject *module, PyObject *on)
{
    (void)module;
    lines.by_line = PyObject_IsTrue(on) == 1;
    if (!lines.by_line && (flush_line(STREAM_STDOUT) < 0 || flush_line(STREAM_STDERR) < 0))
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *module_follow_latest(PyObject *module, PyObject *on)
{
    (void)module;
    atomic_store(&follows_latest, PyObject_IsTrue(on) == 1);
    Py_RETURN_NONE;
}

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
    struct interp_host *host = the_host();
    if (!attached() || host->impl->publish_large(host, the_request(), type, TAKE(content_text),
                                                 metadata_text->view, buffers) == 0)
        return 0;
    PyErr_NoMemory();
    return -1;
}

static PyObject *module_publish(PyObject *module, PyObject *args)
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

/* --- input ----------------------------------------------------------------------------------- */

static int ask_once(struct span prompt, bool password, bool resume, struct bytes **ret_line)
{
    struct interp_host *host = the_host();
    CLEANUP(signal_block_end) struct signal_block block;
    signal_block_start(&block);
    if (PyErr_CheckSignals() < 0)
        return -ECANCELED;
    struct request *request = the_request();
    PyThreadState *state = process_unlock();
    int r = host->impl->input(host, request, prompt, password, resume, ret_line);
    process_lock(state);
    return r;
}

static PyObject *module_ask(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *prompt;
    int password;
    struct span utf8;
    CLEANUP(api_decref) PyObject *owner = NULL;
    CLEANUP(bytes_unrefp) struct bytes *line = NULL;
    if (!PyArg_ParseTuple(args, "O!p", &PyUnicode_Type, &prompt, &password) ||
        encode_text(prompt, &utf8, &owner) < 0)
        return NULL;
    int r = attached() ? ask_once(utf8, password, false, &line) : -EPIPE;
    while (r == -EINTR)
        r = ask_once(utf8, password, true, &line);
    if (r == -ECANCELED)
        return NULL;
    if (r < 0)
        return PyLong_FromLong(-r);
    return PyUnicode_FromStringAndSize(line->view.ptr, (Py_ssize_t)line->view.len);
}

/* --- the rest -------------------------------------------------------------------------------- */

static void drop_request(PyObject *capsule)
{
    struct interp_host *host = the_host();
    host->impl->drop(host, PyCapsule_GetPointer(capsule, NULL));
}

/* Takes the reference, which may be NULL. */
static PyObject *request_capsule(struct request *request)
{
    if (!request)
        Py_RETURN_NONE;
    PyObject *capsule = PyCapsule_New(request, NULL, drop_request);
    if (!capsule)
        the_host()->impl->drop(the_host(), request);
    return capsule;
}

static PyObject *module_hold(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    return request_capsule(the_host()->impl->hold(the_host(), the_request()));
}

static PyObject *module_hold_control(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    return request_capsule(the_host()->impl->hold_control(the_host()));
}

static PyObject *module_message(PyObject *module, PyObject *capsule)
{
    (void)module;
    const struct request *request = PyCapsule_GetPointer(capsule, NULL);
    return request ? message_dict(the_host()->impl->message(request)) : NULL;
}

static PyObject *module_arrivals(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    return PyLong_FromLong(the_host()->impl->arrivals(the_host()));
}

static PyObject *module_share_output(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    if (attached())
        the_host()->impl->share_output(the_host());
    Py_RETURN_NONE;
}

static PyObject *module_last_words(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    if (attached())
        the_host()->impl->last_words(the_host());
    Py_RETURN_NONE;
}

static PyObject *module_leave(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    if (attached())
        the_host()->impl->leave(the_host());
    Py_RETURN_NONE;
}

static PyObject *module_serve_comms(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    if (attached())
        the_host()->impl->serve_comms(the_host());
    Py_RETURN_NONE;
}

static PyObject *module_recall(PyObject *module, PyObject *request)
{
    (void)module;
    CLEANUP(buf_finish) struct buf question = BUF_INIT, found = BUF_INIT;
    if (encode_json(&question, request) < 0)
        return NULL;
    PyThreadState *state = process_unlock();
    buf_put(&found, SPAN("{\"history\":"));
    int r = attached() ? the_host()->impl->recall(the_host(), buf_view(&question), &found) : -EPIPE;
    buf_putc(&found, '}');
    process_lock(state);
    if (r == 0 && buf_error(&found) == 0)
        return decode_json(buf_view(&found));
    errno = r < 0 ? -r : ENOMEM;
    return PyErr_SetFromErrno(PyExc_OSError);
}

static PyObject *module_hash_code(PyObject *module, PyObject *code)
{
    (void)module;
    struct span utf8;
    CLEANUP(api_decref) PyObject *owner = NULL;
    if (!PyUnicode_Check(code)) {
        PyErr_SetString(PyExc_TypeError, "hash_code() argument must be str");
        return NULL;
    }
    if (encode_text(code, &utf8, &owner) < 0)
        return NULL;
    return PyLong_FromUnsignedLong(murmur2(utf8, MURMUR2_SEED));
}

static void replace(PyObject **where, PyObject *object)
{
    PyObject *before = *where;
    Py_INCREF(object);
    *where = object;
    Py_XDECREF(before);
}

static PyObject *module_set_wait(PyObject *module, PyObject *wait)
{
    (void)module;
    replace(&python_the()->wait, wait);
    Py_RETURN_NONE;
}

static PyObject *module_set_parents(PyObject *module, PyObject *variable)
{
    (void)module;
    replace(&python_the()->parents, variable);
    Py_RETURN_NONE;
}

struct span embedded_find(const struct embedded *table, const char *name)
{
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table->data;
    return (struct span){0};
}

static PyObject *find(const struct embedded *table, PyObject *args)
{
    const char *name;
    if (!PyArg_ParseTuple(args, "s", &name))
        return NULL;
    struct span data = embedded_find(table, name);
    if (!data.ptr)
        Py_RETURN_NONE;
    return PyBytes_FromStringAndSize(data.ptr, (Py_ssize_t)data.len);
}

static PyObject *module_source(PyObject *module, PyObject *args)
{
    (void)module;
    return find(embedded_modules, args);
}

static PyObject *module_resource(PyObject *module, PyObject *args)
{
    (void)module;
    return find(embedded_resources, args);
}

static PyMethodDef methods[] = {
    {"write_stdout", module_write_stdout, METH_O, NULL},
    {"write_stderr", module_write_stderr, METH_O, NULL},
    {"publish", module_publish, METH_VARARGS, NULL},
    {"ask", module_ask, METH_VARARGS, NULL},
    {"flush", module_flush, METH_VARARGS, NULL},
    {"by_line", module_by_line, METH_O, NULL},
    {"follow_latest", module_follow_latest, METH_O, NULL},
    {"hold", module_hold, METH_NOARGS, NULL},
    {"hold_control", module_hold_control, METH_NOARGS, NULL},
    {"message", module_message, METH_O, NULL},
    {"arrivals", module_arrivals, METH_NOARGS, NULL},
    {"serve_comms", module_serve_comms, METH_NOARGS, NULL},
    {"recall", module_recall, METH_O, NULL},
    {"share_output", module_share_output, METH_NOARGS, NULL},
    {"last_words", module_last_words, METH_NOARGS, NULL},
    {"hash_code", module_hash_code, METH_O, NULL},
    {"leave", module_leave, METH_NOARGS, NULL},
    {"set_wait", module_set_wait, METH_O, NULL},
    {"set_parents", module_set_parents, METH_O, NULL},
    {"source", module_source, METH_VARARGS, NULL},
    {"resource", module_resource, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_carme", .m_size = -1,
                                        .m_methods = methods};

/* Makes `_carme.NAME` importable: runs the embedded importer once. */
static int add_importer(PyObject *module)
{
    struct span source = embedded_find(embedded_modules, "importer");
    CLEANUP(api_decref)
    PyObject *code =
        source.ptr ? Py_CompileString(source.ptr, "<carme importer>", Py_file_input) : NULL;
    CLEANUP(api_decref) PyObject *namespace = PyDict_New();
    if (!code || !namespace || PyDict_SetItemString(namespace, "native", module) < 0 ||
        PyDict_SetItemString(namespace, "__builtins__", PyEval_GetBuiltins()) < 0)
        return -1;
    CLEANUP(api_decref) PyObject *done = PyEval_EvalCode(code, namespace, namespace);
    return done ? 0 : -1;
}

PyObject *module_new(PyMethodDef *more)
{
    CLEANUP(api_decref) PyObject *module = PyModule_Create(&definition);
    if (!module || PyModule_AddFunctions(module, more) < 0 ||
        PyModule_AddObject(module, "__path__", PyList_New(0)) < 0)
        return NULL;
    return add_importer(module) < 0 ? NULL : TAKE(module);
}
