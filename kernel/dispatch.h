/*
 * The dispatcher: a table says who answers which type of message. Statuses, contents that can not
 * be read and types that are not known are handled here once; an answer only answers.
 */
#pragma once

#include "protocol/message.h"

struct kernel;
struct shell;

/*
 * Answers the request of the shell's queue that has waited longest; the waker stays
 * signalled while others wait, so that what the language does between requests has its turn between
 * any two. The shell's thread. False: the shell has been stopped.
 */
bool dispatch_run(struct shell *shell);

/* Takes `msg`, answers it at once. The shell's thread. */
void dispatch_message(struct shell *shell, struct message *msg);

/* The same while an execution of the shell has not ended; afterwards that is the current request
 * again. A comm message has no busy and idle then: they would speak of the cell. */
void dispatch_within(struct shell *shell, struct message *msg);

/* dispatch_within() for the comm messages that wait behind the execution that runs. */
void dispatch_comms(struct shell *shell);

/* Answers `msg` from the thread that has it, the transport's; the language need not run. Takes it.
 */
void dispatch_now(struct kernel *kernel, struct message *msg);

/* busy, an error reply that says why, unless it is a comm's message, which has no reply, and idle.
 * Takes `msg`. Any thread. */
void dispatch_refuse(struct kernel *kernel, struct message *msg, const char *ename,
                     const char *why);

/* What the table says of the type of a message. Urgent: dispatch_now() answers it, whatever the
 * language does. Concurrent: another thread may answer it while the main shell runs a cell. */
bool dispatch_is_urgent(const struct message *msg);
bool dispatch_is_concurrent(const struct message *msg);
bool dispatch_is_comm(const struct message *msg); /* comm_open, comm_msg, comm_close */
