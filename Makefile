# `make chat` sets everything up and serves the chat; `make test` checks everything; `make help` lists the rest.
# Written for GNU Make 3.81 and a BSD or GNU userland: it runs on Linux and on macOS as it comes.

PYTHON      ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
                   $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; \
               done)
VENV        ?= .venv
ARTICLES    ?= data/articles
INDEX       ?= index
HOST        ?= 127.0.0.1
PORT        ?= 7860
TORCH       := $(shell sed -n "s/^torch==//p" requirements.lock)
# PyTorch's own wheels without CUDA: hundreds of megabytes instead of gigabytes on Linux.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
WHEELS      ?= wheels

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: chat index test wheels clean help

chat: index  ## set up, index ARTICLES if that is needed, serve at http://127.0.0.1:7860
	@$(BIN)/wenbao serve --index "$(INDEX)" --host $(HOST) --port $(PORT)

index: $(VENV)/.installed  ## build the index over ARTICLES unless it is up to date
	@$(BIN)/wenbao index "$(ARTICLES)" --index "$(INDEX)" --if-stale

# One thread a process: as many processes as cores are at work already.
test: $(VENV)/.installed-test  ## install what the tests need, then lint, type-check and run them all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal

# Only what the lock names, so that torch brings no CUDA; each is built where its index has no wheel.
wheels: $(VENV)/.installed  ## put everything that an installation without a network needs in WHEELS
	@$(PIP) wheel --quiet --no-deps --wheel-dir "$(WHEELS)" --index-url $(TORCH_INDEX) torch==$(TORCH)
	@$(PIP) wheel --quiet --no-deps --wheel-dir "$(WHEELS)" --find-links "$(WHEELS)" -r requirements.lock
	@$(PIP) wheel --quiet --no-deps --wheel-dir "$(WHEELS)" .
	@echo 'Now, on the other machine: python -m pip install --no-index --find-links $(WHEELS) wenbao'

clean:  ## remove the virtual environment, the index, the wheels and every cache
	rm -rf "$(VENV)" "$(INDEX)" "$(WHEELS)" build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## list these targets
	@awk -F ':.*  ## ' '/^[a-z]+:.*  ## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  make chat ARTICLES=~/papers PORT=8000    your own articles, another port'

# Each stamp is touched last, so an installation that was cut short is taken up again.
$(VENV)/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/pip || "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo 'wenbao needs Python 3.11 or newer; install it, or name one: make chat PYTHON=python3.12' >&2; exit 1; }
	@test -x $(BIN)/pip || "$(PYTHON)" -m venv "$(VENV)"
	@$(BIN)/python -c 'from importlib.metadata import version; assert version("torch").split("+")[0] == "$(TORCH)"' 2>/dev/null \
	  || { echo 'Installing torch $(TORCH) without CUDA ...'; \
	       $(PIP) install --no-deps --retries 0 --timeout 10 --index-url $(TORCH_INDEX) torch==$(TORCH) 2>/dev/null; } \
	  || echo 'No torch from $(TORCH_INDEX): the default index has it too (on Linux, a larger download).'
	@echo 'Installing the locked dependencies ...'
	@$(PIP) install --quiet -r requirements.lock
	@$(PIP) install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed requirements-test.lock
	@$(PIP) install --quiet -r requirements-test.lock
	@touch $@
