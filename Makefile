# What a person does with a checkout. Needs Python 3.11 to 3.13, git and make; all else goes into .venv.
# `make help` lists the targets; PYTHON=/path/to/python3.12 chooses the interpreter, ARGS="..." is handed on.

PY := .venv/bin/python
ARGS ?=
.DEFAULT_GOAL := help
.PHONY: help demo test test-services chaos soak chaos-deliveries chaos-feeds manners-day lint bench lock clean docs screenshots \
	run-environment dev-environment services

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 24

demo: run-environment ## Watch bundled sample feeds end in alerts (ARGS="--until-alert --json" for scripts)
	@.venv/bin/newswatch demo $(ARGS)

test: lint ## Checks and every test that is short and needs no service (ARGS goes to pytest)
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not services and not long and not slow" $(ARGS)

test-services: dev-environment services ## Install and use the real services (Apache Kafka); the long tests too (ARGS goes to pytest)
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "(services or slow) and not long" $(ARGS)
	$(PY) -m pytest -m long $(ARGS)

chaos: dev-environment services ## Kill brokers, database and every role, cut cables, fill disks (ARGS="--seed N --articles N --kills N")
	$(PY) tests/chaos/stream_chaos.py $(ARGS)

soak: dev-environment services ## Two hours of news: memory and files stay flat (ARGS="--minutes N --graph docs/soak.svg")
	$(PY) tests/chaos/soak.py $(ARGS)

chaos-deliveries: dev-environment services ## Kill notifier, worker and database while endpoints fail (ARGS="--seed N --database sqlite ...")
	$(PY) tests/chaos/delivery_chaos.py $(ARGS)

chaos-feeds: dev-environment ## Kill poller, publisher and broker 200 times while feeds change (NEWSWATCH_SEED repeats a run)
	NEWSWATCH_KILLS=200 $(PY) -m pytest -s tests/e2e/test_feeds_loss.py $(ARGS)

manners-day: dev-environment ## Watch the manners of 500 feeds on 20 hosts for 24 hours of virtual time
	NEWSWATCH_WHOLE_DAY=1 $(PY) -m pytest -s tests/streams/feeds/test_feeds_manners_day.py $(ARGS)

lint: dev-environment ## Ruff, its formatting, strict mypy, and the layers of the house
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

bench: dev-environment ## Measure against peers in the same run; prints ratios
	@set -e; for benchmark in $(sort $(wildcard bench/*.py)); do echo "== $$benchmark"; $(PY) "$$benchmark" $(ARGS); done

docs: dev-environment ## Make the site of the documentation in build/docs
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet $(ARGS)

screenshots: dev-environment services ## Walk through the page in Chromium and take the documentation's pictures anew
	NEWSWATCH_SCREENSHOTS=docs/screenshots $(PY) -m pytest tests/browser/test_page_walk.py $(ARGS)

lock: dev-environment ## Resolve pyproject.toml anew into both locks
	@scripts/lock.sh

clean: ## Remove the environment, caches and what was built; user data stays
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

run-environment:
	@scripts/environment.sh run >&2

dev-environment:
	@scripts/environment.sh dev >&2

services:
	@scripts/install_services.sh >&2
