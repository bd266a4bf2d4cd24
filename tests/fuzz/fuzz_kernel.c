/*
 * What peers send, to the kernel proper with the language that echoes, and what it answers.
 *
 * An input is messages: one byte, which is CHANNEL_SHELL or CHANNEL_CONTROL by its lowest bit, one
 * byte for how many frames there are, and the frames, each with its length before it in one byte,
 * or in four bytes, big-endian, behind 0xFF. Nothing is signed. An input_request is answered by the
 * metadata of the message that caused it.
 */
#include "kernel/desktop/threads.h"
#include "kernel/kernel.h"
#include "protocol/json.h"
#include "protocol/wire.h"
#include "tests/conversation/harness/fake_interp.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

enum { FRAMES_MAX = 255, MESSAGES_MAX = 64 };

/* A transport without a peer: it counts what is sent because of one message. */
struct counting_transport {
    struct transport base; /* first: transport functions cast back */
    struct transport_sink sink;
    const struct message *request; /* a copy of what is answered */
    unsigned busy, idle, replies;
};

static void check_json(struct span text)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *value = NULL;
    FUZZ_CHECK(json_read_object(text, why, &value) == 0);
}

static bool is_status(const struct message *msg, const char *state)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *content = NULL;
    return msg->type == MSG_STATUS && json_read_object(msg->content, why, &content) == 0 &&
           span_equal(json_member_text(content, "execution_state", SPAN("")), span_of(state));
}

static void count(struct counting_transport *self, const struct message *msg)
{
    bool busy = is_status(msg, "busy"), idle = is_status(msg, "idle");
    FUZZ_CHECK(self->busy == !busy && self->idle == 0);
    self->busy += busy;
    self->idle += idle;
    if (msg->channel != CHANNEL_SHELL && msg->channel != CHANNEL_CONTROL)
        return;
    self->replies++;
    FUZZ_CHECK(msg->channel == self->request->channel);
    FUZZ_CHECK(message_list_count(msg->route) == message_list_count(self->request->route));
}

static int counting_send(struct transport *t, struct message *msg)
{
    struct counting_transport *self = (struct counting_transport *)t;
    check_json(msg->header);
    check_json(msg->parent);
    check_json(msg->content);
    if (self->request && span_equal(msg->parent, self->request->header))
        count(self, msg);
    else
        FUZZ_CHECK(is_status(msg, "starting"));
    message_free(msg);
    return 0;
}

static int counting_input(struct transport *t, struct message *request, struct message **ret_reply)
{
    struct counting_transport *self = (struct counting_transport *)t;
    FUZZ_CHECK(request && request->channel == CHANNEL_STDIN);
    counting_send(t, request);
    struct message *answer = NULL;
    if (message_new(MSG_INPUT_REPLY, CHANNEL_STDIN, &answer) < 0)
        return -ENOMEM;
    answer->content = arena_copy(answer->store, self->request->metadata);
    *ret_reply = answer;
    return 0;
}

static int counting_start(struct transport *t, const struct transport_sink *sink)
{
    ((struct counting_transport *)t)->sink = *sink;
    return 0;
}

static void do_nothing(struct transport *t) { (void)t; }

static void counting_arm(struct transport *t, unsigned ms) { (void)t, (void)ms; }

static bool counting_room(struct transport *t, unsigned wait_ms)
{
    (void)t, (void)wait_ms;
    return true;
}

static const struct transport_impl counting = {
    .start = counting_start,
    .send = counting_send,
    .flush = do_nothing,
    .room = counting_room,
    .arm = counting_arm,
    .input = counting_input,
    .receive_pending = do_nothing,
    .cancel_input = do_nothing,
    .close = do_nothing,
    .destroy = do_nothing,
};

/* Echo without the cell that waits for an interrupt, which nobody sends here. `user` is the
 * address of the fake_interp's pointer. */
static void execute_without_waiting(struct interp_host *host, struct request *request,
                                    const struct execution *execution, void *user)
{
    (void)host;
    struct interp *echo = fake_interp_echo(*(struct interp **)user);
    struct execution shortened = *execution;
    struct span dots = SPAN("..."), code = execution->code;
    if (code.len >= dots.len && !memcmp(code.ptr + code.len - dots.len, dots.ptr, dots.len))
        shortened.code.len--;
    echo->impl->execute(echo, request, &shortened);
}

/* --- inputs ------------------------------------------------------------------------------------
 */

struct input {
    const uint8_t *at, *end;
};

static size_t read_byte(struct input *self) { return self->at < self->end ? *self->at++ : 0; }

static size_t read_length(struct input *self)
{
    size_t length = read_byte(self);
    if (length < 0xFF)
        return length;
    length = 0;
    for (int i = 0; i < 4; i++)
        length = length << 8 | read_byte(self);
    return length;
}

static struct bytes *read_frame(struct input *self)
{
    size_t length = read_length(self);
    if (length > (size_t)(self->end - self->at))
        length = (size_t)(self->end - self->at);
    struct bytes *frame = NULL;
    FUZZ_CHECK(bytes_new_copy((struct span){(const char *)self->at, length}, &frame) == 0);
    self->at += length;
    return frame;
}

/* The next message, twice: the kernel takes one of them. */
static int read_message(struct input *input, struct signer *signer, struct message **ret,
                        struct message **ret_copy)
{
    struct bytes *frames[FRAMES_MAX];
    enum channel channel = read_byte(input) & 1 ? CHANNEL_CONTROL : CHANNEL_SHELL;
    size_t number = read_byte(input);
    for (size_t i = 0; i < number; i++)
        frames[i] = read_frame(input);
    for (size_t i = 0; i < number; i++)
        bytes_ref(frames[i]);
    int r = wire_parse(signer, channel, frames, number, ret);
    int again = wire_parse(signer, channel, frames, number, ret_copy);
    FUZZ_CHECK(r == again);
    return r;
}

static bool has_reply(const struct message *request, unsigned replies)
{
    switch (request->type) {
    case MSG_COMM_OPEN:
    case MSG_COMM_MSG:
    case MSG_COMM_CLOSE:
        return replies <= 1; /* one that can not be read is told */
    default:
        return replies == 1;
    }
}

/* False: the kernel has ended. */
static bool answer(struct kernel *kernel, struct counting_transport *transport, struct message *msg,
                   const struct message *copy)
{
    transport->request = copy;
    transport->busy = transport->idle = transport->replies = 0;
    transport->sink.message(transport->sink.user, msg);
    bool goes_on = kernel_run(kernel);
    transport->sink.tick(transport->sink.user);
    FUZZ_CHECK(transport->busy == 1);
    FUZZ_CHECK(transport->idle == 1);
    FUZZ_CHECK(has_reply(copy, transport->replies));
    FUZZ_CHECK(goes_on || copy->type == MSG_SHUTDOWN_REQUEST);
    return goes_on;
}

static void answer_all(struct kernel *kernel, struct counting_transport *transport,
                       struct input input)
{
    struct signer *signer = NULL;
    FUZZ_CHECK(signer_new(SPAN("hmac-sha256"), SPAN(""), &signer) == 0);
    bool goes_on = true;
    for (int i = 0; goes_on && input.at < input.end && i < MESSAGES_MAX; i++) {
        struct message *msg = NULL, *copy = NULL;
        if (read_message(&input, signer, &msg, &copy) == 0)
            goes_on = answer(kernel, transport, msg, copy);
        transport->request = NULL;
        message_free(copy);
    }
    signer_free(signer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct counting_transport transport = {.base.impl = &counting};
    struct interp *interp = NULL;
    struct kernel *kernel = NULL;
    interp = fake_interp_new(execute_without_waiting, &interp);
    /* One thread: each input ends before the next. */
    ((struct fake_interp *)interp)->impl.enter = NULL;
    struct kernel_options options = {.user = NULL};
    FUZZ_CHECK(threads_new(&options.threads) == 0);
    FUZZ_CHECK(kernel_new(interp, &transport.base, &options, &kernel) == 0);
    answer_all(kernel, &transport, (struct input){data, data + size});
    kernel_stop(kernel);
    kernel_join(kernel);
    kernel_free(kernel);
    interp->impl->destroy(interp);
    return 0;
}
