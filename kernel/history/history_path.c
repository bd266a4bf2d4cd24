#include "kernel/history/history_path.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *variable(const char *name)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): before any code of the user runs */
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* 0, or -ENOENT where there is none, as for a user that only a container knows. */
static int home(char ret_path[PATH_MAX])
{
    char text[1024];
    struct passwd entry, *found = NULL;
    const char *path = variable("HOME");
    if (!path && getpwuid_r(getuid(), &entry, text, sizeof text, &found) == 0 && found)
        path = found->pw_dir;
    if (!path || snprintf(ret_path, PATH_MAX, "%s", path) >= PATH_MAX)
        return -ENOENT;
    return 0;
}

static bool is_directory(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && access(path, W_OK) == 0;
}

/* ~ stands for home, a relative path begins where the kernel was started. */
static int absolute(const char *path, char ret_path[PATH_MAX])
{
    char base[PATH_MAX];
    int r = 0;
    if (*path == '/')
        return snprintf(ret_path, PATH_MAX, "%s", path) < PATH_MAX ? 0 : -ENAMETOOLONG;
    bool in_home = path[0] == '~' && (path[1] == '/' || !path[1]);
    if (in_home)
        r = home(base);
    else if (!getcwd(base, sizeof base))
        r = -errno;
    if (r < 0)
        return r;
    int len =
        snprintf(ret_path, PATH_MAX, "%s%s%s", base, in_home ? "" : "/", in_home ? path + 1 : path);
    return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* The one of IPython 1 in the configuration directory, where it is still the only one. */
static bool old_directory(const char *preferred, char ret_path[PATH_MAX])
{
    char base[PATH_MAX];
    const char *config = variable("XDG_CONFIG_HOME");
    if (access(preferred, F_OK) == 0 || absolute(config ? config : "~/.config", base) < 0)
        return false;
    return snprintf(ret_path, PATH_MAX, "%s/ipython", base) < PATH_MAX && is_directory(ret_path);
}

static int ipython_directory(char ret_path[PATH_MAX])
{
    char old[PATH_MAX];
    const char *named = variable("IPYTHONDIR");
    int r = absolute(named ? named : "~/.ipython", ret_path);
    if (r == 0 && !named && old_directory(ret_path, old))
        memcpy(ret_path, old, strlen(old) + 1);
    return r;
}

int history_path(char **ret_path, bool *ret_is_ours)
{
    char path[PATH_MAX], *copy = NULL;
    const char *named = variable("CARME_HISTORY");
    if (named && strcmp(named, "none") == 0) {
        *ret_path = NULL;
        return 0;
    }
    int r = named ? absolute(named, path) : ipython_directory(path);
    if (r < 0)
        return r;
    if (asprintf(&copy, "%s%s", path, named ? "" : "/profile_default/history.sqlite") < 0)
        return -ENOMEM;
    *ret_is_ours = !named;
    *ret_path = copy;
    return 0;
}
