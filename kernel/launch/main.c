/*
 * The program `carme`: what Jupyter starts, and what installs itself into Jupyter.
 *
 * It links nothing but libc: a libzmq of its own would take the place of the one that pyzmq brings.
 */
#include "kernel/launch/arguments.h"
#include "kernel/launch/failed_start.h"
#include "kernel/launch/listen.h"
#include "kernel/launch/start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef CARME_VERSION
#error "CARME_VERSION is the version's text, given by the Makefile"
#endif

#define PYTHON_OPTION \
    { \
        "--python", "PATH", "a Python, an environment's directory, or a name on PATH" \
    }
#define LAST_OPTION \
    { \
        NULL, NULL, NULL \
    }

static const struct option kernel_options[] = {
    {"-f", "CONNECTION_FILE", "what Jupyter wrote: addresses and key"},
    PYTHON_OPTION,
    {"--profile-dir", "DIR", "IPython's: taken, and of no effect"},
    {"--HistoryManager.hist_file", "PATH", "IPython's: the history's place"},
    LAST_OPTION,
};

static const struct option install_options[] = {
    {"--user", NULL, "for you alone (the default)"},
    {"--sys-prefix", NULL, "into the Python's own environment"},
    {"--prefix", "DIR", "into DIR/share/jupyter/kernels"},
    {"--to", "DIR", "as the directory DIR itself, for packagers"},
    PYTHON_OPTION,
    {"--name", "NAME", "the kernel's name for Jupyter (carme-ENVIRONMENT)"},
    {"--display-name", "TEXT", "its name for people (Python 3.x (ENVIRONMENT))"},
    {"--env", "K=V", "a variable for the kernel's process; may be repeated"},
    LAST_OPTION,
};

static const struct option plain_options[] = {PYTHON_OPTION, LAST_OPTION};

/* An early interrupt stays pending until the module can turn it into a KeyboardInterrupt. */
static void hold_interrupts(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    sigprocmask(SIG_BLOCK, &set, NULL);
}

/* A socket must not become a stdin, stdout or stderr that the starter left closed. */
static void fill_standard_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

static enum exit_code read_connection(const char *path, struct connection *ret)
{
    char why[512];
    int error = connection_read(path, why, ret);
    if (error == -ENOMEM)
        return out_of_memory();
    if (error < 0) {
        say("%s", why);
        return EXIT_CONNECTION;
    }
    if (ret->readable_by_others)
        say("warning: others can read %s and its key; chmod 600 it", path);
    return EXIT_FINE;
}

/* nbclient's executions are not what the user has typed. */
static void choose_history(const char *file)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    setenv("CARME_HISTORY", strcmp(file, ":memory:") == 0 ? "none" : file, 1);
}

/* What programs started by cells look for, as ipykernel sets it: colours are shown, keys are not.
 */
static void set_environment(void)
{
    static const char *const variables[][2] = {
        {"TERM", "xterm-color"}, {"CLICOLOR", "1"}, {"CLICOLOR_FORCE", "1"},
        {"FORCE_COLOR", "1"},    {"PAGER", "cat"},  {"GIT_PAGER", "cat"},
    };
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
        setenv(variables[i][0], variables[i][1], 1);
    }
}

/* `fds` listen. Where Python can not run, the clients get the reason from failed_start_serve(). */
static enum exit_code run_python(const struct arguments *arguments, const char *path,
                                 const struct connection *connection,
                                 const int fds[CONNECTION_PORTS])
{
    struct python python;
    bool ran = false;
    enum exit_code code = python_find(arguments_value(arguments, "--python"), &python);
    if (code == EXIT_FINE)
        code = start_kernel(&python, path, fds, arguments->rest, &ran);
    return ran || code == EXIT_FINE ? code : failed_start_serve(connection, fds, code, say_last());
}

static enum exit_code run_kernel(const struct arguments *arguments)
{
    const char *path = arguments_value(arguments, "-f");
    struct connection connection;
    int fds[CONNECTION_PORTS];
    if (path == NULL) {
        say("kernel: -f CONNECTION_FILE is missing; Jupyter gives it when it starts a kernel");
        return EXIT_USAGE;
    }
    if (arguments_value(arguments, "--profile-dir") != NULL)
        say("kernel: --profile-dir has no effect: this kernel has no IPython profile");
    const char *history = arguments_value(arguments, "--HistoryManager.hist_file");
    if (history != NULL)
        choose_history(history);
    set_environment();
    hold_interrupts();
    fill_standard_descriptors();
    enum exit_code code = read_connection(path, &connection);
    if (code != EXIT_FINE)
        return code;
    code = listen_all(&connection, fds);
    if (code == EXIT_FINE)
        code = run_python(arguments, path, &connection, fds);
    connection_finish(&connection);
    return code;
}

/* A Python that can not be the kernel's has executed this program again: see start.h. The reason is
 * on stderr already. */
static enum exit_code run_refusal(char *const *words)
{
    struct connection connection;
    int fds[CONNECTION_PORTS];
    int status = atoi(words[0]); /* NOLINT(cert-err34-c): this program's own */
    if (!start_read_fds(words[3], fds))
        return EXIT_USAGE;
    hold_interrupts();
    enum exit_code code = read_connection(words[2], &connection);
    if (code != EXIT_FINE)
        return code;
    code = failed_start_serve(&connection, fds, (enum exit_code)status, words[1]);
    connection_finish(&connection);
    return code;
}

/* On the heap; "--option=VALUE", so that kernelspec/spec.py takes no value for an option. */
static char *joined(const struct given *given)
{
    const char *name = given->option != NULL ? given->option->name : "";
    const char *value = given->value != NULL ? given->value : "";
    bool both = given->option != NULL && given->value != NULL;
    size_t size = strlen(name) + strlen(value) + 2;
    char *text = malloc(size);
    if (text != NULL)
        snprintf(text, size, "%s%s%s", name, both ? "=" : "", value);
    return text;
}

static void free_words(char **words)
{
    for (char **word = words; *word != NULL; word++)
        free(*word);
    free(words);
}

/* The verb and all that was given but --python, which is the launcher's own. */
static enum exit_code fill_words(const struct arguments *arguments, char **words)
{
    *words = strdup(arguments->verb->name);
    for (size_t i = 0; i < arguments->count && *words != NULL; i++) {
        const struct given *given = &arguments->given[i];
        if (given->option == NULL || strcmp(given->option->name, "--python") != 0)
            *++words = joined(given);
    }
    return *words != NULL ? EXIT_FINE : out_of_memory();
}

/* The verbs that kernelspec/spec.py does. The Python that does it is the one to install for. */
static enum exit_code run_spec(const struct arguments *arguments)
{
    struct python python;
    enum exit_code code = python_find(arguments_value(arguments, "--python"), &python);
    if (code != EXIT_FINE)
        return code;
    char **words = calloc(arguments->count + 2, sizeof *words);
    if (words == NULL)
        return out_of_memory();
    code = fill_words(arguments, words);
    if (code == EXIT_FINE)
        code = start_spec(&python, words);
    free_words(words);
    return code;
}

static const struct verb verbs[] = {
    {"kernel", NULL, "run the kernel; Jupyter starts it", kernel_options, run_kernel, "-f"},
    {"install", NULL, "tell Jupyter about this kernel", install_options, run_spec, NULL},
    {"list", NULL, "list the Carme kernels that Jupyter knows", plain_options, run_spec, NULL},
    {"remove", "NAME", "make Jupyter forget one of them", plain_options, run_spec, NULL},
};

static void print_help(void)
{
    printf("usage: carme VERB [OPTION…]\n\nCarme is a Jupyter kernel for Python.\n\n");
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        printf("  %-10s %s\n", verbs[i].name, verbs[i].help);
    printf("  --version  print the version\n"
           "  --help     print this; carme VERB --help tells the verb's options\n\n"
           "The Python is --python, or else that of CARME_PYTHON, VIRTUAL_ENV,\n"
           "CONDA_PREFIX, or python3 on PATH.\n\nexit status:\n");
#define X(enumerator, status, meaning) printf("  %2d  %s\n", (status), (meaning));
    EXIT_CODES(X)
#undef X
}

static void print_verb_help(const struct verb *verb)
{
    const char *more = verb->keeps_after != NULL ? "[ARGUMENT…]" : verb->argument;
    printf("usage: carme %s [OPTION…]%s%s\n\n%s\n\n", verb->name, more != NULL ? " " : "",
           more != NULL ? more : "", verb->help);
    for (const struct option *option = verb->options; option->name != NULL; option++) {
        char left[40];
        snprintf(left, sizeof left, "%s %s", option->name, option->value ? option->value : "");
        printf("  %-20s %s\n", left, option->help);
    }
}

static bool wants_help(char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(*words, "--help") == 0 || strcmp(*words, "-h") == 0)
            return true;
    }
    return false;
}

static enum exit_code run_verb(const struct verb *verb, char *const *words)
{
    if (wants_help(words)) {
        print_verb_help(verb);
        return EXIT_FINE;
    }
    struct arguments arguments;
    enum exit_code code = arguments_parse(verb, words, &arguments);
    if (code != EXIT_FINE)
        return code;
    code = verb->run(&arguments);
    arguments_finish(&arguments);
    return code;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "refuse") == 0)
        return (int)run_refusal(argv + 2);
    if (argc < 2) {
        say("a verb is missing; see carme --help");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("carme %s\n", CARME_VERSION);
        return EXIT_FINE;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0)
            return (int)run_verb(&verbs[i], argv + 2);
    }
    say("unknown %s %s; see carme --help", argv[1][0] == '-' ? "option" : "verb", argv[1]);
    return EXIT_USAGE;
}
