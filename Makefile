# The commands of this project; each installs what it needs first. `make help` lists them.
PYTHON ?= python3.11
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DEMO_CLIENTS ?= 20000
CLIENTS ?= 356255
DATA ?=
STORE ?=
TABLES = $(if $(DATA),$(DATA),benchmarks/data/simulated-$(CLIENTS)/tables)

.PHONY: help install demo test bench faults clean
.DEFAULT_GOAL := help

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/.installed ## create .venv with pret in it

.venv/.installed: requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed; install Python 3.11 or say: make PYTHON=/path/to/python $(MAKECMDGOALS)"; exit 1; }
	@echo "Creating .venv and installing $$(grep -c == requirements.txt) packages (about a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install -r requirements.txt
	@$(PIP) install --no-deps --editable .
	@$(BIN)/python -c "import lightgbm" 2>/dev/null || sh deploy/install_debian libgomp1 "LightGBM needs it"
	@touch $@

.venv/.installed-test: .venv/.installed requirements-test.txt
	@echo "Installing $$(grep -c == requirements-test.txt) packages for the checks and tests …"
	@$(PIP) install -r requirements-test.txt
	@touch $@

demo: demo/.published ## environment, simulated portfolio, training, one night, dashboard on localhost:5006
	@$(BIN)/pret serve --store demo/store

demo/.simulated: | .venv/.installed
	@echo "Simulating $(DEMO_CLIENTS) clients …"
	@rm -rf demo/portfolio && mkdir -p demo
	@$(BIN)/pret simulate demo/portfolio --clients $(DEMO_CLIENTS) --seed 7
	@touch $@

demo/.trained: $(wildcard features/*.* features/catalogue/*.py training/*.py) | demo/.simulated
	@echo "Training a model …"
	@$(BIN)/pret train --data demo/portfolio --store demo/store --promote
	@touch $@

demo/.published: demo/.trained
	@echo "Running the night …"
	@$(BIN)/pret night --data demo/portfolio --store demo/store
	@touch $@

test: .venv/.installed-test ## every check and every test
	@command -v chromium >/dev/null || sh deploy/install_debian chromium "the browser tests need it" || true
	@command -v ip >/dev/null || sh deploy/install_debian iproute2 "the tests of clusters need it" || true
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --numprocesses 2 --dist loadfile --cov --cov-report=term

.venv/.installed-bench: .venv/.installed requirements-bench.txt
	@echo "Installing $$(grep -c == requirements-bench.txt) packages for the benchmarks …"
	@$(PIP) install -r requirements-bench.txt
	@touch $@

bench: .venv/.installed-bench ## this system beside DuckDB, Polars, LightGBM, stock LIME and a generic baseline; models on real rows alone: 11 CPU minutes (CLIENTS=20000, DATA=folder, STORE=store)
	@$(BIN)/python -m benchmarks.speed --clients $(CLIENTS) $(if $(DATA),--data $(DATA))
	@$(BIN)/python -m benchmarks.night --data $(TABLES) $(if $(STORE),--store $(STORE))
	@$(BIN)/python -m benchmarks.second_night --clients $(CLIENTS) $(if $(STORE),--store $(STORE))
	@$(BIN)/python -m benchmarks.shap
	@$(BIN)/python -m benchmarks.lime
	@$(BIN)/python -m benchmarks.ways
	@$(BIN)/python -m benchmarks.power
	@$(BIN)/python -m benchmarks.models
	@$(BIN)/python -m benchmarks.models --data $(TABLES) $(if $(STORE),--store $(STORE))

faults: .venv/.installed ## nights killed at 100 instants, out of disk, at other times: how many survived (a quarter of an hour)
	@$(BIN)/python -m benchmarks.faults

clean: ## remove the environment and the demo
	rm -rf .venv demo
