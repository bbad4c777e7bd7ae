# Front door: `make report` and `make test` set everything up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
# uv installs in a fraction of pip's time; where it cannot (an index that only pip is set up for), pip does it.
install = { $(PIP) install --require-hashes -r requirements-setup.lock && \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) 2>/dev/null; } || \
	$(PIP) install --require-hashes -r $(1); \
	$(PIP) install --no-deps --no-build-isolation --editable .
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
export OMP_NUM_THREADS ?= 1

.PHONY: help report test lint setup setup-test peers lock pictures docs bench bench-large privacy faults fuzz spark full clean

help: ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

report: setup ## every client under params/ becomes an interactive report under reports/
	@[ -n "$${SMF_SECRET:-}" ] || $(BIN)/smf keys
	@$(BIN)/smf report

test: setup-test peers ## the whole suite, within 15 minutes on two cores
	@bash tests/suite.sh $(BIN)

lint: setup-test ## format, lint, types, walls
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

setup: $(VENV)/.run
setup-test: $(VENV)/.test

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) -V). Set PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Setting up, once: installing the locked packages into $(VENV) (about a minute) …"
	@$(call install,requirements.lock)
	@touch $@

$(VENV)/.test: requirements-test.lock pyproject.toml | $(VENV)/bin/python
	@echo "Setting up the tests, once: installing the locked packages into $(VENV) (one to three minutes) …"
	@$(call install,requirements-test.lock)
	@touch $@ $(VENV)/.run

peers: ## what the tests need beyond Python: a browser and a PostgreSQL server, found or installed
	@bash tests/peers.sh

bench: setup-test ## what is fast, beside what a user would use instead; writes benchmarks/results/
	@$(PIP) install 'lmfit>=1.3.4' 'lifelines==0.30.0' || echo "lmfit and lifelines are not to be had: skipped by name"
	@for room in learning adoption network survey ingest; do echo "== $$room"; $(BIN)/python -m benchmarks.$$room; done
	@for room in analysis batch; do echo "== $$room"; $(BIN)/python -m benchmarks.$$room; done
	@echo "== live"; $(BIN)/python -m benchmarks.live

bench-large: setup-test ## 10,000 small clients
	@$(BIN)/python -m benchmarks.batch --large

privacy: setup-test ## 500 generated clients attacked, all waves, re-issues and files together; goes on where it was stopped
	@$(BIN)/python -m benchmarks.privacy 500

faults: setup-test ## the fault plan at its full counts
	@$(BIN)/python -m benchmarks.faults --again

full: setup-test peers ## every test at its full counts (hours)
	@SMF_FULL=1 $(BIN)/python -m pytest -n 2 --dist loadgroup -rs

fuzz: setup-test ## mutate the seed files of every reader (needs atheris: pip install atheris)
	@$(BIN)/python tests/fuzz/fuzz_readers.py -runs=100000
	@SMF_FULL=1 $(BIN)/python -m pytest tests/ingest/test_fuzz.py -rs

spark: setup-test ## the large log on a real local Spark (installs the extra "spark")
	@$(PIP) install --editable '.[spark]' && $(BIN)/python -m pytest tests/ingest -k spark -rs

pictures: setup-test peers ## the pictures of the guides, from the running product
	@$(BIN)/smf keys >/dev/null && $(BIN)/python docs/make_pictures.py

docs: setup ## the guides, the params and the results as a site of plain pages: site/index.html
	@$(BIN)/python docs/make_site.py

lock: setup-test ## renew the locks and environment.yml from pyproject.toml
	@$(BIN)/python tests/house/renew.py

clean: ## remove what was built
	@rm -rf reports build private .cache
