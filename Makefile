# The verbs of the project. Everything is installed into .venv; nothing outside the checkout is touched.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: install demo test check bench clean

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; name one with: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "python3 lacks venv; the fix on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing into .venv (once, about two minutes) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[local,dev]'
	@$(BIN)/python -m compileall -q -j 0 .venv/lib qs_pipeline >/dev/null || true
	@touch $@

demo: install
	@$(BIN)/qs-pipeline demo $(ARGS)

test: check
	@$(BIN)/pytest $(ARGS)

check: install
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/basedpyright --level error
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/deptry --no-ansi . 2>&1 | tail -n 1
	@$(BIN)/dg check defs

bench: install
	@for each in qs_pipeline_tests/benchmarks/*.py; do $(BIN)/python $$each || exit 1; done

clean:
	rm -rf .venv .qs .pytest_cache .ruff_cache .hypothesis
