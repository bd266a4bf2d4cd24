# Carme in the browser: the JupyterLite extension and a site that needs nothing from elsewhere.
# The kernel's module itself is built by `make wasm`.

LITE_PARTS := $(BUILD)/lite-parts
LITE_WIDGETS := $(BUILD)/lite-widgets-site
LITE_EXT := $(LITE_PARTS)/ext
LITE_SITE := $(BUILD)/lite-site
LITE_PYTHON := $(BUILD)/env/lite/bin/python
LITE_PREFIX ?= $(PREFIX)
LITE_NAME := share/jupyter/labextensions/@carme/lite
LITE_MODULE := $(WASM)/_carme.abi3.so
LITE_SOURCES := $(shell find kernelspec/lite/src kernelspec/lite/unit -type f)
LITE_CONFIG := $(addprefix kernelspec/lite/,builder.config.cjs eslint.config.js tsconfig.json \
  tsconfig.page.json tsconfig.worker.json tsconfig.unit.json .prettierrc.json .prettierignore)
copy_lite = rm -rf $(1) && mkdir -p $(1) && cp -R $(LITE_EXT)/labextension/. $(1)
NPM := npm --cache $(CURDIR)/$(BUILD)/npm-cache --no-audit --no-fund --no-update-notifier

$(LITE_PARTS)/.setup: tests/setup/setup.sh $(wildcard tests/setup/*.txt)
	$(Q)tests/setup/setup.sh lite
	@mkdir -p $(@D) && touch $@

# npm works beside a copy of the sources: node_modules and what is compiled stay in build/.
$(LITE_EXT)/.installed: kernelspec/lite/package.json kernelspec/lite/package-lock.json $(LITE_PARTS)/.setup
	@mkdir -p $(@D)
	$(Q)cp kernelspec/lite/package.json kernelspec/lite/package-lock.json $(@D)
	$(call say,NPM,$(@D))cd $(@D) && $(NPM) ci --silent
	@touch $@

$(LITE_EXT)/.copied: $(LITE_SOURCES) $(LITE_CONFIG) $(LITE_EXT)/.installed
	$(Q)cd $(@D) && rm -rf src unit lib lib-unit
	$(Q)cp -R kernelspec/lite/src kernelspec/lite/unit $(LITE_CONFIG) kernelspec/lite/package.json $(@D)
	@touch $@

$(LITE_EXT)/labextension/package.json: $(LITE_EXT)/.copied $(LITE_MODULE) $(WASM)/abi.json \
  kernelspec/logo-svg.svg
	$(call say,TSC,$(@D))cd $(LITE_EXT) && $(NPM) run --silent build
	$(Q)cp kernelspec/logo-svg.svg $(LITE_EXT)/lib/page
	$(Q)mkdir -p $(LITE_EXT)/lib/worker && cp $(LITE_MODULE) $(LITE_EXT)/lib/worker
	$(Q)cp $(WASM)/abi.json $(LITE_EXT)/src/worker
	$(Q)cd $(LITE_EXT) && node_modules/.bin/esbuild src/worker/worker.ts --bundle --format=esm \
	  --minify --loader:.py=text --log-level=warning --outfile=lib/worker/carme-worker.js
	$(call say,BUILDER,$(@D))cd $(LITE_EXT) && rm -rf labextension && \
	  node node_modules/@jupyter/builder/lib/build-labextension.js \
	  --core-package-file node_modules/@jupyterlab/core-meta/core.package.json . > builder.log 2>&1 \
	  || { cat builder.log >&2; exit 1; }

## lite: the JupyterLite extension, in build/lite-parts/ext/labextension
lite: $(LITE_EXT)/labextension/package.json

## install-lite: the extension into LITE_PREFIX (PREFIX), where `jupyter lite build` finds it
install-lite: lite
	$(Q)$(call copy_lite,$(DESTDIR)$(LITE_PREFIX)/$(LITE_NAME))

$(LITE_PARTS)/wheels/.fetched: kernelspec/lite/wheels.txt $(LITE_PARTS)/.setup
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(call say,PIP,$(@D))PIP_CACHE_DIR=$(CURDIR)/$(BUILD)/pip-cache $(LITE_PYTHON) -m pip download \
	  --quiet --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.14 \
	  --require-hashes --dest $(@D) -r $<
	@touch $@

$(LITE_SITE)/serve.py: $(LITE_EXT)/labextension/package.json $(LITE_PARTS)/wheels/.fetched \
  kernelspec/lite/build_site.py kernelspec/lite/serve.py
	$(Q)rm -rf $(@D) $(LITE_PARTS)/source
	$(Q)$(call copy_lite,$(BUILD)/env/lite/$(LITE_NAME))
	$(Q)$(LITE_PYTHON) kernelspec/lite/build_site.py config $(LITE_PARTS)/source
	$(call say,SITE,$(@D))cd $(LITE_PARTS)/source && HOME=$(CURDIR)/$(LITE_PARTS)/home \
	  $(CURDIR)/$(BUILD)/env/lite/bin/jupyter lite build --lite-dir . --no-sourcemaps --no-libarchive \
	  --output-dir $(CURDIR)/$(@D) > ../site.log 2>&1 || { tail -n 20 ../site.log >&2; exit 1; }
	$(Q)$(LITE_PYTHON) kernelspec/lite/build_site.py fill $(@D) $(LITE_EXT)/node_modules/pyodide $(LITE_PARTS)/wheels

## lite-site: a JupyterLite with Carme in build/lite-site, all of it in that folder
lite-site: $(LITE_SITE)/serve.py

$(LITE_PARTS)/widget-wheels/.fetched: kernelspec/lite/widget-wheels.txt $(LITE_PARTS)/.setup
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(call say,PIP,$(@D))PIP_CACHE_DIR=$(CURDIR)/$(BUILD)/pip-cache $(LITE_PYTHON) -m pip download \
	  --quiet --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.14 \
	  --require-hashes --dest $(@D) -r $<
	@touch $@

$(LITE_WIDGETS)/serve.py: $(LITE_SITE)/serve.py $(LITE_PARTS)/widget-wheels/.fetched
	$(Q)rm -rf $(@D) && cp -R $(LITE_SITE) $(@D)
	$(call say,SITE,$(@D))$(LITE_PYTHON) kernelspec/lite/build_site.py add $(@D) $(LITE_PARTS)/widget-wheels
	@touch $@

## lite-widgets-site: the same with ipywidgets, in build/lite-widgets-site
lite-widgets-site: $(LITE_WIDGETS)/serve.py

## lite-zip: the site as build/carme-site.zip: unpack it anywhere, run its serve.py
lite-zip: lite-site
	$(Q)rm -f $(BUILD)/carme-site.zip
	$(Q)$(LITE_PYTHON) kernelspec/lite/build_site.py zip $(LITE_SITE) $(BUILD)/carme-site.zip

## lite-lint: tsc, eslint, prettier over the extension
lite-lint: $(LITE_EXT)/.copied $(LITE_EXT)/.installed
	$(Q)cd $(LITE_EXT) && $(NPM) run --silent types && $(NPM) run --silent lint

## lite-unit: the extension's own tests, in node
lite-unit: $(LITE_EXT)/.copied
	$(Q)cd $(LITE_EXT) && $(NPM) run --silent unit

## lite-format: prettier over the extension
lite-format: $(LITE_EXT)/.installed
	$(Q)$(LITE_EXT)/node_modules/.bin/prettier --log-level warn --write kernelspec/lite

## lite-test: the extension's tests: unit, then the site in Chromium, isolated and not
lite-test: setup-test lite-lint lite-unit lite-site lite-widgets-site kernelspec
	$(Q)$(PYTEST) -c tests/lite/pytest.ini tests/lite

## bench-lite: against the stock Pyodide kernel of JupyterLite, in one run
bench-lite: setup-test lite-site
	$(Q)$(CLIENT)/python -m tests.bench.lite

.PHONY: lite install-lite lite-site lite-widgets-site lite-zip lite-lint lite-unit lite-format lite-test bench-lite
