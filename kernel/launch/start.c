#include "kernel/launch/start.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MODULE_FILE "_carme.abi3.so"

/*
 * One line, also for a Python 2 to read. The names that it needs stay out of __main__, and it
 * imports nothing but builtin and frozen modules, so that sys.modules is that of `python -c`.
 */
static const char boot[] =
    "exec('"
    "import sys\\n"
    "def leave(code, line):\\n"
    "    if sys.stderr:\\n"
    "        sys.stderr.write(\"carme: \" + line.replace(chr(10), \" \") + chr(10))\\n"
    "        sys.stderr.flush()\\n"
    "    if sys.argv[3] != \"kernelspec\":\\n"
    "        import posix\\n"
    "        posix.execv(sys.argv[2], [sys.argv[2], \"refuse\", str(code), line] + "
    "sys.argv[3:5])\\n"
    "    sys.exit(code)\\n"
    "if sys.version_info < (3, 8):\\n"
    "    leave(6, sys.executable + \" is Python %d.%d; Carme needs Python 3.8 or later\""
    " % sys.version_info[:2])\\n"
    "if \"t\" in sys.abiflags:\\n"
    "    leave(6, sys.executable + \" is a free-threaded Python %d.%d; Carme needs one with the"
    " GIL\" % sys.version_info[:2])\\n"
    "if \"_carme\" in sys.builtin_module_names:\\n"
    "    import _carme as module\\n"
    "else:\\n"
    "    import _imp\\n"
    "    from _frozen_importlib import ModuleSpec\\n"
    "    try:\\n"
    "        module = _imp.create_dynamic(ModuleSpec(\"_carme\", None, origin=sys.argv[1]))\\n"
    "        sys.modules[\"_carme\"] = module\\n"
    "        _imp.exec_dynamic(module)\\n"
    "    except ImportError as error:\\n"
    "        leave(7, \"cannot load \" + sys.argv[1] + \": \" + str(error))\\n"
    "module.main()\\n"
    "', {})";

/* The text above has these two as numbers. */
_Static_assert(EXIT_WRONG_PYTHON == 6 && EXIT_LIBRARY == 7, "statuses of the boot line");

/* The absolute path of this program, and of the module beside it or in ../lib/carme. */
struct places {
    char carme[PATH_MAX], module[PATH_MAX];
};

static enum exit_code find_places(struct places *ret)
{
    static const char *const spots[] = {"", "/../lib/carme"};
    struct places places;
    char directory[PATH_MAX], candidate[PATH_MAX + 64];
    ssize_t length = readlink("/proc/self/exe", places.carme, sizeof places.carme - 1);
    if (length < 0) {
        say("cannot read /proc/self/exe: %s", reason(errno));
        return EXIT_SYSTEM;
    }
    places.carme[length] = '\0';
    memcpy(directory, places.carme, (size_t)length + 1);
    *strrchr(directory, '/') = '\0';
    for (size_t i = 0; i < sizeof spots / sizeof spots[0]; i++) {
        snprintf(candidate, sizeof candidate, "%s%s/%s", directory, spots[i], MODULE_FILE);
        if (realpath(candidate, places.module) != NULL) {
            *ret = places;
            return EXIT_FINE;
        }
    }
    say("%s is missing: it belongs beside %s or in ../lib/carme from there; install Carme again",
        MODULE_FILE, places.carme);
    return EXIT_LIBRARY;
}

static enum exit_code open_library(const char *name, int flags, void **ret)
{
    void *library = dlopen(name, RTLD_NOW | flags);
    if (library == NULL) {
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
        say("cannot load %s: %s", name, dlerror());
        return EXIT_LIBRARY;
    }
    *ret = library;
    return EXIT_FINE;
}

/* `ret_function` points to a pointer to a function, which ISO C does not convert from void *. */
static enum exit_code look_up(void *library, const char *of, const char *name, void *ret_function)
{
    void *symbol = dlsym(library, name);
    if (symbol == NULL) {
        say("%s has no %s; it and carme do not belong together", of, name);
        return EXIT_LIBRARY;
    }
    memcpy(ret_function, &symbol, sizeof symbol);
    return EXIT_FINE;
}

/* What of libpython and of the module is called. */
struct shared {
    int (*append_inittab)(const char *name, void *(*init)(void));
    int (*main)(int argc, char **argv);
    int (*early_start)(const char *connection_file, const int fds[CONNECTION_PORTS]);
    void *(*init_module)(void);
};

static enum exit_code load(const struct python *python, const struct places *places,
                           struct shared *ret)
{
    void *library, *module;
    enum exit_code code = open_library(python->library, RTLD_GLOBAL, &library);
    if (code == EXIT_FINE)
        code = open_library(places->module, RTLD_LOCAL, &module);
    if (code == EXIT_FINE)
        code = look_up(library, python->library, "PyImport_AppendInittab", &ret->append_inittab);
    if (code == EXIT_FINE)
        code = look_up(library, python->library, "Py_BytesMain", &ret->main);
    if (code == EXIT_FINE)
        code = look_up(module, places->module, "carme_early_start", &ret->early_start);
    if (code == EXIT_FINE)
        code = look_up(module, places->module, "PyInit__carme", &ret->init_module);
    return code;
}

/* Python gets arguments that it may write to, as a process does. */
static char *mutable(const char *text) { return (char *)(uintptr_t)text; }

static enum exit_code execute(const struct python *python, char **arguments)
{
    execv(python->path, arguments);
    say("cannot run %s: %s", python->path, reason(errno));
    return errno == ENOMEM ? EXIT_SYSTEM : EXIT_NO_PYTHON;
}

static enum exit_code make_absolute(const char *path, char ret[PATH_MAX])
{
    if (realpath(path, ret) != NULL)
        return EXIT_FINE;
    say("cannot find connection file %s: %s", path, reason(errno));
    return EXIT_CONNECTION;
}

bool start_read_fds(const char *list, int ret_fds[CONNECTION_PORTS])
{
    int fds[CONNECTION_PORTS];
    if (sscanf(list, "%d,%d,%d,%d,%d", &fds[0], &fds[1], &fds[2], &fds[3], &fds[4]) !=
        CONNECTION_PORTS)
        return false;
    memcpy(ret_fds, fds, sizeof fds);
    return true;
}

static enum exit_code keep_across_exec(const int fds[CONNECTION_PORTS])
{
    for (int i = 0; i < CONNECTION_PORTS; i++) {
        if (fcntl(fds[i], F_SETFD, 0) < 0) {
            say("cannot hand over file descriptor %d: %s", fds[i], reason(errno));
            return EXIT_SYSTEM;
        }
    }
    return EXIT_FINE;
}

static enum exit_code run_shared(const struct python *python, const struct places *places,
                                 const char *connection_file, const int fds[CONNECTION_PORTS],
                                 char **arguments, bool *ret_ran)
{
    struct shared shared;
    int count = 0;
    enum exit_code code = load(python, places, &shared);
    if (code == EXIT_FINE)
        code = python_check(python);
    if (code != EXIT_FINE)
        return code;
    *ret_ran = true; /* the module takes the sockets */
    int error = shared.early_start(connection_file, fds);
    if (error < 0)
        return exit_code_of_start(error);
    if (shared.append_inittab("_carme", shared.init_module) < 0)
        return out_of_memory();
    while (arguments[count] != NULL)
        count++;
    return (enum exit_code)shared.main(count, arguments);
}

static enum exit_code run_static(const struct python *python, const int fds[CONNECTION_PORTS],
                                 char **arguments)
{
    enum exit_code code = python_check(python);
    if (code == EXIT_FINE)
        code = keep_across_exec(fds);
    return code == EXIT_FINE ? execute(python, arguments) : code;
}

/* On the heap: `head`, of `before` words, and `more`, which ends with NULL as they do. */
static char **chain(char *const *head, size_t before, char *const *more)
{
    size_t after = 0;
    while (more[after] != NULL)
        after++;
    char **all = calloc(before + after + 1, sizeof *all);
    if (all == NULL)
        return NULL;
    memcpy(all, head, before * sizeof *all);
    memcpy(all + before, more, after * sizeof *all);
    return all;
}

enum exit_code start_kernel(const struct python *python, const char *connection_file,
                            const int fds[CONNECTION_PORTS], char *const *more, bool *ret_ran)
{
    struct places places;
    char file[PATH_MAX], list[CONNECTION_PORTS * 12];
    enum exit_code code = find_places(&places);
    if (code == EXIT_FINE)
        code = make_absolute(connection_file, file);
    if (code != EXIT_FINE)
        return code;
    snprintf(list, sizeof list, "%d,%d,%d,%d,%d", fds[0], fds[1], fds[2], fds[3], fds[4]);
    char *head[] = {mutable(python->path), mutable("-c"), mutable(boot), places.module,
                    places.carme,          file,          list};
    char **arguments = chain(head, sizeof head / sizeof *head, more);
    if (arguments == NULL)
        return out_of_memory();
    if (python->library[0] != '\0')
        code = run_shared(python, &places, file, fds, arguments, ret_ran);
    else
        code = run_static(python, fds, arguments);
    free(arguments);
    return code;
}

enum exit_code start_spec(const struct python *python, char *const *arguments)
{
    struct places places;
    enum exit_code code = find_places(&places);
    if (code != EXIT_FINE)
        return code;
    char *head[] = {mutable(python->path), mutable("-c"), mutable(boot),
                    places.module,         places.carme,  mutable("kernelspec")};
    char **all = chain(head, sizeof head / sizeof *head, arguments);
    if (all == NULL)
        return out_of_memory();
    code = execute(python, all);
    free(all);
    return code;
}
