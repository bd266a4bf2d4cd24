#include "interp/python/backend.h"

#include "interp/python/buffer.h"
#include "interp/python/encode.h"
#include "interp/python/message_dict.h"
#include "interp/python/process.h"
#include "interp/python/state.h"

#include <errno.h>
#include <stdio.h>

static PyObject *text_object(struct span text)
{
    return PyUnicode_FromStringAndSize(text.ptr, (Py_ssize_t)text.len);
}

/* --- execute ---------------------------------------------------------------------------------- */

static PyObject *call_execute(struct python *self, const struct execution *e)
{
    CLEANUP(api_decref) PyObject *code = text_object(e->code);
    CLEANUP(api_decref)
    PyObject *expressions =
        e->user_expressions.len > 2 ? decode_json(e->user_expressions) : PyDict_New();
    if (!code || !expressions)
        return NULL;
    return PyObject_CallMethod(self->shell, "execute", "OliiO", code, e->count, e->silent,
                               e->store_history, expressions);
}

/* The members of the reply; false for a cell that failed. */
static int read_outcome(PyObject *result, struct buf *members, bool *ret_ok)
{
    int ok;
    PyObject *dict;
    if (!result || !PyArg_ParseTuple(result, "pO!", &ok, &PyDict_Type, &dict))
        return -1;
    *ret_ok = ok;
    return encode_members(members, dict);
}

/* ename and evalue of an exception that the Python half itself has raised. */
static void describe_error(struct buf *members)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    CLEANUP(api_decref)
    PyObject *name =
        type ? PyObject_GetAttrString(type, "__name__") : PyUnicode_FromString("SystemError");
    CLEANUP(api_decref) PyObject *text = value ? PyObject_Str(value) : PyUnicode_FromString("");
    PyErr_Clear();
    CLEANUP(api_decref)
    PyObject *dict = Py_BuildValue("{s:O,s:O,s:[O],s:{},s:[]}", "ename", name ? name : Py_None,
                                   "evalue", text ? text : Py_None, "traceback",
                                   text ? text : Py_None, "user_expressions", "payload");
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    if (!dict || encode_members(members, dict) < 0)
        PyErr_Clear();
}

void backend_finish(struct request *request, PyObject *result)
{
    struct interp_host *host = python_host();
    CLEANUP(buf_finish) struct buf members = BUF_INIT;
    bool ok = false;
    if (read_outcome(result, &members, &ok) < 0) {
        ok = false;
        buf_finish(&members);
        describe_error(&members);
    }
    struct outcome outcome = {ok, buf_view(&members)};
    host->impl->done(host, request, &outcome);
    buffer_sweep();
}

/* None: the cell awaits, in a worker that must not block. */
static void python_execute(struct interp *i, struct request *request, const struct execution *e)
{
    struct python *self = (struct python *)i;
    CLEANUP(api_decref) PyObject *result = call_execute(self, e);
    if (result == Py_None)
        self->awaiting = request;
    else
        backend_finish(request, result);
}

/* --- the other questions ---------------------------------------------------------------------- */

/* Takes a dict, or NULL after an exception, which becomes an error reply. */
static struct bytes *reply_of(PyObject *dict)
{
    CLEANUP(buf_finish) struct buf text = BUF_INIT;
    buf_putc(&text, '{');
    if (!dict || encode_members(&text, dict) < 0) {
        buf_finish(&text);
        buf_put(&text, SPAN("{\"status\":\"error\","));
        describe_error(&text);
    }
    buf_putc(&text, '}');
    Py_XDECREF(dict);
    struct bytes *ret = NULL;
    return buf_take(&text, &ret) < 0 ? NULL : ret;
}

static struct bytes *python_complete(struct interp *i, struct span code, size_t cursor,
                                     bool concurrent)
{
    CLEANUP(api_decref) PyObject *text = text_object(code);
    return reply_of(PyObject_CallMethod(((struct python *)i)->shell, "complete", "Oni", text,
                                        (Py_ssize_t)cursor, concurrent));
}

static struct bytes *python_inspect(struct interp *i, struct span code, size_t cursor, int detail,
                                    bool concurrent)
{
    CLEANUP(api_decref) PyObject *text = text_object(code);
    return reply_of(PyObject_CallMethod(((struct python *)i)->shell, "inspect", "Onii", text,
                                        (Py_ssize_t)cursor, detail, concurrent));
}

static struct bytes *python_is_complete(struct interp *i, struct span code)
{
    CLEANUP(api_decref) PyObject *text = text_object(code);
    return reply_of(PyObject_CallMethod(((struct python *)i)->shell, "is_complete", "O", text));
}

static bool python_comm(struct interp *i, struct request *request, const struct message *msg)
{
    (void)request;
    CLEANUP(api_decref) PyObject *message = message_dict(msg);
    CLEANUP(api_decref) PyObject *known = NULL;
    if (message)
        known = PyObject_CallMethod(((struct python *)i)->shell, "comm", "O", message);
    if (!known)
        PyErr_Clear();
    return known && PyObject_IsTrue(known) == 1;
}

/* --- interrupt and wait ----------------------------------------------------------------------- */

static void python_interrupt(struct interp *i)
{
    if (atomic_load(&((struct python *)i)->started))
        process_interrupt();
}

static void python_forget_interrupts(struct interp *i)
{
    struct python *self = (struct python *)i;
    process_forget_interrupts();
    CLEANUP(api_decref)
    PyObject *done = PyObject_CallMethod(self->shell, "forget_interrupts", NULL);
    if (!done)
        PyErr_Clear();
}

/* Whatever a signal or a background task raises while no cell runs belongs to no cell. */
static int python_wait(struct interp *i, int fd)
{
    struct python *self = (struct python *)i;
    buffer_sweep();
    if (self->wait) {
        CLEANUP(api_decref) PyObject *done = PyObject_CallFunction(self->wait, "i", fd);
        PyErr_Clear();
        if (done) {
            return 0;
        }
    }
    int r = process_wait(fd);
    if (PyErr_CheckSignals() < 0)
        PyErr_Clear();
    return r == -EINTR ? 0 : r;
}

/* --- construction ----------------------------------------------------------------------------- */

static void python_destroy(struct interp *i)
{
    struct python *self = (struct python *)i;
    Py_CLEAR(self->shell);
    Py_CLEAR(self->wait);
    Py_CLEAR(self->request_variable);
}

#define TEXT(literal) \
    { \
        (literal), sizeof(literal) - 1 \
    }

static struct interp_impl impl = {
    .implementation = TEXT("carme"),
    .implementation_version = TEXT(CARME_VERSION),
    .execute = python_execute,
    .complete = python_complete,
    .inspect = python_inspect,
    .is_complete = python_is_complete,
    .comm = python_comm,
    .interrupt = python_interrupt,
    .forget_interrupts = python_forget_interrupts,
    .wait = python_wait,
    .destroy = python_destroy,
};

/* Py_GetVersion() answers before Py_Initialize: "3.11.7 (main, …) [GCC …]". */
static void describe(void)
{
    static char info[512], banner[512];
    const char *version = Py_GetVersion();
    int len = (int)strcspn(version, " ");
    snprintf(info, sizeof info,
             "{\"name\":\"python\",\"version\":\"%.*s\",\"mimetype\":\"text/x-python\","
             "\"codemirror_mode\":{\"name\":\"ipython\",\"version\":3},"
             "\"pygments_lexer\":\"ipython3\",\"nbconvert_exporter\":\"python\","
             "\"file_extension\":\".py\"}",
             len, version);
    snprintf(banner, sizeof banner, "Python %s\nCarme %s", version, CARME_VERSION);
    impl.enter = process_enter;
    impl.leave = process_leave;
    impl.language_info = span_of(info);
    impl.banner = span_of(banner);
}

struct interp *python_interp(void)
{
    struct interp *interp = &python_state()->base;
    if (!interp->impl) {
        describe();
        interp->impl = &impl;
    }
    return interp;
}

int python_start(int signal_fd)
{
    struct python *self = python_state();
    process_adopt_thread();
    self->shell = PyImport_ImportModule("_carme.shell.entry_points");
    if (!self->shell)
        return -1;
    CLEANUP(api_decref)
    PyObject *done =
        PyObject_CallMethod(self->shell, "start", "ii", signal_fd, process_stacks_signal());
    if (!done)
        return -1;
    atomic_store(&self->started, true);
    process_tell_started();
    return 0;
}
