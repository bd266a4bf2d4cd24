/* Two clients at once, 1,000 times: each receives the replies to its own requests, in their order,
 * whatever the other does. */
#include "tests/conversation/harness/transcript.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>

enum { ROUNDS = 1000, CLIENTS = 2, REQUESTS = 6 };

struct client {
    struct harness *t;
    const char *name;
    uint32_t seed;
    char ids[REQUESTS][16];
    enum channel channels[REQUESTS];
    pthread_t thread;
};

static uint32_t random_below(struct client *self, uint32_t below)
{
    self->seed ^= self->seed << 13; /* xorshift32, Marsaglia 2003 */
    self->seed ^= self->seed >> 17;
    self->seed ^= self->seed << 5;
    return self->seed % below;
}

static const struct client_message MESSAGES[] = {
    {.type = "execute_request", .content = "{\"code\":\"text\"}"},
    {.type = "execute_request", .content = "{\"code\":\"= 1\"}"},
    {.type = "execute_request", .content = "{\"code\":\"! no\"}"},
    {.type = "execute_request", .content = "{\"code\":\"! no\",\"stop_on_error\":false}"},
    {.type = "execute_request", .content = "{\"code\":5}"},
    {.type = "complete_request", .content = "{\"code\":\"x\"}"},
    {.type = "kernel_info_request"},
    {.type = "history_request", .content = "{\"n\":3}"},
    {.type = "comm_info_request"},
    {.type = "unknown_request"},
    {.type = "kernel_info_request", .channel = CHANNEL_CONTROL},
    {.type = "interrupt_request", .channel = CHANNEL_CONTROL},
    {.type = "debug_request", .channel = CHANNEL_CONTROL},
    {.type = "execute_request", .channel = CHANNEL_CONTROL, .content = "{\"code\":\"here\"}"},
};

static void *send_requests(void *user)
{
    struct client *self = user;
    for (int i = 0; i < REQUESTS; i++) {
        struct client_message message =
            MESSAGES[random_below(self, sizeof MESSAGES / sizeof *MESSAGES)];
        snprintf(self->ids[i], sizeof self->ids[i], "%s %d", self->name, i);
        self->channels[i] = message.channel;
        message.id = self->ids[i];
        message.client = self->name;
        harness_send_message(self->t, &message);
        if (random_below(self, 8) == 0)
            sched_yield();
        if (random_below(self, 8) == 0)
            harness_subscribe(self->t, "");
        if (random_below(self, 16) == 0)
            harness_await(self->t, message.id, "idle");
    }
    return NULL;
}

static void check_addressed(struct client *self, const struct received *received)
{
    if (received->msg->channel == CHANNEL_IOPUB)
        return;
    CHECK_INT(message_list_count(received->msg->route), 1);
    CHECK_SPAN(received->msg->route[0]->view, span_of(self->name));
}

/* Requests on shell are answered one after the other, in the order in which a client sends them. */
static void check_order(struct client *self)
{
    long before = -1;
    const struct received *received;
    for (int i = 0; i < REQUESTS; i++) {
        if (self->channels[i] != CHANNEL_SHELL)
            continue;
        CHECK(before < harness_find_index(self->t, self->ids[i], "busy"));
        before = harness_find_index(self->t, self->ids[i], "idle");
    }
    for (size_t i = 0; (received = harness_received(self->t, i)); i++)
        if (strncmp(received->parent, self->name, strlen(self->name)) == 0)
            check_addressed(self, received);
}

static bool run_round(uint32_t round)
{
    unsigned before = check_failures();
    struct harness *t = harness_new(NULL);
    struct client clients[CLIENTS] = {{.t = t, .name = "one", .seed = 2 * round + 1},
                                      {.t = t, .name = "two", .seed = 7919 * round + 3}};
    for (int i = 0; i < CLIENTS; i++)
        CHECK_INT(pthread_create(&clients[i].thread, NULL, send_requests, &clients[i]), 0);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i].thread, NULL);
    harness_wait_idle(t);
    check_all_answered(t);
    for (int i = 0; i < CLIENTS; i++)
        check_order(&clients[i]);
    if (check_failures() > before) {
        printf("round %u:\n", round);
        harness_print(t);
    }
    harness_free(t);
    return check_failures() == before;
}

static void each_client_receives_its_own_replies(void)
{
    for (uint32_t round = 0; round < ROUNDS; round++)
        if (!run_round(round))
            return;
}

static const struct check_test TESTS[] = {CHECK_TEST(each_client_receives_its_own_replies)};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
