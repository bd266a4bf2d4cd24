#include "tests/conversation/harness/harness.h"

#include "interp/echo.h"
#include "kernel/desktop/threads.h"
#include "tests/conversation/harness/fake_transport.h"
#include "tests/conversation/harness/require.h"

#include <poll.h>
#include <stdlib.h>

enum { REQUESTS_MAX = 4096 };

struct harness {
    struct fake_transport transport;
    struct harness_options options;
    struct interp *interp;
    struct kernel *kernel;
    pthread_t kernel_thread;
    bool has_thread; /* there is one to join */

    /* With the transport's lock: */
    struct signer *signer;
    char *request_ids[REQUESTS_MAX];
    size_t request_count;
    bool running, stopped;
};

/* --- the kernel's thread -----------------------------------------------------------------------
 */

static void set_running(struct harness *self, bool running, bool stopped)
{
    pthread_mutex_lock(&self->transport.lock);
    self->running = running;
    self->stopped = stopped;
    pthread_cond_broadcast(&self->transport.changed);
    pthread_mutex_unlock(&self->transport.lock);
}

static bool run(struct harness *self)
{
    set_running(self, true, false);
    bool goes_on = kernel_run(self->kernel);
    set_running(self, false, !goes_on);
    return goes_on;
}

static void *run_kernel(void *user)
{
    struct harness *self = user;
    do {
        int r = self->interp->impl->wait(self->interp, kernel_fd(self->kernel));
        require(r >= 0, "wait() fails");
    } while (run(self));
    return NULL;
}

/* --- new and free ------------------------------------------------------------------------------
 */

static void call_on_send(void *user, const struct message *msg)
{
    struct harness *self = user;
    self->options.on_send(self, msg, self->options.user);
}

static void start_kernel(struct harness *self)
{
    struct kernel_options options = {.stopping = self->options.stopping,
                                     .user = self->options.user,
                                     .store = self->options.store};
    memcpy(options.ports, self->options.ports, sizeof options.ports);
    require(threads_new(&options.threads) == 0, "no memory");
    int r = kernel_new(self->interp, &self->transport.base, &options, &self->kernel);
    require(r == 0, "no kernel");
    if (self->options.drain)
        kernel_set_drain(self->kernel, self->options.drain, self->options.user);
    self->has_thread = !self->options.run_by_test;
    if (self->has_thread)
        require(pthread_create(&self->kernel_thread, NULL, run_kernel, self) == 0, "no thread");
}

struct harness *harness_new(const struct harness_options *options)
{
    struct harness *self = calloc(1, sizeof *self);
    require(self, "no memory");
    if (options)
        self->options = *options;
    fake_transport_init(&self->transport);
    atomic_store(&self->transport.eintr_count, self->options.eintr_count);
    self->transport.on_send = self->options.on_send ? call_on_send : NULL;
    self->transport.user = self;
    require(signer_new(SPAN("hmac-sha256"), SPAN(""), &self->signer) == 0, "no signer");
    self->interp = self->options.interp;
    if (!self->interp)
        require(echo_new(&self->interp) == 0, "no echo");
    start_kernel(self);
    return self;
}

static bool is_stopped(void *user) { return ((struct harness *)user)->stopped; }

void harness_wait_stopped(struct harness *self)
{
    if (!self->has_thread)
        return;
    fake_transport_wait(&self->transport, is_stopped, self, "the kernel's thread does not end");
    pthread_join(self->kernel_thread, NULL);
    self->has_thread = false;
}

void harness_free(struct harness *self)
{
    kernel_stop(self->kernel);
    harness_wait_stopped(self);
    kernel_join(self->kernel);
    self->transport.base.impl->destroy(&self->transport.base);
    kernel_free(self->kernel);
    self->interp->impl->destroy(self->interp);
    signer_free(self->signer);
    for (size_t i = 0; i < self->request_count; i++)
        free(self->request_ids[i]);
    fake_transport_finish(&self->transport);
    free(self);
}

struct kernel *harness_kernel(struct harness *self) { return self->kernel; }

struct interp_host *harness_host(struct harness *self) { return self->interp->host; }

void harness_set_room(struct harness *self, bool room)
{
    fake_transport_set_room(&self->transport, room);
}

/* --- sending -----------------------------------------------------------------------------------
 */

void harness_send_message(struct harness *self, const struct client_message *message)
{
    pthread_mutex_lock(&self->transport.lock);
    struct message *msg = client_message_parse(message, self->signer);
    if (message->channel != CHANNEL_STDIN) {
        require(self->request_count < REQUESTS_MAX, "too many requests");
        self->request_ids[self->request_count++] = strndup(msg->id.ptr, msg->id.len);
    }
    pthread_mutex_unlock(&self->transport.lock);
    fake_transport_push(&self->transport, msg);
}

void harness_subscribe(struct harness *self, const char *topic)
{
    struct message *msg = NULL;
    require(message_new(MSG_UNKNOWN, CHANNEL_IOPUB, &msg) == 0, "no memory");
    msg->content = arena_copy(msg->store, span_of(topic));
    fake_transport_push(&self->transport, msg);
}

void harness_wait_delivered(struct harness *self)
{
    fake_transport_wait_delivered(&self->transport);
}

bool harness_run(struct harness *self)
{
    harness_wait_delivered(self);
    bool goes_on = run(self);
    while (goes_on && kernel_waits(self->kernel))
        goes_on = run(self);
    return goes_on;
}

/* kernel_fd() is readable until kernel_run() has begun, so one of the two is always seen. */
static bool is_idle(void *user)
{
    const struct harness *self = user;
    struct pollfd request = {.fd = kernel_fd(self->kernel), .events = POLLIN};
    return self->stopped || (self->transport.delivered == self->transport.inbox.pushed &&
                             !self->running && poll(&request, 1, 0) == 0);
}

void harness_wait_idle(struct harness *self)
{
    fake_transport_wait(&self->transport, is_idle, self, "the kernel does not become idle");
}

/* --- receiving ---------------------------------------------------------------------------------
 */

struct search {
    const struct fake_transport *transport;
    const char *parent, *what;
    size_t from; /* where it goes on */
    const struct received *found;
};

/* With the transport's lock. Where it has looked it does not look again. */
static bool search(void *user)
{
    struct search *self = user;
    for (; !self->found && self->from < self->transport->count; self->from++) {
        const struct received *received = self->transport->received[self->from];
        if (strcmp(received->parent, self->parent) == 0 && received_is(received, self->what))
            self->found = received;
    }
    return self->found != NULL;
}

const struct received *harness_await(struct harness *self, const char *parent, const char *what)
{
    struct search wanted = {.transport = &self->transport, .parent = parent, .what = what};
    char error[256];
    snprintf(error, sizeof error, "%s of \"%s\" is not received", what, parent);
    fake_transport_wait(&self->transport, search, &wanted, error);
    return wanted.found;
}

const struct received *harness_find(struct harness *self, const char *parent, const char *what)
{
    struct search wanted = {.transport = &self->transport, .parent = parent, .what = what};
    pthread_mutex_lock(&self->transport.lock);
    search(&wanted);
    pthread_mutex_unlock(&self->transport.lock);
    return wanted.found;
}

long harness_find_index(struct harness *self, const char *parent, const char *what)
{
    struct search wanted = {.transport = &self->transport, .parent = parent, .what = what};
    pthread_mutex_lock(&self->transport.lock);
    long index = search(&wanted) ? (long)wanted.from - 1 : -1;
    pthread_mutex_unlock(&self->transport.lock);
    return index;
}

const struct received *harness_received(struct harness *self, size_t index)
{
    return fake_transport_received(&self->transport, index);
}

const char *harness_request_id(struct harness *self, size_t index)
{
    const char *id = NULL;
    pthread_mutex_lock(&self->transport.lock);
    if (index < self->request_count)
        id = self->request_ids[index];
    pthread_mutex_unlock(&self->transport.lock);
    return id;
}

unsigned harness_flushed(struct harness *self)
{
    pthread_mutex_lock(&self->transport.lock);
    unsigned flushed = (unsigned)self->transport.flushed;
    pthread_mutex_unlock(&self->transport.lock);
    return flushed;
}

void harness_print(struct harness *self) { fake_transport_print(&self->transport); }
