/*
 * The composition root of the desktop kernel: connection, transport, language, kernel, capture.
 * Where the launcher loads libpython, it calls carme_early_start() before Python starts; Python's
 * _carme.main() calls run_program().
 */
#include "interp/python/python.h"
#include "kernel/desktop/capture.h"
#include "kernel/desktop/crash.h"
#include "kernel/desktop/interrupt_escalation.h"
#include "kernel/desktop/memory_trim.h"
#include "kernel/desktop/openmp.h"
#include "kernel/desktop/parent_process.h"
#include "kernel/desktop/termination.h"
#include "kernel/desktop/threads.h"
#include "kernel/history/history_path.h"
#include "kernel/history/store_sqlite.h"
#include "kernel/kernel.h"
#include "kernel/platform/log.h"
#include "kernel/zmq/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* The launcher looks it up by name; all other symbols of the module are hidden. */
__attribute__((visibility("default"))) int carme_early_start(const char *connection_file,
                                                             const int fds[CONNECTION_PORTS]);

/* CPython's import system calls it. */
/* NOLINTNEXTLINE(readability-identifier-naming): CPython's name */
__attribute__((visibility("default"))) void *PyInit__carme(void);

static struct desktop {
    struct connection connection;
    int fds[CONNECTION_PORTS];
    struct transport *transport;
    struct kernel *kernel;
    struct capture *capture;
    struct interrupt_escalation *escalation;
    struct memory_trim *memory_trim;
    struct store *store; /* or NULL */
    atomic_int status;
    bool is_child; /* this is a forked child, not the kernel */
} desktop;

static void stopping(void *user, bool restart)
{
    (void)user, (void)restart;
    termination_begin(EXIT_FINE);
}

static void executed(void *user)
{
    (void)user;
    memory_trim_later(desktop.memory_trim);
}

static void orphaned(void *user)
{
    (void)user;
    log_line("the process that started this kernel has ended; so does the kernel");
    atomic_store(&desktop.status, EXIT_ORPHANED);
    termination_begin(EXIT_ORPHANED);
    kernel_stop(desktop.kernel);
}

static void before_fork(void)
{
    openmp_pause();
    fflush(stdout); /* or the child would write it a second time */
    if (!desktop.is_child && desktop.store)
        store_sqlite_hold(desktop.store);
}

static void in_parent(void)
{
    if (!desktop.is_child && desktop.store)
        store_sqlite_release(desktop.store, false);
}

/* Closes the listening sockets: a child that outlives the kernel would keep the next one from the
 * port. Once only: in a child's child the numbers may be those of the user's files. */
static void in_child(void)
{
    python_become_child();
    if (desktop.is_child)
        return;
    desktop.is_child = true;
    if (desktop.store)
        store_sqlite_release(desktop.store, true);
    interrupt_escalation_detach(desktop.escalation);
    for (int i = 0; i < CONNECTION_PORTS; i++)
        if (desktop.fds[i] >= 0)
            close(desktop.fds[i]);
}

static void adopt_fds(const int *fds)
{
    for (int i = 0; i < CONNECTION_PORTS; i++) {
        desktop.fds[i] = fds[i];
        if (fds[i] >= 0)
            fcntl(fds[i], F_SETFD, FD_CLOEXEC);
    }
}

static bool is_set(const char *name)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): before any code of the user runs */
    const char *value = getenv(name);
    return value && *value && strcmp(value, "0") != 0;
}

/* The kernel runs without a history file, too. */
static void open_store(void)
{
    char libraries[PATH_MAX];
    struct store_sqlite_options options = {.outputs = is_set("CARME_HISTORY_OUTPUT")};
    if (python_libraries(libraries))
        options.library = libraries;
    int r = history_path(&options.path, &options.is_ours);
    if (r == 0 && options.path)
        r = store_sqlite_new(&options, &desktop.store);
    if (r < 0)
        log_failure(-r, "there is no place for a history file");
}

static int open_kernel(void)
{
    open_store();
    struct kernel_options options = {
        .stopping = stopping,
        .executed = executed,
        .flush_before_exit = crash_flush,
        .store = desktop.store,
    };
    memcpy(options.ports, desktop.connection.ports, sizeof options.ports);
    int r = sockets_new(&desktop.connection, desktop.fds, &desktop.transport);
    if (r == 0)
        r = threads_new(&options.threads);
    if (r < 0)
        return r;
    return kernel_new(python_interp(), desktop.transport, &options, &desktop.kernel);
}

int carme_early_start(const char *connection_file, const int fds[CONNECTION_PORTS])
{
    char why[512];
    int r = connection_read(connection_file, why, &desktop.connection);
    if (r < 0) {
        log_line("%s", why);
        return r;
    }
    adopt_fds(fds);
    r = open_kernel();
    if (r == -EPROTONOSUPPORT || r == -EOPNOTSUPP)
        log_line(
            "connection file %s: \"signature_scheme\" is \"%s\"; hmac-sha256 or hmac-sha512 is "
            "needed",
            connection_file, desktop.connection.signature_scheme);
    else if (r < 0)
        log_failure(-r, "the kernel can not start");
    return r;
}

static bool all_listen(const int *fds)
{
    for (int i = 0; i < CONNECTION_PORTS; i++) {
        int listens = 0;
        socklen_t length = sizeof listens;
        if (getsockopt(fds[i], SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) < 0 || !listens)
            return false;
    }
    return true;
}

/* Programs that restart themselves, such as Flask's reloader, run sys.orig_argv. */
static int start_from_arguments(const char *connection_file, const char *list)
{
    int fds[CONNECTION_PORTS];
    if (desktop.kernel)
        return 0;
    if (sscanf(list, "%d,%d,%d,%d,%d", &fds[0], &fds[1], &fds[2], &fds[3], &fds[4]) != 5)
        return -EINVAL;
    if (!all_listen(fds)) {
        log_line("a running kernel's command line was started again: its addresses are taken; in "
                 "a notebook, switch the reloader off");
        return -EADDRINUSE;
    }
    return carme_early_start(connection_file, fds);
}

static void open_signals(void)
{
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(SIG_UNBLOCK, &interrupt, NULL);
}

static void run_loop(void)
{
    struct interp *interp = python_interp();
    int r;
    do
        r = interp->impl->wait(interp, kernel_fd(desktop.kernel));
    while (r >= 0 && kernel_run(desktop.kernel));
}

/* At exit(): waits for what of the history is not written yet. */
static void close_store(void)
{
    if (desktop.store)
        desktop.store->impl->close(desktop.store);
}

/* Kernel, store and transport stay in memory: threads of the user and of subshells may still use
 * them. */
static void close_kernel(void)
{
    termination_begin((enum exit_code)atomic_load(&desktop.status));
    if (desktop.store)
        desktop.store->impl->end(desktop.store);
    crash_stop();
    capture_stop(desktop.capture);
    python_detach();
    desktop.transport->impl->close(desktop.transport);
}

static int start_helpers(void)
{
    static const struct interrupt_escalation_language language = {
        python_note_interrupt, python_probe_interrupt, python_interrupt_waits, python_show_stacks};
    int r = interrupt_escalation_start(desktop.kernel, desktop.transport, &language,
                                       &desktop.escalation);
    if (r == 0)
        r = memory_trim_start(desktop.kernel, desktop.transport, &desktop.memory_trim);
    if (r == 0)
        r = capture_start(desktop.kernel, desktop.transport, &desktop.capture);
    if (r == 0)
        r = crash_start(desktop.kernel, desktop.transport, desktop.capture);
    return r == 0 ? parent_process_watch(desktop.transport, orphaned, NULL) : r;
}

static int run_kernel(const char *connection_file, const char *fds)
{
    int r = start_from_arguments(connection_file, fds);
    if (r < 0)
        return exit_code_of_start(r);
    atexit(close_store);
    termination_register();
    r = start_helpers();
    pthread_atfork(before_fork, in_parent, in_child);
    if (r < 0) {
        log_failure(-r, "the kernel can not start");
        return EXIT_SYSTEM;
    }
    r = python_start(interrupt_escalation_fd(desktop.escalation));
    if (r == 0) {
        open_signals();
        run_loop();
    }
    close_kernel();
    return r < 0 ? r : atomic_load(&desktop.status);
}

static int run_program(int count, const char *const *arguments)
{
    if (count > 2 && strcmp(arguments[1], "kernelspec") == 0)
        return python_run_spec(arguments[0], count - 2, arguments + 2);
    if (count == 3)
        return run_kernel(arguments[1], arguments[2]);
    log_line("_carme.main() is for the program carme: see carme --help");
    return EXIT_USAGE;
}

void *PyInit__carme(void) { return python_module(run_program); }
