# Needs Python 3.11 or newer and make; all else is installed into .venv from requirements.lock.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
# Tests wait for sockets and processes a good part of their time: three workers for two processors.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) * 3 // 2)')
# Modules are compiled once, also where the environment says no: else each worker and each command
# of a test compiles the kit anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo browser test broker lint bench soak matrix statement certificate format lock clean

help:  ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-9s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"Python {v[0]}.{v[1]} is too old: the kit needs 3.11 or newer. Name one with PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing from requirements.lock ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP)  ## Run hub, two vendors and the suite against both (half a minute)
	@$(BIN)/python -m tests.system.demo

browser:  ## Install Chromium for the tests of pages, where there is none (Debian, as root)
	@if [ -z "$$CHROMIUM" ] && ! command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null; then \
	  line='apt-get install --yes --no-install-recommends chromium'; \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the tests of pages: $$line"; \
	    apt-get update -qq && $$line -qq >/dev/null; \
	  else \
	    echo "The tests of pages need Chromium: sudo $$line (or set CHROMIUM to the path of one)." >&2; exit 1; \
	  fi; \
	fi

test: $(STAMP) browser  ## Run the style rules, the types and every test
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

broker: $(STAMP)  ## Judge the reference hub by the suite, also where it answers in unusual ways
	@$(BIN)/python -m pytest -m soak -n 2 --dist worksteal tests/system/test_hub_privacy.py

lint: $(STAMP)  ## Run ruff and mypy only
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(STAMP)  ## Measure against a floor in the same run; writes reports/bench.json
	@$(BIN)/python -m tests.bench

soak: $(STAMP)  ## Run what takes longer than `make test` allows
	@$(BIN)/python -m pytest -m soak
	@FULL_KILL_MATRIX=1 $(BIN)/python -m pytest -n auto --dist worksteal tests/conformance/test_checks_can_fail.py

matrix: $(STAMP)  ## Hold every check against every mutant, or against those of MUTANTS="role/Name ..."
ifdef MUTANTS
	@$(BIN)/python -m tests.conformance.rejudge $(MUTANTS)
else
	@UPDATE_KILL_MATRIX=1 $(BIN)/python -m pytest -q -s tests/conformance/test_checks_can_fail.py -k kill_matrix
endif

statement: $(STAMP)  ## Run the tests behind the hub's conformance statement; renews it
	@$(BIN)/python -m tests.statement

certificate: $(STAMP)  ## Judge the reference hub as it is; renews reports/reference-hub
	@$(BIN)/python -m tests.system.certificate

format: $(STAMP)  ## Rewrite the sources in the house format
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

lock: $(STAMP)  ## Renew requirements.lock from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock

clean:  ## Remove the environment and everything that was generated
	@rm -rf .venv .hub reports/runs build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
