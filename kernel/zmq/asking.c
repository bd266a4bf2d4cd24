#include "kernel/zmq/asking.h"

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
 * there is one (jupyter_client sends none), must name the question.
 * Source: "Messaging in Jupyter", section "Messages on the stdin channel". */
static bool accepts(const struct message *question, const struct message *answer)
{
    if (answer->type != MSG_INPUT_REPLY || !same_route(question->route, answer->route))
        return false;
    char why[160];
    CLEANUP(json_decrefp) json_t *parent = NULL;
    if (json_read_object(answer->parent, why, &parent) < 0)
        return true;
    struct span id = json_member_text(parent, "msg_id", SPAN(""));
    return id.len == 0 || span_equal(id, question->id);
}

int asking_init(struct asking *self)
{
    *self = (struct asking){.answered.fd = -1};
    pthread_mutex_init(&self->lock, NULL);
    return waker_init(&self->answered);
}

void asking_finish(struct asking *self)
{
    message_free(self->question);
    message_free(self->answer);
    waker_finish(&self->answered);
    pthread_mutex_destroy(&self->lock);
}

/* The question itself travels; id and route are what an answer is compared with. */
static int remember(const struct message *question, struct message **ret)
{
    CLEANUP(message_freep) struct message *copy = NULL;
    int r = message_new(question->type, question->channel, &copy);
    if (r == 0)
        r = message_hold(copy, question->route, message_list_count(question->route), &copy->route);
    if (r < 0)
        return r;
    copy->id = arena_copy(copy->store, question->id);
    if (!copy->id.ptr)
        return -ENOMEM;
    *ret = TAKE(copy);
    return 0;
}

int asking_put(struct asking *self, const struct message *question)
{
    struct message *copy = NULL;
    int r = remember(question, &copy);
    if (r < 0)
        return r;
    pthread_mutex_lock(&self->lock);
    message_free(self->question);
    message_free(self->answer);
    self->question = copy;
    self->answer = NULL;
    waker_clear(&self->answered);
    pthread_mutex_unlock(&self->lock);
    return 0;
}

void asking_offer(struct asking *self, struct message *answer)
{
    pthread_mutex_lock(&self->lock);
    if (self->question && !self->answer && accepts(self->question, answer)) {
        self->answer = TAKE(answer);
        waker_ring(&self->answered);
    }
    pthread_mutex_unlock(&self->lock);
    message_free(answer);
}

static struct message *take_answer(struct asking *self, bool *ret_hung_up)
{
    pthread_mutex_lock(&self->lock);
    struct message *answer = TAKE(self->answer);
    if (answer) {
        message_free(self->question);
        self->question = NULL;
    }
    *ret_hung_up = self->hung_up;
    pthread_mutex_unlock(&self->lock);
    return answer;
}

int asking_wait(struct asking *self, struct message **ret_answer)
{
    sigset_t none;
    sigemptyset(&none);
    for (;;) {
        bool hung_up;
        struct message *answer = take_answer(self, &hung_up);
        if (answer) {
            *ret_answer = answer;
            return 0;
        }
        if (hung_up)
            return -EPIPE;
        struct pollfd item = {.fd = self->answered.fd, .events = POLLIN};
        if (ppoll(&item, 1, NULL, &none) < 0)
            return -errno;
        waker_clear(&self->answered);
    }
}

void asking_hang_up(struct asking *self)
{
    pthread_mutex_lock(&self->lock);
    self->hung_up = true;
    pthread_mutex_unlock(&self->lock);
    waker_ring(&self->answered);
}
