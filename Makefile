# bench and test install what is missing (gperftools, pkg-config), then build and run.

# What swift-format looks at, as far as it exists.
SOURCES = $(wildcard Sources Benchmarks Tests) Package.swift

.PHONY: help bench test lint format dependencies

help:
	@echo 'make bench   build for release, run the benchmark suite and print its table'
	@echo 'make test    run the tests'
	@echo 'make lint    check the formatting, as CI does'
	@echo 'make format  apply the formatting'

bench: dependencies
	swift run -c release tdxbench

test: dependencies
	swift test

lint:
	swift format lint --strict --recursive $(SOURCES)

format:
	swift format --in-place --recursive $(SOURCES)

dependencies:
	@scripts/install-dependencies
