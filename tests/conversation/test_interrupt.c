/* interrupt_request: which cell it ends. */
#include "tests/conversation/harness/fake_interp.h"
#include "tests/conversation/harness/transcript.h"

#include <poll.h>

enum { ROUNDS = 300 };

static void interrupt_on_busy(struct harness *t, const struct message *msg, void *user)
{
    const struct span *when = user;
    static const struct span cell = {"\"a\"", 3};
    if (memmem(msg->parent.ptr, msg->parent.len, cell.ptr, cell.len) &&
        memmem(msg->content.ptr, msg->content.len, when->ptr, when->len))
        harness_send_control(t, "stop", "interrupt_request", NULL);
}

static void check_interrupted(struct span when)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct harness *t =
            harness_new(&(struct harness_options){.on_send = interrupt_on_busy, .user = &when});
        harness_execute(t, "a", "...");
        harness_await(t, "a", "idle");
        harness_wait_idle(t);
        harness_free(t);
    }
}

/* A client that has received the busy status can interrupt the cell, however early. */
static void interrupts_a_cell_from_busy_on(void) { check_interrupted(SPAN("busy")); }

static void interrupts_a_cell_from_execute_input_on(void) { check_interrupted(SPAN("code")); }

/* A cell that runs until it is interrupted. */
struct long_cell {
    struct interp *interp;
    atomic_uint checks; /* for an interrupt, so far */
};

static void run_until_interrupted(struct interp_host *host, struct request *request,
                                  const struct execution *execution, void *user)
{
    (void)execution;
    struct long_cell *self = user;
    while (!fake_interp_interrupted(self->interp)) {
        atomic_fetch_add(&self->checks, 1);
        poll(NULL, 0, 1);
    }
    fake_interp_done(host, request, false);
}

static struct interp *long_cell_interp(struct long_cell *self)
{
    self->interp = fake_interp_new(run_until_interrupted, self);
    return self->interp;
}

/* Until the cell has looked for an interrupt a few times more. */
static void wait_for_checks(struct long_cell *self)
{
    unsigned checks = atomic_load(&self->checks) + 3;
    while (atomic_load(&self->checks) < checks)
        poll(NULL, 0, 1);
}

/* The cell has not been interrupted yet, and can be. */
static void check_runs(struct harness *t, struct long_cell *cell, const char *id)
{
    harness_await(t, id, "execute_input");
    wait_for_checks(cell);
    CHECK(!harness_find(t, id, "execute_reply"));
    harness_send_control(t, "end", "interrupt_request", NULL);
    harness_await(t, id, "idle");
}

/* An interrupt is for the cell that runs, not for a later one. */
static void ignores_interrupts_while_no_cell_runs(void)
{
    struct long_cell cell = {0};
    struct harness *t = harness_new(&(struct harness_options){.interp = long_cell_interp(&cell)});
    harness_send_control(t, "stop", "interrupt_request", NULL);
    harness_wait_idle(t);
    CHECK_TRANSCRIPT(t, "stop", "busy control/interrupt_reply:ok idle");
    harness_execute(t, "a", "...");
    check_runs(t, &cell, "a");
    harness_free(t);
}

static void ignores_interrupts_on_shell(void)
{
    struct long_cell cell = {0};
    struct harness *t = harness_new(&(struct harness_options){.interp = long_cell_interp(&cell)});
    harness_send(t, "stop", "interrupt_request", NULL);
    harness_execute(t, "a", "...");
    check_runs(t, &cell, "a");
    CHECK_TRANSCRIPT(t, "stop", "busy interrupt_reply:ok idle");
    harness_free(t);
}

/* kernel_set_drain()'s function: in the kernel's thread, when a request ends, without a lock. */
static void interrupt_at_the_end(void *user, bool ends)
{
    struct harness **t = user;
    if (!ends || harness_find(*t, "stop", "busy"))
        return;
    harness_send_control(*t, "stop", "interrupt_request", NULL);
    harness_wait_delivered(*t);
}

static void ignores_interrupts_after_another_request(void)
{
    struct long_cell cell = {0};
    struct harness *t = NULL;
    t = harness_new(&(struct harness_options){
        .interp = long_cell_interp(&cell), .drain = interrupt_at_the_end, .user = &t});
    harness_send(t, "a", "complete_request", "{\"code\":\"x\"}");
    harness_execute(t, "b", "...");
    check_runs(t, &cell, "b");
    CHECK_TRANSCRIPT(t, "stop", "busy control/interrupt_reply:ok idle");
    harness_free(t);
}

static void interrupts_one_cell_only(void)
{
    struct long_cell cell = {0};
    struct harness *t = harness_new(&(struct harness_options){.interp = long_cell_interp(&cell)});
    harness_send(t, "a", "execute_request", "{\"code\":\"...\",\"stop_on_error\":false}");
    harness_execute(t, "b", "...");
    harness_await(t, "a", "execute_input");
    wait_for_checks(&cell);
    harness_send_control(t, "stop", "interrupt_request", NULL);
    harness_await(t, "a", "idle");
    check_runs(t, &cell, "b");
    harness_free(t);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(interrupts_a_cell_from_busy_on),
    CHECK_TEST(interrupts_a_cell_from_execute_input_on),
    CHECK_TEST(ignores_interrupts_while_no_cell_runs),
    CHECK_TEST(ignores_interrupts_on_shell),
    CHECK_TEST(ignores_interrupts_after_another_request),
    CHECK_TEST(interrupts_one_cell_only),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
