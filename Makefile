.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help demo soak up down resume policy prove bench-policy docs layer test coverage check fmt tests format lint types requirements clean

# A module that a process compiled, the next hundred need not: where this is set, everything takes twice as long.
export PYTHONDONTWRITEBYTECODE =

PYTHON ?= python3
RUN := .venv/bin/python
COMPILE = .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url \
	--custom-compile-command "make requirements" $(if $(UPGRADE),--upgrade)

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Unset, the saga is orchestrated.
SAGA = $(if $(COORDINATION),--coordination $(COORDINATION))

demo: .venv/installed ## Deploy to the embedded AWS, send orders down every path, check the ledger (COORDINATION=choreographed)
	$(RUN) -m local demo $(SAGA)

soak: .venv/installed ## The same with 1,000 orders, something failing on one in ten (minutes)
	$(RUN) -m local demo --orders 1000 $(SAGA)

up: .venv/installed ## Deploy to an embedded AWS that stays up; its outputs are in .local/outputs.json
	$(RUN) -m local up $(SAGA)

down: .venv/installed ## Stop what `make up` started
	$(RUN) -m local down

resume: .venv/installed ## Let sagas with parked work go on, on what `make up` started
	$(RUN) -m ops resume

policy: .venv/installed ## Judge the programs of dev and prod, as first previewed and as applied
	$(RUN) -m policy.check

prove: .venv/installed ## Prove each grant on the embedded AWS: used, denied elsewhere, and missed when it is gone
	$(RUN) -m proof

bench-policy: .venv/installed ## Measure how long the policy pack takes to start, and for each of 1,000 resources
	$(RUN) -m policy.benchmark

docs: .venv/installed ## Write the generated pages and the package's schema, publish the schemas of the events
	$(RUN) -m docs.generate

layer: build/layer.stamp ## Put the functions' libraries into build/layer, before a preview or up on AWS

test: .venv/installed ## Check the format, lint, check types, run all tests: what CI runs
	$(MAKE) --jobs=2 check tests

check: format lint types ## The half of `make test` that runs nothing

fmt: .venv/installed ## Format the code and fix what the linter can
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .

requirements: .venv/installed ## Compile requirements*.txt from pyproject.toml (UPGRADE=1: with newer releases)
	$(COMPILE) --universal --python-version 3.11 --output-file requirements.txt pyproject.toml
	$(COMPILE) --universal --python-version 3.11 --output-file requirements-dev.txt --group dev pyproject.toml
	$(COMPILE) --universal --python-version 3.11 --output-file requirements-uv.txt --group uv
	$(COMPILE) --universal --python-version 3.11 --output-file plugin/requirements.txt --group plugin
	$(COMPILE) --python-platform aarch64-manylinux_2_28 --python-version 3.13 \
		--output-file requirements-layer.txt --group layer

clean: ## Remove what was built and cached; the environment in .venv stays
	rm -rf build .coverage .hypothesis .pytest_cache .ruff_cache mutants
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# Tests of a file share what they deploy. Many of them wait, so there are two processes more than cores.
WORKERS = $(shell $(RUN) -c 'import os; print(os.cpu_count() + 2)')

tests: .venv/installed
	$(RUN) -m pytest -n $(WORKERS) --dist loadfile

coverage: .venv/installed ## Run all tests and fail below 90 % branch coverage (takes twice as long)
	$(RUN) -m pytest -n $(WORKERS) --dist loadfile --cov --cov-report=term:skip-covered --cov-fail-under=90

format: .venv/installed
	$(RUN) -m ruff format --check .

lint: .venv/installed
	$(RUN) -m ruff check .

types: .venv/installed
	.venv/bin/pyrefly check

# uv installs in seconds what takes pip a minute. It knows nothing of an index or a proxy that is set for pip,
# so where it cannot reach its packages, pip gets them.
.venv/installed: requirements-dev.txt requirements-uv.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("ordermesh needs Python 3.11 or newer; \
	%s is %s. Name another one: make PYTHON=python3.13 ..." % (sys.executable, sys.version.split()[0]))'
	@# A link leads to somebody else's environment, which is not ours to clear.
	@if [ -L .venv ]; then rm .venv; fi
	$(PYTHON) -m venv --clear .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-uv.txt
	.venv/bin/uv pip install --quiet --python $(RUN) --require-hashes --requirement requirements-dev.txt || \
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	@touch $@

# Without scripts, whose first line names this machine's Python, and without the lists that hold their hashes:
# the same requirements make the same layer on every machine.
build/layer.stamp: requirements-layer.txt | .venv/installed
	rm -rf build/layer
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-layer.txt \
		--target build/layer/python --no-compile --only-binary=:all: --implementation cp --python-version 3.13 \
		--platform manylinux2014_aarch64 --platform manylinux_2_28_aarch64
	rm -rf build/layer/python/bin build/layer/python/*.dist-info/RECORD
	@touch $@
