/* Streams: how texts are joined and split, their order, and clients that read slowly. */
#include "kernel/output.h"
#include "tests/conversation/harness/fake_interp.h"
#include "tests/conversation/harness/transcript.h"

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

static size_t count_streams(struct harness *t, const char *parent)
{
    size_t count = 0;
    const struct received *received;
    for (size_t i = 0; (received = harness_received(t, i)); i++)
        count += received->msg->type == MSG_STREAM && strcmp(received->parent, parent) == 0;
    return count;
}

static void write_many(struct interp_host *host, struct request *request,
                       const struct execution *execution, void *user)
{
    (void)execution;
    long start = now_ms();
    for (int i = 0; i < 1000; i++)
        fake_interp_write(host, request, STREAM_STDOUT, SPAN("0123456789"));
    *(long *)user = now_ms() - start;
    fake_interp_done(host, request, true);
}

/* One message at the end, and one more for each OUTPUT_AGE_MS of the cell. */
static void joins_texts(void)
{
    long took;
    struct harness *t =
        harness_new(&(struct harness_options){.interp = fake_interp_new(write_many, &took)});
    harness_execute(t, "a", "x");
    harness_wait_idle(t);
    size_t count = count_streams(t, "a");
    CHECK(count >= 1 && count <= 1 + (size_t)took / OUTPUT_AGE_MS + 1);
    size_t length = 0;
    const struct received *received;
    for (size_t i = 0; (received = harness_received(t, i)); i++)
        length += strlen(member_text(received->content, "text"));
    CHECK_INT(length, 10000);
    harness_free(t);
}

static void write_all_kinds(struct interp_host *host, struct request *request,
                            const struct execution *execution, void *user)
{
    (void)execution, (void)user;
    fake_interp_write(host, request, STREAM_STDOUT, SPAN("a"));
    fake_interp_write(host, request, STREAM_STDOUT, SPAN("b"));
    fake_interp_write(host, request, STREAM_STDERR, SPAN("c"));
    fake_interp_write(host, NULL, STREAM_STDOUT, SPAN("d"));
    (void)!host->impl->publish(host, request, MSG_DISPLAY_DATA, SPAN("{\"data\":{}}"), SPAN("{}"),
                               NULL);
    fake_interp_write(host, request, STREAM_STDOUT, SPAN(""));
    fake_interp_write(host, request, STREAM_STDOUT, SPAN("e"));
    (void)!host->impl->publish(host, NULL, MSG_CLEAR_OUTPUT, SPAN("{}"), SPAN(""), NULL);
    fake_interp_write(host, request, STREAM_STDERR, SPAN("f"));
    fake_interp_write(host, request, STREAM_STDERR, SPAN("g"));
    fake_interp_done(host, request, true);
}

static void keeps_the_order_of_all_outputs(void)
{
    struct harness *t =
        harness_new(&(struct harness_options){.interp = fake_interp_new(write_all_kinds, NULL)});
    harness_execute(t, "a", "x");
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(
        t, "a",
        "busy execute_input[1] stdout(ab) stderr(c) stdout(d) display_data stdout(e) clear_output "
        "stderr(fg) execute_reply:ok[1] idle");
    harness_free(t);
}

/* Characters of 1, 2, 3 and 4 bytes behind `shift` bytes. */
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
static void check_text(struct harness *t, const char *parent, struct span expected)
{
    const struct received *received;
    size_t at = 0;
    for (size_t i = 0; (received = harness_received(t, i)); i++) {
        if (received->msg->type != MSG_STREAM || strcmp(received->parent, parent) != 0)
            continue;
        const json_t *text = json_object_get(received->content, "text");
        struct span piece = {json_string_value(text), json_string_length(text)};
        if (!CHECK(piece.len > 0 && piece.len <= OUTPUT_MESSAGE_MAX) ||
            !CHECK(piece.len <= expected.len - at) ||
            !CHECK(memcmp(piece.ptr, expected.ptr + at, piece.len) == 0))
            return;
        at += piece.len;
    }
    CHECK_INT(at, expected.len);
}

static void write_text(struct interp_host *host, struct request *request,
                       const struct execution *execution, void *user)
{
    (void)execution;
    struct bytes *text = user;
    fake_interp_write(host, request, STREAM_STDOUT, text->view);
    fake_interp_done(host, request, true);
}

static void splits_long_texts_between_characters(void)
{
    for (size_t shift = 0; shift < 9; shift++) {
        struct bytes *text = long_text((size_t)1 << 20, shift);
        struct harness *t =
            harness_new(&(struct harness_options){.interp = fake_interp_new(write_text, text)});
        harness_execute(t, "a", "x");
        harness_wait_idle(t);
        check_text(t, "a", text->view);
        CHECK(count_streams(t, "a") >= 4);
        harness_free(t);
        bytes_unref(text);
    }
}

static void write_broken(struct interp_host *host, struct request *request,
                         const struct execution *execution, void *user)
{
    (void)execution, (void)user;
    static char broken[600000];
    memset(broken, 0x80, sizeof broken);
    fake_interp_write(host, request, STREAM_STDOUT, (struct span){broken, sizeof broken});
    fake_interp_write(host, request, STREAM_STDOUT, SPAN("\xe2\x82"));
    fake_interp_done(host, request, true);
}

/* An interpreter must write UTF-8; of other text each invalid sequence becomes U+FFFD. */
static void replaces_invalid_utf8(void)
{
    struct harness *t =
        harness_new(&(struct harness_options){.interp = fake_interp_new(write_broken, NULL)});
    harness_execute(t, "a", "x");
    harness_wait_idle(t);
    size_t length = 0;
    const struct received *received;
    for (size_t i = 0; (received = harness_received(t, i)); i++) {
        CHECK(received->content != NULL);
        length += strlen(member_text(received->content, "text"));
    }
    CHECK_INT(length, 3 * (600000 + 1));
    harness_free(t);
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
    fake_interp_write(host, request, STREAM_STDOUT, SPAN("first"));
    while (!atomic_load(&pause->go_on))
        poll(NULL, 0, 1);
    fake_interp_write(host, request, STREAM_STDOUT, SPAN("second"));
    fake_interp_done(host, request, true);
}

static void sends_text_while_the_cell_waits(void)
{
    struct pause pause = {0};
    struct harness *t =
        harness_new(&(struct harness_options){.interp = fake_interp_new(write_and_pause, &pause)});
    harness_execute(t, "a", "x");
    CHECK_TEXT(member_text(harness_await(t, "a", "stream")->content, "text"), "first");
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1] stdout(first)");
    atomic_store(&pause.go_on, true);
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1] stdout(firstsecond) execute_reply:ok[1] idle");
    CHECK_INT(count_streams(t, "a"), 2);
    harness_free(t);
}

/* --- clients that read slowly ---------------------------------------------------------------- */

static void write_until_accepted(struct interp_host *host, struct request *request,
                                 const struct execution *execution, void *user)
{
    (void)execution;
    struct pause *pause = user;
    while (host->impl->write(host, request, STREAM_STDOUT, SPAN("text")) == -EAGAIN) {
        atomic_fetch_add(&pause->refused, 1);
        host->impl->room(host, 10);
    }
    fake_interp_done(host, request, true);
}

static void writer_waits_while_clients_are_slow(void)
{
    struct pause pause = {0};
    struct harness *t = harness_new(
        &(struct harness_options){.interp = fake_interp_new(write_until_accepted, &pause)});
    harness_set_room(t, false);
    harness_execute(t, "a", "x");
    while (atomic_load(&pause.refused) < 3)
        poll(NULL, 0, 1);
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1]");
    harness_send_control(t, "b", "kernel_info_request", NULL);
    harness_await(t, "b", "idle");
    CHECK_INT(kernel_room(harness_kernel(t)), false);
    harness_set_room(t, true);
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "a", "busy execute_input[1] stdout(text) execute_reply:ok[1] idle");
    harness_free(t);
}

struct big_output {
    struct bytes *text;
    atomic_bool ended;
    struct harness *t;
};

static void write_pieces(struct interp_host *host, struct request *request,
                         const struct execution *execution, void *user)
{
    (void)execution;
    struct big_output *big_output = user;
    struct span rest = big_output->text->view;
    unsigned seed = 1;
    while (rest.len > 0) {
        seed = seed * 1103515245 + 12345;
        size_t len = seed >> 16 & (seed >> 31 ? 0x7 : 0x7fff);
        len = len < rest.len ? len : rest.len;
        while (len < rest.len && ((unsigned char)rest.ptr[len] & 0xc0) == 0x80)
            len++;
        fake_interp_write(host, request, STREAM_STDOUT, (struct span){rest.ptr, len});
        rest = (struct span){rest.ptr + len, rest.len - len};
    }
    atomic_store(&big_output->ended, true);
    fake_interp_done(host, request, true);
}

static void *toggle_room(void *user)
{
    struct big_output *big_output = user;
    for (bool room = false; !atomic_load(&big_output->ended); room = !room) {
        harness_set_room(big_output->t, room);
        poll(NULL, 0, room ? 3 : 1);
    }
    harness_set_room(big_output->t, true);
    return NULL;
}

static void loses_nothing_of_50_megabytes(void)
{
    pthread_t client;
    struct big_output big_output = {.text = long_text((size_t)50 << 20, 0)};
    big_output.t = harness_new(
        &(struct harness_options){.interp = fake_interp_new(write_pieces, &big_output)});
    if (!CHECK_INT(pthread_create(&client, NULL, toggle_room, &big_output), 0))
        return;
    harness_execute(big_output.t, "a", "x");
    pthread_join(client, NULL);
    harness_wait_idle(big_output.t);
    check_text(big_output.t, "a", big_output.text->view);
    harness_free(big_output.t);
    bytes_unref(big_output.text);
}

/* --- outside of a request ------------------------------------------------------------------------
 */

/* Text that waits to be sent holds its request: both are freed with the kernel. */
static void frees_unsent_text(void)
{
    struct harness *t = harness_new(&(struct harness_options){.run_by_test = true});
    harness_execute(t, "a", "x");
    harness_run(t);
    harness_host(t)->impl->write(harness_host(t), NULL, STREAM_STDERR, SPAN("late"));
    harness_execute(t, "b", "queued");
    harness_free(t);
}

static void writes_before_the_first_request(void)
{
    struct harness *t = harness_new(&(struct harness_options){.run_by_test = true});
    struct interp_host *host = harness_host(t);
    CHECK_INT(host->impl->write(host, NULL, STREAM_STDOUT, SPAN("early")), 0);
    CHECK_INT(host->impl->publish(host, NULL, MSG_DISPLAY_DATA, SPAN("{}"), SPAN("{}"), NULL), 0);
    CHECK_TRANSCRIPT(t, "", "starting stdout(early) display_data");
    harness_free(t);
}

/* --- what was written to the descriptors ----------------------------------------------------- */

static struct kernel *drained; /* of the one test that runs in this process */

static void drain(void *user, bool ends)
{
    (void)user;
    if (drained)
        kernel_write_raw(drained, NULL, STREAM_STDERR, ends ? SPAN("<end>") : SPAN("<raw>"));
}

/* What has been written to the file descriptors before comes before text, results, input_requests
 * and the end of the request. */
static void drains_before_text_and_before_the_end(void)
{
    struct harness *t = harness_new(&(struct harness_options){.drain = drain, .run_by_test = true});
    drained = harness_kernel(t);
    harness_execute(t, "a", "hi");
    harness_execute(t, "b", "= 1");
    harness_send(t, "c", "execute_request", "{\"code\":\"! x\",\"stop_on_error\":false}");
    harness_send(t, "d", "complete_request", "{\"code\":\"x\"}");
    harness_run(t);
    CHECK_TRANSCRIPT(
        t, "a",
        "busy execute_input[1] stderr(<raw>) stdout(hi) stderr(<end>) execute_reply:ok[1] idle");
    CHECK_TRANSCRIPT(t, "b",
                     "busy execute_input[2] stderr(<raw>) execute_result[2](1) stderr(<end>) "
                     "execute_reply:ok[2] idle");
    CHECK_TRANSCRIPT(t, "c",
                     "busy execute_input[3] stderr(<raw>x<end>) execute_reply:error[3](Echo) idle");
    CHECK_TRANSCRIPT(t, "d", "busy complete_reply:ok stderr(<end>) idle");
    harness_free(t);
}

static void drains_before_an_input_request(void)
{
    struct harness *t = harness_new(&(struct harness_options){.drain = drain});
    drained = harness_kernel(t);
    harness_execute(t, "a", "? p");
    harness_await(t, "a", "input_request");
    harness_send_input_reply(t, "client", NULL, "{\"value\":\"y\"}");
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "a",
                     "busy execute_input[1] stderr(<raw>) input_request(p) stderr(<raw>) stdout(y) "
                     "stderr(<end>) "
                     "execute_reply:ok[1] idle");
    harness_free(t);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(joins_texts),
    CHECK_TEST(keeps_the_order_of_all_outputs),
    CHECK_TEST(splits_long_texts_between_characters),
    CHECK_TEST(replaces_invalid_utf8),
    CHECK_TEST(sends_text_while_the_cell_waits),
    CHECK_TEST(writer_waits_while_clients_are_slow),
    CHECK_TEST(loses_nothing_of_50_megabytes),
    CHECK_TEST(frees_unsent_text),
    CHECK_TEST(writes_before_the_first_request),
    CHECK_TEST(drains_before_text_and_before_the_end),
    CHECK_TEST(drains_before_an_input_request),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
