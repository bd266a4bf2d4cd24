#include "kernel/capture.h"

#include "kernel/log.h"
#include "kernel/sockets.h"
#include "protocol/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_SIZE = 64 * 1024, TAIL_MAX = 3 }; /* a pipe's capacity; a character less one byte */

struct pipe_end {
    struct capture *capture;
    enum stream stream;
    int target, saved;     /* 1 or 2; a copy of what it was */
    int read_fd, write_fd; /* the pipe; kept open, so that it never ends when cells close 1 or 2 */
    char tail[TAIL_MAX];   /* the beginning of a character whose end has not come yet */
    size_t tail_len;
};

struct capture {
    struct kernel *kernel;
    pthread_mutex_t lock;
    struct pipe_end ends[2];
    char buffer[TAIL_MAX + READ_SIZE];
};

/* How many bytes at the end of the text are the beginning of one character. */
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

/* False when the pipe is empty. */
static bool read_some(struct pipe_end *end)
{
    struct capture *self = end->capture;
    memcpy(self->buffer, end->tail, end->tail_len);
    ssize_t got = read(end->read_fd, self->buffer + end->tail_len, READ_SIZE);
    if (got <= 0)
        return false;
    struct span text = {self->buffer, end->tail_len + (size_t)got};
    end->tail_len = open_tail(text);
    text.len -= end->tail_len;
    memcpy(end->tail, text.ptr + text.len, end->tail_len);
    kernel_write_raw(self->kernel, end->stream, text);
    return true;
}

static enum watch ready(void *user)
{
    struct pipe_end *end = user;
    struct capture *self = end->capture;
    pthread_mutex_lock(&self->lock);
    bool room = kernel_room(self->kernel);
    if (room)
        read_some(end);
    pthread_mutex_unlock(&self->lock);
    return room ? WATCH_ON : WATCH_WHEN_ROOM;
}

static void end_character(struct pipe_end *end)
{
    kernel_write_raw(end->capture->kernel, end->stream, (struct span){end->tail, end->tail_len});
    end->tail_len = 0;
}

/* One look at both pipes is cheaper than two reads that find nothing. What was written before this
 * call fits one pipe, so two reads are enough, also against a child that never stops. */
void capture_drain(void *capture, bool ends)
{
    struct capture *self = capture;
    fflush(stdout);
    pthread_mutex_lock(&self->lock);
    struct pollfd items[] = {{.fd = self->ends[0].read_fd, .events = POLLIN},
                             {.fd = self->ends[1].read_fd, .events = POLLIN}};
    if (poll(items, 2, 0) > 0)
        for (int i = 0; i < 2; i++)
            for (int reads = 0; items[i].revents && reads < 2; reads++)
                if (!(ends || kernel_room(self->kernel)) || !read_some(&self->ends[i]))
                    break;
    for (int i = 0; ends && i < 2; i++)
        end_character(&self->ends[i]);
    pthread_mutex_unlock(&self->lock);
}

/* The read end does not block and no child inherits it; the write end is the target itself. */
static int put_pipe(struct capture *self, struct pipe_end *end, enum stream stream, int target)
{
    int fds[2];
    *end = (struct pipe_end){
        .capture = self, .stream = stream, .target = target, .read_fd = -1, .write_fd = -1};
    end->saved = fcntl(target, F_DUPFD_CLOEXEC, 3);
    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    end->read_fd = fds[0];
    end->write_fd = fds[1];
    return fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0 || dup2(fds[1], target) < 0 ? -errno : 0;
}

static void restore(struct pipe_end *end)
{
    if (end->saved >= 0)
        dup2(end->saved, end->target);
}

int capture_start(struct kernel *kernel, struct transport *transport, struct capture **ret)
{
    struct capture *self = calloc(1, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->kernel = kernel;
    pthread_mutex_init(&self->lock, NULL);
    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        struct pipe_end *end = &self->ends[i];
        int r = put_pipe(self, end, i == 0 ? STREAM_STDOUT : STREAM_STDERR, i + 1);
        if (r == 0)
            r = sockets_watch(transport, end->read_fd, ready, end);
        if (r < 0)
            return r;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    log_set_fd(self->ends[1].saved);
    kernel_set_drain(kernel, capture_drain, self);
    *ret = self;
    return 0;
}

void capture_stop(struct capture *self)
{
    capture_drain(self, true);
    for (int i = 0; i < 2; i++)
        restore(&self->ends[i]);
}
