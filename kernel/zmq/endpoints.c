#include "kernel/zmq/endpoints.h"

#include "kernel/platform/log.h"

#include <errno.h>
#include <zmq.h>

enum { IOPUB_HWM = 1000 }; /* messages per subscriber in libzmq */
static const int64_t message_max = (int64_t)1 << 30;

static void set_int(void *socket, int option, int value)
{
    zmq_setsockopt(socket, option, &value, sizeof value);
}

static int open_socket(struct sockets *self, const struct connection *connection, int channel,
                       int fd)
{
    char endpoint[256];
    int r = connection_endpoint(connection, channel, endpoint, sizeof endpoint);
    if (r < 0)
        return r;
    void *socket = zmq_socket(self->context, channel == CHANNEL_IOPUB ? ZMQ_XPUB : ZMQ_ROUTER);
    if (!socket)
        return -errno;
    self->socks[channel] = socket;
    set_int(socket, ZMQ_LINGER, SOCKETS_LINGER_MS);
    set_int(socket, ZMQ_IPV6, strchr(connection->ip, ':') != NULL);
    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &message_max, sizeof message_max);
    if (channel == CHANNEL_IOPUB) {
        set_int(socket, ZMQ_XPUB_VERBOSE, 1);
        set_int(socket, ZMQ_XPUB_NODROP, 1);
        set_int(socket, ZMQ_SNDHWM, IOPUB_HWM);
    } else {
        set_int(socket, ZMQ_ROUTER_HANDOVER, 1);
        set_int(socket, ZMQ_SNDHWM, 0);
    }
    if (fd >= 0)
        set_int(socket, ZMQ_USE_FD, fd);
    if (zmq_bind(socket, endpoint) == 0)
        return 0;
    r = -errno;
    log_line("can not listen at %s: %s", endpoint, zmq_strerror(errno));
    return r;
}

int endpoints_open(struct sockets *self, const struct connection *connection, const int *fds)
{
    self->context = zmq_ctx_new();
    if (!self->context)
        return -errno;
    for (int i = 0; i < CHANNEL_COUNT; i++) {
        int r = open_socket(self, connection, i, fds[i]);
        if (r < 0)
            return r;
    }
    return signer_new(span_of(connection->signature_scheme), span_of(connection->key),
                      &self->signer);
}

void endpoints_close(struct sockets *self)
{
    for (int i = 0; i < CHANNEL_COUNT; i++)
        if (self->socks[i])
            zmq_close(self->socks[i]);
    if (self->context)
        zmq_ctx_term(self->context);
    memset((void *)self->socks, 0, sizeof self->socks);
    self->context = NULL;
}
