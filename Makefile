# Two commands are enough: "make demo" and "make test". Needs Python 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: demo setup test check bench messages format clean

demo: .venv/.runtime messages
	$(BIN)/shengce demo build
	$(BIN)/shengce serve --host $(HOST) --port $(PORT)

setup: .venv/.develop messages

.venv/.runtime: requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Shengce needs Python 3.11 or newer: make PYTHON=python3.11 demo")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.develop: .venv/.runtime requirements/develop.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/develop.txt
	@touch $@

messages: .venv/.runtime
	@$(BIN)/python tools/messages.py compile

test: setup
	$(BIN)/python tools/run_tests.py $(ARGS)

check: setup
	$(BIN)/ruff format --check src tests tools bench
	$(BIN)/ruff check src tests tools bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/shengce django makemigrations --check --dry-run
	$(BIN)/shengce django check
	$(BIN)/python tools/messages.py check

bench: setup
	$(BIN)/shengce bench

format: setup
	$(BIN)/ruff format src tests tools bench
	$(BIN)/ruff check --fix src tests tools bench

clean:
	rm -rf .venv build var .pytest_cache .mypy_cache .ruff_cache .hypothesis
