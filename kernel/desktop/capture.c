#include "kernel/desktop/capture.h"

#include "kernel/platform/log.h"
#include "kernel/zmq/sockets.h"
#include "protocol/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    READ_SIZE = 64 * 1024, /* a pipe's capacity */
    TAIL_MAX = 3,          /* a character less one byte */
    SHARED_MAX = 8,
    SOURCES_MAX = 2 + SHARED_MAX
};

/* The reading end of a pipe. */
struct source {
    struct capture *capture;
    enum stream stream;
    int read_fd;
    struct request *request; /* held; NULL: it is the request's that is being answered */
    char tail[TAIL_MAX];     /* the beginning of a character whose end has not come yet */
    size_t tail_len;
};

/* A descriptor of the process, 1 or 2. */
struct target {
    int fd, saved; /* a copy of what it was */
    int write_fd;  /* the pipe's; kept open, so that read() finds no end when cells close theirs */
    struct source *source; /* of what is written there by now */
};

struct capture {
    struct kernel *kernel;
    struct transport *transport;
    pthread_mutex_t lock;
    struct target targets[2];
    struct source *shared[SHARED_MAX]; /* of earlier cells' pools of processes; or NULL */
    char buffer[TAIL_MAX + READ_SIZE];
};

/* How many bytes at the end of the text begin a character that is not complete. */
static size_t open_tail(struct span text)
{
    for (size_t len = 1; len <= TAIL_MAX && len <= text.len; len++) {
        unsigned char lead = (unsigned char)text.ptr[text.len - len];
        if ((lead & 0xc0) == 0x80)
            continue;
        size_t whole = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1, step;
        struct span tail = {text.ptr + text.len - len, len};
        return whole > len && !utf8_step(tail, &step) && step == len ? len : 0;
    }
    return 0;
}

static void write_text(struct source *self, struct span text)
{
    kernel_write_raw(self->capture->kernel, self->request, self->stream, text);
}

/* What read() returned: 0 when nobody can write any more, negative when the pipe is empty. */
static ssize_t read_some(struct source *self)
{
    char *buffer = self->capture->buffer;
    memcpy(buffer, self->tail, self->tail_len);
    ssize_t got = read(self->read_fd, buffer + self->tail_len, READ_SIZE);
    if (got <= 0)
        return got;
    struct span text = {buffer, self->tail_len + (size_t)got};
    self->tail_len = open_tail(text);
    text.len -= self->tail_len;
    memcpy(self->tail, text.ptr + text.len, self->tail_len);
    write_text(self, text);
    return got;
}

static void end_character(struct source *self)
{
    write_text(self, (struct span){self->tail, self->tail_len});
    self->tail_len = 0;
}

static void source_free(struct source *self)
{
    for (int i = 0; i < SHARED_MAX; i++)
        if (self->capture->shared[i] == self)
            self->capture->shared[i] = NULL;
    kernel_drop(self->request);
    close(self->read_fd);
    free(self);
}

static enum watch ready(void *user)
{
    struct source *self = user;
    struct capture *capture = self->capture;
    pthread_mutex_lock(&capture->lock);
    bool room = kernel_room(capture->kernel);
    bool ended = room && read_some(self) == 0;
    if (ended) {
        end_character(self);
        source_free(self);
    }
    pthread_mutex_unlock(&capture->lock);
    return ended ? WATCH_OFF : room ? WATCH_ON : WATCH_WHEN_ROOM;
}

/* --- whose output it is ----------------------------------------------------------------------- */

/* One system call. It does not find descendants whose parent has ended. */
static bool has_children(void)
{
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* A new pipe whose write end is in the place of the target. The read end does not block and no
 * child inherits it. */
static int put_pipe(struct capture *self, struct target *target, enum stream stream)
{
    int fds[2];
    struct source *source = calloc(1, sizeof *source);
    if (!source)
        return -ENOMEM;
    if (pipe2(fds, O_CLOEXEC) < 0) {
        free(source);
        return -errno;
    }
    *source = (struct source){.capture = self, .stream = stream, .read_fd = fds[0]};
    int r = sockets_watch(self->transport, fds[0], ready, source);
    if (r < 0 || fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0 || dup2(fds[1], target->fd) < 0) {
        /* a watched source ends by itself when its last writer has ended */
        close(fds[1]);
        if (r < 0)
            source_free(source);
        return r < 0 ? r : -errno;
    }
    if (target->write_fd >= 0)
        close(target->write_fd);
    target->write_fd = fds[1];
    target->source = source;
    return 0;
}

/* False: there are too many already. */
static bool share(struct capture *self, struct source *source)
{
    for (int i = 0; i < SHARED_MAX; i++)
        if (!self->shared[i]) {
            self->shared[i] = source;
            return true;
        }
    return false;
}

/* Children that outlive their cell go on writing to its pipe: the text is that cell's, or, from the
 * processes of a pool (`shares`), that of the cell that runs by then. */
static void hand_over(struct capture *self, bool shares)
{
    for (int i = 0; i < 2; i++) {
        struct source *before = self->targets[i].source;
        struct request *request = kernel_hold(self->kernel);
        if (put_pipe(self, &self->targets[i], before->stream) == 0 &&
            !(shares && share(self, before)))
            before->request = request;
        else
            kernel_drop(request);
    }
}

/* The sources whose text belongs to the cell that runs. */
static int list_sources(struct capture *self, struct source **list)
{
    int count = 0;
    for (int i = 0; i < 2; i++)
        list[count++] = self->targets[i].source;
    for (int i = 0; i < SHARED_MAX; i++)
        if (self->shared[i])
            list[count++] = self->shared[i];
    return count;
}

/* One look at all pipes is cheaper than reads that find nothing. What was written before this call
 * fits one pipe, so two reads are enough, also against a child that never stops. */
static void read_all(struct capture *self, bool all)
{
    struct source *sources[SOURCES_MAX];
    int count = list_sources(self, sources);
    struct pollfd items[SOURCES_MAX];
    for (int i = 0; i < count; i++)
        items[i] = (struct pollfd){.fd = sources[i]->read_fd, .events = POLLIN};
    if (poll(items, (nfds_t)count, 0) > 0)
        for (int i = 0; i < count; i++)
            for (int reads = 0; items[i].revents && reads < 2; reads++)
                if (!(all || kernel_room(self->kernel)) || read_some(sources[i]) <= 0)
                    break;
}

void capture_drain(void *capture, bool ends)
{
    struct capture *self = capture;
    fflush(stdout);
    pthread_mutex_lock(&self->lock);
    read_all(self, ends);
    bool shares = ends && kernel_shares_output(self->kernel), outlived = ends && has_children();
    for (int i = 0; ends && !outlived && i < 2; i++)
        end_character(self->targets[i].source);
    if (outlived)
        hand_over(self, shares);
    pthread_mutex_unlock(&self->lock);
}

void capture_flush(struct capture *self)
{
    pthread_mutex_lock(&self->lock);
    read_all(self, true);
    for (int i = 0; i < 2; i++)
        end_character(self->targets[i].source);
    pthread_mutex_unlock(&self->lock);
}

void capture_write_through(struct capture *self)
{
    char text[4096];
    for (int i = 0; i < 2; i++)
        for (ssize_t got; (got = read(self->targets[i].source->read_fd, text, sizeof text)) > 0;)
            if (write(self->targets[i].saved, text, (size_t)got) < 0)
                break;
}

/* --- beginning and end ------------------------------------------------------------------------ */

static void restore(struct target *target)
{
    if (target->saved >= 0)
        dup2(target->saved, target->fd);
}

int capture_start(struct kernel *kernel, struct transport *transport, struct capture **ret)
{
    struct capture *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->kernel = kernel;
    self->transport = transport;
    pthread_mutex_init(&self->lock, NULL);
    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        struct target *target = &self->targets[i];
        *target = (struct target){.fd = i + 1, .write_fd = -1};
        target->saved = fcntl(target->fd, F_DUPFD_CLOEXEC, 3);
        int r = put_pipe(self, target, i == 0 ? STREAM_STDOUT : STREAM_STDERR);
        if (r < 0)
            return r;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    log_set_fd(self->targets[1].saved);
    kernel_set_drain(kernel, capture_drain, self);
    *ret = self;
    return 0;
}

void capture_stop(struct capture *self)
{
    capture_drain(self, false);
    pthread_mutex_lock(&self->lock);
    for (int i = 0; i < 2; i++) {
        end_character(self->targets[i].source);
        restore(&self->targets[i]);
    }
    pthread_mutex_unlock(&self->lock);
}
