# Each target sets itself up: a fresh clone needs nothing but Python ≥ 3.11, git and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Compiled files are kept, whatever the environment says: each test process would compile everything anew.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python $(COVERAGE:%=-m slipcover) -m pytest --numprocesses auto
READY := $(VENV)/ready
DOCS_READY := $(VENV)/docs-ready
DOCS ?= build/docs
# $(call install,VENV,WHAT): with uv, which is brought where it is missing: it takes seconds where pip takes minutes.
# Where uv can't (it doesn't read pip's settings, with an institution's mirror in them, perhaps), pip does it.
define install
	@PATH="$$PATH:$(VENV)/bin" command -v uv >/dev/null \
	|| $(1)/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	PATH="$$PATH:$(VENV)/bin:$(1)/bin" uv pip install --quiet --compile-bytecode --python $(1)/bin/python \
		--constraint constraints.txt $(2) \
	|| $(1)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt $(2)
endef

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-rest test-all test-deep test-installed test-kernels lint bench bench-cluster release docs \
	docs-links clean

help:  ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(call install,$(VENV),--editable '.[dev]')
	$(BIN)/python -m compileall -q autograder
	@touch $@

setup: $(READY)  ## make .venv and install everything, pinned

demo: $(READY)  ## play a whole class: release, submit, grade, gradebook, feedback
	@$(BIN)/autograder demo

test: $(READY)  ## run the fast tests, in which most mistakes in the code show: minutes
	@$(PYTEST) -m "not slow and not deep" $(MEASURE)

test-rest: $(READY)  ## run the slow tests, which make test leaves out
	@$(PYTEST) --thorough -m "slow and not deep" $(MEASURE)

test-all: $(READY)  ## run all tests but the long suites
	@$(PYTEST) --thorough -m "not deep"

test-deep: $(READY)  ## run all tests, the long suites too
	@$(PYTEST) --thorough --deep

test-installed: $(READY)  ## run the attacks against an installed wheel
	rm -rf build/wheel build/installed
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir build/wheel .
	$(PYTHON) -m venv build/installed
	$(call install,build/installed,"$$(echo build/wheel/*.whl)[test]")
	build/installed/bin/python -P -m pytest --numprocesses auto tests/hostile $(MEASURE)

KERNELS ?= 5.10 6.1 6.12 newest
LONG ?= --deep
test-kernels: $(READY)  ## boot Debian's kernels in QEMU, grade there and attack: hours (KERNELS="5.10 6.1", LONG= minutes)
	@$(PYTEST) --numprocesses 2 -rP --kernels "$(KERNELS)" $(LONG) tests/kernels

lint: $(READY)  ## check style, types and spelling
	$(BIN)/ruff check --no-cache . # a cached answer outlives a folder's new __init__.py, which changes the order of imports
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/typos

bench: $(READY)  ## measure side by side: stock nbgrader, our plug-in, autograder grade, the bare floor
	@$(BIN)/python -m benchmarks $(BENCH)

bench-cluster: $(READY)  ## measure a cluster: overhead, speed-up, a hundred thousand notebooks
	@$(BIN)/python -m benchmarks.cluster $(BENCH)

release: $(READY)  ## regenerate release/ from source/
	@$(BIN)/autograder release

$(DOCS_READY): $(READY) pyproject.toml constraints.txt
	$(call install,$(VENV),--editable '.[docs]')
	@touch $@

docs: $(DOCS_READY)  ## build the documentation site: build/docs/index.html
	$(BIN)/python docs/render_notebooks.py
	$(BIN)/python -m sphinx -W --keep-going -q -b html -d $(DOCS)-doctrees docs $(DOCS)

docs-links: $(DOCS_READY)  ## follow the links that lead out of the documentation (needs a network)
	$(BIN)/python docs/render_notebooks.py
	$(BIN)/python -m sphinx -W --keep-going -q -b linkcheck -d $(DOCS)-doctrees docs $(DOCS)-links

clean:  ## remove what make made
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis docs/notebooks
