/* Runs a fuzz target over files and over the files in directories. 0: there were some, none failed.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <string.h>

enum { INPUT_MAX = 1 << 20 };

static bool replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *input = malloc(INPUT_MAX);
    bool opened = file && input;
    if (opened) {
        size_t size = fread(input, 1, INPUT_MAX, file);
        /* A block of the exact size lets a sanitizer see a read beyond its end. */
        char *exact = malloc(size > 0 ? size : 1);
        if (exact) {
            memcpy(exact, input, size);
            LLVMFuzzerTestOneInput((const uint8_t *)exact, size);
        }
        free(exact);
    }
    free(input);
    if (file)
        fclose(file);
    return opened;
}

/* The number of inputs that were run. */
static unsigned replay_path(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory)
        return replay_file(path) ? 1 : 0;
    unsigned count = 0;
    struct dirent *entry;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread. */
    while ((entry = readdir(directory))) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        count += replay_path(name);
    }
    closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    unsigned total = 0;
    for (int i = 1; i < argc; i++) {
        unsigned count = replay_path(argv[i]);
        if (count == 0) {
            fprintf(stderr, "%s: no inputs\n", argv[i]);
            return 1;
        }
        total += count;
    }
    printf("%u inputs\n", total);
    return total == 0;
}
