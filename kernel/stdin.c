#include "kernel/stdin.h"

#include "kernel/core.h"
#include "protocol/json.h"

#include <errno.h>

static bool same_route(struct bytes *const *a, struct bytes *const *b)
{
    size_t count = message_list_count(a);
    if (count != message_list_count(b))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!span_equal(a[i]->view, b[i]->view))
            return false;
    return true;
}

bool stdin_accepts(const struct message *question, const struct message *answer)
{
    if (answer->type != MSG_INPUT_REPLY || !same_route(question->route, answer->route))
        return false;
    char why[160];
    CLEANUP(json_decrefp) json_t *parent = NULL;
    if (json_read_object(answer->parent, why, &parent) < 0)
        return true;
    struct span id = json_member_text(parent, "msg_id", SPAN(""));
    return id.len == 0 || span_equal(id, question->id);
}

static int make_question(struct kernel *kernel, const struct request *request, struct span prompt,
                         bool password, struct message **ret)
{
    CLEANUP(message_freep) struct message *msg = NULL;
    int r = request_message(kernel, request, MSG_INPUT_REQUEST, CHANNEL_STDIN, &msg);
    if (r < 0)
        return r;
    CLEANUP(buf_finish) struct buf content = BUF_INIT;
    buf_putc(&content, '{');
    json_put_member(&content, "prompt", prompt);
    buf_printf(&content, ",\"password\":%s}", password ? "true" : "false");
    msg->content = arena_copy(msg->store, buf_view(&content));
    if (buf_error(&content) < 0 || !msg->content.ptr)
        return -ENOMEM;
    *ret = TAKE(msg);
    return 0;
}

static int read_answer(const struct message *answer, struct bytes **ret_line)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *content = NULL;
    if (json_read_object(answer->content, why, &content) < 0)
        return -EBADMSG;
    const json_t *value = json_object_get(content, "value");
    if (!json_is_string(value))
        return -EBADMSG;
    return bytes_new_copy((struct span){json_string_value(value), json_string_length(value)},
                          ret_line);
}

static bool allows_stdin(struct kernel *kernel, const struct request *request)
{
    kernel_lock(kernel);
    bool allowed = request && request->allow_stdin;
    kernel_unlock(kernel);
    return allowed;
}

static int ask(struct kernel *kernel, const struct request *request, struct span prompt,
               bool password, bool resume, struct message **ret)
{
    struct message *question = NULL;
    if (!resume) {
        if (!allows_stdin(kernel, request))
            return -ENOTSUP;
        kernel->drain(kernel->drain_user, false);
        output_flush(kernel);
        int r = make_question(kernel, request, prompt, password, &question);
        if (r < 0)
            return r;
    }
    return kernel->transport->impl->ask(kernel->transport, question, ret);
}

int host_input(struct interp_host *h, struct request *request, struct span prompt, bool password,
               bool resume, struct bytes **ret_line)
{
    struct kernel *kernel = (struct kernel *)h;
    struct request *asker = request_of(kernel, request);
    CLEANUP(message_freep) struct message *answer = NULL;
    int r = ask(kernel, asker, prompt, password, resume, &answer);
    request_unref(asker);
    return r < 0 ? r : read_answer(answer, ret_line);
}
