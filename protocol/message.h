/*
 * One message of the Jupyter protocol 5.5, as the kernel holds it.
 * Source: jupyter_client's documentation, "Messaging in Jupyter", section "General Message Format".
 */
#pragma once

#include "protocol/arena.h"
#include "protocol/bytes.h"

enum channel {
    CHANNEL_SHELL,
    CHANNEL_CONTROL,
    CHANNEL_STDIN,
    CHANNEL_IOPUB,
    CHANNEL_HB,
    CHANNEL_COUNT
};

/* X(enumerator, msg_type) */
#define MESSAGE_TYPES(X) \
    X(MSG_UNKNOWN, "") \
    X(MSG_KERNEL_INFO_REQUEST, "kernel_info_request") \
    X(MSG_KERNEL_INFO_REPLY, "kernel_info_reply") \
    X(MSG_EXECUTE_REQUEST, "execute_request") \
    X(MSG_EXECUTE_REPLY, "execute_reply") \
    X(MSG_INSPECT_REQUEST, "inspect_request") \
    X(MSG_INSPECT_REPLY, "inspect_reply") \
    X(MSG_COMPLETE_REQUEST, "complete_request") \
    X(MSG_COMPLETE_REPLY, "complete_reply") \
    X(MSG_IS_COMPLETE_REQUEST, "is_complete_request") \
    X(MSG_IS_COMPLETE_REPLY, "is_complete_reply") \
    X(MSG_HISTORY_REQUEST, "history_request") \
    X(MSG_HISTORY_REPLY, "history_reply") \
    X(MSG_CONNECT_REQUEST, "connect_request") \
    X(MSG_CONNECT_REPLY, "connect_reply") \
    X(MSG_COMM_INFO_REQUEST, "comm_info_request") \
    X(MSG_COMM_INFO_REPLY, "comm_info_reply") \
    X(MSG_COMM_OPEN, "comm_open") \
    X(MSG_COMM_MSG, "comm_msg") \
    X(MSG_COMM_CLOSE, "comm_close") \
    X(MSG_SHUTDOWN_REQUEST, "shutdown_request") \
    X(MSG_SHUTDOWN_REPLY, "shutdown_reply") \
    X(MSG_INTERRUPT_REQUEST, "interrupt_request") \
    X(MSG_INTERRUPT_REPLY, "interrupt_reply") \
    X(MSG_DEBUG_REQUEST, "debug_request") \
    X(MSG_DEBUG_REPLY, "debug_reply") \
    X(MSG_CREATE_SUBSHELL_REQUEST, "create_subshell_request") \
    X(MSG_CREATE_SUBSHELL_REPLY, "create_subshell_reply") \
    X(MSG_DELETE_SUBSHELL_REQUEST, "delete_subshell_request") \
    X(MSG_DELETE_SUBSHELL_REPLY, "delete_subshell_reply") \
    X(MSG_LIST_SUBSHELL_REQUEST, "list_subshell_request") \
    X(MSG_LIST_SUBSHELL_REPLY, "list_subshell_reply") \
    X(MSG_USAGE_REQUEST, "usage_request") \
    X(MSG_USAGE_REPLY, "usage_reply") \
    X(MSG_INPUT_REQUEST, "input_request") \
    X(MSG_INPUT_REPLY, "input_reply") \
    X(MSG_STATUS, "status") \
    X(MSG_EXECUTE_INPUT, "execute_input") \
    X(MSG_EXECUTE_RESULT, "execute_result") \
    X(MSG_STREAM, "stream") \
    X(MSG_DISPLAY_DATA, "display_data") \
    X(MSG_UPDATE_DISPLAY_DATA, "update_display_data") \
    X(MSG_ERROR, "error") \
    X(MSG_CLEAR_OUTPUT, "clear_output") \
    X(MSG_DEBUG_EVENT, "debug_event") \
    X(MSG_IOPUB_WELCOME, "iopub_welcome")

enum msg_type {
#define X(enumerator, text) enumerator,
    MESSAGE_TYPES(X)
#undef X
        MSG_TYPE_COUNT
};

struct span msg_type_text(enum msg_type type);      /* "" for MSG_UNKNOWN */
enum msg_type msg_type_from_text(struct span text); /* MSG_UNKNOWN when there is none */

/*
 * A message has one owner. Functions named push, send, parse take it, also on failure; all others
 * borrow. Everything that its spans point to lives in `store` or in blocks that `store` keeps.
 */
struct message {
    enum msg_type type;
    enum channel channel;
    struct span type_text; /* the header's msg_type, also of an unknown type */
    struct span id;        /* the header's msg_id */
    struct span session;   /* the header's session */
    struct span subshell;  /* the header's subshell_id, empty for the main shell */
    struct span header, parent, metadata,
        content; /* JSON text; incoming ones exactly as received */
    struct bytes *
        *route; /* NULL-ended: identities of the peer, or one topic on iopub; may be NULL */
    struct bytes **buffers; /* NULL-ended; may be NULL */
    struct arena *store;
    struct message *next; /* for whoever owns the message: its queue */
    unsigned long number; /* its place in it */
};

/* An empty message: empty spans, own store, one owner. -ENOMEM. */
MUST_CHECK int message_new(enum msg_type type, enum channel channel, struct message **ret);
void message_free(struct message *self);   /* accepts NULL; lets go of route, buffers and store */
void message_freep(struct message **self); /* for CLEANUP */

/* A NULL-ended list in the message's store that holds new references on `count` blocks. -ENOMEM. */
MUST_CHECK int message_hold(struct message *self, struct bytes *const *blocks, size_t count,
                            struct bytes ***ret);
size_t message_list_count(struct bytes *const *list); /* 0 for NULL */
