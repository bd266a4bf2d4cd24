#include "kernel/launch/failed_start.h"

#include "kernel/launch/hmac.h"
#include "kernel/launch/peers.h"
#include "protocol/date.h"
#include "protocol/json_write.h"
#include "protocol/scan.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECT_MS = 60000, /* until a client must have connected */
    LINGER_MS = 1000,   /* for what a client sends behind the first cell */
    LOOK_MS = 500,      /* between looks whether the parent lives */
    PARTS = 4,          /* header, parent header, metadata, content */
};

struct failed_start {
    const struct connection *connection;
    enum exit_code code;
    const char *why, *remedy;
    char session[33];
    unsigned long sent; /* messages */
    pid_t parent;
    int64_t ends_ms; /* steady; 0: not known yet */
    bool told;       /* a cell has got the error */
    struct peers peers;
};

/* One request; spans borrow from the peer's buffer. */
struct received {
    struct peer *peer;
    struct span route[ZMTP_FRAMES_MAX];
    size_t routes;
    struct span header, content;
    char type[64];
    struct span code; /* of a cell: JSON text */
    bool silent, restart;
};

static int64_t steady_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *remedy_of(enum exit_code code)
{
    switch (code) {
    case EXIT_NO_PYTHON:
        return "Make the environment again where it was, or give this kernel another Python with\n"
               "    carme install --python PATH --name %s\n"
               "and restart the kernel.";
    case EXIT_WRONG_PYTHON:
        return "Give this kernel another Python with\n"
               "    carme install --python PATH --name %s\n"
               "and restart the kernel.";
    case EXIT_LIBRARY:
        return "Install Carme again, or what is missing, and restart the kernel.";
    default:
        return "Restart the kernel when that has been mended.";
    }
}

static void put_remedy(const struct failed_start *self, struct buf *out)
{
    const char *name = self->connection->kernel_name;
    const char *place = strstr(self->remedy, "%s");
    if (place == NULL) {
        buf_put(out, span_of(self->remedy));
        return;
    }
    buf_append(out, self->remedy, (size_t)(place - self->remedy));
    buf_put(out, *name != '\0' ? span_of(name) : SPAN("NAME"));
    buf_put(out, span_of(place + 2));
}

/* --- messages --------------------------------------------------------------------------------- */

static void put_header(struct failed_start *self, const char *type, struct buf *out)
{
    struct timespec now;
    char date[DATE_LEN + 1], id[64];
    clock_gettime(CLOCK_REALTIME, &now);
    date_write((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000, date);
    snprintf(id, sizeof id, "%s_%lu", self->session, self->sent++);
    buf_putc(out, '{');
    json_put_member(out, "msg_id", span_of(id));
    json_put_member(out, "msg_type", span_of(type));
    json_put_member(out, "username", SPAN("kernel"));
    json_put_member(out, "session", span_of(self->session));
    json_put_member(out, "date", span_of(date));
    buf_put(out, SPAN(",\"version\":\"5.5\"}"));
}

/* The signature, or "" without a key. */
static void sign(const struct failed_start *self, const struct span parts[PARTS],
                 char ret_hex[HMAC_HEX + 1])
{
    struct span key = span_of(self->connection->key);
    ret_hex[0] = '\0';
    if (key.len > 0)
        hmac_sha256(key, parts, PARTS, ret_hex);
}

/* To the client that sent the request, or on iopub. */
static void send_message(struct failed_start *self, const struct received *request, bool on_iopub,
                         const char *type, struct span content)
{
    CLEANUP(buf_finish) struct buf header = BUF_INIT;
    char hex[HMAC_HEX + 1];
    put_header(self, type, &header);
    struct span parts[PARTS] = {buf_view(&header), request->header, SPAN("{}"), content};
    sign(self, parts, hex);
    struct span frames[ZMTP_FRAMES_MAX + 2 + PARTS];
    size_t count = on_iopub ? 1 : request->routes;
    frames[0] = span_of(type);
    if (!on_iopub)
        memcpy(frames, request->route, count * sizeof *frames);
    frames[count++] = SPAN("<IDS|MSG>");
    frames[count++] = span_of(hex);
    memcpy(frames + count, parts, sizeof parts);
    count += PARTS;
    if (on_iopub)
        peers_publish(&self->peers, frames, count);
    else
        zmtp_send(&request->peer->wire, frames, count);
}

static void publish(struct failed_start *self, const struct received *request, const char *type,
                    struct span content)
{
    send_message(self, request, true, type, content);
}

static void reply(struct failed_start *self, const struct received *request, struct span content)
{
    char type[sizeof request->type + sizeof "_reply"];
    size_t length = strlen(request->type) - strlen("_request");
    snprintf(type, sizeof type, "%.*s_reply", (int)length, request->type);
    send_message(self, request, false, type, content);
}

/* --- answers ---------------------------------------------------------------------------------- */

/* ename, evalue and traceback. */
static void put_error(const struct failed_start *self, struct buf *out)
{
    CLEANUP(buf_finish) struct buf text = BUF_INIT;
    json_put_member(out, "ename", SPAN("KernelStartError"));
    json_put_member(out, "evalue", span_of(self->why));
    json_put_key(out, "traceback");
    buf_put(&text, SPAN("\033[31mThis kernel's Python can not start\033[39m: "));
    buf_put(&text, span_of(self->why));
    buf_putc(out, '[');
    json_put_string(out, buf_view(&text));
    buf_putc(out, ',');
    text.len = 0;
    put_remedy(self, &text);
    json_put_string(out, buf_view(&text));
    buf_putc(out, ']');
}

static void answer_kernel_info(struct failed_start *self, const struct received *request)
{
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    buf_put(&out, SPAN("{\"status\":\"ok\",\"protocol_version\":\"5.5\","
                       "\"implementation\":\"carme\","
                       "\"implementation_version\":\"" CARME_VERSION "\","
                       "\"language_info\":{\"name\":\"python\",\"version\":\"3\","
                       "\"mimetype\":\"text/x-python\",\"file_extension\":\".py\","
                       "\"pygments_lexer\":\"ipython3\",\"nbconvert_exporter\":\"python\","
                       "\"codemirror_mode\":{\"name\":\"ipython\",\"version\":3}}"));
    json_put_member(&out, "banner", span_of(self->why));
    buf_put(&out, SPAN(",\"help_links\":[],\"debugger\":false,\"supported_features\":[]}"));
    reply(self, request, buf_view(&out));
}

static void answer_error(struct failed_start *self, const struct received *request)
{
    CLEANUP(buf_finish) struct buf out = BUF_INIT;
    buf_put(&out, SPAN("{\"status\":\"error\""));
    put_error(self, &out);
    buf_put(&out, SPAN(",\"execution_count\":1,\"user_expressions\":{},\"payload\":[]}"));
    reply(self, request, buf_view(&out));
}

static void publish_cell(struct failed_start *self, const struct received *request)
{
    CLEANUP(buf_finish) struct buf input = BUF_INIT, error = BUF_INIT;
    buf_put(&input, SPAN("{\"code\":"));
    buf_put(&input, request->code.len > 0 ? request->code : SPAN("\"\""));
    buf_put(&input, SPAN(",\"execution_count\":1}"));
    publish(self, request, "execute_input", buf_view(&input));
    buf_putc(&error, '{');
    put_error(self, &error);
    buf_putc(&error, '}');
    publish(self, request, "error", buf_view(&error));
}

/* The cells behind the first one are aborted, as behind any error. */
static void answer_execute(struct failed_start *self, const struct received *request)
{
    if (self->told && !request->silent) {
        reply(self, request, SPAN("{\"status\":\"aborted\"}"));
        return;
    }
    if (!request->silent)
        publish_cell(self, request);
    answer_error(self, request);
    if (request->silent)
        return;
    self->told = true;
    self->ends_ms = steady_ms() + LINGER_MS;
}

static void answer_shutdown(struct failed_start *self, const struct received *request)
{
    reply(self, request,
          request->restart ? SPAN("{\"status\":\"ok\",\"restart\":true}")
                           : SPAN("{\"status\":\"ok\",\"restart\":false}"));
    self->ends_ms = steady_ms();
}

static void answer(struct failed_start *self, const struct received *request)
{
    static const struct {
        const char *type;
        void (*answer)(struct failed_start *self, const struct received *request);
    } answers[] = {
        {"kernel_info_request", answer_kernel_info},
        {"execute_request", answer_execute},
        {"shutdown_request", answer_shutdown},
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        if (strcmp(request->type, answers[i].type) == 0) {
            answers[i].answer(self, request);
            return;
        }
    }
    size_t length = strlen(request->type), suffix = strlen("_request");
    if (length > suffix && strcmp(request->type + length - suffix, "_request") == 0)
        answer_error(self, request);
}

/* --- requests --------------------------------------------------------------------------------- */

/* The members of the content that are needed; what can not be read counts as missing. */
static void read_content(struct received *request)
{
    struct scan scan;
    struct scan_member member;
    scan_init(&scan, request->content);
    while (scan_next(&scan, &member) > 0) {
        bool yes = span_equal(member.value, SPAN("true"));
        if (span_equal(member.key, SPAN("\"code\"")) && member.kind == SCAN_STRING)
            request->code = member.value;
        else if (span_equal(member.key, SPAN("\"silent\"")))
            request->silent = yes;
        else if (span_equal(member.key, SPAN("\"restart\"")))
            request->restart = yes;
    }
}

/* False: no type. */
static bool read_type(struct received *request)
{
    struct scan scan;
    struct scan_member member;
    scan_init(&scan, request->header);
    while (scan_next(&scan, &member) > 0) {
        size_t length;
        if (!span_equal(member.key, SPAN("\"msg_type\"")) || member.kind != SCAN_STRING ||
            member.value.len > sizeof request->type ||
            scan_text(member.value, request->type, &length) < 0)
            continue;
        request->type[length] = '\0';
    }
    return request->type[0] != '\0';
}

/* False: no message of a client that knows the key. */
static bool read_request(const struct failed_start *self, const struct span *frames, size_t count,
                         struct received *ret)
{
    char hex[HMAC_HEX + 1];
    size_t at = 0;
    while (at < count && !span_equal(frames[at], SPAN("<IDS|MSG>")))
        at++;
    if (count < at + 2 + PARTS)
        return false;
    const struct span *parts = frames + at + 2;
    sign(self, parts, hex);
    if (!span_equal(frames[at + 1], span_of(hex)))
        return false;
    memcpy(ret->route, frames, at * sizeof *frames);
    ret->routes = at;
    ret->header = parts[0];
    ret->content = parts[3];
    read_content(ret);
    return read_type(ret);
}

static void take_message(void *user, struct peer *peer, const struct span *frames, size_t count)
{
    struct failed_start *self = user;
    struct received request = {.peer = peer};
    if (!read_request(self, frames, count, &request))
        return;
    publish(self, &request, "status", SPAN("{\"execution_state\":\"busy\"}"));
    answer(self, &request);
    publish(self, &request, "status", SPAN("{\"execution_state\":\"idle\"}"));
}

/* --- the whole -------------------------------------------------------------------------------- */

static void make_session(char ret[33])
{
    unsigned char bytes[16] = {0};
    if (getrandom(bytes, sizeof bytes, 0) < 0)
        bytes[0] = (unsigned char)getpid(); /* it need not be secret */
    for (int i = 0; i < 16; i++)
        snprintf(ret + 2 * (size_t)i, 3, "%02x", bytes[i]);
}

/* 1: goes on. 0: ends. */
static int step(struct failed_start *self, int64_t begun)
{
    int64_t now = steady_ms(), left = self->ends_ms - now;
    if (self->ends_ms > 0 && left <= 0)
        return 0;
    if (self->peers.accepted == 0 && now - begun > CONNECT_MS)
        return 0;
    return peers_wait(&self->peers, left > 0 && left < LOOK_MS ? (int)left : LOOK_MS) < 0 ? 0 : 1;
}

/* Closing a connection that has unread data would drop what the client has not read yet (a TCP
 * reset): the clients close first. */
static void leave(struct failed_start *self)
{
    int64_t end = steady_ms() + LINGER_MS;
    peers_end(&self->peers);
    while (peers_any(&self->peers) && steady_ms() < end)
        if (peers_wait(&self->peers, LOOK_MS / 10) < 0)
            return;
}

enum exit_code failed_start_serve(const struct connection *connection,
                                  const int fds[CONNECTION_PORTS], enum exit_code code,
                                  const char *why)
{
    static struct failed_start self; /* large */
    if (variable("JPY_PARENT_PID") == NULL ||
        strcmp(connection->signature_scheme, "hmac-sha256") != 0)
        return code;
    self = (struct failed_start){.connection = connection,
                                 .code = code,
                                 .why = why,
                                 .remedy = remedy_of(code),
                                 .parent = getppid()};
    make_session(self.session);
    peers_init(&self.peers, fds);
    self.peers.message = take_message;
    self.peers.user = &self;
    int64_t begun = steady_ms();
    while (step(&self, begun) > 0) {
        if (getppid() != self.parent)
            return EXIT_ORPHANED;
    }
    leave(&self);
    return code;
}
