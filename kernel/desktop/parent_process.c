#include "kernel/desktop/parent_process.h"

#include "kernel/zmq/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434 /* Linux 5.3, the same number on every architecture */
#endif

static struct watched {
    void (*ended)(void *user);
    void *user;
} watched;

static enum watch ready(void *user)
{
    (void)user;
    watched.ended(watched.user);
    return WATCH_OFF;
}

static long parent_pid(void)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): before any code of the user runs */
    const char *text = getenv("JPY_PARENT_PID"); /* jupyter_client sets it */
    char *end;
    if (!text)
        return 0;
    long pid = strtol(text, &end, 10);
    return *end || pid <= 1 ? 0 : pid;
}

int parent_process_watch(struct transport *transport, void (*ended)(void *user), void *user)
{
    long pid = parent_pid();
    if (!pid)
        return 0;
    watched = (struct watched){ended, user};
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0 && errno == ESRCH) {
        ended(user);
        return 0;
    }
    if (fd < 0) /* before Linux 5.3: at least the direct parent */
        return prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 ? -errno : 0;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return sockets_watch(transport, fd, ready, NULL);
}
