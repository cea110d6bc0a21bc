# Builds into .venv/, target/, web/node_modules/, tests/sdks/node_modules/ and src/polyroom/site/static/; writes nothing
# outside this folder.
# Each step leaves a stamp inside what it made and runs again only when its inputs are newer.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

STEP := tools/step.sh
PYTHON := .venv/bin/python
STATIC := src/polyroom/site/static
CARGO := cargo
S3_SERVER := 0.14.1

RUST_SOURCES := $(shell find rust/sfu rust/rtmp rust/python -type f \( -name '*.rs' -o -name Cargo.toml \) 2>/dev/null) Cargo.toml Cargo.lock
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)

# ARGS go to the program: make serve ARGS="--port 0", make test ARGS="-k lobby".
ARGS ?=

.PHONY: help
help: ## Show this help
	@echo "make TARGET, where TARGET is one of"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: serve
serve: build ## Build what is missing or old, then run the server
	@exec .venv/bin/polyroom serve $(ARGS)

.PHONY: build
build: system .venv/.stamp-run .venv/.stamp-core $(STATIC)/.stamp ## Build everything the server needs

.PHONY: test
test: build test-system .venv/.stamp-test web/node_modules/.stamp tests/sdks/node_modules/.stamp build/s3/.stamp-$(S3_SERVER) ## Install what tests need and run them all
	@$(STEP) "Rust tests" $(CARGO) test --release --locked --package polyroom-sfu --package polyroom-rtmp
	@$(STEP) "Web tests" npm --prefix web test
	@$(PYTHON) -m pytest $(ARGS)
	@echo "• what depends on the database again, on PostgreSQL"
	@$(PYTHON) -m pytest --database postgresql $(ARGS)

CHECKS := check-ruff check-format check-types check-arrows check-rules check-rustfmt check-clippy check-web

.PHONY: check
check: $(CHECKS) ## Lint, types, arrows, formats, locks, documents (-k goes on after a failure)
	@echo "✓ all checks passed"

.PHONY: $(CHECKS)
$(CHECKS): build .venv/.stamp-test web/node_modules/.stamp
check-ruff:
	@$(STEP) "ruff" .venv/bin/ruff check .
check-format:
	@$(STEP) "ruff format" .venv/bin/ruff format --check .
check-types:
	@$(STEP) "mypy" .venv/bin/mypy
check-arrows:
	@$(STEP) "import-linter" .venv/bin/lint-imports --no-cache
check-rules:
	@$(STEP) "project rules" $(PYTHON) tools/check.py
check-rustfmt:
	@$(STEP) "rustfmt" $(CARGO) fmt --all --check
check-clippy:
	@$(STEP) "clippy" $(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings
check-web:
	@$(STEP) "web checks" npm --prefix web run check

# Every module of bench/ that can be run; BENCH=rooms takes one.
BENCH ?= $(patsubst bench/%.py,%,$(shell grep -l '__main__' bench/*.py 2>/dev/null))

.PHONY: bench
bench: build .venv/.stamp-test ## Measure everything in bench/ (BENCH=rooms for one, ARGS for its options)
	@$(STEP) "Load generator" $(CARGO) build --release --locked --package polyroom-load
	@for name in $(BENCH); do echo "• bench/$$name"; $(PYTHON) -m bench.$$name $(ARGS) || exit 1; done

ROUNDS ?= 20

.PHONY: soak
soak: build test-system .venv/.stamp-test tests/sdks/node_modules/.stamp ## Long forms (50 kills), then the tests with real clients ROUNDS=20 times over
	@$(PYTHON) -m pytest -q --soak tests/e2e/test_killed_servers_leave_nothing_open.py \
	  tests/e2e/test_a_meeting_is_told_in_full.py $(ARGS)
	@for round in $$(seq $(ROUNDS)); do \
	  echo "• round $$round of $(ROUNDS)"; \
	  $(PYTHON) -m pytest -q tests/e2e tests/clients $(ARGS) || exit 1; \
	done

.PHONY: lock
lock: .venv/.stamp-test ## Write the lock files and the generated documents anew
	@$(STEP) "lock files" tools/lock.sh
	@$(PYTHON) tools/generate.py

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf .venv target build web/node_modules tests/sdks/node_modules $(STATIC)

.PHONY: system
system:
	@tools/system.sh build

.PHONY: test-system
test-system:
	@tools/system.sh test

.venv/.stamp-run: requirements/run.txt tools/environment.sh | system
	@$(STEP) "Python environment" tools/environment.sh requirements/run.txt
	@touch $@

.venv/.stamp-test: requirements/test.txt .venv/.stamp-run
	@$(STEP) "Test environment" tools/environment.sh requirements/test.txt
	@touch $@

.venv/.stamp-core: .venv/.stamp-run $(RUST_SOURCES) pyproject.toml tools/core.sh
	@$(STEP) "Packet core (Rust, release mode; minutes the first time)" tools/core.sh
	@touch $@

web/node_modules/.stamp: web/package-lock.json web/package.json | system
	@$(STEP) "Web packages" npm --prefix web ci --no-audit --no-fund
	@touch $@

# A server that speaks S3's protocol, for tests: minutes, the first time.
build/s3/.stamp-$(S3_SERVER): | system
	@$(STEP) "S3 server for tests (minutes the first time)" \
	  $(CARGO) install --quiet --locked --root build/s3 --version $(S3_SERVER) --features binary s3s-fs
	@touch $@

tests/sdks/node_modules/.stamp: tests/sdks/package-lock.json tests/sdks/package.json | system
	@$(STEP) "Vendors' packages for tests" npm --prefix tests/sdks ci --no-audit --no-fund
	@touch $@

$(STATIC)/.stamp: web/node_modules/.stamp $(WEB_SOURCES)
	@$(STEP) "Web pages" npm --prefix web run build
	@touch $@
