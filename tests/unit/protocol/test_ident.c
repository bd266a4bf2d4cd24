#include "protocol/ident.h"

#include "tests/unit/check.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static void check_uuid(const char *uuid)
{
    if (!CHECK_INT(strlen(uuid), IDENT_UUID_LEN))
        return;
    for (int i = 0; i < IDENT_UUID_LEN; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            CHECK_INT(uuid[i], '-');
        else
            CHECK(isdigit((unsigned char)uuid[i]) || (uuid[i] >= 'a' && uuid[i] <= 'f'));
    }
    CHECK_INT(uuid[14], '4');
    CHECK(strchr("89ab", uuid[19]) != NULL);
}

static void uuids(void)
{
    char last[IDENT_UUID_LEN + 1] = "";
    for (int i = 0; i < 1000; i++) {
        char uuid[IDENT_UUID_LEN + 1];
        ident_uuid(uuid);
        check_uuid(uuid);
        CHECK(strcmp(uuid, last) != 0);
        memcpy(last, uuid, sizeof uuid);
    }
}

static void ids_contain_session_process_and_count(void)
{
    struct ident ident;
    ident_init(&ident);
    check_uuid(ident.session);
    for (int i = 0; i < 3; i++) {
        char id[IDENT_ID_MAX], expected[IDENT_ID_MAX];
        size_t len = ident_id(&ident, id);
        snprintf(expected, sizeof expected, "%.36s_%ld_%d", ident.session, (long)getpid(), i);
        CHECK_TEXT(id, expected);
        CHECK_INT(len, strlen(expected));
    }
}

static void the_longest_id_fits(void)
{
    struct ident ident;
    char id[IDENT_ID_MAX];
    ident_init(&ident);
    atomic_store(&ident.counter, (unsigned long)-1);
    size_t len = ident_id(&ident, id);
    CHECK_INT(len, strlen(id));
    CHECK_TEXT(strrchr(id, '_'), "_18446744073709551615");
}

static void a_child_process_has_its_own_ids(void)
{
    struct ident ident;
    char id[IDENT_ID_MAX], expected[16];
    ident_init(&ident);
    pid_t child = fork();
    if (child != 0) {
        CHECK(check_wait(child, "child"));
        return;
    }
    ident_id(&ident, id);
    snprintf(expected, sizeof expected, "_%ld_", (long)getpid());
    CHECK(strstr(id, expected) != NULL);
    fflush(stdout);
    _exit(check_failures() > 0);
}

enum { THREADS = 4, IDS = 5000 };

static struct ident shared;
static char ids[THREADS][IDS][IDENT_ID_MAX];

static void *make_ids(void *user)
{
    char(*mine)[IDENT_ID_MAX] = user;
    for (int i = 0; i < IDS; i++)
        ident_id(&shared, mine[i]);
    return NULL;
}

static int compare(const void *a, const void *b) { return strcmp(a, b); }

static void ids_differ_across_threads(void)
{
    pthread_t threads[THREADS];
    ident_init(&shared);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, make_ids, ids[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    char(*all)[IDENT_ID_MAX] = ids[0];
    size_t count = (size_t)THREADS * IDS;
    qsort(all, count, IDENT_ID_MAX, compare);
    for (size_t i = 1; i < count; i++)
        CHECK(strcmp(all[i - 1], all[i]) != 0);
}

/* Microseconds since 1970, from the date's text; -1 when it has another shape. */
static long long parse_date(const char *date)
{
    struct tm day = {0};
    int micros = 0, end = 0;
    int found = sscanf(date, "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ%n", &day.tm_year, &day.tm_mon,
                       &day.tm_mday, &day.tm_hour, &day.tm_min, &day.tm_sec, &micros, &end);
    if (found != 7 || end != IDENT_DATE_LEN || date[end] != '\0')
        return -1;
    day.tm_year -= 1900;
    day.tm_mon -= 1;
    return (long long)timegm(&day) * 1000000 + micros;
}

static long long now(void)
{
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    return (long long)moment.tv_sec * 1000000 + moment.tv_nsec / 1000;
}

static void dates_are_current(void)
{
    for (int i = 0; i < 2000; i++) {
        char date[IDENT_DATE_LEN + 1];
        long long before = now();
        ident_date(date);
        long long after = now(), told = parse_date(date);
        if (!CHECK(told >= before && told <= after)) {
            printf("%s is not between %lld and %lld\n", date, before, after);
            return;
        }
        for (const char *c = date; *c; c++)
            CHECK(strchr("0123456789-T:.Z", *c) != NULL);
    }
}

static const struct check_test TESTS[] = {
    CHECK_TEST(uuids),
    CHECK_TEST(ids_contain_session_process_and_count),
    CHECK_TEST(the_longest_id_fits),
    CHECK_TEST(a_child_process_has_its_own_ids),
    CHECK_TEST(ids_differ_across_threads),
    CHECK_TEST(dates_are_current),
};

int main(void) { return check_run(TESTS, sizeof TESTS / sizeof *TESTS); }
