/* Connection files: the input is the file. */
#include "protocol/connection.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WHY_SIZE = 512 };

static void check_line(const char *why)
{
    const char *end = memchr(why, '\0', WHY_SIZE);
    FUZZ_CHECK(end != NULL);
    FUZZ_CHECK(strncmp(why, "connection file /proc/self/fd/", 30) == 0);
    for (const char *c = why; c < end; c++)
        FUZZ_CHECK((unsigned char)*c >= ' ' || !"a control character");
}

static void check_connection(const struct connection *connection)
{
    bool tcp = strcmp(connection->transport, "tcp") == 0;
    FUZZ_CHECK(tcp || strcmp(connection->transport, "ipc") == 0);
    FUZZ_CHECK(connection->ip[0] != '\0');
    FUZZ_CHECK(connection->key && connection->signature_scheme && connection->kernel_name);
    for (int i = 0; i < CONNECTION_PORTS; i++) {
        char endpoint[256];
        int r = connection_endpoint(connection, i, endpoint, sizeof endpoint);
        FUZZ_CHECK(connection->ports[i] >= 1 && (connection->ports[i] <= 65535 || !tcp));
        FUZZ_CHECK(r == -ENAMETOOLONG || (r == 0 && strlen(endpoint) < sizeof endpoint));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64], why[WHY_SIZE];
    struct connection connection;
    int fd = memfd_create("connection", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0);
    FUZZ_CHECK(write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    memset(why, '~', sizeof why);
    int r = connection_read(path, why, &connection);
    close(fd);
    FUZZ_CHECK(r == 0 || r == -EBADMSG || r == -EINVAL || r == -EFBIG);
    if (r < 0) {
        check_line(why);
        return 0;
    }
    check_connection(&connection);
    connection_finish(&connection);
    return 0;
}
