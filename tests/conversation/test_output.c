/* Streams: how texts are joined and cut, their order, and clients that read slowly. */
#include "kernel/output.h"
#include "tests/conversation/player.h"
#include "tests/conversation/story.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <time.h>

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t count_streams(struct theatre *t, const char *parent)
{
    size_t count = 0;
    const struct heard *heard;
    for (size_t i = 0; (heard = theatre_heard(t, i)); i++)
        count += heard->msg->type == MSG_STREAM && strcmp(heard->parent, parent) == 0;
    return count;
}

static void write_many(struct interp_host *host, struct request *request,
                       const struct execution *execution, void *user)
{
    (void)execution;
    long start = now_ms();
    for (int i = 0; i < 1000; i++)
        player_write(host, request, STREAM_STDOUT, SPAN("0123456789"));
    *(long *)user = now_ms() - start;
    player_done(host, request, true);
}

/* One message at the end, and one more for each OUTPUT_AGE_MS that went by. */
static void joins_texts(void)
{
    long took;
    struct theatre *t =
        theatre_open(&(struct theatre_options){.interp = player_new(write_many, &took)});
    theatre_execute(t, "a", "x");
    theatre_rest(t);
    size_t count = count_streams(t, "a");
    CHECK(count >= 1 && count <= 1 + (size_t)took / OUTPUT_AGE_MS + 1);
    size_t length = 0;
    const struct heard *heard;
    for (size_t i = 0; (heard = theatre_heard(t, i)); i++)
        length += strlen(story_member(heard->content, "text"));
    CHECK_INT(length, 10000);
    theatre_close(t);
}

static void mix(struct interp_host *host, struct request *request,
                const struct execution *execution, void *user)
{
    (void)execution, (void)user;
    player_write(host, request, STREAM_STDOUT, SPAN("a"));
    player_write(host, request, STREAM_STDOUT, SPAN("b"));
    player_write(host, request, STREAM_STDERR, SPAN("c"));
    player_write(host, NULL, STREAM_STDOUT, SPAN("d"));
    (void)!host->impl->publish(host, request, MSG_DISPLAY_DATA, SPAN("{\"data\":{}}"), SPAN("{}"),
                               NULL);
    player_write(host, request, STREAM_STDOUT, SPAN(""));
    player_write(host, request, STREAM_STDOUT, SPAN("e"));
    (void)!host->impl->publish(host, NULL, MSG_CLEAR_OUTPUT, SPAN("{}"), SPAN(""), NULL);
    player_write(host, request, STREAM_STDERR, SPAN("f"));
    player_write(host, request, STREAM_STDERR, SPAN("g"));
    player_done(host, request, true);
}

static void keeps_the_order_of_all_outputs(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.interp = player_new(mix, NULL)});
    theatre_execute(t, "a", "x");
    theatre_rest(t);
    CHECK_STORY(t, "a",
                "busy input[1] stdout(ab) stderr(c) stdout(d) display_data stdout(e) clear_output "
                "stderr(fg) execute_reply:ok[1] idle");
    theatre_close(t);
}

/* Texts are 1, 2, 3 and 4 bytes to the character, `shift` bytes behind the start. */
static struct bytes *long_text(size_t length, size_t shift)
{
    static const char *const characters[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    CLEANUP(buf_finish) struct buf text = BUF_INIT;
    struct bytes *ret = NULL;
    for (size_t i = 0; i < shift; i++)
        buf_putc(&text, '.');
    for (size_t i = 0; text.len < length; i++)
        buf_put(&text, span_of(characters[(i / 7 + i) % 4]));
    return CHECK_INT(buf_take(&text, &ret), 0) ? ret : NULL;
}

/* The texts of the streams one after the other are `expected`, each whole characters, none too
 * long. */
static void check_text(struct theatre *t, const char *parent, struct span expected)
{
    const struct heard *heard;
    size_t at = 0;
    for (size_t i = 0; (heard = theatre_heard(t, i)); i++) {
        if (heard->msg->type != MSG_STREAM || strcmp(heard->parent, parent) != 0)
            continue;
        const json_t *text = json_object_get(heard->content, "text");
        struct span piece = {json_string_value(text), json_string_length(text)};
        if (!CHECK(piece.len > 0 && piece.len <= OUTPUT_MESSAGE_MAX) ||
            !CHECK(piece.len <= expected.len - at) ||
            !CHECK(memcmp(piece.ptr, expected.ptr + at, piece.len) == 0))
            return;
        at += piece.len;
    }
    CHECK_INT(at, expected.len);
}

static void write_it(struct interp_host *host, struct request *request,
                     const struct execution *execution, void *user)
{
    (void)execution;
    struct bytes *text = user;
    player_write(host, request, STREAM_STDOUT, text->view);
    player_done(host, request, true);
}

static void cuts_long_texts_between_characters(void)
{
    for (size_t shift = 0; shift < 9; shift++) {
        struct bytes *text = long_text((size_t)1 << 20, shift);
        struct theatre *t =
            theatre_open(&(struct theatre_options){.interp = player_new(write_it, text)});
        theatre_execute(t, "a", "x");
        theatre_rest(t);
        check_text(t, "a", text->view);
        CHECK(count_streams(t, "a") >= 4);
        theatre_close(t);
        bytes_unref(text);
    }
}

static void write_broken(struct interp_host *host, struct request *request,
                         const struct execution *execution, void *user)
{
    (void)execution, (void)user;
    static char broken[600000];
    memset(broken, 0x80, sizeof broken);
    player_write(host, request, STREAM_STDOUT, (struct span){broken, sizeof broken});
    player_write(host, request, STREAM_STDOUT, SPAN("\xe2\x82"));
    player_done(host, request, true);
}

/* A language gives UTF-8; one that does not loses no more than what is broken. */
static void survives_texts_that_are_not_utf8(void)
{
    struct theatre *t =
        theatre_open(&(struct theatre_options){.interp = player_new(write_broken, NULL)});
    theatre_execute(t, "a", "x");
    theatre_rest(t);
    size_t length = 0;
    const struct heard *heard;
    for (size_t i = 0; (heard = theatre_heard(t, i)); i++) {
        CHECK(heard->content != NULL);
        length += strlen(story_member(heard->content, "text"));
    }
    CHECK_INT(length, 3 * (600000 + 1));
    theatre_close(t);
}

/* --- time ------------------------------------------------------------------------------------ */

struct pause {
    atomic_bool go_on;
    atomic_int refused;
};

static void write_and_pause(struct interp_host *host, struct request *request,
                            const struct execution *execution, void *user)
{
    (void)execution;
    struct pause *pause = user;
    player_write(host, request, STREAM_STDOUT, SPAN("first"));
    while (!atomic_load(&pause->go_on))
        poll(NULL, 0, 1);
    player_write(host, request, STREAM_STDOUT, SPAN("second"));
    player_done(host, request, true);
}

static void sends_what_has_waited_long_enough(void)
{
    struct pause pause = {0};
    struct theatre *t =
        theatre_open(&(struct theatre_options){.interp = player_new(write_and_pause, &pause)});
    theatre_execute(t, "a", "x");
    CHECK_TEXT(story_member(theatre_await(t, "a", "stream")->content, "text"), "first");
    CHECK_STORY(t, "a", "busy input[1] stdout(first)");
    atomic_store(&pause.go_on, true);
    theatre_rest(t);
    CHECK_STORY(t, "a", "busy input[1] stdout(firstsecond) execute_reply:ok[1] idle");
    CHECK_INT(count_streams(t, "a"), 2);
    theatre_close(t);
}

/* --- clients that read slowly ---------------------------------------------------------------- */

static void write_patiently(struct interp_host *host, struct request *request,
                            const struct execution *execution, void *user)
{
    (void)execution;
    struct pause *pause = user;
    while (host->impl->write(host, request, STREAM_STDOUT, SPAN("text")) == -EAGAIN) {
        atomic_fetch_add(&pause->refused, 1);
        host->impl->room(host, 10);
    }
    player_done(host, request, true);
}

static void pushes_back(void)
{
    struct pause pause = {0};
    struct theatre *t =
        theatre_open(&(struct theatre_options){.interp = player_new(write_patiently, &pause)});
    theatre_set_room(t, false);
    theatre_execute(t, "a", "x");
    while (atomic_load(&pause.refused) < 3)
        poll(NULL, 0, 1);
    CHECK_STORY(t, "a", "busy input[1]");
    theatre_control(t, "b", "kernel_info_request", NULL);
    theatre_await(t, "b", "idle");
    CHECK_INT(kernel_room(theatre_kernel(t)), false);
    theatre_set_room(t, true);
    theatre_rest(t);
    CHECK_STORY(t, "a", "busy input[1] stdout(text) execute_reply:ok[1] idle");
    theatre_close(t);
}

struct flood {
    struct bytes *text;
    atomic_bool ended;
    struct theatre *t;
};

static void write_pieces(struct interp_host *host, struct request *request,
                         const struct execution *execution, void *user)
{
    (void)execution;
    struct flood *flood = user;
    struct span rest = flood->text->view;
    unsigned seed = 1;
    while (rest.len > 0) {
        seed = seed * 1103515245 + 12345;
        size_t len = seed >> 16 & (seed >> 31 ? 0x7 : 0x7fff);
        len = len < rest.len ? len : rest.len;
        while (len < rest.len && ((unsigned char)rest.ptr[len] & 0xc0) == 0x80)
            len++;
        player_write(host, request, STREAM_STDOUT, (struct span){rest.ptr, len});
        rest = (struct span){rest.ptr + len, rest.len - len};
    }
    atomic_store(&flood->ended, true);
    player_done(host, request, true);
}

static void *open_and_shut(void *user)
{
    struct flood *flood = user;
    for (bool room = false; !atomic_load(&flood->ended); room = !room) {
        theatre_set_room(flood->t, room);
        poll(NULL, 0, room ? 3 : 1);
    }
    theatre_set_room(flood->t, true);
    return NULL;
}

static void loses_nothing_of_50_megabytes(void)
{
    pthread_t client;
    struct flood flood = {.text = long_text((size_t)50 << 20, 0)};
    flood.t = theatre_open(&(struct theatre_options){.interp = player_new(write_pieces, &flood)});
    if (!CHECK_INT(pthread_create(&client, NULL, open_and_shut, &flood), 0))
        return;
    theatre_execute(flood.t, "a", "x");
    pthread_join(client, NULL);
    theatre_rest(flood.t);
    check_text(flood.t, "a", flood.text->view);
    theatre_close(flood.t);
    bytes_unref(flood.text);
}

/* --- other threads --------------------------------------------------------------------------- */

enum { THREADS = 4, LINES = 200 };

struct background {
    void *(*lines)(void *background);
    struct interp_host *host;
    struct request *request; /* held */
    pthread_t threads[THREADS];
    int count;
};

static void *write_lines(void *user)
{
    struct background *self = user;
    for (int i = 0; i < LINES; i++) {
        player_write(self->host, self->request, i % 2 ? STREAM_STDERR : STREAM_STDOUT, SPAN("x"));
        player_write(self->host, NULL, STREAM_STDOUT, SPAN("y"));
        if (i % 10 == 0)
            (void)!self->host->impl->publish(self->host, self->request, MSG_DISPLAY_DATA,
                                             SPAN("{\"data\":{}}"), SPAN("{}"), NULL);
    }
    self->host->impl->drop(self->host, self->request);
    return NULL;
}

static void start_threads(struct interp_host *host, struct request *request,
                          const struct execution *execution, void *user)
{
    struct background *self = user;
    if (execution->count == 1) {
        self->host = host;
        self->request = request;
        for (int i = 0; i < THREADS; i++) {
            host->impl->hold(host, request);
            self->count += pthread_create(&self->threads[i], NULL, self->lines, self) == 0;
        }
    }
    player_done(host, request, true);
}

static size_t count_text(struct theatre *t, const char *parent, char wanted)
{
    size_t count = 0;
    const struct heard *heard;
    for (size_t i = 0; (heard = theatre_heard(t, i)); i++) {
        if (parent && strcmp(heard->parent, parent) != 0)
            continue;
        for (const char *c = story_member(heard->content, "text"); *c; c++)
            count += *c == wanted;
    }
    return count;
}

/* What a thread writes for its cell stays the cell's, whatever is answered meanwhile; what it
 * writes for nobody is for some cell that was there. */
static void keeps_the_texts_of_threads_apart(void)
{
    struct background background = {.lines = write_lines};
    char id[16];
    struct theatre *t =
        theatre_open(&(struct theatre_options){.interp = player_new(start_threads, &background)});
    theatre_execute(t, "a", "x");
    for (int i = 0; i < 50; i++) {
        snprintf(id, sizeof id, "%d", i);
        if (i % 2)
            theatre_execute(t, id, "other");
        else
            theatre_control(t, id, "kernel_info_request", NULL);
    }
    theatre_rest(t);
    CHECK_INT(background.count, THREADS);
    for (int i = 0; i < background.count; i++)
        pthread_join(background.threads[i], NULL);
    theatre_control(t, "last", "kernel_info_request", NULL);
    theatre_rest(t);
    CHECK_INT(count_text(t, "a", 'x'), THREADS * LINES);
    CHECK_INT(count_text(t, NULL, 'x'), THREADS * LINES);
    CHECK_INT(count_text(t, NULL, 'y'), THREADS * LINES);
    theatre_close(t);
}

static void *publish_results(void *user)
{
    struct background *self = user;
    for (int i = 0; i < LINES; i++) {
        struct span content = i % 2 ? SPAN("{\"comm_id\":\"k\",\"target_name\":\"t\"}")
                                    : SPAN("{\"data\":{\"text/plain\":\"r\"}}");
        (void)!self->host->impl->publish(self->host, i % 4 == 0 ? NULL : self->request,
                                         i % 2 ? MSG_COMM_OPEN : MSG_EXECUTE_RESULT, content,
                                         SPAN("{}"), NULL);
    }
    self->host->impl->drop(self->host, self->request);
    return NULL;
}

/* Threads publish while cells are counted, stored and told of. */
static void takes_results_of_threads_while_cells_run(void)
{
    struct background background = {.lines = publish_results};
    char id[16];
    struct theatre *t =
        theatre_open(&(struct theatre_options){.interp = player_new(start_threads, &background)});
    theatre_execute(t, "a", "x");
    for (int i = 0; i < 60; i++) {
        snprintf(id, sizeof id, "%d", i);
        if (i % 3 == 0)
            theatre_execute(t, id, "other");
        else
            theatre_say(t, id, i % 3 == 1 ? "history_request" : "comm_info_request", NULL);
    }
    theatre_rest(t);
    for (int i = 0; i < background.count; i++)
        pthread_join(background.threads[i], NULL);
    theatre_close(t);
}

/* Held to the end: text that still waits belongs to a request, and both are freed. */
static void frees_text_that_nobody_sent(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.by_hand = true});
    theatre_execute(t, "a", "x");
    theatre_run(t);
    theatre_host(t)->impl->write(theatre_host(t), NULL, STREAM_STDERR, SPAN("late"));
    theatre_execute(t, "b", "queued");
    theatre_close(t);
}

static void writes_before_there_is_a_request(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.by_hand = true});
    struct interp_host *host = theatre_host(t);
    CHECK_INT(host->impl->write(host, NULL, STREAM_STDOUT, SPAN("early")), 0);
    CHECK_INT(host->impl->publish(host, NULL, MSG_DISPLAY_DATA, SPAN("{}"), SPAN("{}"), NULL), 0);
    CHECK_STORY(t, "", "starting stdout(early) display_data");
    theatre_close(t);
}

/* --- what was written to the descriptors ----------------------------------------------------- */

static struct kernel *drained; /* of the one test that runs in this process */

static void drain(void *user, bool ends)
{
    (void)user;
    if (drained)
        kernel_write_raw(drained, NULL, STREAM_STDERR, ends ? SPAN("<end>") : SPAN("<raw>"));
}

/* Text of the descriptors that was there first comes first, before text, results, questions and the
 * end. */
static void drains_before_text_and_before_the_end(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.drain = drain, .by_hand = true});
    drained = theatre_kernel(t);
    theatre_execute(t, "a", "hi");
    theatre_execute(t, "b", "= 1");
    theatre_say(t, "c", "execute_request", "{\"code\":\"! x\",\"stop_on_error\":false}");
    theatre_say(t, "d", "complete_request", "{\"code\":\"x\"}");
    theatre_run(t);
    CHECK_STORY(t, "a",
                "busy input[1] stderr(<raw>) stdout(hi) stderr(<end>) execute_reply:ok[1] idle");
    CHECK_STORY(t, "b",
                "busy input[2] stderr(<raw>) result[2](1) stderr(<end>) execute_reply:ok[2] idle");
    CHECK_STORY(t, "c", "busy input[3] stderr(<raw>x<end>) execute_reply:error[3](Echo) idle");
    CHECK_STORY(t, "d", "busy complete_reply:ok stderr(<end>) idle");
    theatre_close(t);
}

static void drains_before_a_question(void)
{
    struct theatre *t = theatre_open(&(struct theatre_options){.drain = drain});
    drained = theatre_kernel(t);
    theatre_execute(t, "a", "? p");
    theatre_await(t, "a", "input_request");
    theatre_answer(t, "client", NULL, "{\"value\":\"y\"}");
    theatre_rest(t);
    CHECK_STORY(t, "a",
                "busy input[1] stderr(<raw>) asks(p) stderr(<raw>) stdout(y) stderr(<end>) "
                "execute_reply:ok[1] idle");
    theatre_close(t);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(joins_texts),
    CHECK_TEST(keeps_the_order_of_all_outputs),
    CHECK_TEST(cuts_long_texts_between_characters),
    CHECK_TEST(survives_texts_that_are_not_utf8),
    CHECK_TEST(sends_what_has_waited_long_enough),
    CHECK_TEST(pushes_back),
    CHECK_TEST(loses_nothing_of_50_megabytes),
    CHECK_TEST(keeps_the_texts_of_threads_apart),
    CHECK_TEST(takes_results_of_threads_while_cells_run),
    CHECK_TEST(frees_text_that_nobody_sent),
    CHECK_TEST(writes_before_there_is_a_request),
    CHECK_TEST(drains_before_text_and_before_the_end),
    CHECK_TEST(drains_before_a_question),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
