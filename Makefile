# The verbs of this project; `make help` lists them.
# Nothing is needed beforehand but Python 3.11 or newer, make and git.

VENV := .venv
PY   := $(VENV)/bin/python
UV   := $(VENV)/bin/uv

# Each of these can be given on the command line: make lab PORT=8899 BROWSER=none
PYTHON  ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
               $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PORT    ?=
BROWSER ?=
JOBS    ?= 3
ARGS    ?=

SKIPPED := $(VENV)/skipped.txt
PYTEST  := WORKBENCH_SKIPPED=$(SKIPPED) $(PY) -m pytest --durations=15 --durations-min=1
NBVAL   := --nbval --nbval-current-env --nbval-cell-timeout=120 \
           $(addprefix --nbval-sanitize-with=,$(wildcard notebooks/sanitize.cfg))
LAB     := --ServerApp.root_dir=notebooks --LabApp.extension_manager=readonly \
           --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
           $(if $(PORT),--ServerApp.port=$(PORT) --ServerApp.port_retries=0) \
           $(if $(filter none,$(BROWSER)),--no-browser) \
           $(if $(filter 0,$(shell id -u)),--allow-root)

# Where it is set, every process compiles Alembic and SQLAlchemy anew: a second for each of some thousand workers.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install lab test lint types unit browser nbval format bench property accuracy lock notebooks screenshots clean

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PYTHON=python3.12  the Python that .venv is made of (before the first make, or after make clean)"
	@echo "  PORT=8899 BROWSER=none  for make lab: this port or none, and no browser opened"
	@echo "  ARGS='-k plan'  more arguments for pytest in make unit, browser and nbval; JOBS=4 processes for make unit"

# Several at the same time write when they have ended, where this make can do that (macOS has one that cannot).
ONE_BY_ONE := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# ---------------------------------------------------------------------------------------------------------------------
# Installing: everything is pinned and hashed. uv does it in seconds; where uv cannot (an index that only pip is
# configured for, say), pip does.

$(PY):
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer is on the path. Name one: make PYTHON=/path/to/python3 …"; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	    echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.tools: requirements/tools.txt | $(PY)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.txt
	@touch $@

define install
	@echo "Installing requirements/$(1).txt and this checkout"
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements/$(1).txt \
	    || { echo "uv could not; pip takes over (a minute)."; \
	         $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$(1).txt; }
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@touch $@
endef

# Lab would otherwise ask at its first start whether it may fetch news.
SETTINGS := $(VENV)/share/jupyter/lab/settings
QUIET    := {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}

$(VENV)/.lab: requirements/lab.txt pyproject.toml $(VENV)/.tools
	$(call install,lab)
	@mkdir -p $(SETTINGS)
	@echo '$(QUIET)' > $(SETTINGS)/overrides.json

$(VENV)/.test: requirements/test.txt pyproject.toml $(VENV)/.tools
	$(call install,test)

install: $(VENV)/.test ## .venv with all that lab and tests need, and nothing started

bookshop.db: | $(VENV)/.lab
	@$(PY) -m migrations.data

# ---------------------------------------------------------------------------------------------------------------------

lab: $(VENV)/.lab bookshop.db ## JupyterLab on the tutorials, from a fresh clone on
	@$(PY) -m jupyterlab $(LAB)

test: $(VENV)/.test ## everything: linters, types, layers, pytest with real databases and a browser, the notebooks
	@rm -f $(SKIPPED)
	@$(MAKE) --no-print-directory lint
	@echo "Types, unit tests, browser and tutorials run at the same time, and each prints when it has ended."
	@$(MAKE) --no-print-directory -j4 $(ONE_BY_ONE) types unit browser nbval
	@echo
	@if test -s $(SKIPPED); then echo "All green. Skipped, and why:"; cat $(SKIPPED); else echo "All green, nothing skipped."; fi

lint: $(VENV)/.test ## ruff (rules and format) and import-linter (the layers)
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(VENV)/bin/lint-imports

types: $(VENV)/.test ## mypy --strict
	$(PY) -m mypy

# One process more than the two cores of the smallest machine, since a quarter of the time is spent waiting for
# databases; and whole stretches of tests to each, since those of a file share a database and a worker.
unit: $(VENV)/.test ## pytest without the browser: unit, property and real-database tests
	$(PYTEST) -p no:nbval -n $(JOBS) --dist worksteal --ignore=tests/browser $(ARGS)

browser: $(VENV)/.test ## pytest in a real JupyterLab in a real Chromium
	$(PYTEST) tests/browser $(ARGS)

# What the tutorials and measurements apply is none of the user's own journal.
nbval notebooks bench: export WORKBENCH_JOURNAL := $(CURDIR)/$(VENV)/journal.jsonl

# In one process: spread over several, nbval loses the order of a notebook's cells.
nbval: $(VENV)/.test bookshop.db ## run the tutorials and compare each output with the saved one
	$(PY) -m workbench portable --check notebooks
	$(PYTEST) $(NBVAL) notebooks $(ARGS)

format: $(VENV)/.test ## let ruff repair what it can
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

bench: $(VENV)/.test ## how fast the parts are
	@$(PY) -m tests.bench

property: $(VENV)/.test ## thousands of random pairs of schemas, there and back, beside plain Alembic (an hour)
	$(PY) -m tests.authoring.share $(ARGS)

accuracy: $(VENV)/.test ## predict every case of every rule, really apply it, and print who was right
	$(PY) -m tests.hazards.accuracy $(ARGS)

notebooks: $(VENV)/.test bookshop.db ## run the tutorials again and save their outputs, fit for GitHub
	$(PY) -m jupyter nbconvert --to notebook --execute --inplace notebooks/*.ipynb
	$(PY) -m workbench portable notebooks

screenshots: $(VENV)/.test ## pictures of the tutorials in a real JupyterLab
	@$(PY) -m tests.screenshots

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

lock: $(VENV)/.tools ## pin everything anew from pyproject.toml (make lock ARGS=--upgrade for the newest)
	$(COMPILE) $(ARGS) --all-extras pyproject.toml --output-file requirements/test.txt
	$(COMPILE) $(ARGS) --extra lab --extra postgresql --extra mysql pyproject.toml \
	    --constraint requirements/test.txt --output-file requirements/lab.txt
	$(COMPILE) $(ARGS) requirements/tools.in --constraint requirements/test.txt --output-file requirements/tools.txt

clean: ## remove .venv, the sample's database and what tools keep
	rm -rf $(VENV) build dist bookshop.db .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis \
	    tests/browser/.artifacts
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
