/*
 * The module _carme of a browser's worker: what module.h has, and the functions that the worker's
 * host calls to reach the kernel.
 */
#pragma once

#include "protocol/message.h"

/* What the host's calls become: provided by the composition root. With the GIL. */
struct bridge_kernel {
    /* Called once, when the host is known. 0, or -errno; -ECANCELED: with an exception set. */
    int (*start)(void);

    /* Takes a message of the client, answers it or has it wait, and what waited before it. */
    void (*push)(struct message *msg);

    /* An execution has ended after execute() had returned: what waited for it is answered. */
    void (*resume)(void);

    /* The moment that worker_host_arm() asked for. */
    void (*tick)(void);
};

/* For PyInit__carme() of the composition root, as python_module() on the desktop. Borrows `kernel`
 * for good. A PyObject *, or NULL with an exception set. */
void *bridge_module(const struct bridge_kernel *kernel);
