/* The native module _carme: what the Python half asks of the kernel, on the desktop and in a
 * browser. Its contract for Python is lib/_carme/__init__.pyi. */
#include "interp/python/module.h"

#include "interp/python/embedded.h"
#include "interp/python/encode.h"
#include "interp/python/message_dict.h"
#include "interp/python/process.h"
#include "interp/python/publish.h"
#include "interp/python/state.h"
#include "interp/python/streams.h"
#include "protocol/murmur2.h"

#include <errno.h>

/* --- input ------------------------------------------------------------------------------------ */

static int ask_once(struct span prompt, bool password, bool resume, struct bytes **ret_line)
{
    struct interp_host *host = python_host();
    CLEANUP(signal_block_end) struct signal_block block;
    signal_block_start(&block);
    if (PyErr_CheckSignals() < 0)
        return -ECANCELED;
    struct request *request = streams_request();
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
    int r = python_is_attached() ? ask_once(utf8, password, false, &line) : -EPIPE;
    while (r == -EINTR)
        r = ask_once(utf8, password, true, &line);
    if (r == -ECANCELED)
        return NULL;
    if (r < 0)
        return PyLong_FromLong(-r);
    return PyUnicode_FromStringAndSize(line->view.ptr, (Py_ssize_t)line->view.len);
}

/* --- the rest --------------------------------------------------------------------------------- */

static void drop_request(PyObject *capsule)
{
    struct interp_host *host = python_host();
    host->impl->drop(host, PyCapsule_GetPointer(capsule, NULL));
}

/* Takes the reference, which may be NULL. */
static PyObject *request_capsule(struct request *request)
{
    if (!request)
        Py_RETURN_NONE;
    PyObject *capsule = PyCapsule_New(request, NULL, drop_request);
    if (!capsule)
        python_host()->impl->drop(python_host(), request);
    return capsule;
}

static PyObject *module_current_request(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    return request_capsule(python_host()->impl->hold(python_host(), streams_request()));
}

static PyObject *module_control_request(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    return request_capsule(python_host()->impl->hold_control(python_host()));
}

static PyObject *module_message(PyObject *module, PyObject *capsule)
{
    (void)module;
    const struct request *request = PyCapsule_GetPointer(capsule, NULL);
    return request ? message_dict(python_host()->impl->message(request)) : NULL;
}

static PyObject *module_message_fd(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    return PyLong_FromLong(python_host()->impl->message_fd(python_host()));
}

static PyObject *module_share_output(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    if (python_is_attached())
        python_host()->impl->share_output(python_host());
    Py_RETURN_NONE;
}

static PyObject *module_flush_before_exit(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    if (python_is_attached())
        python_host()->impl->flush_before_exit(python_host());
    Py_RETURN_NONE;
}

static PyObject *module_shut_down(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    if (python_is_attached())
        python_host()->impl->shut_down(python_host());
    Py_RETURN_NONE;
}

static PyObject *module_serve_comms(PyObject *module, PyObject *none)
{
    (void)module, (void)none;
    if (python_is_attached())
        python_host()->impl->serve_comms(python_host());
    Py_RETURN_NONE;
}

static PyObject *module_history(PyObject *module, PyObject *request)
{
    (void)module;
    CLEANUP(buf_finish) struct buf content = BUF_INIT, found = BUF_INIT;
    if (encode_json(&content, request) < 0)
        return NULL;
    PyThreadState *state = process_unlock();
    buf_put(&found, SPAN("{\"history\":"));
    int r = python_is_attached()
                ? python_host()->impl->history(python_host(), buf_view(&content), &found)
                : -EPIPE;
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
    replace(&python_state()->wait, wait);
    Py_RETURN_NONE;
}

static PyObject *module_set_request_variable(PyObject *module, PyObject *variable)
{
    (void)module;
    replace(&python_state()->request_variable, variable);
    Py_RETURN_NONE;
}

/* The content of the file of that name; ptr is NULL when there is none. */
static struct span embedded_find(struct embedded files, const char *name)
{
    const char *each;
    struct span content;
    while (embedded_next(&files, &each, &content))
        if (strcmp(each, name) == 0)
            return content;
    return (struct span){0};
}

static PyObject *find(struct embedded files, PyObject *args)
{
    const char *name;
    if (!PyArg_ParseTuple(args, "s", &name))
        return NULL;
    struct span data = embedded_find(files, name);
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
    {"write_stdout", streams_write_stdout, METH_O, NULL},
    {"write_stderr", streams_write_stderr, METH_O, NULL},
    {"publish", publish_message, METH_VARARGS, NULL},
    {"ask", module_ask, METH_VARARGS, NULL},
    {"flush", streams_flush, METH_VARARGS, NULL},
    {"buffer_lines", streams_buffer_lines, METH_O, NULL},
    {"write_to_running_cell", streams_write_to_running_cell, METH_O, NULL},
    {"current_request", module_current_request, METH_NOARGS, NULL},
    {"control_request", module_control_request, METH_NOARGS, NULL},
    {"message", module_message, METH_O, NULL},
    {"message_fd", module_message_fd, METH_NOARGS, NULL},
    {"serve_comms", module_serve_comms, METH_NOARGS, NULL},
    {"history", module_history, METH_O, NULL},
    {"share_output", module_share_output, METH_NOARGS, NULL},
    {"flush_before_exit", module_flush_before_exit, METH_NOARGS, NULL},
    {"hash_code", module_hash_code, METH_O, NULL},
    {"shut_down", module_shut_down, METH_NOARGS, NULL},
    {"set_wait", module_set_wait, METH_O, NULL},
    {"set_request_variable", module_set_request_variable, METH_O, NULL},
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
