# Two commands do everything: `make demo` and `make test`. Both create .venv from the hash-locked requirements first.
PYTHON ?= python3
PORT ?= 8080
CONFIG ?= examples/revivatech/business.toml
BIN := .venv/bin
INSTALLED := .venv/.installed
TOOLS := .venv/deploy
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

.PHONY: install demo serve test lint types contracts check bench docs openapi lock deploy-check rehearse chaos clean

install: $(INSTALLED)

$(INSTALLED): requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(INSTALLED)

demo: install
	@$(BIN)/repaircore demo --config $(CONFIG) --port $(PORT)

serve: install
	@$(BIN)/repaircore serve --config $(CONFIG) --port $(PORT)

test: install
	@$(BIN)/python -m pytest -n 2

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: install
	@$(BIN)/mypy

contracts: install
	@$(BIN)/lint-imports

check: lint types contracts test

bench: install
	@$(BIN)/python -m bench --docs

docs: install
	@$(BIN)/python -m repaircore.entrypoints.generate docs

lock:
	$(COMPILE) pyproject.toml --all-extras --group dev --output-file requirements/dev.txt
	$(COMPILE) pyproject.toml --all-extras --constraint requirements/dev.txt --output-file requirements/run.txt
	$(COMPILE) --group build --constraint requirements/dev.txt --output-file requirements/build.txt
	$(COMPILE) --group deploy --output-file requirements/deploy.txt

deploy-check: $(TOOLS)/.installed
	@deploy/check $(TOOLS)/bin

$(TOOLS)/.installed: requirements/deploy.txt
	@$(PYTHON) -m venv --clear $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/deploy.txt
	@touch $(TOOLS)/.installed

# The long form of tests/chaos, which every run of the suite does in short. Any length may be given: make chaos SEEDS=1000
SEEDS ?= 100000
KILLS ?= 1000
JOB_KILLS ?= 1000
RESTARTS ?= 100

chaos: install
	@REPAIRCORE_CHAOS_SEEDS=$(SEEDS) REPAIRCORE_CHAOS_KILLS=$(KILLS) REPAIRCORE_CHAOS_JOB_KILLS=$(JOB_KILLS) \
	REPAIRCORE_CHAOS_RESTARTS=$(RESTARTS) $(BIN)/python -m pytest -n 2 tests/chaos

rehearse: install
	@$(BIN)/python -m tests.e2e.deployed.rehearsal

clean:
	rm -rf .venv var bench/out
