# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Compiled modules and tests are kept for the next run, whatever the surroundings say: without them a run takes longer
# to read the suite than to run most of it.
unexport PYTHONDONTWRITEBYTECODE
# The parts of the pages are fetched while machine code is compiled.
MAKEFLAGS += --jobs=2
.DEFAULT_GOAL := help
.PHONY: help install demo test quick lint bench spark lock clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/'

$(VENV)/.packages: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: call make with PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "No venv module: install it (Debian: apt-get install python3-venv), then call make again"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --no-build-isolation -e .
	@touch $@

# Five of six modules that the packages bring are never imported: pip leaves all of them as text, and what can be
# imported is compiled by importing it once, which `doctor --warm` does beside the machine code.
$(VENV)/.installed: $(VENV)/.packages
	$(BIN)/python -m compileall -q src
	$(BIN)/agora doctor --warm
	@touch $@

$(VENV)/.front: $(VENV)/.packages front/package-lock.json front/build.py
	$(BIN)/python front/build.py
	@touch $@

$(VENV)/.front-dev: $(VENV)/.front
	$(BIN)/python front/build.py --dev
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed $(VENV)/.front-dev requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.installed $(VENV)/.front ## the environment in .venv, with .venv/bin/agora

demo: install ## the sample market and the console on http://127.0.0.1:8000
	$(BIN)/agora demo

# Three workers, as a worker waits for programs, browsers and databases nearly half of its time.
# Each of thousands of stores is written through to the disk, which waits longer than it works: memory will do here.
SUITE_TEMP := $(shell test "$$(df -k --output=avail /dev/shm 2>/dev/null | tail -1)" -gt 4000000 2>/dev/null && echo PYTEST_DEBUG_TEMPROOT=/dev/shm)

test: $(VENV)/.installed-dev ## the whole suite
	$(BIN)/python tests/parts.py
	$(SUITE_TEMP) $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

quick: $(VENV)/.installed-dev ## the part of the suite that is run all the time (under 90 s)
	$(SUITE_TEMP) $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow" --cases-max 2 -q --hypothesis-profile=quick

lint: $(VENV)/.installed-dev ## style, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev ## measure, with peers in the same run (installs the peers)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	$(BIN)/python -m benchmarks

spark: $(VENV)/.installed-dev ## the tests of work on a cluster (installs Spark; needs Java 17)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	$(BIN)/python -m pytest -n 0 tests/engine/spark

lock: ## renew the hashed locks (needs uv)
	for part in "requirements.lock:--extra build" "requirements-dev.lock:--extra build --extra dev" "requirements-bench.lock:--extra build --extra dev --extra bench" "requirements-spark.lock:--extra build --extra dev --extra spark"; do \
	  uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links $${part#*:} pyproject.toml -o $${part%%:*}; done

clean: ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache
