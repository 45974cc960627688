# Everything runs in .venv, which is made when it is missing or pyproject.toml changed.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help venv demo test lint lowest random mutants bench dump docs clean

# How long `make random` goes on.
SECONDS ?= 300

help:  ## show these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

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

lint: venv  ## style, types, and which module may import which
	"$(BIN)"/ruff check .
	"$(BIN)"/ruff format --check .
	"$(BIN)"/mypy
	"$(BIN)"/lint-imports

lowest: .venv-lowest/.made  ## the tests with the lowest versions that pyproject.toml allows
	.venv-lowest/bin/python -m pytest -q -n auto

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
	"$(BIN)"/python -m bench.reading

dump: venv  ## write down anew what a fresh install looks like
	"$(BIN)"/python -m pytest -q tests/sql/test_dump.py --write-dump

docs: venv  ## write down anew what the commands' --help says, in docs/reference/commands
	"$(BIN)"/python -m pytest -q tests/unit/test_command_pages.py -k "says_what_help_says or lists_all" --write-docs

clean:  ## remove what these targets made
	rm -rf .venv .venv-lowest .coverage* build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
