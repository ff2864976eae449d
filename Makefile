# Everything a person or a CI machine does here. Needs make and Python 3.11 or later, nothing else.
# `make PYTHON=/path/to/python3` names the interpreter that a new .venv is made with.

BIN := .venv/bin
CONSOLE := src/faregate/console/static/index.html
CONSOLE_SOURCES := $(shell find console -name node_modules -prune -o -name build -prune -o -name '*.d.ts' -prune -o -type f -print)
# More than there are cores: many tests wait for servers, databases and pages.
WORKERS := 3
WHOLE_LINES := $(if $(filter output-sync,$(.FEATURES)),--output-sync=line)
LOCK_OPTIONS := $(if $(UPGRADE),--upgrade)

# Tests start hundreds of programs: what these import is compiled once, not at each start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test check format pages console bench lock clients clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

install: .venv/.installed-dev ## Make .venv and install Faregate with its development tools

demo: .venv/.installed-run console-if-possible ## Start the gate with a plan, a key and a demo upstream; meter a first call
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/faregate demo; else exec $(BIN)/faregate demo --once; fi

test: .venv/.installed-dev ## Run every check and every test (what CI runs); WORKERS=2 for less at once
	@$(MAKE) --no-print-directory --jobs 2 $(WHOLE_LINES) ready-for-tests
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

check: .venv/.installed-dev ## Lint, format, types and layers, without the tests
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: .venv/.installed-dev ## Mend formatting and what ruff can mend by itself
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

pages: .venv/.installed-dev $(CONSOLE) ## Renew the pictures and the pages that are made from the code
	@$(BIN)/python docs/pictures/render.py
	@$(BIN)/python docs/pictures/console.py
	@$(BIN)/python docs/plan_fields.py

console: .venv/.installed-run ## Build the web console (Node comes from PyPI where there is none)
	@tools/console

bench: .venv/.installed-dev ## Measure against nginx and LiteLLM; writes bench/RESULTS.md
	@bench/run

lock: .venv-lock/.installed-lock ## Renew requirements/*.txt from pyproject.toml (UPGRADE=1: newest versions)
	@tools/lock $(LOCK_OPTIONS)

clients: .venv/.installed-dev ## Put every real client through its trials (5 GB into the cache, most of an hour)
	@$(BIN)/python -m tests.clients.fleet --seen build/clients.jsonl

clean: ## Remove the environments and every cache
	rm -rf .venv .venv-lock .venv-node dist build console/build console/node_modules src/faregate/console/static .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(CONSOLE): $(CONSOLE_SOURCES) tools/console | .venv/.installed-run
	@tools/console --if-to-be-had

# None of these needs another. What ruff, mypy or the build says stays in one piece where make can see to it (4.0).
.PHONY: ready-for-tests programs
ready-for-tests: check $(CONSOLE) programs

programs: .venv/.installed-dev
	@tools/programs chromium nginx envoy

.PHONY: console-if-possible
console-if-possible: .venv/.installed-run
	@[ -f $(CONSOLE) ] || tools/console --if-possible

# A stamp is renewed when its lock, the package's metadata or the way of installing changed.
.venv/.installed-dev: requirements/dev.txt pyproject.toml tools/environment
	@PYTHON="$(PYTHON)" tools/environment .venv dev
	@touch .venv/.installed-run

.venv/.installed-run: requirements/run.txt pyproject.toml tools/environment
	@PYTHON="$(PYTHON)" tools/environment .venv run

.venv-lock/.installed-lock: requirements/lock.txt tools/environment
	@PYTHON="$(PYTHON)" tools/environment .venv-lock lock
