# The verbs of the project. Everything is installed into .venv; nothing outside the checkout is touched.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
STAMP := .venv/.installed

# Name a check, and show what it says only where it fails.
quietly = @echo "$(1)" && { out=$$($(1) 2>&1) || { echo "$$out"; exit 1; }; }

.PHONY: install demo test test-long check bench pictures prune-long clean

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; name one with: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "python3 lacks venv; the fix on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing into .venv (once, about two minutes) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[local,postgres,dev]'
	@$(BIN)/python -m compileall -q -j 0 .venv/lib qs_pipeline >/dev/null || true
	@touch $@

demo: install
	@$(BIN)/qs-pipeline demo $(ARGS)

test: check
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

# What make test leaves out to end within five minutes on two cores.
test-long: install
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m long $(ARGS)

check: install
	$(call quietly,$(BIN)/ruff check .)
	$(call quietly,$(BIN)/ruff format --check .)
	$(call quietly,$(BIN)/basedpyright)
	$(call quietly,$(BIN)/lint-imports --no-logo --no-cache)
	$(call quietly,$(BIN)/deptry .)
	$(call quietly,$(BIN)/cfn-lint --regions us-east-1 us-gov-west-1 -- deploy/cloudformation.yaml deploy/loadbalancer.yaml)
	$(call quietly,VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/dg check defs)

bench: install
	@for each in qs_pipeline_tests/benchmarks/*.py; do $(BIN)/python $$each || exit 1; done

# The pictures in docs/pictures, from a demo of its own; Chromium is needed, named by CHROMIUM where it lies elsewhere.
pictures: install
	@$(BIN)/python -m qs_pipeline_tests.pictures

# Ten thousand definitions made from the service model, each with some of its data sets and columns.
prune-long: install
	@PRUNE_EXAMPLES=10000 $(BIN)/pytest -q qs_pipeline_tests/dashboards/test_generated.py $(ARGS)

# Seeded histories of assessments, with faults and killed processes; ARGS="--seed 7 --sequences 20 --from 3".
chaos: install
	@$(BIN)/pytest -q -m long qs_pipeline_tests/dag/test_kills.py
	@$(BIN)/python -m qs_pipeline_tests.chaos $(ARGS)

clean:
	rm -rf .venv .qs .pytest_cache .ruff_cache .hypothesis
