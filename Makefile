# Everything a newcomer needs is here; `make` alone lists it. Only git, make and a Python from 3.11 on have to be there.
#
#   make PYTHON=/path/to/python3.12 …   another interpreter (a new environment is made with it after `make clean`)
#   make test WORKERS=8 ARGS="-k claim" more test processes; anything pytest takes
#
# Two environments, both from a lock with hashes: .venv-demo is what a user would have, .venv-test adds the tools. They are
# made once and again when their lock changes; in CI (CI is set) the test environment is always made anew.

DEMO := .venv-demo
TEST := .venv-test
# More than the two cores of CI: half of the tests' time is waiting, for a screen, a process or a beat.
WORKERS ?= 4
ARGS ?=

# What a user's shell exports must not reach the environments. Without its compiled modules each of the hundreds of processes
# that the tests start would compile all of labtop again: a fifth of their time.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports quick screenshots soak bench lock clean fresh-in-ci

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: $(DEMO)/made ## train on handwritten digits and watch it live in the dashboard
	@$(DEMO)/bin/python -m examples.demo

test: fresh-in-ci $(TEST)/made ## the whole test suite, in an environment of its own
	$(TEST)/bin/python -m pytest -n $(WORKERS) --dist loadgroup -p tests.plugins.strict_skips $(ARGS)

check: lint types imports quick ## style, types, import rules and the quick tests (under a minute; -j2 helps)

lint: $(TEST)/made
	$(TEST)/bin/ruff check
	$(TEST)/bin/ruff format --check

types: $(TEST)/made
	$(TEST)/bin/mypy

imports: $(TEST)/made
	$(TEST)/bin/lint-imports

quick: $(TEST)/made
	$(TEST)/bin/python -m pytest -q -n $(WORKERS) -m "not slow and not postgres" $(ARGS) \
		tests/store tests/capture/test_parameters.py tests/capture/test_journal.py \
		tests/tui/test_charts.py tests/tui/test_format.py tests/tui/test_table.py tests/tui/test_keymap.py

screenshots: $(TEST)/made ## every screen as SVG and PNG, from one seeded store
	$(TEST)/bin/python -m screenshots.make

soak: $(TEST)/made ## leave the dashboard open for SOAK_MINUTES (60), and 10,000 hostile texts
	$(TEST)/bin/python -m pytest -q -m soak -o faulthandler_timeout=0 $(ARGS) tests/soak

bench: $(TEST)/made ## measure every claim; writes benchmarks/figures.md
	$(TEST)/bin/python -m benchmarks

lock: ## solve the locks anew (asks the package index)
	$(or $(PYTHON),python3) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet uv
	.venv-lock/bin/python requirements/solve.py

clean: ## remove the environments, the demo's stores and every cache
	rm -rf $(DEMO) $(TEST) .venv-lock .demo build *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis snapshot_report.html
	find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +

fresh-in-ci:
	@if [ -n "$${CI:-}" ]; then rm -rf $(TEST); fi

$(DEMO)/made: requirements/demo.lock requirements/environment.sh pyproject.toml
	@requirements/environment.sh $(DEMO) requirements/demo.lock

$(TEST)/made: requirements/test.lock requirements/environment.sh pyproject.toml | fresh-in-ci
	@requirements/environment.sh $(TEST) requirements/test.lock
