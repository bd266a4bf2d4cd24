/*
 * From the launcher into Python. Neither function returns when it goes well and Python does not
 * return either; the process keeps its pid. A Python that BOOT refuses executes the launcher again,
 * as { CARME, "refuse", STATUS, WHY, CONNECTION_FILE, 'SHELL,CONTROL,STDIN,IOPUB,HB' }.
 *
 * Both give Python the arguments { path, "-c", BOOT, MODULE, … }. BOOT is one line of Python that
 * refuses a wrong version, loads Carme's module and calls its main(), which finds in sys.argv:
 *
 *   a kernel   ['-c', MODULE, CARME, CONNECTION_FILE, 'SHELL,CONTROL,STDIN,IOPUB,HB', ARGUMENT…]
 *   a verb     ['-c', MODULE, CARME, 'kernelspec', VERB, ARGUMENT…]
 *
 * MODULE is the absolute path of _carme.abi3.so, CARME that of this program. CONNECTION_FILE is
 * absolute too, so that it is never mistaken for 'kernelspec'. The numbers are the file descriptors
 * that listen; they are open across exec. What follows them stays in sys.argv, for the cells.
 */
#pragma once

#include "kernel/launch/python.h"
#include "protocol/connection.h"

/*
 * A shared libpython is loaded into this process. Before Python starts, the module's
 *     int carme_early_start(const char *connection_file, const int fds[5])
 * is called, which says itself why it fails and returns -errno, see exit_code_of_start(). Any
 * other Python is executed. SIGINT must be blocked; the module opens it. `more`, which ends
 * with NULL, are the arguments for the cells. Returns the status that Python leaves, or, with
 * *ret_ran false, why it was not run.
 */
MUST_CHECK enum exit_code start_kernel(const struct python *python, const char *connection_file,
                                       const int fds[CONNECTION_PORTS], char *const *more,
                                       bool *ret_ran);

/* Reads what names the descriptors. */
MUST_CHECK bool start_read_fds(const char *list, int ret_fds[CONNECTION_PORTS]);

/* `arguments` ends with NULL; the first is the verb. Returns on failure only. */
MUST_CHECK enum exit_code start_spec(const struct python *python, char *const *arguments);
