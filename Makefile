# The two commands: `make run` (set-up and all studies) and `make test` (set-up, lint, types, fast tests).
# They need Python 3.11+ with venv, and make.  Set-up is repeated only when pyproject.toml or constraints.txt change.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= results
# two workers share two cores: one thread each for the linear algebra; the examples of a page share their names
PYTEST := OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet

.PHONY: run test test-slow bench docs clean
.DELETE_ON_ERROR:

run: $(VENV)/run.stamp
	@$(BIN)/atomcavity study all --out $(OUT)

test: $(VENV)/test.stamp
	@echo "lint" && $(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@echo "types" && $(BIN)/mypy
	@echo "fast tests" && $(PYTEST) -m "not slow"

test-slow: $(VENV)/test.stamp
	@echo "slow tests" && $(PYTEST) -m slow

bench: $(VENV)/test.stamp
	@for name in microlaser dynamics microclock ion_laser chip_loading sweeps; do OPENBLAS_NUM_THREADS=1 $(BIN)/python benchmarks/$$name.py || exit 1; done

docs: $(VENV)/docs.stamp
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet && echo "site/index.html"

$(VENV)/bin/python:
	@echo "set-up: creating $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit("atomcavity needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "set-up: installing atomcavity and what it needs (about a minute, once)"
	@$(PIP) --upgrade pip
	@$(PIP) -c constraints.txt -e ".[crystals,timetags]"
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp
	@echo "set-up: installing the test tools (about a minute, once)"
	@$(PIP) -c constraints.txt -e ".[crystals,timetags,interop,cluster,dev]"
	@touch $@

$(VENV)/docs.stamp: $(VENV)/test.stamp
	@echo "set-up: installing the documentation tools"
	@$(PIP) -c constraints.txt -e ".[docs]"
	@touch $@

clean:
	rm -rf $(VENV)
