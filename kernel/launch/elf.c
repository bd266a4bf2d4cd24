#include "kernel/launch/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Copies, because nothing in a foreign file need be aligned. False: outside of the file. */
static bool read_at(const struct elf *self, uint64_t offset, void *ret, size_t size)
{
    if (offset > self->size || size > self->size - offset)
        return false;
    memcpy(ret, self->map + offset, size);
    return true;
}

static bool segment_at(const struct elf *self, unsigned index, ElfW(Phdr) * ret)
{
    return self->header.e_phentsize == sizeof *ret &&
           read_at(self, self->header.e_phoff + (uint64_t)index * sizeof *ret, ret, sizeof *ret);
}

/* Where in the file the byte lies that is mapped at `address`; UINT64_MAX when nowhere. */
static uint64_t offset_of(const struct elf *self, uint64_t address)
{
    for (unsigned i = 0; i < self->header.e_phnum; i++) {
        ElfW(Phdr) segment;
        if (!segment_at(self, i, &segment))
            break;
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
            address - segment.p_vaddr < segment.p_filesz)
            return segment.p_offset + (address - segment.p_vaddr);
    }
    return UINT64_MAX;
}

/* False after the last entry. */
static bool entry_at(const struct elf *self, size_t index, ElfW(Dyn) * ret)
{
    if (index >= self->dynamic.p_filesz / sizeof *ret)
        return false;
    return read_at(self, self->dynamic.p_offset + (uint64_t)index * sizeof *ret, ret,
                   sizeof *ret) &&
           ret->d_tag != DT_NULL;
}

/* The offset that entry `tag` points to; UINT64_MAX when there is none. */
static uint64_t table_offset(const struct elf *self, ElfW(Sxword) tag)
{
    ElfW(Dyn) entry;
    for (size_t i = 0; entry_at(self, i, &entry); i++) {
        if (entry.d_tag == tag)
            return offset_of(self, entry.d_un.d_ptr);
    }
    return UINT64_MAX;
}

/* The string at `index` of the dynamic string table; NULL when it does not end inside the file. */
static const char *string_at(const struct elf *self, uint64_t strings, uint64_t index)
{
    if (strings >= self->size || index >= self->size - strings)
        return NULL;
    const char *text = self->map + strings + index;
    size_t left = self->size - (size_t)(strings + index);
    return memchr(text, '\0', left) != NULL ? text : NULL;
}

const char *elf_string(const struct elf *self, ElfW(Sxword) tag, const char *prefix)
{
    uint64_t strings = table_offset(self, DT_STRTAB);
    ElfW(Dyn) entry;
    for (size_t i = 0; entry_at(self, i, &entry); i++) {
        if (entry.d_tag != tag)
            continue;
        const char *text = string_at(self, strings, entry.d_un.d_val);
        if (text != NULL && strncmp(text, prefix, strlen(prefix)) == 0)
            return text;
    }
    return NULL;
}

static bool is_defined_as(const struct elf *self, uint32_t index, const char *name)
{
    ElfW(Sym) symbol;
    uint64_t at = table_offset(self, DT_SYMTAB);
    if (at == UINT64_MAX ||
        !read_at(self, at + (uint64_t)index * sizeof symbol, &symbol, sizeof symbol))
        return false;
    const char *text = string_at(self, table_offset(self, DT_STRTAB), symbol.st_name);
    return symbol.st_shndx != SHN_UNDEF && text != NULL && strcmp(text, name) == 0;
}

static uint32_t gnu_hash(const char *name)
{
    uint32_t hash = 5381; /* Bernstein's hash, as glibc's elf/dl-lookup.c has it */
    for (; *name != '\0'; name++)
        hash = hash * 33 + (unsigned char)*name;
    return hash;
}

/* A DT_GNU_HASH table at `table`: four words, a Bloom filter, buckets, chains. */
static bool exports_by_gnu_hash(const struct elf *self, uint64_t table, const char *name)
{
    struct {
        uint32_t buckets, first_symbol, bloom_words, bloom_shift;
    } head;
    if (!read_at(self, table, &head, sizeof head) || head.buckets == 0)
        return false;
    uint32_t hash = gnu_hash(name), index, link;
    uint64_t buckets = table + sizeof head + (uint64_t)head.bloom_words * sizeof(ElfW(Addr));
    uint64_t chains = buckets + (uint64_t)head.buckets * sizeof index;
    if (!read_at(self, buckets + hash % head.buckets * sizeof index, &index, sizeof index))
        return false;
    for (; index >= head.first_symbol; index++) {
        uint64_t at = chains + (uint64_t)(index - head.first_symbol) * sizeof link;
        if (!read_at(self, at, &link, sizeof link))
            return false;
        if ((link | 1) == (hash | 1) && is_defined_as(self, index, name))
            return true;
        if ((link & 1) != 0) /* the chain's last */
            return false;
    }
    return false;
}

/* A DT_HASH table's second word is the number of symbols. */
static bool exports_by_list(const struct elf *self, uint64_t table, const char *name)
{
    uint32_t count;
    if (!read_at(self, table + sizeof count, &count, sizeof count))
        return false;
    for (uint32_t i = 0; i < count && i < self->size / sizeof(ElfW(Sym)); i++) {
        if (is_defined_as(self, i, name))
            return true;
    }
    return false;
}

bool elf_exports(const struct elf *self, const char *symbol)
{
    uint64_t table = table_offset(self, DT_GNU_HASH);
    if (table != UINT64_MAX)
        return exports_by_gnu_hash(self, table, symbol);
    table = table_offset(self, DT_HASH);
    return table != UINT64_MAX && exports_by_list(self, table, symbol);
}

static int map_file(const char *path, struct elf *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    struct stat status;
    int error = fstat(fd, &status) < 0 ? -errno : 0;
    if (error == 0 && (!S_ISREG(status.st_mode) || status.st_size == 0))
        error = -ENOEXEC;
    if (error == 0) {
        void *map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        error = map == MAP_FAILED ? -errno : 0;
        if (error == 0)
            *ret = (struct elf){.map = map, .size = (size_t)status.st_size};
    }
    close(fd);
    return error;
}

/* What "this architecture" means is told by the header of the program that runs. */
static int check_architecture(const struct elf *self)
{
    ElfW(Ehdr) own;
    struct elf running = {0};
    int error = map_file("/proc/self/exe", &running);
    if (error < 0)
        return error;
    bool same = read_at(&running, 0, &own, sizeof own) &&
                memcmp(own.e_ident, self->header.e_ident, EI_VERSION) == 0 &&
                own.e_machine == self->header.e_machine;
    elf_close(&running);
    return same ? 0 : -ENOTSUP;
}

static int find_dynamic(struct elf *self)
{
    for (unsigned i = 0; i < self->header.e_phnum; i++) {
        ElfW(Phdr) segment;
        if (!segment_at(self, i, &segment))
            return -ENOEXEC;
        if (segment.p_type == PT_DYNAMIC)
            self->dynamic = segment;
    }
    return 0;
}

int elf_open(const char *path, struct elf *ret)
{
    CLEANUP(elf_close) struct elf file = {0};
    int error = map_file(path, &file);
    if (error < 0)
        return error;
    /* The first 20 bytes mean the same in every class, and are all that a foreign one need have. */
    if (!read_at(&file, 0, &file.header, offsetof(ElfW(Ehdr), e_version)) ||
        memcmp(file.header.e_ident, ELFMAG, SELFMAG) != 0)
        return -ENOEXEC;
    error = check_architecture(&file);
    if (error < 0)
        return error;
    if (!read_at(&file, 0, &file.header, sizeof file.header))
        return -ENOEXEC;
    error = find_dynamic(&file);
    if (error < 0)
        return error;
    *ret = file;
    file = (struct elf){0};
    return 0;
}

void elf_close(struct elf *self)
{
    if (self->map != NULL)
        munmap((void *)(uintptr_t)self->map, self->size);
    *self = (struct elf){0};
}
