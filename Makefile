# Two commands are all one needs: `make run` and `make test`. Both install what is missing first.
.DEFAULT_GOAL := help
.PHONY: help run test check fmt pictures bench-latency bench-resume bench-origin bench-chat

PYTHON := $(shell command -v python3.11 || command -v python3)
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

run: ## install what is missing, then run the site and keep it running (Ctrl-C ends it)
	@$(PYTHON) scripts/install.py run
	@exec scripts/run.sh

test: ## install what the tests need, then make check and every test, on real servers
	@$(PYTHON) scripts/install.py test
	@$(MAKE) --no-print-directory check
	@scripts/test.sh

check: ## format, lint, types and import rules, without running anything
	@$(PYTHON) scripts/install.py check
	ruff format --check --quiet .
	ruff check --quiet .
	python -m scripts.generate_types --check
	node_modules/.bin/biome check --error-on-warnings assets/site.js streaming_app tests/unit
	node_modules/.bin/tsc
	pyright --warnings
	lint-imports --no-cache --no-logo

fmt: ## format the code and mend what the linter can mend
	@$(PYTHON) scripts/install.py check
	ruff format .
	ruff check --fix .
	python -m scripts.generate_types
	node_modules/.bin/biome check --write assets/site.js streaming_app tests/unit

pictures: ## take the pictures in the README again, of the site as it is now
	@$(PYTHON) scripts/install.py test
	@python scripts/make_pictures.py

bench-latency: ## measure glass to glass in a browser, each delay (BENCH="--seconds 300 --modes low" to choose)
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.latency $(BENCH)

bench-resume: ## measure how soon a viewer sees the stream go on after an accident (BENCH="--times 10" to choose)
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.resume $(BENCH)

bench-origin: ## measure what low-latency viewers and streams cost (BENCH="--viewers 500" to choose)
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.origin $(BENCH)

bench-chat: ## measure what chat costs, and how late it comes (BENCH="--sites local-1 --viewers 1000" to choose)
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.chat_fanout $(BENCH)
