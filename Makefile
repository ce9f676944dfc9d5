# make run and make test need Python >= 3.11, Node >= 20.19 and make; nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export GANGMU_HOME ?= $(CURDIR)/.gangmu
# Tests and the demonstration start many processes: where bytecode is not kept, each compiles 800 modules anew.
export PYTHONDONTWRITEBYTECODE :=

STAMPS := .stamps
FRONTEND := $(shell find frontend -type f 2>/dev/null) $(shell find src -name '*.html') vite.config.ts tsconfig.json
CATALOGUES := $(shell find src -name 'django.po' 2>/dev/null)

.PHONY: run test prove scan bench lint setup lock coverage-map screenshots clean

run: setup
	$(BIN)/gangmu demo

test: setup
	npm run --silent test
	$(BIN)/pytest --numprocesses=3 --dist=loadfile --no-loadscope-reorder --tb=short --quiet

prove: setup
	$(BIN)/python tools/prove.py

# Scanners of others on the code and on both sites; ONLY="bandit wapiti" takes some. See docs/security.md.
scan: setup
	$(BIN)/python tools/scan.py $(ONLY)

bench: setup
	$(BIN)/python -m bench

lint: setup
	$(BIN)/ruff format --check src tests tools bench
	$(BIN)/ruff check src tests tools bench
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	npm run --silent lint

coverage-map: setup
	$(BIN)/python tools/coverage_map.py

# ONLY="grid inbox" takes some pages, MORE=--pictures makes those of docs/images too.
screenshots: setup
	GANGMU_HOME=$(CURDIR)/.gangmu-screenshots $(BIN)/python tools/screenshots.py $(ONLY) $(MORE)

setup: $(STAMPS)/python $(STAMPS)/package $(STAMPS)/node $(STAMPS)/frontend $(STAMPS)/catalogues

$(STAMPS)/python: requirements/dev.txt
	@mkdir -p $(STAMPS)
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is " + sys.version)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(STAMPS)/package: $(STAMPS)/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/node: package-lock.json
	npm ci --silent --no-fund --no-audit
	@mkdir -p $(STAMPS)
	@touch $@

$(STAMPS)/frontend: $(STAMPS)/node $(FRONTEND)
	npm run --silent build
	@touch $@

$(STAMPS)/catalogues: $(STAMPS)/python $(CATALOGUES)
	$(BIN)/python tools/compile_messages.py
	@touch $@

# Locks without the registry's host: hashes are enough to know a package by.
lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate requirements/base.in -o requirements/base.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate requirements/dev.in -o requirements/dev.txt
	npm install --package-lock-only --omit-lockfile-registry-resolved=true

clean:
	rm -rf $(VENV) node_modules $(STAMPS) src/gangmu/foundation/ui/static/gangmu
