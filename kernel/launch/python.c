#include "kernel/launch/python.h"

#include "kernel/launch/elf.h"
#include "kernel/launch/script.h"

#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OLDEST_MINOR = 8 };

/* snprintf, with false for what does not fit. */
PRINTF_LIKE(2, 3) static bool path_format(char ret[PATH_MAX], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(ret, PATH_MAX, format, arguments);
    va_end(arguments);
    return length >= 0 && length < PATH_MAX;
}

static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Calls nothing for an empty list. `ret` holds the first program NAME in the list's directories. */
static bool search_path(const char *name, char ret[PATH_MAX])
{
    const char *list = variable("PATH");
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ":");
        bool fits = length == 0 ? path_format(ret, "./%s", name)
                                : path_format(ret, "%.*s/%s", (int)length, list, name);
        if (fits && is_program(ret))
            return true;
        list += length + (list[length] == ':');
    }
    return false;
}

static bool in_environment(const char *directory, char ret[PATH_MAX])
{
    return (path_format(ret, "%s/bin/python", directory) && is_program(ret)) ||
           (path_format(ret, "%s/bin/python3", directory) && is_program(ret));
}

/* `origin` is how the user gave it: an option, a variable. */
static enum exit_code locate(const char *wanted, const char *origin, char ret[PATH_MAX])
{
    if (is_directory(wanted)) {
        if (in_environment(wanted, ret))
            return EXIT_FINE;
        say("%s: %s is a directory without bin/python", origin, wanted);
        return EXIT_NO_PYTHON;
    }
    if (strchr(wanted, '/') == NULL && search_path(wanted, ret))
        return EXIT_FINE;
    if (!path_format(ret, "%s", wanted) || access(wanted, F_OK) < 0) {
        say("%s: no such Python: %s", origin, wanted);
        return EXIT_NO_PYTHON;
    }
    if (!is_program(ret)) {
        say("%s: %s is no Python: it is not an executable file", origin, wanted);
        return EXIT_NO_PYTHON;
    }
    return EXIT_FINE;
}

static enum exit_code locate_default(char ret[PATH_MAX])
{
    static const char *const variables[] = {"CARME_PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        if (variable(variables[i]) != NULL)
            return locate(variable(variables[i]), variables[i], ret);
    }
    if (search_path("python3", ret))
        return EXIT_FINE;
    say("no python3 on PATH; name one with --python or CARME_PYTHON");
    return EXIT_NO_PYTHON;
}

static enum exit_code make_absolute(char path[PATH_MAX])
{
    char here[PATH_MAX], relative[PATH_MAX];
    if (path[0] == '/')
        return EXIT_FINE;
    memcpy(relative, path, PATH_MAX);
    const char *rest = strncmp(relative, "./", 2) == 0 ? relative + 2 : relative;
    if (getcwd(here, sizeof here) != NULL && path_format(path, "%s/%s", here, rest))
        return EXIT_FINE;
    say("cannot make %s absolute: %s", relative, reason(errno));
    return EXIT_SYSTEM;
}

/* A library's name is libpythonMAJOR.MINOR[FLAGS].so…: t is free-threaded, d a debug build. */
static enum exit_code check_version(const char *path, const char *library)
{
    int major, minor;
    char flags[8] = "";
    if (sscanf(library, "libpython%d.%d%7[a-z]", &major, &minor, flags) < 2) {
        say("%s is no Python that Carme knows: it wants %s", path, library);
        return EXIT_NO_PYTHON;
    }
    if (major != 3 || minor < OLDEST_MINOR) {
        say("%s is Python %d.%d; Carme needs Python 3.%d or later", path, major, minor,
            OLDEST_MINOR);
        return EXIT_WRONG_PYTHON;
    }
    if (strchr(flags, 't') != NULL) {
        say("%s is a free-threaded Python %d.%d; Carme needs one with the GIL", path, major, minor);
        return EXIT_WRONG_PYTHON;
    }
    return EXIT_FINE;
}

/* One entry of a search list with $ORIGIN and ${ORIGIN} put in. False: too long, other tokens. */
static bool expand(const char *entry, size_t length, const char *origin, char ret[PATH_MAX])
{
    static const char *const tokens[] = {"$ORIGIN", "${ORIGIN}"};
    size_t used = 0;
    for (size_t i = 0; i < length && used < PATH_MAX;) {
        size_t token = 0;
        for (size_t t = 0; t < 2 && token == 0; t++) {
            if (strncmp(entry + i, tokens[t], strlen(tokens[t])) == 0)
                token = strlen(tokens[t]);
        }
        if (token == 0 && entry[i] == '$')
            return false;
        int added = snprintf(ret + used, PATH_MAX - used, "%.*s", token == 0 ? 1 : PATH_MAX,
                             token == 0 ? entry + i : origin);
        used += (size_t)added;
        i += token == 0 ? 1 : token;
    }
    return used > 0 && used < PATH_MAX;
}

/* The first of the directories in `list` that has a file NAME. */
static bool search_libraries(const char *list, const char *origin, const char *name,
                             char ret[PATH_MAX])
{
    char directory[PATH_MAX];
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ":;");
        if (expand(list, length, origin, directory) && path_format(ret, "%s/%s", directory, name) &&
            access(ret, R_OK) == 0)
            return true;
        list += length + (list[length] != '\0');
    }
    return false;
}

/*
 * Where the dynamic loader would find it: ld.so(8). An interpreter with DT_RPATH gets no library:
 * its search list also holds for every extension module, which only its own process gives them.
 */
static enum exit_code find_library(const struct elf *file, const char *resolved, const char *name,
                                   char ret[PATH_MAX])
{
    char origin[PATH_MAX];
    const char *runpath = elf_string(file, DT_RUNPATH, "");
    ret[0] = '\0';
    if (runpath == NULL && elf_string(file, DT_RPATH, "") != NULL)
        return EXIT_FINE;
    int length = (int)(strrchr(resolved, '/') - resolved);
    if (!path_format(origin, "%.*s", length, resolved))
        return EXIT_SYSTEM;
    if (search_libraries(variable("LD_LIBRARY_PATH"), origin, name, ret) ||
        search_libraries(runpath, origin, name, ret) || path_format(ret, "%s", name))
        return EXIT_FINE;
    say("the name of the library %s is too long", name);
    return EXIT_SYSTEM;
}

static enum exit_code refuse(const char *path, int error)
{
    if (error == -ENOTSUP) {
        say("%s is built for another architecture than this one", path);
        return EXIT_WRONG_PYTHON;
    }
    if (error == -ENOEXEC)
        say("%s is no Python: neither a program nor a script", path);
    else
        say("cannot read %s: %s", path, reason(error));
    return EXIT_NO_PYTHON;
}

/* `resolved` is the file behind all symbolic links. */
static enum exit_code read_program(const char *resolved, struct python *python)
{
    CLEANUP(elf_close) struct elf file = {0};
    int error = elf_open(resolved, &file);
    if (error < 0)
        return refuse(python->path, error);
    const char *library = elf_string(&file, DT_NEEDED, "libpython");
    if (library != NULL) {
        enum exit_code code = check_version(python->path, library);
        return code != EXIT_FINE ? code : find_library(&file, resolved, library, python->library);
    }
    python->library[0] = '\0';
    if (elf_exports(&file, "Py_BytesMain") || elf_exports(&file, "Py_Main"))
        return EXIT_FINE;
    say("%s is no Python: neither linked with libpython nor one itself%s", python->path,
        elf_string(&file, DT_NEEDED, "libpypy") != NULL ? " (PyPy does not fit)" : "");
    return EXIT_NO_PYTHON;
}

static bool any_matches(const char *pattern)
{
    glob_t found;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    bool any = glob(pattern, GLOB_NOSORT, NULL, &found) == 0;
    globfree(&found);
    return any;
}

static bool has_module(const char *resolved, const char *library, const char *module)
{
    char pattern[PATH_MAX];
    const char *name = strrchr(resolved, '/') + 1;
    int length = (int)(name - resolved);
    if (strncmp(name, "python3.", strlen("python3.")) != 0)
        name = "python3.*";
    return path_format(pattern, "%.*s../%s/%s/%s", length, resolved, library, name, module) &&
           any_matches(pattern);
}

/* PREFIX/bin/python3.11 has PREFIX/lib/python3.11, or lib64; for another name any version will do,
 * because a wrong guess costs one start of Python and nothing else. */
static bool has_library(const char *resolved)
{
    static const char *const libraries[] = {"lib", "lib64"};
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        if (has_module(resolved, libraries[i], "encodings/__init__.py") &&
            has_module(resolved, libraries[i], "site.py"))
            return true;
    }
    return false;
}

static enum exit_code resolve(struct python *python)
{
    char resolved[PATH_MAX];
    if (realpath(python->path, resolved) == NULL)
        return refuse(python->path, -errno);
    python->is_bare = !has_library(resolved);
    if (!script_is(resolved))
        return read_program(resolved, python);
    char answer[PATH_MAX];
    enum exit_code code = script_executable(python->path, answer);
    if (code != EXIT_FINE)
        return code;
    if (realpath(answer, resolved) == NULL)
        return refuse(answer, -errno);
    memcpy(python->path, answer, sizeof answer);
    python->is_bare = !has_library(resolved);
    return read_program(resolved, python);
}

enum exit_code python_find(const char *wanted, struct python *ret)
{
    struct python python;
    enum exit_code code =
        wanted != NULL ? locate(wanted, "--python", python.path) : locate_default(python.path);
    if (code == EXIT_FINE)
        code = make_absolute(python.path);
    if (code == EXIT_FINE)
        code = resolve(&python);
    if (code == EXIT_FINE)
        *ret = python;
    return code;
}

enum exit_code python_check(const struct python *python)
{
    char line[1024];
    const char *home = variable("PYTHONHOME");
    if ((home == NULL && !python->is_bare) || script_starts(python->path, line, sizeof line))
        return EXIT_FINE;
    say("%s does not start: %s%s%s", python->path, line,
        home != NULL ? "; PYTHONHOME is set, to " : "", home != NULL ? home : "");
    return EXIT_NO_PYTHON;
}
