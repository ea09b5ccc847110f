# make install    a virtual environment in .venv with the versions of requirements.lock
# make demo       install, then run the main comparison on embedded data and print the path of the report
# make test       install, then run check, fast and slow
# make check      format, lint, types, import rules
# make fast       the tests that take seconds or less
# make slow       the longer tests: fits, simulations, other processes, a browser if installed
# make coverage   coverage of intervals and error rates of tests by simulation, for docs/statistics.md (half an hour)
# make results    the measured tables of docs/results.md (hours; needs public data); of one of them: NAME=fsdd
# make bench      overhead of a fit over a plain Keras program (needs public data)
# make memory     comparison on a folder of images larger than the memory limit
# make audit      time and memory of an audit
# make generated  files that follow from the code: settings, schemas, tables of keys, the list of the public API
# make lock       update requirements.lock to the newest versions that pyproject.toml allows
# make clean      remove the environment and caches of tools; runs are retained

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || echo python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test check fast slow coverage results generated bench memory audit lock clean

help:
	@sed -n 's/^# //p' Makefile

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml setup.py
	@echo "Installing into $(VENV) from requirements.lock …"
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(INSTALLED)
	$(BIN)/visiontk compare configs/demo.yaml --out runs/demo

test: check fast slow

check: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fast: $(INSTALLED)
	$(BIN)/python -m pytest -m "not slow and not network" --numprocesses 2 --durations 10

slow: $(INSTALLED)
	$(BIN)/python -m pytest -m "slow and not network" --numprocesses 2 --dist loadgroup --durations 10

coverage: $(INSTALLED)
	$(BIN)/python benchmarks/interval_coverage.py

results: $(INSTALLED)
	$(BIN)/python benchmarks/results.py $(NAME)

memory: $(INSTALLED)
	$(BIN)/python benchmarks/memory.py

audit: $(INSTALLED)
	$(BIN)/python benchmarks/audit.py

generated: $(INSTALLED)
	$(BIN)/python -m visiontk.api.generate
	$(BIN)/python -m visiontk.report.schema
	$(BIN)/python tests/test_public_api.py

bench: $(INSTALLED)
	$(BIN)/python benchmarks/overhead.py

lock:
	rm -rf .venv-lock
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip --disable-pip-version-check --quiet install --upgrade setuptools wheel
	.venv-lock/bin/python -m pip --disable-pip-version-check --quiet install ".[dev]"
	{ echo "# Exact versions that are tested. Written by: make lock"; \
	  .venv-lock/bin/python -m pip freeze --all --exclude visiontk --exclude pip; } > requirements.lock
	rm -rf .venv-lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis build *.egg-info
