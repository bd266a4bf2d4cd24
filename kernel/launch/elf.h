/*
 * What an ELF file says about itself: the libraries it wants, where it looks for them, which
 * symbols it exports. The file is read, never run; every offset in it is checked.
 *
 * Source: System V ABI, chapters "Object Files" and "Dynamic Linking"; ld.so(8).
 */
#pragma once

#include <link.h>

#include "protocol/bytes.h"

struct elf {
    const char *map; /* the whole file */
    size_t size;
    ElfW(Ehdr) header;
    ElfW(Phdr) dynamic; /* p_filesz is 0 when there is none */
};

/*
 * -ENOEXEC: not an ELF file, or a broken one. -ENOTSUP: not for the architecture that this program
 * runs on. Others of open, fstat and mmap.
 */
MUST_CHECK int elf_open(const char *path, struct elf *ret);
void elf_close(struct elf *self); /* accepts one that is all zero; for CLEANUP */

/*
 * The string of the first dynamic entry `tag` (DT_NEEDED, DT_RUNPATH, DT_RPATH) that begins with
 * `prefix`; NULL when there is none. Lives as long as `self`.
 */
const char *elf_string(const struct elf *self, ElfW(Sxword) tag, const char *prefix);

/* Whether the file defines this dynamic symbol. */
bool elf_exports(const struct elf *self, const char *symbol);
