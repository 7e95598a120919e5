# Everything is in .venv; nothing outside this folder is changed, but for Debian's
# chromium and nodejs, which `make test` installs when it may (see requirements/extras.sh).
# `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := protocols config actors supervisors web sim phosphene tests benchmarks examples
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check static format lock bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/base.stamp ## install what is missing, then serve (ARGS="--port 9000")
	@exec $(BIN)/phosphene serve $(ARGS)

test: $(VENV)/test.stamp ## install what the tests need, then run them (ARGS="-k keyring")
	@sh requirements/extras.sh
	$(BIN)/python -m pytest $(ARGS)

check: static test ## all that must hold: format, lint, types, import contracts, tests

static: $(VENV)/test.stamp ## format, lint, types, import contracts
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/mypy examples/python/*.py
	$(BIN)/lint-imports --no-cache

format: $(VENV)/test.stamp ## format the code and mend what can be mended
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

lock: $(VENV)/test.stamp ## write requirements/*.lock anew from pyproject.toml
	UV=$(BIN)/uv sh requirements/lock.sh

bench: $(VENV)/test.stamp ## run the benchmarks
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

clean: ## remove the venv and what the tools left
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than its lock when all of the lock is installed. `test` has the whole of
# `base` in it at the same versions, so it counts for both.

$(VENV)/base.stamp: requirements/base.lock requirements/install.sh
	@PYTHON="$(PYTHON)" sh requirements/install.sh base

$(VENV)/test.stamp: requirements/test.lock requirements/base.lock requirements/install.sh
	@PYTHON="$(PYTHON)" sh requirements/install.sh test
