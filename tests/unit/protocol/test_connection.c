#include "protocol/connection.h"

#include "tests/unit/alloc.h"
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

/* What jupyter_client's write_connection_file() writes. */
static const char JUPYTER[] = "{\n"
                              "  \"shell_port\": 51001,\n"
                              "  \"iopub_port\": 51002,\n"
                              "  \"stdin_port\": 51003,\n"
                              "  \"control_port\": 51004,\n"
                              "  \"hb_port\": 51005,\n"
                              "  \"ip\": \"127.0.0.1\",\n"
                              "  \"key\": \"a0436f6c-1916-498b-8eb9-e81ab9368e84\",\n"
                              "  \"transport\": \"tcp\",\n"
                              "  \"signature_scheme\": \"hmac-sha512\",\n"
                              "  \"kernel_name\": \"carme\",\n"
                              "  \"jupyter_session\": \"/home/a/b.ipynb\"\n"
                              "}";

#define PORTS \
    "\"shell_port\":1,\"control_port\":2,\"stdin_port\":3,\"iopub_port\":4,\"hb_port\":65535"
#define LEAST "\"ip\":\"::1\",\"key\":\"\"," PORTS

static char path[64];
static char why[512];

/* A file in the directory for temporary files; the test removes it. */
static void write_file(struct span text)
{
    snprintf(path, sizeof path, "/tmp/carme-test-connection-XXXXXX");
    int fd = mkstemp(path);
    if (!CHECK(fd >= 0))
        return;
    CHECK_INT(write(fd, text.ptr, text.len), text.len);
    close(fd);
}

static int read_text(struct span text, struct connection *ret)
{
    memset(why, '~', sizeof why);
    write_file(text);
    int r = connection_read(path, why, ret);
    unlink(path);
    return r;
}

/* The text is refused with this error; `why` names the file and goes on with `expected`. */
static void refuse(struct span text, int expected_r, const char *expected)
{
    struct connection untouched = {.ip = path};
    if (!CHECK_INT(read_text(text, &untouched), expected_r)) {
        check_show(text);
        printf("\n");
        return;
    }
    CHECK(untouched.ip == path);
    char line[512];
    snprintf(line, sizeof line, "connection file %s: %s", path, expected);
    CHECK_TEXT(why, line);
}

static void check_endpoint(const struct connection *connection, int channel, const char *expected)
{
    char endpoint[64] = "";
    CHECK_INT(connection_endpoint(connection, channel, endpoint, sizeof endpoint), 0);
    CHECK_TEXT(endpoint, expected);
}

static void reads_the_file_of_jupyter(void)
{
    struct connection c = {0};
    if (!CHECK_INT(read_text(SPAN(JUPYTER), &c), 0))
        return;
    CHECK_TEXT(c.transport, "tcp");
    CHECK_TEXT(c.ip, "127.0.0.1");
    CHECK_TEXT(c.key, "a0436f6c-1916-498b-8eb9-e81ab9368e84");
    CHECK_TEXT(c.signature_scheme, "hmac-sha512");
    CHECK_TEXT(c.kernel_name, "carme");
    CHECK(!c.readable_by_others);
    check_endpoint(&c, 0, "tcp://127.0.0.1:51001");
    check_endpoint(&c, 1, "tcp://127.0.0.1:51004");
    check_endpoint(&c, 2, "tcp://127.0.0.1:51003");
    check_endpoint(&c, 3, "tcp://127.0.0.1:51002");
    check_endpoint(&c, 4, "tcp://127.0.0.1:51005");
    connection_finish(&c);
    CHECK(!c.key && !c.ip && !c.transport);
    connection_finish(&c);
}

static void fills_in_optional_members(void)
{
    static const char *const texts[] = {
        "{" LEAST "}",
        "{" LEAST ",\"transport\":null,\"signature_scheme\":null,\"kernel_name\":null}"};
    for (int i = 0; i < 2; i++) {
        struct connection c = {0};
        if (!CHECK_INT(read_text(span_of(texts[i]), &c), 0))
            continue;
        CHECK_TEXT(c.transport, "tcp");
        CHECK_TEXT(c.signature_scheme, "hmac-sha256");
        CHECK_TEXT(c.kernel_name, "");
        CHECK_TEXT(c.key, "");
        connection_finish(&c);
    }
}

static void reads_ipc(void)
{
    struct connection c = {0};
    struct span text =
        SPAN("{\"transport\":\"ipc\",\"ip\":\"/run/k\",\"key\":\"k\",\"shell_port\":1,"
             "\"control_port\":2,\"stdin_port\":3,\"iopub_port\":4,"
             "\"hb_port\":2147483647}");
    if (!CHECK_INT(read_text(text, &c), 0))
        return;
    check_endpoint(&c, 0, "ipc:///run/k-1");
    check_endpoint(&c, 4, "ipc:///run/k-2147483647");
    connection_finish(&c);
}

static void endpoints_need_room(void)
{
    struct connection c = {0};
    char endpoint[32] = "untouched";
    if (!CHECK_INT(read_text(SPAN(JUPYTER), &c), 0))
        return;
    size_t needed = sizeof "tcp://127.0.0.1:51001";
    CHECK_INT(connection_endpoint(&c, 0, endpoint, needed - 1), -ENAMETOOLONG);
    CHECK_TEXT(endpoint, "untouched");
    CHECK_INT(connection_endpoint(&c, 0, endpoint, 0), -ENAMETOOLONG);
    CHECK_INT(connection_endpoint(&c, 0, endpoint, needed), 0);
    CHECK_TEXT(endpoint, "tcp://127.0.0.1:51001");
    connection_finish(&c);
}

static void decodes_names_and_texts(void)
{
    struct connection c = {0};
    struct span text =
        SPAN("{\"\\u0069\\u0070\":\"\\u0061\\ud83d\\ude00\",\"key\":\"\\\"\\\\\"," PORTS
             ",\"kernel_name\":\"first\",\"nested\":[[{\"key\":1}]],\"kernel_name\":\"last\"}");
    if (!CHECK_INT(read_text(text, &c), 0))
        return;
    CHECK_TEXT(c.ip, "a\xF0\x9F\x98\x80");
    CHECK_TEXT(c.key, "\"\\");
    CHECK_TEXT(c.kernel_name, "last");
    connection_finish(&c);
}

static void passes_over_other_members(void)
{
    struct connection c = {0};
    struct span text = SPAN("{\"x\":{\"ip\":5},\"\\ud800\":\"\\ud800\\u0000\",\"ipx\":1,\"i\":2,"
                            "\"shell_port\\u0000\":\"x\"," LEAST "}");
    if (!CHECK_INT(read_text(text, &c), 0))
        return;
    CHECK_TEXT(c.ip, "::1");
    CHECK_INT(c.ports[0], 1);
    connection_finish(&c);
}

static void names_what_is_missing(void)
{
    refuse(SPAN("{}"), -EINVAL, "\"ip\" is missing, a string is needed");
    refuse(SPAN("{\"ip\":\"a\"}"), -EINVAL, "\"key\" is missing, a string is needed");
    refuse(SPAN("{\"ip\":\"a\",\"key\":\"\"}"), -EINVAL,
           "\"shell_port\" is missing, a whole number from 1 to 65535 is needed");
    refuse(SPAN("{\"ip\":\"a\",\"key\":\"\",\"shell_port\":1,\"stdin_port\":1,\"iopub_port\":1,"
                "\"hb_port\":1}"),
           -EINVAL, "\"control_port\" is missing, a whole number from 1 to 65535 is needed");
}

static void names_wrong_types(void)
{
    refuse(SPAN("{" LEAST ",\"ip\":1}"), -EINVAL, "\"ip\" is a number, a string is needed");
    refuse(SPAN("{" LEAST ",\"ip\":null}"), -EINVAL, "\"ip\" is null, a string is needed");
    refuse(SPAN("{" LEAST ",\"key\":[\"a\"]}"), -EINVAL, "\"key\" is an array, a string is needed");
    refuse(SPAN("{" LEAST ",\"transport\":{}}"), -EINVAL,
           "\"transport\" is an object, a string is needed");
    refuse(SPAN("{" LEAST ",\"signature_scheme\":true}"), -EINVAL,
           "\"signature_scheme\" is true or false, a string is needed");
    refuse(SPAN("{" LEAST ",\"shell_port\":\"5\"}"), -EINVAL,
           "\"shell_port\" is a string, a whole number from 1 to 65535 is needed");
    refuse(SPAN("{" LEAST ",\"hb_port\":null}"), -EINVAL,
           "\"hb_port\" is null, a whole number from 1 to 65535 is needed");
}

static void names_what_is_out_of_range(void)
{
    static const char *const ports[] = {"0",   "65536", "-1",  "-0",         "1.0",
                                        "1e3", "70000", "0.5", "4294967297", "18446744073709551617",
                                        "1E2"};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        char text[256], expected[128];
        snprintf(text, sizeof text, "{%s,\"stdin_port\":%s}", LEAST, ports[i]);
        snprintf(expected, sizeof expected,
                 "\"stdin_port\" is %s, a whole number from 1 to 65535 is needed", ports[i]);
        refuse(span_of(text), -EINVAL, expected);
    }
    refuse(SPAN("{" LEAST ",\"transport\":\"ipc\",\"hb_port\":2147483648}"), -EINVAL,
           "\"hb_port\" is 2147483648, a whole number from 1 to 2147483647 is needed");
    refuse(SPAN("{" LEAST ",\"transport\":\"udp\"}"), -EINVAL,
           "\"transport\" is unknown, \"tcp\" or \"ipc\" is needed");
    refuse(SPAN("{" LEAST ",\"ip\":\"\"}"), -EINVAL, "\"ip\" is empty, an address is needed");
}

static void names_invalid_texts(void)
{
    refuse(SPAN("{" LEAST ",\"key\":\"a\\u0000b\"}"), -EINVAL,
           "\"key\" holds \\u0000, a string without it is needed");
    refuse(SPAN("{" LEAST ",\"ip\":\"\\udc00\"}"), -EINVAL,
           "\"ip\" holds half of a surrogate pair, a string without it is needed");
}

static void reports_where_it_is_no_json(void)
{
    refuse(SPAN(""), -EBADMSG, "it is empty; a JSON object is needed");
    refuse(SPAN("[]"), -EBADMSG,
           "line 1, column 1: an object in braces is missing; a JSON object is needed");
    refuse(SPAN("{" LEAST "}\n\nx"), -EBADMSG,
           "line 3, column 1: something follows the object; a JSON object is needed");
    refuse(SPAN("{\n\"ip\": \"a\xFF\"}"), -EBADMSG,
           "line 2, column 9: a string is not UTF-8; a JSON object is needed");
    char expected[128];
    snprintf(expected, sizeof expected,
             "line 1, column %zu: a comma or } is missing; a JSON object is needed",
             sizeof LEAST + 1);
    refuse(SPAN("{" LEAST), -EBADMSG, expected);
}

static void reads_up_to_64_kib(void)
{
    CLEANUP(buf_finish) struct buf text = BUF_INIT;
    buf_put(&text, SPAN("{" LEAST "}"));
    while (text.len < 65536)
        buf_putc(&text, ' ');
    struct connection c = {0};
    CHECK_INT(read_text(buf_view(&text), &c), 0);
    connection_finish(&c);
    buf_putc(&text, ' ');
    refuse(buf_view(&text), -EFBIG,
           "it is longer than 64 KiB; give -f the file that Jupyter wrote");
}

static void refuse_path(const char *name, int expected_r, const char *expected)
{
    struct connection c;
    CHECK_INT(connection_read(name, why, &c), expected_r);
    CHECK_TEXT(why, expected);
}

static void reports_why_it_can_not_be_read(void)
{
    refuse_path("/nonexistent/k.json", -ENOENT,
                "connection file /nonexistent/k.json: there is no such file; give -f the file "
                "that Jupyter wrote");
    refuse_path("/", -EISDIR,
                "connection file /: it is a directory; give -f the file that Jupyter wrote");
    refuse_path("/dev/null/a\nb\x1B\x7F", -ENOTDIR,
                "connection file /dev/null/a?b??: there is no such file; give -f the file that "
                "Jupyter wrote");
}

static void keeps_long_paths_on_the_line(void)
{
    struct connection c;
    char name[6000];
    memset(name, 'd', sizeof name);
    memcpy(name + sizeof name - 8, "/k.json", 8);
    CHECK_INT(connection_read(name, why, &c), -ENAMETOOLONG);
    CHECK(strncmp(why, "connection file ...d", 20) == 0);
    CHECK(strstr(why, "dd/k.json: it can not be read: error 36") != NULL);
}

static void reports_who_may_read_it(void)
{
    static const struct {
        mode_t mode;
        bool by_others;
    } cases[] = {{0600, false}, {0400, false}, {0640, true},
                 {0604, true},  {0620, true},  {0601, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct connection c = {0};
        write_file(SPAN("{" LEAST "}"));
        CHECK_INT(chmod(path, cases[i].mode), 0);
        if (CHECK_INT(connection_read(path, why, &c), 0))
            CHECK_INT(c.readable_by_others, cases[i].by_others);
        connection_finish(&c);
        unlink(path);
    }
}

static void leaves_no_descriptor_open(void)
{
    int before = open("/dev/null", O_RDONLY);
    close(before);
    struct connection c = {0};
    CHECK_INT(read_text(SPAN("{" LEAST "}"), &c), 0);
    connection_finish(&c);
    CHECK_INT(read_text(SPAN("x"), &c), -EBADMSG);
    int after = open("/dev/null", O_RDONLY);
    close(after);
    CHECK_INT(after, before);
}

static int read_and_finish(void *user)
{
    (void)user;
    struct connection c = {0};
    int r = connection_read(path, why, &c);
    connection_finish(&c);
    return r;
}

static void survives_without_memory(void)
{
    write_file(SPAN(JUPYTER));
    CHECK_INT(alloc_sweep(read_and_finish, NULL), 0);
    unlink(path);
    write_file(SPAN("{" LEAST "}"));
    CHECK_INT(alloc_sweep(read_and_finish, NULL), 0);
    unlink(path);
}

static const struct check_test TESTS[] = {
    CHECK_TEST(reads_the_file_of_jupyter),
    CHECK_TEST(fills_in_optional_members),
    CHECK_TEST(reads_ipc),
    CHECK_TEST(endpoints_need_room),
    CHECK_TEST(decodes_names_and_texts),
    CHECK_TEST(passes_over_other_members),
    CHECK_TEST(names_what_is_missing),
    CHECK_TEST(names_wrong_types),
    CHECK_TEST(names_what_is_out_of_range),
    CHECK_TEST(names_invalid_texts),
    CHECK_TEST(reports_where_it_is_no_json),
    CHECK_TEST(reads_up_to_64_kib),
    CHECK_TEST(reports_why_it_can_not_be_read),
    CHECK_TEST(keeps_long_paths_on_the_line),
    CHECK_TEST(reports_who_may_read_it),
    CHECK_TEST(leaves_no_descriptor_open),
    CHECK_TEST(survives_without_memory),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
