#include "kernel/history/sqlite.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>

#define LIBRARY "libsqlite3.so.0"

/* All that this program calls; the rest of the table stays NULL. */
#define FUNCTIONS(X) \
    X(bind_int64) \
    X(bind_text) \
    X(busy_timeout) \
    X(close) \
    X(column_bytes) \
    X(column_int64) \
    X(column_text) \
    X(create_function) \
    X(errmsg) \
    X(exec) \
    X(finalize) \
    X(last_insert_rowid) \
    X(open_v2) \
    X(prepare_v2) \
    X(progress_handler) \
    X(result_int) \
    X(step) \
    X(value_bytes) \
    X(value_text)

static const struct function {
    const char *name;
    size_t offset;
} functions[] = {
#define ROW(name) {"sqlite3_" #name, offsetof(sqlite3_api_routines, name)},
    FUNCTIONS(ROW)
#undef ROW
};

static sqlite3_api_routines routines;
const sqlite3_api_routines *sqlite3_api;

static bool take_from(void *library)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *found = dlsym(library, functions[i].name);
        if (!found)
            return false;
        memcpy((char *)&routines + functions[i].offset, &found, sizeof found);
    }
    sqlite3_api = &routines;
    return true;
}

static bool take_file(const char *name, int flags)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL | flags);
    return library && take_from(library);
}

static bool find(const char *beside)
{
    char path[PATH_MAX];
    if (take_from(RTLD_DEFAULT) || take_file(LIBRARY, RTLD_NOLOAD))
        return true;
    if (beside && snprintf(path, sizeof path, "%s/" LIBRARY, beside) < PATH_MAX &&
        take_file(path, 0))
        return true;
    return take_file(LIBRARY, 0);
}

int sqlite_load(const char *beside)
{
    static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&once);
    bool found = sqlite3_api || find(beside);
    pthread_mutex_unlock(&once);
    return found ? 0 : -ELIBACC;
}

int sqlite_errno(int code)
{
    switch (code & 0xff) { /* what is above it are details */
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return -EROFS;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EUCLEAN;
    case SQLITE_ERROR: /* no such table or column */
    case SQLITE_SCHEMA:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return -EPROTO;
    default:
        return -EIO;
    }
}

static int bind(sqlite3_stmt *statement, int index, const struct sqlite_value *value)
{
    if (value->kind == SQLITE_VALUE_NUMBER)
        return sqlite3_bind_int64(statement, index, value->number);
    if (value->text.len > INT_MAX)
        return SQLITE_TOOBIG;
    return sqlite3_bind_text(statement, index, value->text.ptr, (int)value->text.len,
                             SQLITE_STATIC);
}

int sqlite_prepare(sqlite3 *db, const char *sql, const struct sqlite_value *values,
                   sqlite3_stmt **ret)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    for (int i = 0; code == SQLITE_OK && values && values[i].kind != SQLITE_VALUE_END; i++)
        code = bind(statement, i + 1, &values[i]);
    if (code == SQLITE_OK)
        *ret = statement;
    else
        sqlite3_finalize(statement);
    return code;
}

int sqlite_ask(sqlite3 *db, const char *sql, const struct sqlite_value *values, long *ret_number)
{
    sqlite3_stmt *statement;
    int code = sqlite_prepare(db, sql, values, &statement);
    if (code != SQLITE_OK)
        return code;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *ret_number = (long)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code;
}

int sqlite_run(sqlite3 *db, const char *sql, const struct sqlite_value *values)
{
    long unused;
    int code = sqlite_ask(db, sql, values, &unused);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}
