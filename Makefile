# Carme. `make` builds build/carme and build/_carme.abi3.so; `make help` lists the verbs.
VERSION := 0.1.0

CC ?= cc
CFLAGS ?= -O2 -g
LDFLAGS ?=
PREFIX ?= /usr/local
DESTDIR ?=
PKG_CONFIG ?= pkg-config
PYTHON ?= python3
CLANG_FORMAT ?= clang-format
CLANG_TIDY ?= clang-tidy
V ?= 0
SAN ?=

# A variant is a directory: objects of one compiler or sanitizer never mix with another's.
comma := ,
BUILD := build
VARIANT := $(if $(SAN),$(notdir $(CC))-$(SAN),)
OUT := $(if $(VARIANT),$(BUILD)/$(VARIANT),$(BUILD))
OBJ := $(OUT)/obj

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' $(1) $(2);)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
  -Wwrite-strings -Wpointer-arith -Wundef -Wformat=2 -Wvla -Wimplicit-fallthrough
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
BASEFLAGS := -std=c11 -D_GNU_SOURCE -DCARME_VERSION='"$(VERSION)"' -I. -fPIC -fvisibility=hidden \
  -pthread $(WARNINGS) $(SANFLAGS) $(if $(CI),-Werror)

# --- what must be there ----------------------------------------------------------------------

# name of the library | Debian | Fedora | Homebrew | conda-forge
LIBRARIES := libzmq|libzmq3-dev|zeromq-devel|zeromq|zeromq \
  jansson|libjansson-dev|jansson-devel|jansson|jansson \
  libsodium|libsodium-dev|libsodium-devel|libsodium|libsodium \
  uuid|uuid-dev|libuuid-devel|ossp-uuid|libuuid
part = $(word $(2),$(subst |, ,$(1)))
names := $(foreach row,$(LIBRARIES),$(call part,$(row),1))

python_include = $(shell $(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))' \
  2>/dev/null)
missing = $(if $(shell $(PKG_CONFIG) --exists $(call part,$(1),1) 2>/dev/null && echo there),,\
  $(error $(call part,$(1),1) is missing. Debian: apt-get install $(call part,$(1),2); \
Fedora: dnf install $(call part,$(1),3); Homebrew: brew install $(call part,$(1),4); \
conda-forge: conda install $(call part,$(1),5)))

# Verbs that compile nothing work without the libraries, `make setup` above all.
NO_BUILD := help clean setup setup-demo setup-test demo test check-format format check-layers lint
ifneq ($(filter-out $(NO_BUILD),$(or $(MAKECMDGOALS),all)),)
  ifeq ($(shell command -v $(PKG_CONFIG)),)
    $(error pkg-config is missing. Debian: apt-get install pkg-config; Fedora: dnf install \
pkgconf-pkg-config; Homebrew: brew install pkgconf; conda-forge: conda install pkg-config)
  endif
  $(foreach row,$(LIBRARIES),$(call missing,$(row)))
  ifeq ($(wildcard $(python_include)/Python.h),)
    $(error Python.h of $(PYTHON) is missing. Debian: apt-get install python3-dev; Fedora: dnf \
install python3-devel; Homebrew: brew install python; conda-forge: conda install python)
  endif
  LIBFLAGS := $(shell $(PKG_CONFIG) --cflags $(names)) -I$(python_include)
  LIBS := $(shell $(PKG_CONFIG) --libs $(names))
endif

# --- sources ---------------------------------------------------------------------------------

PROTOCOL := $(wildcard protocol/*.c)
KERNEL := $(filter-out kernel/main.c kernel/lite.c,$(wildcard kernel/*.c))
ECHO := interp/echo.c
PYTHON_C := $(wildcard interp/python/*.c)
LAUNCH := $(wildcard kernel/launch/*.c) protocol/connection.c protocol/scan.c protocol/utf8.c \
  protocol/bytes.c
PYTHON_LIB := $(sort $(wildcard interp/python/lib/_carme/*.py))
RESOURCES := kernelspec/kernel.json kernelspec/logo-32x32.png kernelspec/logo-64x64.png \
  kernelspec/logo-svg.svg
C_FILES := $(wildcard protocol/*.[ch] interp/*.[ch] interp/python/*.[ch] kernel/*.[ch] \
  kernel/launch/*.[ch] tests/unit/*.[ch] tests/fuzz/*.[ch] tests/conversation/*.[ch])

objects = $(patsubst %.c,$(OBJ)/%.o,$(1))
MODULE_OBJECTS := $(call objects,$(PROTOCOL) $(KERNEL) kernel/main.c $(PYTHON_C)) \
  $(OBJ)/embedded.o
CORE_OBJECTS := $(call objects,$(PROTOCOL) $(KERNEL) $(ECHO))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

## all: the launcher and the kernel module, ready to run in place
all: $(OUT)/carme $(OUT)/_carme.abi3.so

$(OUT)/carme: $(call objects,$(LAUNCH))
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ -ldl

$(OUT)/_carme.abi3.so: $(MODULE_OBJECTS)
	$(call say,LINK,$@)$(CC) -shared $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lm -pthread

$(OBJ)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(BASEFLAGS) $(CFLAGS) $(LIBFLAGS) -MMD -MP -c -o $@ $<

$(OBJ)/embedded.c: interp/python/embed.py $(PYTHON_LIB) kernelspec/spec.py $(RESOURCES) Makefile
	$(call say,EMBED,$@)$(PYTHON) $< $@ $(PYTHON_LIB) kernelspec/spec.py -- $(RESOURCES)

$(OBJ)/embedded.o: $(OBJ)/embedded.c
	$(call say,CC,$<)$(CC) $(BASEFLAGS) -Wno-overlength-strings $(CFLAGS) $(LIBFLAGS) -c -o $@ $<

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)

## help: this list
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | awk -F': ' '{printf "  %-18s %s\n", $$1, $$2}'

## clean: removes build/
clean:
	rm -rf $(BUILD)

.PHONY: all help clean
