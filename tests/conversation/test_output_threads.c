/* Output of threads that go on after their cell. */
#include "tests/conversation/harness/fake_interp.h"
#include "tests/conversation/harness/transcript.h"

#include <pthread.h>

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
        fake_interp_write(self->host, self->request, i % 2 ? STREAM_STDERR : STREAM_STDOUT,
                          SPAN("x"));
        fake_interp_write(self->host, NULL, STREAM_STDOUT, SPAN("y"));
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
    fake_interp_done(host, request, true);
}

static size_t count_text(struct harness *t, const char *parent, char wanted)
{
    size_t count = 0;
    const struct received *received;
    for (size_t i = 0; (received = harness_received(t, i)); i++) {
        if (parent && strcmp(received->parent, parent) != 0)
            continue;
        for (const char *c = member_text(received->content, "text"); *c; c++)
            count += *c == wanted;
    }
    return count;
}

/* What a thread writes with a request has this request as parent, whatever is answered meanwhile;
 * what it writes without one has some request that was running. */
static void keeps_the_texts_of_threads_apart(void)
{
    struct background background = {.lines = write_lines};
    char id[16];
    struct harness *t = harness_new(
        &(struct harness_options){.interp = fake_interp_new(start_threads, &background)});
    harness_execute(t, "a", "x");
    for (int i = 0; i < 50; i++) {
        snprintf(id, sizeof id, "%d", i);
        if (i % 2)
            harness_execute(t, id, "other");
        else
            harness_send_control(t, id, "kernel_info_request", NULL);
    }
    harness_wait_idle(t);
    CHECK_INT(background.count, THREADS);
    for (int i = 0; i < background.count; i++)
        pthread_join(background.threads[i], NULL);
    harness_send_control(t, "last", "kernel_info_request", NULL);
    harness_wait_idle(t);
    CHECK_INT(count_text(t, "a", 'x'), THREADS * LINES);
    CHECK_INT(count_text(t, NULL, 'x'), THREADS * LINES);
    CHECK_INT(count_text(t, NULL, 'y'), THREADS * LINES);
    harness_free(t);
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

/* Threads publish while cells are counted, stored and listed. */
static void accepts_results_of_threads_while_cells_run(void)
{
    struct background background = {.lines = publish_results};
    char id[16];
    struct harness *t = harness_new(
        &(struct harness_options){.interp = fake_interp_new(start_threads, &background)});
    harness_execute(t, "a", "x");
    for (int i = 0; i < 60; i++) {
        snprintf(id, sizeof id, "%d", i);
        if (i % 3 == 0)
            harness_execute(t, id, "other");
        else
            harness_send(t, id, i % 3 == 1 ? "history_request" : "comm_info_request", NULL);
    }
    harness_wait_idle(t);
    for (int i = 0; i < background.count; i++)
        pthread_join(background.threads[i], NULL);
    harness_free(t);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(keeps_the_texts_of_threads_apart),
    CHECK_TEST(accepts_results_of_threads_while_cells_run),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
