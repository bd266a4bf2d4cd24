/* input_request and input_reply: who is asked, whose answer counts. */
#include "tests/conversation/player.h"
#include "tests/conversation/story.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>

static void asks_and_goes_on(void)
{
    struct theatre *t = theatre_open(NULL);
    theatre_say_line(t, &(struct line){.client = "me",
                                       .id = "a",
                                       .type = "execute_request",
                                       .content = "{\"code\":\"? your \\\"name\\\"\"}"});
    const struct heard *question = theatre_await(t, "a", "input_request");
    CHECK_INT(question->msg->channel, CHANNEL_STDIN);
    CHECK_TEXT(story_member(question->content, "prompt"), "your \"name\"");
    CHECK(json_is_false(json_object_get(question->content, "password")));
    if (CHECK_INT(message_list_count(question->msg->route), 1))
        CHECK_SPAN(question->msg->route[0]->view, SPAN("me"));
    theatre_answer(t, "me", NULL, "{\"value\":\"caf\\u00e9\"}");
    theatre_rest(t);
    CHECK_STORY(t, "a",
                "busy input[1] asks(your \"name\") stdout(caf\xc3\xa9) execute_reply:ok[1] idle");
    theatre_close(t);
}

static void refuses_where_stdin_is_not_allowed(void)
{
    struct theatre *t = theatre_open(NULL);
    theatre_say(t, "a", "execute_request", "{\"code\":\"? x\",\"allow_stdin\":false}");
    theatre_rest(t);
    CHECK_STORY(t, "a", "busy input[1] execute_reply:error[1](StdinNotImplementedError) idle");
    theatre_execute(t, "b", "? x");
    theatre_await(t, "b", "input_request");
    theatre_answer(t, "client", NULL, "{\"value\":\"yes\"}");
    theatre_rest(t);
    CHECK_STORY(t, "b", "busy input[2] asks(x) stdout(yes) execute_reply:ok[2] idle");
    theatre_close(t);
}

/* The parent header of a right answer, as a client makes it that tells one. */
static void parent_of(const struct heard *question, char *ret, size_t size)
{
    snprintf(ret, size, "{\"msg_id\":\"%.*s\"}", (int)question->msg->id.len, question->msg->id.ptr);
}

static void hears_nobody_else(void)
{
    char parent[200];
    struct theatre *t = theatre_open(NULL);
    theatre_answer(t, "client", NULL, "{\"value\":\"too early\"}");
    theatre_execute(t, "a", "? x");
    parent_of(theatre_await(t, "a", "input_request"), parent, sizeof parent);
    theatre_answer(t, "somebody", NULL, "{\"value\":\"wrong client\"}");
    theatre_answer(t, "somebody", parent, "{\"value\":\"wrong client\"}");
    theatre_answer(t, "", parent, "{\"value\":\"no client\"}");
    theatre_answer(t, "client", "{\"msg_id\":\"other\"}", "{\"value\":\"wrong question\"}");
    theatre_say_line(t, &(struct line){.channel = CHANNEL_STDIN,
                                       .id = "x",
                                       .type = "execute_request",
                                       .content = "{\"value\":\"wrong type\"}"});
    theatre_deliver(t);
    poll(NULL, 0, 20);
    CHECK_STORY(t, "a", "busy input[1] asks(x)");
    theatre_answer(t, "client", parent, "{\"value\":\"right\"}");
    theatre_answer(t, "client", parent, "{\"value\":\"too late\"}");
    theatre_rest(t);
    CHECK_STORY(t, "a", "busy input[1] asks(x) stdout(right) execute_reply:ok[1] idle");
    theatre_close(t);
}

/* jupyter_client tells no parent; others may tell one that has no id. */
static void takes_answers_that_name_no_question(void)
{
    static const char *const parents[] = {"{}", "{\"msg_id\":\"\"}", "{\"msg_id\":5}", "null", ""};
    char id[8];
    struct theatre *t = theatre_open(NULL);
    for (int i = 0; i < 5; i++) {
        snprintf(id, sizeof id, "%d", i);
        theatre_execute(t, id, "? x");
        theatre_await(t, id, "input_request");
        theatre_answer(t, "client", parents[i], "{\"value\":\"yes\"}");
        theatre_rest(t);
        CHECK(theatre_find(t, id, "stream") != NULL);
    }
    theatre_close(t);
}

static void takes_an_answer_that_is_none_as_the_end(void)
{
    static const char *const contents[] = {"{}", "{\"value\":5}", "[]", "nonsense"};
    char id[8];
    struct theatre *t = theatre_open(NULL);
    for (int i = 0; i < 4; i++) {
        snprintf(id, sizeof id, "%d", i);
        theatre_execute(t, id, "? x");
        theatre_await(t, id, "input_request");
        theatre_answer(t, "client", NULL, contents[i]);
        theatre_rest(t);
        const json_t *reply = theatre_await(t, id, "execute_reply")->content;
        CHECK_TEXT(story_member(reply, "ename"), "EOFError");
    }
    theatre_close(t);
}

/* --- a language that asks more than echo ----------------------------------------------------- */

struct asker {
    struct span prompt;
    bool password, elsewhere; /* asks from a thread of its own */
    int interrupted, last;
    char line[64];
    pthread_t actor;
    atomic_bool asks;
    struct interp_host *host;
    struct request *request;
};

static void *put_question(void *user)
{
    struct asker *self = user;
    bool resume = false;
    for (;;) {
        CLEANUP(bytes_unrefp) struct bytes *line = NULL;
        atomic_store(&self->asks, true);
        self->last = self->host->impl->input(self->host, self->request, self->prompt,
                                             self->password, resume, &line);
        if (self->last == 0)
            snprintf(self->line, sizeof self->line, "%.*s", (int)line->view.len, line->view.ptr);
        if (self->last != -EINTR)
            return NULL;
        self->interrupted++;
        resume = true;
    }
}

static void ask(struct interp_host *host, struct request *request,
                const struct execution *execution, void *user)
{
    (void)execution;
    struct asker *self = user;
    self->host = host;
    self->request = request;
    self->actor = pthread_self();
    player_write(host, request, STREAM_STDOUT, SPAN("before"));
    if (self->elsewhere) {
        pthread_t thread;
        if (CHECK_INT(pthread_create(&thread, NULL, put_question, self), 0))
            pthread_join(thread, NULL);
    } else {
        put_question(self);
    }
    player_done(host, request, true);
}

static struct theatre *open_asker(struct asker *asker, int interruptions)
{
    return theatre_open(&(struct theatre_options){.interp = player_new(ask, asker),
                                                  .interruptions = interruptions});
}

static void goes_on_with_the_same_question_after_a_signal(void)
{
    struct asker asker = {.prompt = SPAN("secret"), .password = true};
    struct theatre *t = open_asker(&asker, 3);
    theatre_execute(t, "a", "x");
    const struct heard *question = theatre_await(t, "a", "input_request");
    CHECK(json_is_true(json_object_get(question->content, "password")));
    theatre_answer(t, "client", NULL, "{\"value\":\"\\u0000 \"}");
    theatre_rest(t);
    CHECK_INT(asker.interrupted, 3);
    CHECK_INT(asker.last, 0);
    CHECK_STORY(t, "a", "busy input[1] stdout(before) asks(secret) execute_reply:ok[1] idle");
    theatre_close(t);
}

static void on_signal(int number) { (void)number; }

/* The caller blocks the signal and the wait opens it, so that one which came before ends it, too.
 */
static void is_ended_by_a_signal(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t usr1;
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &usr1, NULL);
    struct asker asker = {.prompt = SPAN("")};
    struct theatre *t = open_asker(&asker, 0);
    theatre_execute(t, "a", "x");
    theatre_await(t, "a", "input_request");
    for (int i = 0; i < 20; i++) {
        pthread_kill(asker.actor, SIGUSR1);
        poll(NULL, 0, 1);
    }
    theatre_answer(t, "client", NULL, "{\"value\":\"done\"}");
    theatre_rest(t);
    CHECK(asker.interrupted >= 1 && asker.interrupted <= 20);
    CHECK_TEXT(asker.line, "done");
    theatre_close(t);
}

static void is_asked_from_another_thread(void)
{
    struct asker asker = {.prompt = SPAN("p"), .elsewhere = true};
    struct theatre *t = open_asker(&asker, 1);
    theatre_execute(t, "a", "x");
    theatre_await(t, "a", "input_request");
    theatre_answer(t, "client", NULL, "{\"value\":\"ok\"}");
    theatre_rest(t);
    CHECK_TEXT(asker.line, "ok");
    theatre_close(t);
}

static void is_hung_up_for_good(void)
{
    struct asker asker = {.prompt = SPAN("p")};
    struct theatre *t = open_asker(&asker, 0);
    theatre_execute(t, "a", "x");
    theatre_await(t, "a", "input_request");
    theatre_control(t, "end", "shutdown_request", NULL);
    theatre_wait_stopped(t);
    CHECK_INT(asker.last, -EPIPE);
    put_question(&asker);
    CHECK_INT(asker.last, -EPIPE);
    theatre_close(t);
}

static void asks_nobody_before_there_is_a_request(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.by_hand = true});
    struct interp_host *host = theatre_host(t);
    struct bytes *line = NULL;
    CHECK_INT(host->impl->input(host, NULL, SPAN("x"), false, false, &line), -ENOTSUP);
    CHECK(!line);
    theatre_close(t);
}

/* A completion or the like is no cell: its client did not say that it can be asked. */
static void asks_nobody_after_a_request_that_is_no_cell(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.by_hand = true});
    struct interp_host *host = theatre_host(t);
    struct bytes *line = NULL;
    theatre_say(t, "a", "complete_request", "{\"code\":\"x\",\"allow_stdin\":true}");
    theatre_run(t);
    CHECK_INT(host->impl->input(host, NULL, SPAN("x"), false, false, &line), -ENOTSUP);
    theatre_close(t);
}

/* The answer and the end race: either counts, nothing hangs. */
static void ends_while_the_answer_arrives(void)
{
    for (int round = 0; round < 200; round++) {
        struct theatre *t = theatre_open(NULL);
        theatre_execute(t, "a", "? x");
        if (round % 2)
            theatre_await(t, "a", "input_request");
        theatre_answer(t, "client", NULL, "{\"value\":\"y\"}");
        theatre_control(t, "end", "shutdown_request", NULL);
        theatre_wait_stopped(t);
        theatre_close(t);
    }
}

static const struct check_test TESTS[] = {
    CHECK_TEST(asks_and_goes_on),
    CHECK_TEST(refuses_where_stdin_is_not_allowed),
    CHECK_TEST(hears_nobody_else),
    CHECK_TEST(takes_answers_that_name_no_question),
    CHECK_TEST(takes_an_answer_that_is_none_as_the_end),
    CHECK_TEST(goes_on_with_the_same_question_after_a_signal),
    CHECK_TEST(is_ended_by_a_signal),
    CHECK_TEST(is_asked_from_another_thread),
    CHECK_TEST(is_hung_up_for_good),
    CHECK_TEST(asks_nobody_before_there_is_a_request),
    CHECK_TEST(asks_nobody_after_a_request_that_is_no_cell),
    CHECK_TEST(ends_while_the_answer_arrives),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
