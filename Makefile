# `make run` runs the site, and `make test` runs all checks and tests. Both first install what is missing.
.DEFAULT_GOAL := help
.PHONY: help run test check fmt up down test-compose pictures bench-latency bench-sound bench-resume bench-origin bench-chat bench-auth bench-tabs \
        bench-capacity chaos

COMPOSE ?= docker compose
PYTHON := $(shell command -v python3.11 || command -v python3)
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

run: ## install what is missing, then run the site until Ctrl-C
	@$(PYTHON) scripts/install.py run
	@exec scripts/run.sh

test: ## install what the tests need, then run make check and all tests, with real servers
	@$(PYTHON) scripts/install.py test
	@$(MAKE) --no-print-directory check
	@scripts/test.sh

up: ## run the site in containers (COMPOSE="docker compose" or podman-compose; docs/containers.md)
	@SECRETS=$$(sed -n 's/^SECRETS=//p' .env 2>/dev/null) SITE_ENV=$$(sed -n 's/^SITE_ENV=//p' .env 2>/dev/null) \
	  $(PYTHON) scripts/make_secrets.py
	$(COMPOSE) up --build --detach

down: ## stop the containers; the data stays
	$(COMPOSE) down

test-compose: ## build the images and use the site in containers in Chromium, with podman (as root)
	@$(PYTHON) scripts/install.py compose
	@pytest tests/compose/main_job.py -q

check: ## check format, lint, types and import rules
	@$(PYTHON) scripts/install.py check
	ruff format --check --quiet .
	ruff check --quiet .
	python -m scripts.generate_types --check
	python -m scripts.count_typescript
	node_modules/.bin/biome check --error-on-warnings assets/site.js streaming_app tests/unit
	node_modules/.bin/tsc
	pyright --warnings
	lint-imports --no-cache --no-logo

fmt: ## format the code, fix what the linters can fix, and generate types
	@$(PYTHON) scripts/install.py check
	ruff format .
	ruff check --fix .
	python -m scripts.generate_types
	node_modules/.bin/biome check --write assets/site.js streaming_app tests/unit

pictures: ## take the pictures in the README again
	@$(PYTHON) scripts/install.py test
	@python -m scripts.make_pictures

bench-latency: ## measure the delay from encoder to browser (options: BENCH="--seconds 300 --modes low")
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.latency $(BENCH)

bench-sound: ## measure how much later than its picture sound is heard (options: BENCH="--modes rt,low --flashes 100")
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.sound $(BENCH)

bench-resume: ## measure how soon a viewer's video continues after a fault (options: BENCH="--times 10")
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.resume $(BENCH)

bench-origin: ## measure the cost of low-latency viewers and streams (options: BENCH="--viewers 500")
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.origin $(BENCH)

bench-chat: ## measure the cost and the delay of chat (options: BENCH="--sites local-1 --viewers 1000")
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.chat_fanout $(BENCH)

bench-auth: ## measure sign-in and chat during attacks on accounts (options: BENCH="--seconds 60")
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.auth $(BENCH)

bench-tabs: ## measure the memory of an open page (options: BENCH="--pages 500 --rounds 4")
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.tabs $(BENCH)

bench-capacity: ## measure what everything costs, and compute what larger sites need (docs/capacity.md)
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.capacity $(BENCH)

chaos: ## cause faults in every part of a site under load (options: CHAOS="--minutes 3"; docs/chaos.md)
	@$(PYTHON) scripts/install.py test
	@python -m benchmarks.chaos $(CHAOS)
