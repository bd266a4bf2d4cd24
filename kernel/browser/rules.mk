# --- the kernel module of a browser --------------------------------------------------------------
#
# LITE_C is compiled twice: by emscripten for Pyodide, and by CC for CPython on this machine, where
# the tests run it.

EMCC ?= emcc
WASM := $(BUILD)/wasm
WASM_OBJ := $(WASM)/obj
JANSSON := $(WASM)/jansson/src
JANSSON_C := dump error hashtable load memory pack_unpack strbuffer strconv utf value version
# jansson and protocol/utf8.h both have a utf8_encode
WASM_OBJECTS := $(patsubst %.c,$(WASM_OBJ)/%.o,$(LITE_C) kernel/browser/jansson_seed.c embedded.c) \
  $(patsubst %,$(WASM_OBJ)/jansson/%.o,$(JANSSON_C))
WASM_FLAGS := -std=c11 -D_GNU_SOURCE -DCARME_VERSION='"$(VERSION)"' -DHAVE_CONFIG_H -I. -Ikernel/browser \
  -I$(WASM)/include -isystem $(JANSSON) -Oz -flto -fPIC -fvisibility=hidden $(if $(CI),-Werror)
NATIVE := $(OUT)/lite-native
# what needs windows, processes, signals or threads; of gui a worker has what refuses
DESKTOP_LIB := $(patsubst %,interp/python/lib/_carme/%.py,concurrency/asyncio_patches concurrency/loop \
  gui/event_loop gui/gtk gui/qt gui/tk gui/wx interrupts/subshells interrupts/wakeup_fd \
  magics/system/child_processes output/abnormal_exit processes/forked_child processes/interpreters \
  processes/placeholders processes/spawn processes/spawned_main session/subshell_thread)
$(foreach file,$(filter-out $(PYTHON_LIB),$(DESKTOP_LIB)),$(error $(file) has moved: name it anew in DESKTOP_LIB))
WORKER_LIB := $(filter-out $(DESKTOP_LIB),$(PYTHON_LIB)) $(LITE_LIB)
EMBED := interp/python/embed.py $(wildcard interp/python/embedding/*.py)
NATIVE_OBJECTS := $(call objects,$(LITE_C)) $(OBJ)/lite/embedded.o

## wasm: build/wasm/_carme.abi3.so, for the Python of Pyodide
wasm: $(WASM)/_carme.abi3.so $(WASM)/abi.json

$(WASM)/_carme.abi3.so: $(WASM_OBJECTS) kernel/browser/check.py kernel/browser/imports.txt
	$(call say,LINK,$@)$(EMCC) -Oz -flto -sSIDE_MODULE=2 -sEXPORTED_FUNCTIONS=_PyInit__carme -sWASM_BIGINT=1 \
	  -o $@ $(WASM_OBJECTS)
	$(call say,CHECK,$@)$(PYTHON) kernel/browser/check.py $@ kernel/browser/imports.txt

# What the page compares with the Pyodide it loads, before it loads the module.
$(WASM)/abi.json: interp/python/lib/_carme/browser/worker_api.py Makefile
	@mkdir -p $(@D)
	$(call say,WRITE,$@)$(PYTHON) kernel/browser/abi.py $< $(VERSION) > $@

$(WASM_OBJ)/jansson/%.o: $(WASM)/jansson/.ready kernel/browser/jansson_config.h kernel/browser/jansson_private_config.h kernel/browser/rules.mk
	@mkdir -p $(@D)
	$(call say,EMCC,$*.c)$(EMCC) $(WASM_FLAGS) -Dutf8_encode=jansson_utf8_encode -c -o $@ $(JANSSON)/$*.c

$(WASM_OBJ)/embedded.o: $(WASM_OBJ)/embedded.c
	$(call say,EMCC,$<)$(EMCC) $(WASM_FLAGS) -c -o $@ $<

$(WASM_OBJ)/%.o: %.c Makefile kernel/browser/rules.mk $(WASM)/jansson/.ready $(WASM)/include/.ready
	@mkdir -p $(@D)
	$(call say,EMCC,$<)$(EMCC) $(WASM_FLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

$(WASM_OBJ)/embedded.c $(OBJ)/lite/embedded.c: $(EMBED) $(WORKER_LIB) Makefile kernel/browser/rules.mk
	@mkdir -p $(@D)
	$(call say,EMBED,$@)$(PYTHON) $< --stripped $@ $(WORKER_LIB) --

# CPython's headers, with our pyconfig.h in the place of this machine's.
$(WASM)/include/.ready: kernel/browser/pyconfig.h kernel/browser/rules.mk | $(OBJ)/cflags
	@rm -rf $(@D) && mkdir -p $(@D)
	@ln -s `$(PYTHON) -c '$(include_dir)'`/* $(@D)/
	@rm -f $(@D)/pyconfig.h && cp $< $(@D)/pyconfig.h && touch $@

$(WASM)/jansson/.ready: kernel/browser/jansson.sh | $(OBJ)/cflags
	@command -v $(EMCC) >/dev/null || { echo "$(EMCC) is missing. Debian: apt-get install emscripten" >&2; exit 1; }
	$(call say,FETCH,jansson)kernel/browser/jansson.sh $(@D) && touch $@

## lite-native: the same module for the Python of this machine: build/lite-native/_carme.abi3.so
lite-native: $(NATIVE)/_carme.abi3.so

$(NATIVE)/_carme.abi3.so: $(NATIVE_OBJECTS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -shared $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ `$(PKG_CONFIG) --libs jansson` -lm

$(OBJ)/lite/embedded.o: $(OBJ)/lite/embedded.c $(OBJ)/cflags
	$(call say,CC,$<)$(CC) $(BASEFLAGS) -Wno-overlength-strings $(CFLAGS) @$(OBJ)/cflags -c -o $@ $<

## check-lite-native: conversations with that module, without a browser; SAN as for check
check-lite-native: lite-native
	$(Q)CARME_VARIANT='$(VARIANT)' $(PYTEST) -q -c tests/python/pytest.ini tests/python/browser

-include $(shell find $(WASM_OBJ) -name '*.d' 2>/dev/null)

.PHONY: wasm lite-native check-lite-native
