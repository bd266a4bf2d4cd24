#include "kernel/launch/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 100 }; /* libzmq's default, ZMQ_BACKLOG */

static const char *const channel_names[CONNECTION_PORTS] = {"shell", "control", "stdin", "iopub",
                                                            "hb"};

/* Binds and listens, or leaves no socket. -errno. */
static int listen_on(const struct sockaddr *address, socklen_t length, int *ret_fd)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    const int on = 1;
    if (address->sa_family != AF_UNIX)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, address, length) < 0 || listen(fd, BACKLOG) < 0) {
        int error = -errno;
        close(fd);
        return error;
    }
    *ret_fd = fd;
    return 0;
}

/* The host without the brackets of "[::1]"; NULL stands for every address. False: too long. */
static bool bare_host(const char *ip, char ret[NI_MAXHOST], const char **ret_host)
{
    size_t length = strlen(ip);
    bool brackets = length > 2 && ip[0] == '[' && ip[length - 1] == ']';
    if (brackets) {
        ip++;
        length -= 2;
    }
    if (length >= NI_MAXHOST)
        return false;
    memcpy(ret, ip, length);
    ret[length] = '\0';
    *ret_host = strcmp(ret, "*") == 0 ? NULL : ret;
    return true;
}

/* IPv4 first: pyzmq's clients connect to a name by IPv4 unless told otherwise. */
static int resolve(const char *host, const char *port, struct addrinfo **ret)
{
    static const struct addrinfo attempts[] = {
        {.ai_family = AF_INET, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE},
        {.ai_family = AF_INET6, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV},
        {.ai_family = AF_INET, .ai_flags = AI_NUMERICSERV},
        {.ai_family = AF_INET6, .ai_flags = AI_NUMERICSERV},
    };
    int error = EAI_NONAME;
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0] && error != 0; i++) {
        struct addrinfo hints = attempts[i];
        hints.ai_socktype = SOCK_STREAM;
        error = getaddrinfo(host, port, &hints, ret);
    }
    return error;
}

/* Which channel before `channel` has the same port; -1 when none has. */
static int same_port(const struct connection *connection, int channel)
{
    for (int i = 0; i < channel; i++) {
        if (connection->ports[i] == connection->ports[channel])
            return i;
    }
    return -1;
}

static enum exit_code refuse(const struct connection *connection, int channel, int error)
{
    const char *name = channel_names[channel], *ip = connection->ip;
    const char *mark = strcmp(connection->transport, "ipc") == 0 ? "-" : ":";
    int port = connection->ports[channel], other = same_port(connection, channel);
    if (other >= 0)
        say("the connection file gives port %d to both %s and %s; each needs its own", port,
            channel_names[other], name);
    else if (error == -EADDRINUSE)
        say("address %s%s%d (%s) is taken; end the process that listens there, or start with "
            "other ports",
            ip, mark, port, name);
    else if (error == -EADDRNOTAVAIL)
        say("address %s%s%d (%s) is not one of this machine's; correct \"ip\" in the connection "
            "file",
            ip, mark, port, name);
    else
        say("cannot listen on %s%s%d (%s): %s; correct the connection file", ip, mark, port, name,
            reason(error));
    return EXIT_ADDRESS;
}

static enum exit_code listen_tcp(const struct connection *connection, int channel, int *ret_fd)
{
    char text[NI_MAXHOST], port[16];
    const char *host;
    if (!bare_host(connection->ip, text, &host))
        return refuse(connection, channel, -ENAMETOOLONG);
    snprintf(port, sizeof port, "%d", connection->ports[channel]);
    struct addrinfo *found;
    int error = resolve(host, port, &found);
    if (error != 0) {
        say("cannot look up address %s (%s): %s; correct \"ip\" in the connection file",
            connection->ip, channel_names[channel], gai_strerror(error));
        return EXIT_ADDRESS;
    }
    error = listen_on(found->ai_addr, found->ai_addrlen, ret_fd);
    freeaddrinfo(found);
    return error < 0 ? refuse(connection, channel, error) : EXIT_FINE;
}

/* A socket file whose listener has gone. Never a file of another kind. */
static bool is_stale(const struct sockaddr_un *address)
{
    struct stat status;
    if (lstat(address->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    bool refused =
        connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static enum exit_code listen_ipc(const struct connection *connection, int channel, int *ret_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path, sizeof address.sun_path, "%s-%d", connection->ip,
                          connection->ports[channel]);
    if (length < 0 || (size_t)length >= sizeof address.sun_path) {
        say("socket path %s-%d (%s) is too long: the system allows %zu bytes; shorten \"ip\" in "
            "the connection file",
            connection->ip, connection->ports[channel], channel_names[channel],
            sizeof address.sun_path - 1);
        return EXIT_ADDRESS;
    }
    const struct sockaddr *where = (const struct sockaddr *)&address;
    int error = listen_on(where, sizeof address, ret_fd);
    if (error == -EADDRINUSE && is_stale(&address) && unlink(address.sun_path) == 0)
        error = listen_on(where, sizeof address, ret_fd);
    return error < 0 ? refuse(connection, channel, error) : EXIT_FINE;
}

enum exit_code listen_all(const struct connection *connection, int ret_fds[CONNECTION_PORTS])
{
    bool ipc = strcmp(connection->transport, "ipc") == 0;
    int fds[CONNECTION_PORTS] = {0};
    for (int i = 0; i < CONNECTION_PORTS; i++) {
        enum exit_code code =
            ipc ? listen_ipc(connection, i, &fds[i]) : listen_tcp(connection, i, &fds[i]);
        if (code != EXIT_FINE) {
            while (i-- > 0)
                close(fds[i]);
            return code;
        }
    }
    memcpy(ret_fds, fds, sizeof fds);
    return EXIT_FINE;
}
