/*
 * The composition root of the kernel in a browser's worker, and its transport: messages come as
 * calls and leave as calls. One thread; whoever pushes a message also has it answered.
 */
#include "interp/python/browser/bridge.h"
#include "interp/python/browser/worker_host.h"
#include "interp/python/python.h"
#include "kernel/browser/one_thread.h"
#include "kernel/browser/store_page.h"
#include "kernel/browser/system.h"
#include "kernel/kernel.h"

#include <errno.h>

/* CPython's import system calls it. */
/* NOLINTNEXTLINE(readability-identifier-naming): CPython's name */
__attribute__((visibility("default"))) void *PyInit__carme(void);

enum { STREAM_MAX = 8 * 1024 * 1024 }; /* a page with more text in one cell stops to answer */

static struct page {
    struct transport base; /* first: transport functions cast back */
    struct transport_sink sink;
    struct kernel *kernel;
    bool sending;
} page;

static int page_start(struct transport *t, const struct transport_sink *sink)
{
    ((struct page *)t)->sink = *sink;
    return 0;
}

static int page_send(struct transport *t, struct message *msg)
{
    (void)t;
    page.sending = true;
    worker_host_post(msg);
    page.sending = false;
    message_free(msg);
    return 0;
}

static void page_flush(struct transport *t) { (void)t; }

/* The page takes all; how much one cell may write is bounded by kernel_options. */
static bool page_room(struct transport *t, unsigned wait_ms)
{
    (void)t, (void)wait_ms;
    return true;
}

static void page_arm(struct transport *t, unsigned ms)
{
    (void)t;
    worker_host_arm(ms);
}

static int page_input(struct transport *t, struct message *request, struct message **ret_reply)
{
    (void)t;
    int r = worker_host_ask(request, ret_reply);
    message_free(request);
    return r;
}

static void page_receive_pending(struct transport *t) { (void)t; }

static void page_cancel_input(struct transport *t) { (void)t; }

static void page_close(struct transport *t) { (void)t; }

static const struct transport_impl page_impl = {
    .start = page_start,
    .send = page_send,
    .flush = page_flush,
    .room = page_room,
    .arm = page_arm,
    .input = page_input,
    .receive_pending = page_receive_pending,
    .cancel_input = page_cancel_input,
    .close = page_close,
    .destroy = page_close,
};

/* A page without storage, or with something else in its place, has a history of this session. */
static struct store *open_store(void)
{
    struct store *store = NULL;
    CLEANUP(bytes_unrefp) struct bytes *text = worker_host_history();
    return text && store_page_new(text->view, worker_host_keep, &store) == 0 ? store : NULL;
}

static int start(void)
{
    system_provide(&(struct system_source){worker_host_now_us, worker_host_random, NULL});
    struct kernel_options options = {.stream_max = STREAM_MAX,
                                     .returns_early = true,
                                     .store = open_store(),
                                     .threads = one_thread()};
    page.base.impl = &page_impl;
    int r = kernel_new(python_interp(), &page.base, &options, &page.kernel);
    if (r < 0)
        return r;
    return python_start(-1) < 0 ? -ECANCELED : 0;
}

static void resume(void)
{
    while (kernel_waits(page.kernel) && kernel_run(page.kernel))
        ;
}

static void push(struct message *msg)
{
    page.sink.message(page.sink.user, msg);
    resume();
}

/* A host that is written in Python may be interrupted while it is sent to. */
static void tick(void)
{
    if (!page.sending)
        page.sink.tick(page.sink.user);
}

static const struct bridge_kernel bridge_kernel = {start, push, resume, tick};

void *PyInit__carme(void) { return bridge_module(&bridge_kernel); }
