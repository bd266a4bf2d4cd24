#include "kernel/launch/script.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { TIMEOUT_MS = 20000 }; /* a shim on a slow network disk takes seconds */

bool script_is(const char *path)
{
    char head[2];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool is = read(fd, head, sizeof head) == sizeof head && head[0] == '#' && head[1] == '!';
    close(fd);
    return is;
}

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reads to the end. Returns the length, or -ETIMEDOUT, -EFBIG (`ret` is full) and others. */
static long read_all(int fd, long end, char *ret, size_t size)
{
    size_t length = 0;
    while (length < size) {
        long left = end - milliseconds();
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int ready = left <= 0 ? 0 : poll(&wait, 1, (int)left);
        if (ready == 0)
            return -ETIMEDOUT;
        ssize_t got = ready < 0 ? -1 : read(fd, ret + length, size - length);
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got == 0)
            return (long)length;
        length += got > 0 ? (size_t)got : 0;
    }
    return -EFBIG;
}

/* Waits for the process, and kills it when it does not end in time. -EPROTO: not with status 0. */
static int wait_for(pid_t pid, long end)
{
    static const struct timespec moment = {.tv_nsec = 1000000};
    int status = 0;
    pid_t ended;
    /* A script ends right after its output does, as a rule: no need for a pidfd. */
    while ((ended = waitpid(pid, &status, WNOHANG)) == 0 && milliseconds() < end)
        nanosleep(&moment, NULL);
    if (ended == 0) {
        kill(pid, SIGKILL);
        (void)waitpid(pid, &status, 0);
        return -ETIMEDOUT;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPROTO;
}

/* What Python is to do, and the stream whose text is wanted. */
struct task {
    const char *code;
    int stream;
};

/* The script gets no input, an ordinary signal mask, and `out` as the stream. A pid, or -errno. */
static pid_t spawn(const char *path, const struct task *task, int out)
{
    char option[] = "-c";
    char *const arguments[] = {(char *)(uintptr_t)path, option, (char *)(uintptr_t)task->code,
                               NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    pid_t pid = -1;
    sigemptyset(&none);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return -ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return -ENOMEM;
    }
    int error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, out, task->stream);
    if (error == 0)
        error = posix_spawnattr_setsigmask(&attributes, &none);
    if (error == 0)
        error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    if (error == 0)
        error = posix_spawn(&pid, path, &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? pid : -error;
}

/* What the script wrote. Returns the length or -errno; with -EPROTO, when it ended with an error,
 * the text is NUL-terminated. */
static long run(const char *path, const struct task *task, char *ret, size_t size)
{
    int ends[2];
    long end = milliseconds() + TIMEOUT_MS;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid_t pid = spawn(path, task, ends[1]);
    close(ends[1]);
    long length = pid < 0 ? pid : read_all(ends[0], end, ret, size);
    close(ends[0]);
    if (pid < 0)
        return pid;
    int error = wait_for(pid, length < 0 ? 0 : end);
    if (length >= 0)
        ret[length] = '\0';
    return length < 0 ? length : error < 0 ? error : length;
}

enum exit_code script_executable(const char *path, char ret[PATH_MAX])
{
    static const struct task tell = {"import sys; print(sys.executable)", STDOUT_FILENO};
    char text[2 * PATH_MAX];
    long length = run(path, &tell, text, sizeof text - 1);
    if (length < 0) {
        say("%s is a script and did not tell which Python it runs: %s", path,
            length == -EPROTO ? "it ended with an error" : reason((int)length));
        return EXIT_NO_PYTHON;
    }
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    text[length] = '\0';
    const char *line = strrchr(text, '\n');
    line = line != NULL ? line + 1 : text; /* the last line: a wrapper may print others before */
    if (line[0] != '/' || strlen(line) >= PATH_MAX) {
        say("%s is a script and no Python: it answered \"%.100s\" for sys.executable", path, line);
        return EXIT_NO_PYTHON;
    }
    memcpy(ret, line, strlen(line) + 1);
    return EXIT_FINE;
}

/* The most useful line of a Python that does not start: the last one that is no remark. */
static const char *telling_line(char *text)
{
    const char *found = "it said nothing";
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, "Fatal Python error", strlen("Fatal Python error")) == 0)
            return line;
        if (*line != ' ' && *line != '<')
            found = line;
    }
    return found;
}

bool script_starts(const char *path, char *ret_line, size_t size)
{
    static const struct task nothing = {"pass", STDERR_FILENO};
    char text[16384];
    long length = run(path, &nothing, text, sizeof text - 1);
    if (length >= 0)
        return true;
    snprintf(ret_line, size, "%s", length == -EPROTO ? telling_line(text) : reason((int)length));
    return false;
}
