# Carme. `make` builds build/carme and build/_carme.abi3.so; `make help` lists the verbs.
VERSION := 26.11.0

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

# pkg-config's name, Debian, Fedora, Homebrew, conda-forge
LIBRARIES := libzmq,libzmq3-dev,zeromq-devel,zeromq,zeromq \
  jansson,libjansson-dev,jansson-devel,jansson,jansson \
  libsodium,libsodium-dev,libsodium-devel,libsodium,libsodium \
  uuid,uuid-dev,libuuid-devel,ossp-uuid,libuuid \
  sqlite3,libsqlite3-dev,sqlite-devel,sqlite,sqlite
# Opened when it is needed, not linked: kernel/history/sqlite.h.
OPENED := sqlite3
part = $(word $(2),$(subst $(comma), ,$(1)))
names := $(foreach row,$(LIBRARIES),$(call part,$(row),1))
lacks = { echo "$(call part,$(1),1) is missing. Debian: apt-get install $(call part,$(1),2);" \
  "Fedora: dnf install $(call part,$(1),3); Homebrew: brew install $(call part,$(1),4);" \
  "conda-forge: conda install $(call part,$(1),5)" >&2; exit 1; }
TOOL := pkg-config,pkg-config,pkgconf-pkg-config,pkgconf,pkg-config
HEADERS := Python.h,python3-dev,python3-devel,python,python
include_dir = import sysconfig; print(sysconfig.get_path("include"))

# `make demo` and `make test` install what is missing before anything is compiled.
SETUP := $(if $(filter test,$(MAKECMDGOALS)),setup-test,$(if $(filter demo,$(MAKECMDGOALS)),setup-demo))

# --- sources ---------------------------------------------------------------------------------

# The browser's module takes browser/X.c in the place of an X.c that only a desktop can have.
PROTOCOL := $(wildcard protocol/*.c)
KERNEL := $(filter-out kernel/desktop/main.c,$(wildcard kernel/*.c \
  $(patsubst %,kernel/%/*.c,platform history zmq desktop)))
ECHO := interp/echo.c
PYTHON_C := $(wildcard interp/python/*.c)
LITE_C := $(patsubst %,protocol/%.c,arena bytes date header ident json json_write message murmur2 \
    utf8) \
  $(patsubst %,interp/python/%.c,backend buffer encode message_dict module publish state streams) \
  $(wildcard interp/python/browser/*.c kernel/*.c) \
  $(patsubst %,kernel/history/%.c,pattern history history_request) \
  $(filter-out %/jansson_seed.c,$(wildcard kernel/browser/*.c))
LAUNCH := $(wildcard kernel/launch/*.c) $(patsubst %,protocol/%.c,bytes connection date json_write \
  scan utf8)
# what is only in the browser's module
LITE_LIB := $(sort $(wildcard interp/python/lib/_carme/browser/*.py))
PYTHON_LIB := $(filter-out $(LITE_LIB),$(sort $(wildcard $(patsubst %,interp/python/lib/_carme/%.py,\
  * */* */*/*))))
RESOURCES := kernelspec/kernel.json kernelspec/logo-32x32.png kernelspec/logo-64x64.png \
  kernelspec/logo-svg.svg
C_FILES := $(wildcard $(patsubst %,%/*.[ch],protocol interp interp/python interp/python/browser \
  kernel kernel/* tests/unit tests/unit/* tests/fuzz tests/conversation tests/conversation/*))

objects = $(patsubst %.c,$(OBJ)/%.o,$(1))
MODULE_OBJECTS := $(call objects,$(PROTOCOL) $(KERNEL) kernel/desktop/main.c $(PYTHON_C)) \
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
	$(call say,LINK,$@)$(CC) -shared $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ @$(OBJ)/libs -lm -pthread

# The compiler's arguments for the libraries, once per variant; a missing one is one line.
$(OBJ)/cflags: Makefile | $(SETUP)
	@mkdir -p $(@D)
	@command -v $(PKG_CONFIG) >/dev/null || $(call lacks,$(TOOL))
	@$(foreach row,$(LIBRARIES),$(PKG_CONFIG) --exists $(call part,$(row),1) || $(call lacks,$(row));)
	@include=`$(PYTHON) -c '$(include_dir)'` && test -f "$$include/Python.h" || $(call lacks,$(HEADERS)); \
	echo "`$(PKG_CONFIG) --cflags $(names)` -I$$include" > $@
	@echo "`$(PKG_CONFIG) --libs $(filter-out $(OPENED),$(names))` -ldl" > $(OBJ)/libs

$(OBJ)/%.o: %.c Makefile $(OBJ)/cflags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(BASEFLAGS) $(CFLAGS) @$(OBJ)/cflags -MMD -MP -c -o $@ $<

$(OBJ)/embedded.c: interp/python/embed.py $(wildcard interp/python/embedding/*.py) $(PYTHON_LIB) kernelspec/spec.py $(RESOURCES) Makefile | $(SETUP)
	@mkdir -p $(@D)
	$(call say,EMBED,$@)$(PYTHON) $< --compiled $@ $(PYTHON_LIB) kernelspec/spec.py -- $(RESOURCES)

$(OBJ)/embedded.o: $(OBJ)/embedded.c $(OBJ)/cflags
	$(call say,CC,$<)$(CC) $(BASEFLAGS) -Wno-overlength-strings $(CFLAGS) @$(OBJ)/cflags -c -o $@ $<

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)

## kernelspec: build/kernelspec/carme, for `jupyter kernelspec install`
kernelspec: all
	$(Q)$(OUT)/carme install --to $(OUT)/kernelspec/carme --python $(PYTHON)

## install: the program into PREFIX (/usr/local); `carme install` tells Jupyter about it
install: all
	install -D -m 755 $(OUT)/carme $(DESTDIR)$(PREFIX)/bin/carme
	install -D -m 755 $(OUT)/_carme.abi3.so $(DESTDIR)$(PREFIX)/lib/carme/_carme.abi3.so

## uninstall: what install has put there
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/carme $(DESTDIR)$(PREFIX)/lib/carme/_carme.abi3.so

# --- the two commands --------------------------------------------------------------------------

## demo: installs what is missing, executes a real notebook, shows where to look
demo: setup-demo kernelspec
	$(Q)tests/demo/run.sh

## test: installs what is missing, then every test
test: setup-test all lite-native wasm kernelspec
	$(Q)$(MAKE) lint check
	$(Q)$(MAKE) check SAN=address,undefined
	$(Q)$(MAKE) check-unit check-conversation SAN=thread
	$(Q)$(PYTEST) -c tests/python/pytest.ini tests/python tests/layers
	$(Q)$(MAKE) check-lite-native SAN=address,undefined
	$(Q)$(MAKE) check-wasm lite-test
	$(Q)$(MAKE) check-with-ipython
	$(Q)$(PYTEST) -c tests/pytest.ini -n 4 --dist loadgroup tests/stress tests/wire tests/conformance tests/lab

setup-demo setup-test:
	$(Q)tests/setup/setup.sh $(@:setup-%=%)

CLIENT := $(BUILD)/env/client/bin
PYTEST := $(CLIENT)/python -m pytest

include kernel/browser/rules.mk
include kernelspec/lite/lite.mk

# --- tests -------------------------------------------------------------------------------------

WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup
UNIT := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(wildcard tests/unit/*/test_*.c))
FUZZ := $(patsubst tests/fuzz/%.c,$(OUT)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
CONVERSATION_TESTS := $(wildcard tests/conversation/test_*.c tests/conversation/*/test_*.c)
CONVERSATION := $(patsubst tests/conversation/%.c,$(OUT)/conversation/%,$(CONVERSATION_TESTS))
CONVERSATION_LIB := tests/unit/check.c \
  $(filter-out $(CONVERSATION_TESTS),$(wildcard tests/conversation/*.c tests/conversation/*/*.c))

LAUNCH_PURE := kernel/launch/hmac.c kernel/launch/zmtp.c
$(OUT)/unit/%: $(OBJ)/tests/unit/%.o $(OBJ)/tests/unit/alloc.o $(OBJ)/tests/unit/check.o \
  $(call objects,$(PROTOCOL) $(LAUNCH_PURE))
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) $(WRAP) -o $@ $^ @$(OBJ)/libs -pthread

$(OUT)/fuzz/%: $(OBJ)/tests/fuzz/%.o $(OBJ)/tests/fuzz/replay.o $(CORE_OBJECTS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ @$(OBJ)/libs -pthread

$(OUT)/conversation/%: $(OBJ)/tests/conversation/%.o $(call objects,$(CONVERSATION_LIB)) $(CORE_OBJECTS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ @$(OBJ)/libs -pthread

## check: the tests in C, layers first; SAN=address,undefined or SAN=thread for a sanitized variant
check: check-layers check-unit check-fuzz check-conversation

check-layers:
	$(Q)PYTHONPATH=tests $(PYTHON) -m layers

## layers-report: circles, arrows against tests/layers/order.txt, sizes; each with its lines
layers-report:
	$(Q)PYTHONPATH=tests $(PYTHON) -m layers --report

check-unit: $(UNIT)
	$(Q)for program in $^; do $$program tests/vectors || exit 1; done

check-conversation: $(CONVERSATION)
	$(Q)for program in $^; do $$program || exit 1; done

check-fuzz: $(FUZZ)
	$(Q)for program in $^; do $$program tests/fuzz/corpus/$${program##*fuzz_}/* || exit 1; done

## fuzz: coverage-guided fuzzing of what arrives from outside, SECONDS each (60)
SECONDS ?= 60
fuzz: $(OBJ)/cflags
	$(Q)for name in $(notdir $(FUZZ)); do \
	  mkdir -p $(BUILD)/fuzzing/$${name#fuzz_} && clang -g -O1 $(filter-out -fvisibility=hidden,$(BASEFLAGS)) -DCARME_FUZZER \
	    -fsanitize=fuzzer,address,undefined @$(OBJ)/cflags -o $(BUILD)/fuzzing/$$name tests/fuzz/$$name.c $(PROTOCOL) $(KERNEL) $(ECHO) @$(OBJ)/libs && \
	  $(BUILD)/fuzzing/$$name -max_total_time=$(SECONDS) $(BUILD)/fuzzing/$${name#fuzz_} tests/fuzz/corpus/$${name#fuzz_} || exit 1; done

## check-wasm: the browser's module in npm's pyodide, in node
check-wasm: wasm $(LITE_EXT)/.installed
	$(Q)PYODIDE=$(LITE_EXT)/node_modules/pyodide MODULE=$(WASM)/_carme.abi3.so node --test tests/wasm/module.test.mjs

## check-wire: conversations with real clients, every Python that is found
check-wire: all lite-native kernelspec
	$(Q)$(PYTEST) -c tests/python/pytest.ini tests/python
	$(Q)$(PYTEST) -c tests/pytest.ini -n 4 tests/wire

## check-with-ipython: what a notebook does, in an environment that has IPython
check-with-ipython: all kernelspec
	$(Q)CARME_TEST_PYTHONS=$(CURDIR)/$(BUILD)/env/widgets/bin/python $(PYTEST) -c tests/pytest.ini -n 4 \
	  tests/wire/test_execute.py tests/wire/test_messages.py tests/wire/cells/test_cell_errors.py \
	  tests/wire/cells/test_stop_on_error.py tests/wire/cells/test_top_level_await.py tests/wire/display/test_rich_results.py \
	  tests/wire/output/test_output.py tests/wire/history tests/wire/protocol/test_comm.py tests/wire/protocol/test_stdin.py \
	  tests/wire/concurrency/test_threads.py tests/wire/concurrency/test_asyncio.py

## check-conformance: jupyter_kernel_test, notebooks, ipykernel's, nbclient's and papermill's own tests
check-conformance: all kernelspec
	$(Q)$(PYTEST) -c tests/pytest.ini tests/conformance

## conformance: the same tests under Carme and under ipykernel, side by side
conformance: all kernelspec
	$(Q)PYTHONPATH=tests $(CLIENT)/python -m conformance

## check-lab: JupyterLab in Chromium; screenshots in build/screenshots
check-lab: all kernelspec
	$(Q)$(PYTEST) -c tests/pytest.ini tests/lab

## stress: threads, pools, tasks, interrupts at random, for MINUTES (60); SEED repeats a run
stress: all kernelspec
	$(Q)MINUTES=$(or $(MINUTES),60) $(PYTEST) -c tests/pytest.ini -s tests/stress

## bench: speed and memory against ipykernel, in one run
bench: all kernelspec
	$(Q)$(CLIENT)/python -m tests.bench

# --- form --------------------------------------------------------------------------------------

## lint: check-format, tidy and the Python half's linters
lint: check-format tidy
	$(Q)$(CLIENT)/ruff check -q . && $(CLIENT)/ruff format -q --check .
	$(Q)$(CLIENT)/mypy --no-error-summary interp/python/lib/_carme kernelspec/spec.py interp/python/embed.py kernel/browser/check.py kernel/browser/abi.py \
	  $(filter-out tests/layers/test_% tests/layers/conftest.py,$(wildcard tests/layers/*.py))

## format: clang-format and ruff over everything
format:
	$(CLANG_FORMAT) -i $(C_FILES)
	$(CLIENT)/ruff format -q .

check-format:
	$(Q)$(CLANG_FORMAT) --dry-run -Werror $(C_FILES)

## tidy: clang-tidy, warnings are errors
tidy: $(OBJ)/cflags
	$(Q)printf '%s\n' $(filter %.c,$(C_FILES)) | xargs -P 2 -n 1 sh -c \
	  '$(CLANG_TIDY) --quiet "$$@" -- $(subst ','\'',$(BASEFLAGS)) '"`cat $(OBJ)/cflags`"' 2>/dev/null' tidy

## coverage: lines that the tests in C reach, by gcov
coverage:
	$(Q)$(MAKE) check OUT=$(BUILD)/coverage CFLAGS='-O0 -g --coverage'
	$(Q)cd $(BUILD)/coverage/obj && find . -name '*.gcda' | xargs gcov -n 2>/dev/null | \
	  grep -A1 "File '\(protocol\|kernel\|interp\)" | grep -v '^--' | paste - - | sort

## help: this list
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | awk -F': ' '{printf "  %-18s %s\n", $$1, $$2}'

## clean: removes build/
clean:
	rm -rf $(BUILD)

.PHONY: all help clean kernelspec install uninstall demo test setup-demo setup-test check \
  check-layers layers-report check-unit check-conversation check-fuzz fuzz check-wasm check-wire check-with-ipython check-conformance conformance check-lab \
  bench stress lint format check-format tidy coverage
