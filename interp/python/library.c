#include "interp/python/python.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

/* A Python whose symbols are the program's own is in bin/, beside lib/; a libpython is in lib/. */
bool python_libraries(char ret_path[PATH_MAX])
{
    char file[PATH_MAX];
    Dl_info info;
    void *symbol = dlsym(RTLD_DEFAULT, "Py_BytesMain");
    if (!symbol || !dladdr(symbol, &info))
        return false;
    bool is_library = strstr(info.dli_fname, ".so") != NULL;
    if (!realpath(is_library ? info.dli_fname : "/proc/self/exe", file))
        return false;
    char *slash = strrchr(file, '/');
    *slash = '\0';
    return snprintf(ret_path, PATH_MAX, "%s%s", file, is_library ? "" : "/../lib") < PATH_MAX;
}
