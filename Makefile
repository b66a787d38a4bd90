# Two commands are all one needs: `make run` and `make test`. Both install what is missing first.
.DEFAULT_GOAL := help
.PHONY: help run test check fmt

PYTHON := $(shell command -v python3.11 || command -v python3)
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' Makefile

run: ## install what is missing, then run the site and keep it running (Ctrl-C ends it)
	@$(PYTHON) scripts/install.py run
	@exec scripts/run.sh

test: ## install what the tests need, then make check and every test, on real servers
	@$(PYTHON) scripts/install.py test
	@$(MAKE) --no-print-directory check
	pytest

check: ## format, lint, types and import rules, without running anything
	@$(PYTHON) scripts/install.py check
	ruff format --check --quiet .
	ruff check --quiet .
	pyright --warnings
	lint-imports --no-cache --no-logo

fmt: ## format the code and mend what the linter can mend
	@$(PYTHON) scripts/install.py check
	ruff format .
	ruff check --fix .
