#include "kernel/zmq/input_request.h"

#include "protocol/json.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

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

/* Only the client that was asked counts: the identity must be its own, and a parent header, when
 * there is one (jupyter_client sends none), must name the request.
 * Source: "Messaging in Jupyter", section "Messages on the stdin channel". */
static bool accepts(const struct message *request, const struct message *reply)
{
    if (reply->type != MSG_INPUT_REPLY || !same_route(request->route, reply->route))
        return false;
    char why[160];
    CLEANUP(json_decrefp) json_t *parent = NULL;
    if (json_read_object(reply->parent, why, &parent) < 0)
        return true;
    struct span id = json_member_text(parent, "msg_id", SPAN(""));
    return id.len == 0 || span_equal(id, request->id);
}

int input_request_init(struct input_request *self)
{
    *self = (struct input_request){.replied.fd = -1};
    pthread_mutex_init(&self->lock, NULL);
    return waker_init(&self->replied);
}

void input_request_finish(struct input_request *self)
{
    message_free(self->request);
    message_free(self->reply);
    waker_finish(&self->replied);
    pthread_mutex_destroy(&self->lock);
}

/* The request itself travels; id and route are what a reply is compared with. */
static int remember(const struct message *request, struct message **ret)
{
    CLEANUP(message_freep) struct message *copy = NULL;
    int r = message_new(request->type, request->channel, &copy);
    if (r == 0)
        r = message_hold(copy, request->route, message_list_count(request->route), &copy->route);
    if (r < 0)
        return r;
    copy->id = arena_copy(copy->store, request->id);
    if (!copy->id.ptr)
        return -ENOMEM;
    *ret = TAKE(copy);
    return 0;
}

int input_request_begin(struct input_request *self, const struct message *request)
{
    struct message *copy = NULL;
    int r = remember(request, &copy);
    if (r < 0)
        return r;
    pthread_mutex_lock(&self->lock);
    message_free(self->request);
    message_free(self->reply);
    self->request = copy;
    self->reply = NULL;
    waker_clear(&self->replied);
    pthread_mutex_unlock(&self->lock);
    return 0;
}

void input_request_offer(struct input_request *self, struct message *reply)
{
    pthread_mutex_lock(&self->lock);
    if (self->request && !self->reply && accepts(self->request, reply)) {
        self->reply = TAKE(reply);
        waker_wake(&self->replied);
    }
    pthread_mutex_unlock(&self->lock);
    message_free(reply);
}

static struct message *take_reply(struct input_request *self, bool *ret_cancelled)
{
    pthread_mutex_lock(&self->lock);
    struct message *reply = TAKE(self->reply);
    if (reply) {
        message_free(self->request);
        self->request = NULL;
    }
    *ret_cancelled = self->cancelled;
    pthread_mutex_unlock(&self->lock);
    return reply;
}

int input_request_wait(struct input_request *self, struct message **ret_reply)
{
    sigset_t none;
    sigemptyset(&none);
    for (;;) {
        bool cancelled;
        struct message *reply = take_reply(self, &cancelled);
        if (reply) {
            *ret_reply = reply;
            return 0;
        }
        if (cancelled)
            return -EPIPE;
        struct pollfd item = {.fd = self->replied.fd, .events = POLLIN};
        if (ppoll(&item, 1, NULL, &none) < 0)
            return -errno;
        waker_clear(&self->replied);
    }
}

void input_request_cancel(struct input_request *self)
{
    pthread_mutex_lock(&self->lock);
    self->cancelled = true;
    pthread_mutex_unlock(&self->lock);
    waker_wake(&self->replied);
}
