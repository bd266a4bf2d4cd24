#include "kernel/desktop/openmp.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

enum {
    LIBRARIES = 4, /* packages bring copies of their own */
    PAUSE_HARD = 2 /* omp_pause_hard: OpenMP 5.0, 3.2.44 */
};

struct found {
    int count;
    char paths[LIBRARIES][PATH_MAX];
};

static int look_at(struct dl_phdr_info *info, size_t size, void *user)
{
    (void)size;
    struct found *found = user;
    const char *slash = strrchr(info->dlpi_name, '/');
    if (!slash || strncmp(slash + 1, "libgomp", strlen("libgomp")) != 0)
        return 0;
    int length = snprintf(found->paths[found->count], PATH_MAX, "%s", info->dlpi_name);
    found->count += length < PATH_MAX;
    return found->count == LIBRARIES;
}

static void pause_threads(const char *path)
{
    void *library = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
    if (!library)
        return;
    int (*pause_all)(int kind);
    *(void **)&pause_all = dlsym(library, "omp_pause_resource_all");
    if (pause_all)
        pause_all(PAUSE_HARD);
    dlclose(library);
}

/* dlopen is not for the callback: it takes the loader's locks in another order. */
void openmp_pause(void)
{
    struct found found;
    found.count = 0;
    dl_iterate_phdr(look_at, &found);
    for (int i = 0; i < found.count; i++)
        pause_threads(found.paths[i]);
}
