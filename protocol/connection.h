/*
 * Connection files. Source: jupyter_client's documentation, "Making kernels for Jupyter", section
 * "Connection files".
 *
 * Needs libc only: the launcher links it too. Threads: any.
 */
#pragma once

#include "protocol/bytes.h"

enum { CONNECTION_PORTS = 5 }; /* indexed by enum channel: shell, control, stdin, iopub, hb */

struct connection {
    char *transport;             /* "tcp", also when absent, or "ipc" */
    char *ip;                    /* address, or for ipc the path's beginning */
    int ports[CONNECTION_PORTS]; /* 1..65535 for tcp, 1.. for ipc */
    char *key;                   /* may be empty: unsigned */
    char *signature_scheme;      /* "hmac-sha256" when absent */
    char *kernel_name;           /* may be empty */
    bool readable_by_others;     /* group or others have any right on the file */
};

/*
 * Reads the file at `path` (64 KiB at the most). Unknown members are passed over, of
 * equal ones the last counts. transport, signature_scheme and kernel_name may be absent or null.
 * On failure `why` holds one line for the user: what is wrong, where, and what to do.
 * -ENOENT and other errors of open and read; -EFBIG: too long; -EBADMSG: not JSON, not an object;
 * -EINVAL: a member is missing, of the wrong type or out of range; -ENOMEM.
 */
MUST_CHECK int connection_read(const char *path, char why[512], struct connection *ret);
void connection_finish(struct connection *self); /* wipes the key */

/* The endpoint that libzmq's bind and connect take: tcp://IP:PORT or ipc://IP-PORT. -ENAMETOOLONG.
 */
MUST_CHECK int connection_endpoint(const struct connection *self, int channel, char *ret,
                                   size_t size);
