/*
 * What the files of the kernel proper share. Nobody else includes it.
 *
 * Locks: `lock` is taken after the language's own lock and before the transport's.
 */
#pragma once

#include "kernel/comms.h"
#include "kernel/desktop/aside.h"
#include "kernel/desktop/questions.h"
#include "kernel/desktop/subshell.h"
#include "kernel/desktop/usage.h"
#include "kernel/history/history.h"
#include "kernel/kernel.h"
#include "kernel/output.h"
#include "kernel/platform/lock.h"
#include "kernel/request.h"
#include "kernel/shell.h"
#include "protocol/ident.h"

struct kernel {
    struct interp_host host; /* first: interp_host functions cast back */
    struct interp *interp;
    struct transport *transport;
    struct kernel_options options;
    struct ident ident;
    struct shell shell; /* the main one */
    atomic_bool stopping, shares_output;
    struct lock ends;   /* held while an execution ends; taken before `lock` */
    struct usage usage; /* the thread's that answers usage_request */

    void (*drain)(void *user, bool ends);
    void *drain_user;

    struct lock lock; /* for all below */
    struct output output;
    struct subshell *subshells;
    struct aside *asides[ASIDE_COUNT]; /* each NULL until it is needed */
    struct request *control; /* the last one on the control channel that was answered at once */
    struct comms comms;
    struct questions questions;
    struct history history;
    long execution_count;
};

void kernel_lock(struct kernel *self);
void kernel_unlock(struct kernel *self);

/* The host's functions, by the file that has them. */
int host_write(struct interp_host *h, struct request *request, enum stream stream,
               struct span text);
bool host_room(struct interp_host *h, unsigned wait_ms);
int host_publish(struct interp_host *h, struct request *request, enum msg_type type,
                 struct span content, struct span metadata, struct bytes *const *buffers);
int host_publish_large(struct interp_host *h, struct request *request, enum msg_type type,
                       struct bytes *content, struct span metadata, struct bytes *const *buffers);
int host_input(struct interp_host *h, struct request *request, struct span prompt, bool password,
               bool resume, struct bytes **ret_line);
void host_done(struct interp_host *h, struct request *request, const struct outcome *outcome);
