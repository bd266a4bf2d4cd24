/* input_request and input_reply: which client is asked, which replies are accepted. */
#include "tests/conversation/harness/fake_interp.h"
#include "tests/conversation/harness/transcript.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>

static void asks_and_continues(void)
{
    struct harness *t = harness_new(NULL);
    harness_send_message(t,
                         &(struct client_message){.client = "me",
                                                  .id = "a",
                                                  .type = "execute_request",
                                                  .content = "{\"code\":\"? your \\\"name\\\"\"}"});
    const struct received *input_request = harness_await(t, "a", "input_request");
    CHECK_INT(input_request->msg->channel, CHANNEL_STDIN);
    CHECK_TEXT(member_text(input_request->content, "prompt"), "your \"name\"");
    CHECK(json_is_false(json_object_get(input_request->content, "password")));
    if (CHECK_INT(message_list_count(input_request->msg->route), 1))
        CHECK_SPAN(input_request->msg->route[0]->view, SPAN("me"));
    harness_send_input_reply(t, "me", NULL, "{\"value\":\"caf\\u00e9\"}");
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "a",
                     "busy execute_input[1] input_request(your \"name\") stdout(caf\xc3\xa9) "
                     "execute_reply:ok[1] idle");
    harness_free(t);
}

static void refuses_without_allow_stdin(void)
{
    struct harness *t = harness_new(NULL);
    harness_send(t, "a", "execute_request", "{\"code\":\"? x\",\"allow_stdin\":false}");
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "a",
                     "busy execute_input[1] execute_reply:error[1](StdinNotImplementedError) idle");
    harness_execute(t, "b", "? x");
    harness_await(t, "b", "input_request");
    harness_send_input_reply(t, "client", NULL, "{\"value\":\"yes\"}");
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "b",
                     "busy execute_input[2] input_request(x) stdout(yes) execute_reply:ok[2] idle");
    harness_free(t);
}

/* The parent header of a right input_reply. */
static void parent_of(const struct received *input_request, char *ret, size_t size)
{
    snprintf(ret, size, "{\"msg_id\":\"%.*s\"}", (int)input_request->msg->id.len,
             input_request->msg->id.ptr);
}

/* The first reply that is accepted ends input(), so that its text tells which one it was. */
static void ignores_replies_of_others(void)
{
    char parent[200];
    struct harness *t = harness_new(NULL);
    harness_send_input_reply(t, "client", NULL, "{\"value\":\"too early\"}");
    harness_execute(t, "a", "? x");
    parent_of(harness_await(t, "a", "input_request"), parent, sizeof parent);
    harness_send_input_reply(t, "somebody", NULL, "{\"value\":\"wrong client\"}");
    harness_send_input_reply(t, "somebody", parent, "{\"value\":\"wrong client\"}");
    harness_send_input_reply(t, "", parent, "{\"value\":\"no client\"}");
    harness_send_input_reply(t, "client", "{\"msg_id\":\"other\"}", "{\"value\":\"wrong parent\"}");
    harness_send_message(t, &(struct client_message){.channel = CHANNEL_STDIN,
                                                     .id = "x",
                                                     .type = "execute_request",
                                                     .content = "{\"value\":\"wrong type\"}"});
    harness_wait_delivered(t);
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1] input_request(x)");
    harness_send_input_reply(t, "client", parent, "{\"value\":\"right\"}");
    harness_send_input_reply(t, "client", parent, "{\"value\":\"too late\"}");
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(
        t, "a", "busy execute_input[1] input_request(x) stdout(right) execute_reply:ok[1] idle");
    harness_free(t);
}

/* jupyter_client sends no parent; another client may send one without an id. */
static void accepts_replies_without_parent(void)
{
    static const char *const parents[] = {"{}", "{\"msg_id\":\"\"}", "{\"msg_id\":5}", "null", ""};
    char id[8];
    struct harness *t = harness_new(NULL);
    for (int i = 0; i < 5; i++) {
        snprintf(id, sizeof id, "%d", i);
        harness_execute(t, id, "? x");
        harness_await(t, id, "input_request");
        harness_send_input_reply(t, "client", parents[i], "{\"value\":\"yes\"}");
        harness_wait_idle(t);
        CHECK(harness_find(t, id, "stream") != NULL);
    }
    harness_free(t);
}

static void treats_an_invalid_reply_as_end_of_file(void)
{
    static const char *const contents[] = {"{}", "{\"value\":5}", "[]", "nonsense"};
    char id[8];
    struct harness *t = harness_new(NULL);
    for (int i = 0; i < 4; i++) {
        snprintf(id, sizeof id, "%d", i);
        harness_execute(t, id, "? x");
        harness_await(t, id, "input_request");
        harness_send_input_reply(t, "client", NULL, contents[i]);
        harness_wait_idle(t);
        const json_t *reply = harness_await(t, id, "execute_reply")->content;
        CHECK_TEXT(member_text(reply, "ename"), "EOFError");
    }
    harness_free(t);
}

/* --- other calls of input() than echo's ------------------------------------------------------- */

struct input_caller {
    struct span prompt;
    bool password, in_thread; /* calls input() from another thread */
    atomic_int interrupted;   /* calls that returned -EINTR */
    int last;                 /* what the last call returned */
    char line[64];
    pthread_t thread; /* the kernel's */
    struct interp_host *host;
    struct request *request;
};

static void *call_input(void *user)
{
    struct input_caller *self = user;
    bool resume = false;
    for (;;) {
        CLEANUP(bytes_unrefp) struct bytes *line = NULL;
        self->last = self->host->impl->input(self->host, self->request, self->prompt,
                                             self->password, resume, &line);
        if (self->last == 0)
            snprintf(self->line, sizeof self->line, "%.*s", (int)line->view.len, line->view.ptr);
        if (self->last != -EINTR)
            return NULL;
        atomic_fetch_add(&self->interrupted, 1);
        resume = true;
    }
}

static void ask(struct interp_host *host, struct request *request,
                const struct execution *execution, void *user)
{
    (void)execution;
    struct input_caller *self = user;
    self->host = host;
    self->request = request;
    self->thread = pthread_self();
    fake_interp_write(host, request, STREAM_STDOUT, SPAN("before"));
    if (self->in_thread) {
        pthread_t thread;
        if (CHECK_INT(pthread_create(&thread, NULL, call_input, self), 0))
            pthread_join(thread, NULL);
    } else {
        call_input(self);
    }
    fake_interp_done(host, request, true);
}

static struct harness *new_harness(struct input_caller *caller, int eintr_count)
{
    return harness_new(&(struct harness_options){.interp = fake_interp_new(ask, caller),
                                                 .eintr_count = eintr_count});
}

static void resumes_the_same_request_after_a_signal(void)
{
    struct input_caller caller = {.prompt = SPAN("secret"), .password = true};
    struct harness *t = new_harness(&caller, 3);
    harness_execute(t, "a", "x");
    const struct received *input_request = harness_await(t, "a", "input_request");
    CHECK(json_is_true(json_object_get(input_request->content, "password")));
    harness_send_input_reply(t, "client", NULL, "{\"value\":\"\\u0000 \"}");
    harness_wait_idle(t);
    CHECK_INT(atomic_load(&caller.interrupted), 3);
    CHECK_INT(caller.last, 0);
    CHECK_TRANSCRIPT(
        t, "a",
        "busy execute_input[1] stdout(before) input_request(secret) execute_reply:ok[1] idle");
    harness_free(t);
}

static void on_signal(int number) { (void)number; }

/* The thread blocks the signal and input() unblocks it, so that one that came before ends it, too.
 */
static void a_signal_ends_the_wait(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t usr1;
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &usr1, NULL);
    struct input_caller caller = {.prompt = SPAN("")};
    struct harness *t = new_harness(&caller, 0);
    harness_execute(t, "a", "x");
    harness_await(t, "a", "input_request");
    for (int i = 0; i < 20; i++) {
        pthread_kill(caller.thread, SIGUSR1);
        while (atomic_load(&caller.interrupted) == i)
            poll(NULL, 0, 1);
    }
    harness_send_input_reply(t, "client", NULL, "{\"value\":\"done\"}");
    harness_wait_idle(t);
    CHECK_INT(atomic_load(&caller.interrupted), 20);
    CHECK_TEXT(caller.line, "done");
    harness_free(t);
}

static void asks_from_another_thread(void)
{
    struct input_caller caller = {.prompt = SPAN("p"), .in_thread = true};
    struct harness *t = new_harness(&caller, 1);
    harness_execute(t, "a", "x");
    harness_await(t, "a", "input_request");
    harness_send_input_reply(t, "client", NULL, "{\"value\":\"ok\"}");
    harness_wait_idle(t);
    CHECK_TEXT(caller.line, "ok");
    harness_free(t);
}

static void fails_after_shutdown(void)
{
    struct input_caller caller = {.prompt = SPAN("p")};
    struct harness *t = new_harness(&caller, 0);
    harness_execute(t, "a", "x");
    harness_await(t, "a", "input_request");
    harness_send_control(t, "end", "shutdown_request", NULL);
    harness_wait_stopped(t);
    CHECK_INT(caller.last, -EPIPE);
    call_input(&caller);
    CHECK_INT(caller.last, -EPIPE);
    harness_free(t);
}

static void fails_before_the_first_request(void)
{
    struct harness *t = harness_new(&(struct harness_options){.run_by_test = true});
    struct interp_host *host = harness_host(t);
    struct bytes *line = NULL;
    CHECK_INT(host->impl->input(host, NULL, SPAN("x"), false, false, &line), -ENOTSUP);
    CHECK(!line);
    harness_free(t);
}

/* Only an execute_request has allow_stdin. */
static void fails_after_a_request_that_is_no_execute_request(void)
{
    struct harness *t = harness_new(&(struct harness_options){.run_by_test = true});
    struct interp_host *host = harness_host(t);
    struct bytes *line = NULL;
    harness_send(t, "a", "complete_request", "{\"code\":\"x\",\"allow_stdin\":true}");
    harness_run(t);
    CHECK_INT(host->impl->input(host, NULL, SPAN("x"), false, false, &line), -ENOTSUP);
    harness_free(t);
}

/* Either may come first; nothing may hang. */
static void shuts_down_while_the_reply_arrives(void)
{
    for (int round = 0; round < 200; round++) {
        struct harness *t = harness_new(NULL);
        harness_execute(t, "a", "? x");
        if (round % 2)
            harness_await(t, "a", "input_request");
        harness_send_input_reply(t, "client", NULL, "{\"value\":\"y\"}");
        harness_send_control(t, "end", "shutdown_request", NULL);
        harness_wait_stopped(t);
        harness_free(t);
    }
}

static const struct check_test TESTS[] = {
    CHECK_TEST(asks_and_continues),
    CHECK_TEST(refuses_without_allow_stdin),
    CHECK_TEST(ignores_replies_of_others),
    CHECK_TEST(accepts_replies_without_parent),
    CHECK_TEST(treats_an_invalid_reply_as_end_of_file),
    CHECK_TEST(resumes_the_same_request_after_a_signal),
    CHECK_TEST(a_signal_ends_the_wait),
    CHECK_TEST(asks_from_another_thread),
    CHECK_TEST(fails_after_shutdown),
    CHECK_TEST(fails_before_the_first_request),
    CHECK_TEST(fails_after_a_request_that_is_no_execute_request),
    CHECK_TEST(shuts_down_while_the_reply_arrives),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
