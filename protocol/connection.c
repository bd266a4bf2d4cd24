#include "protocol/connection.h"

#include "protocol/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_MAX = 64 * 1024,
    WHY_SIZE = 512,
    PATH_SHOWN = 240,
    TEXT_SHOWN = 240,
    NAME_MAX_LEN = 32,
    PORT_MAX = 65535
};

/* The member of struct connection that a text goes to; `otherwise` NULL: it may not be absent. */
struct text_field {
    const char *name;
    size_t offset;
    const char *otherwise;
};

static const struct text_field TEXTS[] = {
    {"transport", offsetof(struct connection, transport), "tcp"},
    {"ip", offsetof(struct connection, ip), NULL},
    {"key", offsetof(struct connection, key), NULL},
    {"signature_scheme", offsetof(struct connection, signature_scheme), "hmac-sha256"},
    {"kernel_name", offsetof(struct connection, kernel_name), ""},
};

static const char *const PORTS[] = {"shell_port", "control_port", "stdin_port", "iopub_port",
                                    "hb_port"};

enum { TEXT_COUNT = sizeof TEXTS / sizeof *TEXTS };
_Static_assert(sizeof PORTS / sizeof *PORTS == CONNECTION_PORTS, "one name per port");

/* The members found; a value without ptr is absent. */
struct found {
    struct scan_member texts[TEXT_COUNT], ports[CONNECTION_PORTS];
};

/* Where the line for the user is written, and the file that it speaks of. */
struct reader {
    const char *path;
    char *why;
};

/* `path` on one line: its end when it is long, no control characters. */
static void show_path(const char *path, char ret[PATH_SHOWN])
{
    size_t len = strlen(path);
    bool cut = len >= PATH_SHOWN;
    snprintf(ret, PATH_SHOWN, "%s%s", cut ? "..." : "", cut ? path + len - (PATH_SHOWN - 4) : path);
    for (; *ret; ret++)
        if ((unsigned char)*ret < ' ' || *ret == 0x7F)
            *ret = '?';
}

PRINTF_LIKE(3, 4)
static int fail(const struct reader *self, int error, const char *format, ...)
{
    char path[PATH_SHOWN], text[TEXT_SHOWN];
    show_path(self->path, path);
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(self->why, WHY_SIZE, "connection file %s: %s", path, text);
    return error;
}

/* What is wrong and what to do; NULL for errors that few will ever see. */
static const char *describe_error(int error)
{
    switch (error) {
    case -ENOENT:
    case -ENOTDIR:
        return "there is no such file; give -f the file that Jupyter wrote";
    case -EISDIR:
        return "it is a directory; give -f the file that Jupyter wrote";
    case -EFBIG:
        return "it is longer than 64 KiB; give -f the file that Jupyter wrote";
    case -EACCES:
    case -EPERM:
        return "this user may not read it; run the kernel as its owner";
    case -ENOMEM:
        return "memory ran out";
    default:
        return NULL;
    }
}

static int fail_system(const struct reader *self, int error)
{
    const char *text = describe_error(error);
    if (text)
        return fail(self, error, "%s", text);
    return fail(self, error, "it can not be read: error %d", -error);
}

/* Reads until the end or until `size` bytes are there. */
static int read_all(int fd, char *at, size_t size, size_t *ret_len)
{
    size_t len = 0;
    while (len < size) {
        ssize_t n = read(fd, at + len, size - len);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            break;
        len += n > 0 ? (size_t)n : 0;
    }
    *ret_len = len;
    return 0;
}

static int read_open_file(const struct reader *self, int fd, char *at, size_t *ret_len,
                          bool *ret_readable_by_others)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return fail_system(self, -errno);
    size_t len = 0;
    int r = read_all(fd, at, FILE_MAX + 1, &len);
    if (r < 0)
        return fail_system(self, r);
    if (len > FILE_MAX)
        return fail_system(self, -EFBIG);
    *ret_len = len;
    *ret_readable_by_others = (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
    return 0;
}

/* `at` has room for one byte more than FILE_MAX. */
static int read_file(const struct reader *self, char *at, size_t *ret_len,
                     bool *ret_readable_by_others)
{
    int fd = open(self->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return fail_system(self, -errno);
    int r = read_open_file(self, fd, at, ret_len, ret_readable_by_others);
    close(fd);
    return r;
}

/* Where the member's value belongs; NULL when it is none of ours. */
static struct scan_member *place_of(struct found *found, struct span name)
{
    for (int i = 0; i < TEXT_COUNT; i++)
        if (span_equal(name, span_of(TEXTS[i].name)))
            return &found->texts[i];
    for (int i = 0; i < CONNECTION_PORTS; i++)
        if (span_equal(name, span_of(PORTS[i])))
            return &found->ports[i];
    return NULL;
}

static void note(struct found *found, const struct scan_member *member)
{
    char name[6 * NAME_MAX_LEN];
    size_t len;
    if (member->key.len > sizeof name || scan_text(member->key, name, &len) < 0)
        return;
    struct scan_member *place = place_of(found, (struct span){name, len});
    if (place)
        *place = *member;
}

/* `ret` comes zeroed. */
static int find_members(const struct reader *self, struct span text, struct found *ret)
{
    struct scan scan;
    struct scan_member member;
    scan_init(&scan, text);
    int r;
    while ((r = scan_next(&scan, &member)) > 0)
        note(ret, &member);
    if (r == 0)
        return 0;
    if (text.len == 0)
        return fail(self, r, "it is empty; a JSON object is needed");
    unsigned line, column;
    scan_where(&scan, &line, &column);
    return fail(self, r, "line %u, column %u: %s; a JSON object is needed", line, column,
                scan.problem);
}

/* A string on the heap, from one that scan_next gave. */
static int decode(const struct reader *self, const char *name, struct span raw, char **ret)
{
    char *text = malloc(raw.len + 1);
    if (!text)
        return fail_system(self, -ENOMEM);
    size_t len = 0;
    int r = scan_text(raw, text, &len);
    if (r == 0 && !memchr(text, '\0', len)) {
        text[len] = '\0';
        *ret = text;
        return 0;
    }
    free(text);
    return fail(self, -EINVAL, "\"%s\" holds %s, a string without it is needed", name,
                r < 0 ? "half of a surrogate pair" : "\\u0000");
}

static int read_text(const struct reader *self, const struct text_field *field,
                     const struct scan_member *member, char **ret)
{
    bool absent = !member->value.ptr || (member->kind == SCAN_NULL && field->otherwise);
    if (absent && !field->otherwise)
        return fail(self, -EINVAL, "\"%s\" is missing, a string is needed", field->name);
    if (absent) {
        *ret = strdup(field->otherwise);
        return *ret ? 0 : fail_system(self, -ENOMEM);
    }
    if (member->kind != SCAN_STRING)
        return fail(self, -EINVAL, "\"%s\" is %s, a string is needed", field->name,
                    scan_kind_text(member->kind));
    return decode(self, field->name, member->value, ret);
}

static char **text_at(struct connection *self, const struct text_field *field)
{
    return (char **)((char *)self + field->offset);
}

/* 1 to `max`; 0 when the text is no such number. */
static int whole_number(struct span text, int max)
{
    int value = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = text.ptr[i] - '0';
        if (digit < 0 || digit > 9 || value > (max - digit) / 10)
            return 0;
        value = value * 10 + digit;
    }
    return value;
}

static int read_port(const struct reader *self, const char *name, const struct scan_member *member,
                     int max, int *ret)
{
    if (!member->value.ptr)
        return fail(self, -EINVAL, "\"%s\" is missing, a whole number from 1 to %d is needed", name,
                    max);
    if (member->kind != SCAN_NUMBER)
        return fail(self, -EINVAL, "\"%s\" is %s, a whole number from 1 to %d is needed", name,
                    scan_kind_text(member->kind), max);
    int port = whole_number(member->value, max);
    if (port == 0)
        return fail(self, -EINVAL, "\"%s\" is %.*s, a whole number from 1 to %d is needed", name,
                    member->value.len < 24 ? (int)member->value.len : 24, member->value.ptr, max);
    *ret = port;
    return 0;
}

/* *ret_max_port depends on the transport. */
static int check_texts(const struct reader *self, const struct connection *connection,
                       int *ret_max_port)
{
    struct span transport = span_of(connection->transport);
    bool tcp = span_equal(transport, SPAN("tcp"));
    if (!tcp && !span_equal(transport, SPAN("ipc")))
        return fail(self, -EINVAL, "\"transport\" is unknown, \"tcp\" or \"ipc\" is needed");
    if (span_equal(span_of(connection->ip), SPAN("")))
        return fail(self, -EINVAL, "\"ip\" is empty, an address is needed");
    *ret_max_port = tcp ? PORT_MAX : INT_MAX;
    return 0;
}

static int fill(const struct reader *self, const struct found *found, struct connection *connection)
{
    for (int i = 0; i < TEXT_COUNT; i++) {
        int r = read_text(self, &TEXTS[i], &found->texts[i], text_at(connection, &TEXTS[i]));
        if (r < 0)
            return r;
    }
    int max = 0;
    int r = check_texts(self, connection, &max);
    for (int i = 0; r == 0 && i < CONNECTION_PORTS; i++)
        r = read_port(self, PORTS[i], &found->ports[i], max, &connection->ports[i]);
    return r;
}

static int read_connection(const struct reader *self, char *memory, struct connection *ret)
{
    size_t len = 0;
    struct found found = {0};
    struct connection connection = {0};
    int r = read_file(self, memory, &len, &connection.readable_by_others);
    if (r == 0)
        r = find_members(self, (struct span){memory, len}, &found);
    if (r == 0)
        r = fill(self, &found, &connection);
    if (r < 0) {
        connection_finish(&connection);
        return r;
    }
    *ret = connection;
    return 0;
}

int connection_read(const char *path, char why[512], struct connection *ret)
{
    struct reader reader = {path, why};
    char *memory = malloc(FILE_MAX + 1);
    if (!memory)
        return fail_system(&reader, -ENOMEM);
    int r = read_connection(&reader, memory, ret);
    explicit_bzero(memory, FILE_MAX + 1);
    free(memory);
    return r;
}

void connection_finish(struct connection *self)
{
    if (self->key)
        explicit_bzero(self->key, strlen(self->key));
    for (int i = 0; i < TEXT_COUNT; i++)
        free(*text_at(self, &TEXTS[i]));
    *self = (struct connection){0};
}

int connection_endpoint(const struct connection *self, int channel, char *ret, size_t size)
{
    bool ipc = strcmp(self->transport, "ipc") == 0;
    char port[16];
    snprintf(port, sizeof port, "%c%d", ipc ? '-' : ':', self->ports[channel]);
    if (strlen(self->ip) + strlen(port) + sizeof "ipc://" > size)
        return -ENAMETOOLONG;
    snprintf(ret, size, "%s://%s%s", ipc ? "ipc" : "tcp", self->ip, port);
    return 0;
}
