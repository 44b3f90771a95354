# The commands a person needs; `make help` lists them. The work is in scripts/ and cmake/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Appended to the command that the target ends in: make run ARGS="--listen 127.0.0.1:9000"
ARGS ?=

# Where make console-dev sends the API's requests.
PRELOOP_URL ?= http://127.0.0.1:8000

.PHONY: help run build console-dev test bench conformance agents nightly format lint clean

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 20

run: build ## install what is missing, build, and serve on 127.0.0.1:8000
	@exec build/release/preloop serve $(ARGS)

build: ## the server: build/release/preloop
	@scripts/deps run
	@scripts/build release preloop

console-dev: ## the console with hot reload on 127.0.0.1:5173, beside a running server
	@scripts/deps run
	@cd console && PATH="$$PWD/node_modules/.bin:$$PATH" PRELOOP_URL="$(PRELOOP_URL)" vite

test: ## unit tests and the end-to-end suite, under ASan and UBSan
	@scripts/deps test
	@scripts/test $(ARGS)

bench: ## load figures beside nginx: a table and build/bench.json
	@scripts/deps bench
	@scripts/build release preloop bench
	@bench/run $(ARGS)

conformance: ## the protocol and language conformance suites
	@scripts/deps test
	@scripts/test --conformance $(ARGS)

agents: ## the end-to-end cases that drive real agent programs (installs about 370 MB)
	@scripts/deps test agents
	@scripts/test --agents $(ARGS)

nightly: ## what is too long for CI: thread sanitizer, both loop counts, fuzzing, agents, lint of everything
	@scripts/deps test agents
	@scripts/nightly

format: ## clang-format every tracked source
	@scripts/deps test
	@scripts/lint --fix-format

lint: ## formatting, layers, headers, docs, and clang-tidy on what changed
	@scripts/deps test
	@scripts/lint $(ARGS)

clean: ## remove build/ (the compiler cache stays)
	@rm -rf build
