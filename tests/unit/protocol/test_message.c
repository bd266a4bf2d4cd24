#include "protocol/message.h"

#include "tests/unit/alloc.h"
#include "tests/unit/check.h"

#include <errno.h>
#include <stdint.h>

/* NULL after a failed check. */
static struct message *make(enum msg_type type)
{
    struct message *msg = NULL;
    CHECK_INT(message_new(type, CHANNEL_SHELL, &msg), 0);
    return msg;
}

static struct bytes *block_of(const char *text)
{
    struct bytes *block = NULL;
    CHECK_INT(bytes_new_copy(span_of(text), &block), 0);
    return block;
}

static void every_type_has_a_text(void)
{
    for (int type = MSG_UNKNOWN + 1; type < MSG_TYPE_COUNT; type++) {
        struct span text = msg_type_text((enum msg_type)type);
        CHECK(text.len > 0);
        CHECK_INT(msg_type_from_text(text), type);
    }
    CHECK_SPAN(msg_type_text(MSG_KERNEL_INFO_REQUEST), SPAN("kernel_info_request"));
    CHECK_SPAN(msg_type_text(MSG_IOPUB_WELCOME), SPAN("iopub_welcome"));
}

static void other_texts_are_unknown(void)
{
    CHECK_INT(msg_type_from_text(SPAN("")), MSG_UNKNOWN);
    CHECK_INT(msg_type_from_text((struct span){0}), MSG_UNKNOWN);
    CHECK_INT(msg_type_from_text(SPAN("execute_request\0")), MSG_UNKNOWN);
    CHECK_INT(msg_type_from_text(SPAN("execute_reques")), MSG_UNKNOWN);
    CHECK_INT(msg_type_from_text(SPAN("Execute_request")), MSG_UNKNOWN);
    CHECK_SPAN(msg_type_text(MSG_UNKNOWN), SPAN(""));
}

static void begins_empty(void)
{
    struct message *msg = NULL;
    if (!CHECK_INT(message_new(MSG_STREAM, CHANNEL_IOPUB, &msg), 0))
        return;
    CHECK_INT(msg->type, MSG_STREAM);
    CHECK_INT(msg->channel, CHANNEL_IOPUB);
    CHECK_SPAN(msg->type_text, SPAN("stream"));
    CHECK_INT(msg->header.len + msg->parent.len + msg->metadata.len + msg->content.len, 0);
    CHECK(!msg->route && !msg->buffers && !msg->next && msg->store);
    message_freep(&msg);
    CHECK(msg == NULL);
    message_free(NULL);
}

static void holds_references(void)
{
    struct message *msg = make(MSG_COMM_MSG);
    struct bytes *blocks[] = {block_of("one"), block_of("two")};
    CHECK_INT(message_hold(msg, blocks, 2, &msg->buffers), 0);
    CHECK_INT(message_hold(msg, blocks, 1, &msg->route), 0);
    CHECK_INT(message_list_count(msg->buffers), 2);
    CHECK_INT(message_list_count(msg->route), 1);
    CHECK_INT(message_list_count(NULL), 0);
    CHECK(msg->buffers[0] == blocks[0] && msg->buffers[1] == blocks[1]);
    CHECK_INT(blocks[0]->refs, 3);
    CHECK_INT(blocks[1]->refs, 2);
    message_free(msg);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(blocks[i]->refs, 1);
        bytes_unref(blocks[i]);
    }
}

static void holds_nothing(void)
{
    struct message *msg = make(MSG_COMM_MSG);
    CHECK_INT(message_hold(msg, NULL, 0, &msg->buffers), 0);
    CHECK(msg->buffers != NULL);
    CHECK_INT(message_list_count(msg->buffers), 0);
    struct bytes **list = NULL;
    CHECK_INT(message_hold(msg, NULL, SIZE_MAX, &list), -ENOMEM);
    CHECK_INT(message_hold(msg, NULL, SIZE_MAX / sizeof(void *), &list), -ENOMEM);
    CHECK(list == NULL);
    message_free(msg);
}

static void store_outlives_the_message(void)
{
    struct message *msg = make(MSG_STREAM);
    struct span text = arena_copy(msg->store, SPAN("still there"));
    struct arena *store = arena_ref(msg->store);
    message_free(msg);
    CHECK_SPAN(text, SPAN("still there"));
    arena_unref(store);
}

enum { MANY = 2000 };

static int hold_many(void *user)
{
    struct bytes *blocks[MANY];
    for (int i = 0; i < MANY; i++)
        blocks[i] = user;
    CLEANUP(message_freep) struct message *msg = NULL;
    int r = message_new(MSG_COMM_MSG, CHANNEL_SHELL, &msg);
    return r < 0 ? r : message_hold(msg, blocks, MANY, &msg->buffers);
}

static void survives_without_memory(void)
{
    struct bytes *block = block_of("shared");
    CHECK_INT(alloc_sweep(hold_many, block), 0);
    CHECK_INT(block->refs, 1);
    bytes_unref(block);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(every_type_has_a_text),
    CHECK_TEST(other_texts_are_unknown),
    CHECK_TEST(begins_empty),
    CHECK_TEST(holds_references),
    CHECK_TEST(holds_nothing),
    CHECK_TEST(store_outlives_the_message),
    CHECK_TEST(survives_without_memory),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
