# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Compiled modules and tests are kept for the next run, whatever the surroundings say: without them a run takes longer
# to read the suite than to run most of it.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help install demo test quick lint bench lock clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/'

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: call make with PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "No venv module: install it (Debian: apt-get install python3-venv), then call make again"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src
	$(BIN)/agora doctor --warm
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.installed ## the environment in .venv, with .venv/bin/agora

demo: install ## the sample market and the check of a listing on http://127.0.0.1:8000
	$(BIN)/agora demo

test: $(VENV)/.installed-dev ## the whole suite
	$(BIN)/python tests/parts.py
	$(BIN)/python -m pytest -n 2 --dist loadgroup

# Each of hundreds of stores is written through to the disk, which waits longer than it works: memory will do here.
QUICK_TEMP := $(shell test "$$(df -k --output=avail /dev/shm 2>/dev/null | tail -1)" -gt 2000000 2>/dev/null && echo /dev/shm)

quick: $(VENV)/.installed-dev ## the part of the suite that is run all the time (under 90 s)
	$(if $(QUICK_TEMP),PYTEST_DEBUG_TEMPROOT=$(QUICK_TEMP) )$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow" --cases-max 2 -q --hypothesis-profile=quick

lint: $(VENV)/.installed-dev ## style, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev ## measure, with peers in the same run (installs the peers)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	$(BIN)/python -m benchmarks

lock: ## renew the hashed locks (needs uv)
	for part in "requirements.lock:--extra build" "requirements-dev.lock:--extra build --extra dev" "requirements-bench.lock:--extra build --extra dev --extra bench"; do \
	  uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links $${part#*:} pyproject.toml -o $${part%%:*}; done

clean: ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache
