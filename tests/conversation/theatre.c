#include "tests/conversation/theatre.h"

#include "interp/echo.h"
#include "kernel/queue.h"
#include "kernel/zmq/asking.h"
#include "protocol/json.h"
#include "protocol/wire.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 20, SHOWN_MAX = 160, FRAMES_MAX = 32, SAID_MAX = 4096 };

struct theatre {
    struct transport base; /* first: transport functions cast back */
    struct transport_sink sink;
    struct theatre_options options;
    struct interp *interp;
    struct kernel *kernel;
    struct asking asking;
    pthread_t stagehand, actor;
    bool acting; /* there is an actor to join */
    atomic_int interruptions;

    pthread_mutex_t lock; /* for all below; taken after the kernel's */
    pthread_cond_t changed;
    struct signer *signer;
    struct queue inbox;
    unsigned long delivered; /* of the inbox */
    char *said[SAID_MAX];    /* ids of requests */
    size_t said_count;
    struct heard **heard; /* each stays where it is until the end */
    size_t count, cap, flushed;
    struct timespec deadline; /* of arm(); zero for none */
    bool full, closing, running, stopped;
};

/* --- what goes wrong with the theatre itself ---------------------------------------------------
 */

static void give_up(struct theatre *self, const char *what, const char *detail)
{
    theatre_print(self);
    printf("the theatre gives up: %s%s\n", what, detail);
    fflush(stdout);
    _exit(1);
}

static void must(bool held, const char *what)
{
    if (held)
        return;
    printf("the theatre gives up: %s\n", what);
    fflush(stdout);
    _exit(1);
}

static struct timespec from_now(long ms)
{
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    long nsec = moment.tv_nsec + ms % 1000 * 1000000;
    return (struct timespec){moment.tv_sec + ms / 1000 + nsec / 1000000000, nsec % 1000000000};
}

static bool reached(struct timespec moment)
{
    struct timespec now = from_now(0);
    return now.tv_sec > moment.tv_sec ||
           (now.tv_sec == moment.tv_sec && now.tv_nsec >= moment.tv_nsec);
}

/* --- the transport's thread --------------------------------------------------------------------
 */

/* The lock is open meanwhile: the kernel sends from here. */
static void deliver_one(struct theatre *self, struct message *msg)
{
    pthread_mutex_unlock(&self->lock);
    if (msg->channel == CHANNEL_IOPUB) {
        self->sink.subscribed(self->sink.user, msg->content);
        message_free(msg);
    } else if (msg->channel == CHANNEL_STDIN) {
        asking_offer(&self->asking, msg);
    } else {
        self->sink.message(self->sink.user, msg);
    }
    pthread_mutex_lock(&self->lock);
}

static void run_tick(struct theatre *self)
{
    self->deadline = (struct timespec){0};
    pthread_mutex_unlock(&self->lock);
    self->sink.tick(self->sink.user);
    pthread_mutex_lock(&self->lock);
}

static void *stagehand(void *user)
{
    struct theatre *self = user;
    pthread_mutex_lock(&self->lock);
    while (!self->closing) {
        struct message *msg = queue_pop(&self->inbox);
        if (msg) {
            unsigned long number = msg->number;
            deliver_one(self, msg);
            self->delivered = number + 1;
            pthread_cond_broadcast(&self->changed);
        } else if (!self->deadline.tv_sec) {
            pthread_cond_wait(&self->changed, &self->lock);
        } else if (reached(self->deadline)) {
            run_tick(self);
        } else {
            struct timespec until = self->deadline;
            pthread_cond_timedwait(&self->changed, &self->lock, &until);
        }
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

static void push_inbox(struct theatre *self, struct message *msg)
{
    pthread_mutex_lock(&self->lock);
    queue_push(&self->inbox, msg);
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static bool wait_delivered(struct theatre *self, const struct timespec *until)
{
    unsigned long wanted = self->inbox.pushed;
    int r = 0;
    while (self->delivered < wanted && !self->closing && r == 0)
        r = pthread_cond_timedwait(&self->changed, &self->lock, until);
    return r == 0;
}

/* --- transport_impl ----------------------------------------------------------------------------
 */

static int stage_start(struct transport *t, const struct transport_sink *sink)
{
    struct theatre *self = (struct theatre *)t;
    self->sink = *sink;
    return -pthread_create(&self->stagehand, NULL, stagehand, self);
}

/* A string member of a JSON object that is given as text; "" when there is none. */
static char *copy_member(struct span object, const char *key)
{
    char why[160];
    CLEANUP(json_decrefp) json_t *value = NULL;
    struct span member = SPAN("");
    if (json_read_object(object, why, &value) == 0)
        member = json_member_text(value, key, SPAN(""));
    return strndup(member.ptr, member.len);
}

static struct heard *heard_new(struct message *msg)
{
    char why[160];
    struct heard *self = calloc(1, sizeof *self);
    must(self, "no memory");
    self->msg = msg;
    self->parent = copy_member(msg->parent, "msg_id");
    self->type = copy_member(msg->header, "msg_type");
    must(self->parent && self->type, "no memory");
    if (json_read_object(msg->content, why, &self->content) < 0)
        self->content = NULL;
    return self;
}

static void heard_free(struct heard *self)
{
    message_free(self->msg);
    json_decref(self->content);
    free(self->parent);
    free(self->type);
    free(self);
}

static void keep(struct theatre *self, struct heard *heard)
{
    if (self->count == self->cap) {
        self->cap = self->cap ? 2 * self->cap : 256;
        self->heard = realloc(self->heard, self->cap * sizeof(struct heard *));
        must(self->heard, "no memory");
    }
    self->heard[self->count++] = heard;
    pthread_cond_broadcast(&self->changed);
}

static int stage_send(struct transport *t, struct message *msg)
{
    struct theatre *self = (struct theatre *)t;
    struct heard *heard = heard_new(msg);
    pthread_mutex_lock(&self->lock);
    keep(self, heard);
    pthread_mutex_unlock(&self->lock);
    if (self->options.on_send)
        self->options.on_send(self, msg, self->options.user);
    return 0;
}

static void stage_flush(struct transport *t)
{
    struct theatre *self = (struct theatre *)t;
    pthread_mutex_lock(&self->lock);
    self->flushed = self->count;
    pthread_mutex_unlock(&self->lock);
}

static bool stage_room(struct transport *t, unsigned wait_ms)
{
    struct theatre *self = (struct theatre *)t;
    struct timespec until = from_now(wait_ms);
    int r = wait_ms ? 0 : ETIMEDOUT;
    pthread_mutex_lock(&self->lock);
    while (self->full && r == 0)
        r = pthread_cond_timedwait(&self->changed, &self->lock, &until);
    bool room = !self->full;
    pthread_mutex_unlock(&self->lock);
    return room;
}

static void stage_arm(struct transport *t, unsigned ms)
{
    struct theatre *self = (struct theatre *)t;
    pthread_mutex_lock(&self->lock);
    self->deadline = from_now(ms);
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static int stage_ask(struct transport *t, struct message *request, struct message **ret_reply)
{
    struct theatre *self = (struct theatre *)t;
    if (request) {
        int r = asking_put(&self->asking, request);
        if (r < 0) {
            message_free(request);
            return r;
        }
        stage_send(t, request);
    }
    return atomic_fetch_sub(&self->interruptions, 1) > 0 ? -EINTR
                                                         : asking_wait(&self->asking, ret_reply);
}

static void stage_hang_up(struct transport *t) { asking_hang_up(&((struct theatre *)t)->asking); }

static void stage_catch_up(struct transport *t)
{
    struct theatre *self = (struct theatre *)t;
    struct timespec until = from_now(PATIENCE_SECONDS * 1000L);
    pthread_mutex_lock(&self->lock);
    bool done = wait_delivered(self, &until);
    pthread_mutex_unlock(&self->lock);
    if (!done)
        give_up(self, "catch_up() waits for ever", "");
}

static void stage_close(struct transport *t)
{
    struct theatre *self = (struct theatre *)t;
    pthread_mutex_lock(&self->lock);
    self->closing = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
    pthread_join(self->stagehand, NULL);
}

/* The theatre itself stays: what was heard is still looked at. */
static void stage_destroy(struct transport *t)
{
    struct theatre *self = (struct theatre *)t;
    stage_close(t);
    queue_finish(&self->inbox);
    asking_finish(&self->asking);
    signer_free(self->signer);
}

static const struct transport_impl stage = {
    .start = stage_start,
    .send = stage_send,
    .flush = stage_flush,
    .room = stage_room,
    .arm = stage_arm,
    .ask = stage_ask,
    .catch_up = stage_catch_up,
    .hang_up = stage_hang_up,
    .close = stage_close,
    .destroy = stage_destroy,
};

/* --- open and close ----------------------------------------------------------------------------
 */

static void set_running(struct theatre *self, bool running, bool stopped)
{
    pthread_mutex_lock(&self->lock);
    self->running = running;
    self->stopped = stopped;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static bool run(struct theatre *self)
{
    set_running(self, true, false);
    bool goes_on = kernel_run(self->kernel);
    set_running(self, false, !goes_on);
    return goes_on;
}

static void *actor(void *user)
{
    struct theatre *self = user;
    do
        must(self->interp->impl->wait(self->interp, kernel_fd(self->kernel)) >= 0, "wait() fails");
    while (run(self));
    return NULL;
}

static void start_kernel(struct theatre *self)
{
    struct kernel_options options = {.stopping = self->options.stopping,
                                     .user = self->options.user,
                                     .store = self->options.store};
    memcpy(options.ports, self->options.ports, sizeof options.ports);
    must(kernel_new(self->interp, &self->base, &options, &self->kernel) == 0, "no kernel");
    if (self->options.drain)
        kernel_set_drain(self->kernel, self->options.drain, self->options.user);
    self->acting = !self->options.by_hand;
    if (self->acting)
        must(pthread_create(&self->actor, NULL, actor, self) == 0, "no thread for the kernel");
}

struct theatre *theatre_open(const struct theatre_options *options)
{
    struct theatre *self = calloc(1, sizeof *self);
    must(self, "no memory");
    self->base.impl = &stage;
    if (options)
        self->options = *options;
    atomic_init(&self->interruptions, self->options.interruptions);
    queue_init(&self->inbox);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&self->lock, NULL);
    must(signer_new(SPAN("hmac-sha256"), SPAN(""), &self->signer) == 0, "no signer");
    must(asking_init(&self->asking) == 0, "no eventfd");
    self->interp = self->options.interp;
    if (!self->interp)
        must(echo_new(&self->interp) == 0, "no echo");
    start_kernel(self);
    return self;
}

void theatre_wait_stopped(struct theatre *self)
{
    struct timespec until = from_now(PATIENCE_SECONDS * 1000L);
    int r = 0;
    pthread_mutex_lock(&self->lock);
    while (self->acting && !self->stopped && r == 0)
        r = pthread_cond_timedwait(&self->changed, &self->lock, &until);
    pthread_mutex_unlock(&self->lock);
    if (r != 0)
        give_up(self, "the kernel's thread does not end", "");
    if (self->acting)
        pthread_join(self->actor, NULL);
    self->acting = false;
}

void theatre_close(struct theatre *self)
{
    kernel_stop(self->kernel);
    theatre_wait_stopped(self);
    kernel_join(self->kernel);
    self->base.impl->destroy(&self->base);
    kernel_free(self->kernel);
    self->interp->impl->destroy(self->interp);
    for (size_t i = 0; i < self->count; i++)
        heard_free(self->heard[i]);
    free(self->heard);
    for (size_t i = 0; i < self->said_count; i++)
        free(self->said[i]);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

struct kernel *theatre_kernel(struct theatre *self) { return self->kernel; }

struct interp_host *theatre_host(struct theatre *self) { return self->interp->host; }

void theatre_set_room(struct theatre *self, bool room)
{
    pthread_mutex_lock(&self->lock);
    self->full = !room;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

/* --- saying ------------------------------------------------------------------------------------
 */

static size_t add_frame(struct bytes **frames, size_t count, struct span text)
{
    must(count < FRAMES_MAX && bytes_new_copy(text, &frames[count]) == 0, "no frame");
    return count + 1;
}

static size_t add_json(struct bytes **frames, size_t count, const char *text)
{
    return add_frame(frames, count, text ? span_of(text) : SPAN("{}"));
}

static void put_header(const struct line *line, struct buf *out)
{
    if (line->header) {
        buf_put(out, span_of(line->header));
        return;
    }
    buf_putc(out, '{');
    json_put_member(out, "msg_id", span_of(line->id));
    json_put_member(out, "msg_type", span_of(line->type));
    json_put_member(out, "session", SPAN("theatre"));
    buf_put(out, SPAN(",\"username\":\"test\",\"version\":\"5.3\"}"));
}

static size_t make_frames(const struct line *line, struct bytes **frames)
{
    CLEANUP(buf_finish) struct buf header = BUF_INIT;
    put_header(line, &header);
    size_t count = 0;
    count = add_frame(frames, count, span_of(line->client ? line->client : "client"));
    count = add_frame(frames, count, SPAN("<IDS|MSG>"));
    count = add_frame(frames, count, SPAN(""));
    count = add_frame(frames, count, buf_view(&header));
    count = add_json(frames, count, line->parent);
    count = add_json(frames, count, line->metadata);
    count = add_json(frames, count, line->content);
    for (size_t i = 0; line->buffers && line->buffers[i]; i++)
        count = add_frame(frames, count, span_of(line->buffers[i]));
    return count;
}

void theatre_say_line(struct theatre *self, const struct line *line)
{
    struct bytes *frames[FRAMES_MAX];
    struct message *msg = NULL;
    size_t count = make_frames(line, frames);
    pthread_mutex_lock(&self->lock);
    int r = wire_parse(self->signer, line->channel, frames, count, &msg);
    must(r == 0, "wire_parse() refuses a line");
    if (line->channel != CHANNEL_STDIN) {
        must(self->said_count < SAID_MAX, "too much was said");
        self->said[self->said_count++] = strndup(msg->id.ptr, msg->id.len);
    }
    pthread_mutex_unlock(&self->lock);
    push_inbox(self, msg);
}

void theatre_subscribe(struct theatre *self, const char *topic)
{
    struct message *msg = NULL;
    must(message_new(MSG_UNKNOWN, CHANNEL_IOPUB, &msg) == 0, "no memory");
    msg->content = arena_copy(msg->store, span_of(topic));
    push_inbox(self, msg);
}

void theatre_deliver(struct theatre *self) { stage_catch_up(&self->base); }

bool theatre_run(struct theatre *self)
{
    theatre_deliver(self);
    bool goes_on = run(self);
    while (goes_on && kernel_waits(self->kernel))
        goes_on = run(self);
    return goes_on;
}

/* The bell rings until kernel_run() has begun, so one of the two is always seen. */
static bool at_rest(const struct theatre *self)
{
    struct pollfd bell = {.fd = kernel_fd(self->kernel), .events = POLLIN};
    return self->stopped ||
           (self->delivered == self->inbox.pushed && !self->running && poll(&bell, 1, 0) == 0);
}

void theatre_rest(struct theatre *self)
{
    struct timespec until = from_now(PATIENCE_SECONDS * 1000L);
    int r = 0;
    pthread_mutex_lock(&self->lock);
    while (!at_rest(self) && r == 0)
        r = pthread_cond_timedwait(&self->changed, &self->lock, &until);
    pthread_mutex_unlock(&self->lock);
    if (r != 0)
        give_up(self, "the kernel does not come to rest", "");
}

/* --- hearing -----------------------------------------------------------------------------------
 */

static const char *state_of(const struct heard *heard)
{
    const char *state = json_string_value(json_object_get(heard->content, "execution_state"));
    return state ? state : "";
}

static bool is_what(const struct heard *heard, const char *what)
{
    return strcmp(heard->type, what) == 0 ||
           (heard->msg->type == MSG_STATUS && strcmp(state_of(heard), what) == 0);
}

static const struct heard *find_from(struct theatre *self, size_t *from, const char *parent,
                                     const char *what)
{
    for (; *from < self->count; ++*from) {
        const struct heard *heard = self->heard[*from];
        if (strcmp(heard->parent, parent) == 0 && is_what(heard, what))
            return heard;
    }
    return NULL;
}

const struct heard *theatre_find(struct theatre *self, const char *parent, const char *what)
{
    size_t from = 0;
    pthread_mutex_lock(&self->lock);
    const struct heard *found = find_from(self, &from, parent, what);
    pthread_mutex_unlock(&self->lock);
    return found;
}

const struct heard *theatre_await(struct theatre *self, const char *parent, const char *what)
{
    struct timespec until = from_now(PATIENCE_SECONDS * 1000L);
    const struct heard *found;
    size_t from = 0;
    int r = 0;
    pthread_mutex_lock(&self->lock);
    while (!(found = find_from(self, &from, parent, what)) && r == 0)
        r = pthread_cond_timedwait(&self->changed, &self->lock, &until);
    pthread_mutex_unlock(&self->lock);
    if (!found) {
        char detail[SHOWN_MAX];
        snprintf(detail, sizeof detail, "%s of \"%s\"", what, parent);
        give_up(self, "it never heard ", detail);
    }
    return found;
}

const struct heard *theatre_heard(struct theatre *self, size_t index)
{
    pthread_mutex_lock(&self->lock);
    const struct heard *heard = index < self->count ? self->heard[index] : NULL;
    pthread_mutex_unlock(&self->lock);
    return heard;
}

const char *theatre_said(struct theatre *self, size_t index)
{
    const char *said = NULL;
    pthread_mutex_lock(&self->lock);
    if (index < self->said_count)
        said = self->said[index];
    pthread_mutex_unlock(&self->lock);
    return said;
}

unsigned theatre_flushed(struct theatre *self)
{
    pthread_mutex_lock(&self->lock);
    unsigned flushed = (unsigned)self->flushed;
    pthread_mutex_unlock(&self->lock);
    return flushed;
}

void theatre_print(struct theatre *self)
{
    static const char *const channels[] = {"shell", "control", "stdin", "iopub", "hb"};
    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < self->count; i++) {
        const struct heard *heard = self->heard[i];
        struct span content = heard->msg->content;
        printf("  %3zu %-8s %-20s of \"%s\" %.*s%s\n", i, channels[heard->msg->channel],
               heard->type, heard->parent, content.len < SHOWN_MAX ? (int)content.len : SHOWN_MAX,
               content.ptr, content.len < SHOWN_MAX ? "" : "...");
    }
    pthread_mutex_unlock(&self->lock);
}
