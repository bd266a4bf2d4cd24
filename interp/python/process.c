#include "interp/python/process.h"

#include "interp/python/state.h"
#include "protocol/system.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_t python_thread;
static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t start_changed = PTHREAD_COND_INITIALIZER;
static bool has_started;
static _Thread_local PyGILState_STATE entered;

/* Errors are ignored: the thread works without an entry in the list. */
static void tell_list(const char *function, const char *format, const char *name)
{
    CLEANUP(api_decref) PyObject *module = PyImport_ImportModule("_carme.session.subshell_thread");
    CLEANUP(api_decref) PyObject *done = NULL;
    if (module)
        done = PyObject_CallMethod(module, function, format, name);
    if (!done)
        PyErr_Clear();
}

static int enter(struct interp *i, const char *name)
{
    (void)i;
    pthread_mutex_lock(&start_lock);
    while (!has_started)
        pthread_cond_wait(&start_changed, &start_lock);
    pthread_mutex_unlock(&start_lock);
    if (atomic_load(&python_state()->detached))
        return -ECANCELED;
    entered = PyGILState_Ensure();
    if (name)
        tell_list("enter", "s", name);
    return 0;
}

static void leave(struct interp *i)
{
    (void)i;
    tell_list("leave", NULL, NULL);
    PyGILState_Release(entered);
}

int (*const process_enter)(struct interp *i, const char *name) = enter;
void (*const process_leave)(struct interp *i) = leave;

void process_tell_started(void)
{
    pthread_mutex_lock(&start_lock);
    has_started = true;
    pthread_cond_broadcast(&start_changed);
    pthread_mutex_unlock(&start_lock);
}

void signal_block_start(struct signal_block *self)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &self->before);
}

void signal_block_end(struct signal_block *self)
{
    pthread_sigmask(SIG_SETMASK, &self->before, NULL);
}

void process_adopt_thread(void) { python_thread = pthread_self(); }

/* To the whole process group, for what cells have started; but only if the group is the kernel's.
 */
void process_interrupt(void)
{
    if (getpgrp() == getpid())
        kill(0, SIGINT);
    else
        pthread_kill(python_thread, SIGINT);
}

/* A real-time signal: those that have names are left to the user. */
int process_stacks_signal(void) { return SIGRTMAX - 3; }

enum { HANDLED_EARLIER_US = 20000 }; /* a handler may run before the note about its signal */

static _Atomic int64_t noted_us, handled_us;
static atomic_bool probing;  /* a thread waits for the GIL */
static atomic_bool handlers; /* what it found: the handler is one that calls the function below */

void process_interrupt_handled(void) { atomic_store(&handled_us, system_steady_us()); }

void python_note_interrupt(void) { atomic_store(&noted_us, system_steady_us()); }

static bool seen(void)
{
    return atomic_load(&handled_us) >= atomic_load(&noted_us) - HANDLED_EARLIER_US;
}

static void *probe(void *unused)
{
    (void)unused;
    PyGILState_STATE state = PyGILState_Ensure();
    {
        CLEANUP(api_decref)
        PyObject *ours = PyObject_CallMethod(python_state()->shell, "handles_interrupts", NULL);
        atomic_store(&handlers, ours && PyObject_IsTrue(ours) == 1);
        PyErr_Clear();
    }
    PyGILState_Release(state);
    atomic_store(&probing, false);
    return NULL;
}

static void nothing(int number) { (void)number; }

/* A system call that Python's thread is in ends, and Python looks for signals: the system may have
 * given the interrupt to another thread, whose handler wakes nobody. */
static void wake_python(void)
{
    struct sigaction action = {.sa_handler = nothing};
    if (sigaction(process_stacks_signal() - 1, &action, NULL) == 0)
        pthread_kill(python_thread, process_stacks_signal() - 1);
}

/* Not a pending call: before Python 3.12, Py_AddPendingCall() of another thread can make the main
 * one forget its signals. */
void python_probe_interrupt(void)
{
    pthread_t thread;
    if (seen())
        return;
    wake_python();
    if (atomic_exchange(&probing, true))
        return;
    if (pthread_create(&thread, NULL, probe, NULL) == 0)
        pthread_detach(thread);
    else
        atomic_store(&probing, false);
}

bool python_interrupt_waits(void)
{
    return !seen() && (atomic_load(&probing) || atomic_load(&handlers));
}

void python_show_stacks(void) { pthread_kill(python_thread, process_stacks_signal()); }

/* The handler between cells keeps them, and the Python half forgets them. */
void process_forget_interrupts(void) {}

PyThreadState *process_unlock(void) { return PyEval_SaveThread(); }

void process_lock(PyThreadState *state) { PyEval_RestoreThread(state); }

int process_wait(int fd)
{
    struct pollfd item = {.fd = fd, .events = POLLIN};
    int r = poll(&item, 1, 0);
    if (r > 0)
        return 0;
    Py_BEGIN_ALLOW_THREADS
    r = poll(&item, 1, -1) < 0 ? -errno : 0;
    Py_END_ALLOW_THREADS
    return r;
}

void process_flush(void) { fflush(stdout); }

int process_write(int fd, struct span text)
{
    while (text.len > 0) {
        ssize_t done;
        Py_BEGIN_ALLOW_THREADS
        done = write(fd, text.ptr, text.len);
        Py_END_ALLOW_THREADS
        if (done < 0 && errno != EINTR) {
            PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
        if (PyErr_CheckSignals() < 0)
            return -1;
        if (done > 0)
            text = (struct span){text.ptr + done, text.len - (size_t)done};
    }
    return 0;
}
