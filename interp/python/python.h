/*
 * CPython as a language of the kernel: one per process, as CPython itself.
 *
 * The thread that calls _carme.main() is Python's thread. It holds the GIL whenever it calls into
 * this language, and lets go of it in wait(), input() and room().
 */
#pragma once

#include "interp/interp.h"

#include <limits.h>

/* Before or after Py_Initialize, any thread, without the GIL. The same one every time. */
struct interp *python_interp(void);

/* Loads the Python half: streams, shell. With the GIL, from Python's thread, after kernel_new().
 * Numbers of signals that come are written to `signal_fd`, unless it is -1.
 * 0, or -1 with an exception set. */
MUST_CHECK int python_start(int signal_fd);

/* An interrupt has come; python_probe_interrupt() begins to look whether Python has seen it, and
 * python_interrupt_waits() is true some time later if it has not: a C function holds the GIL, or
 * does not come back. Any thread, without the GIL; they do not block. */
void python_note_interrupt(void);
void python_probe_interrupt(void);
bool python_interrupt_waits(void);

/* Python's thread writes where each thread is to descriptor 2, also in the middle of a C function.
 * Any thread, without the GIL; after python_start() with a signal_fd. */
void python_show_stacks(void);

/* From here on what Python writes goes to the process's own descriptors: the kernel has ended. Any
 * thread. */
void python_detach(void);

/* In a child, by the thread that has called fork(): python_detach(), and lines that are not
 * finished stay with the kernel. */
void python_become_child(void);

/* The directory that has the libraries of the Python whose program or libpython this process is;
 * false: unknown. Any thread, without the GIL. */
bool python_libraries(char ret_path[PATH_MAX]);

/*
 * The module _carme, for PyInit__carme() of the composition root: a PyObject *, or NULL with an
 * exception set. `main` is what _carme.main() calls, with the GIL: its arguments are the launcher's
 * part of sys.argv from CARME on (kernel/launch/start.h), and are no longer there; it returns the
 * status to exit with, or -1 with an exception set.
 */
void *python_module(int (*main)(int count, const char *const *arguments));

/* Runs the embedded kernelspec/spec.py for the launcher of this path; the first word is the verb.
 * Returns as `main` above. */
int python_run_spec(const char *carme_path, int count, const char *const *words);
