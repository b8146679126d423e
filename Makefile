# What a developer runs; `make` alone lists it. Only Chromium may need root, to install it.

PYTHON = .venv/bin/python
# Some images forbid Python to keep what it compiled; then each of our processes compiles it all
# again, the tests with their rewritten assertions above all. Git ignores what is kept.
unexport PYTHONDONTWRITEBYTECODE
# Tests wait as much as they compute, so one process more than there are cores; a browser computes.
JOBS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PYTEST = $(PYTHON) -m pytest --maxprocesses=8 --dist=worksteal
COMPILE = $(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate

.PHONY: help install demo test test-fast fuzz chromium screenshots lock check clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1 /p' Makefile | \
		while read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

install: ## make .venv with the locked packages
	@sh scripts/install.sh

demo: install ## run everything on seeded data (PORT=8000, AWS_PORT=4566)
	@exec $(PYTHON) -m sandbox.demo

# One after the other: the browser tests' own worker would take releases from the crash tests.
test: test-fast ## run all tests, in a browser too
	@SLUICE_CHROMIUM="$$($(PYTHON) scripts/find_chromium.py)" $(PYTEST) -n logical tests/browser

test-fast: install ## run the tests that need no browser
	@$(PYTEST) -n $(JOBS) --ignore=tests/browser

chromium: install ## find or install the browser for the tests
	@$(PYTHON) scripts/find_chromium.py

fuzz: install ## try SLUICE_FUZZ=2000 hostile packages and as many forms
	@SLUICE_FUZZ=$${SLUICE_FUZZ:-2000} $(PYTEST) -n $(JOBS) --timeout=3600 \
		tests/packages/test_fuzz.py tests/test_fuzz_forms.py

screenshots: install ## take the README's pictures from a demo that runs (PORT=8000)
	@SLUICE_CHROMIUM="$$($(PYTHON) scripts/find_chromium.py)" $(PYTHON) scripts/screenshots.py

lock: install ## pin what requirements*.in ask for
	$(COMPILE) requirements.in --output-file requirements.lock
	$(COMPILE) requirements-dev.in --output-file requirements-dev.lock

check: install ## lint, types, import directions, migrations, deployment checks
	@sh scripts/check.sh

clean: ## remove what the tools and the demo left (keeps .venv and var/artifacts)
	rm -rf staticfiles test-results .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache var/demo-*
