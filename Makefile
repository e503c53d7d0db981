# bench and test install what is missing (gperftools, pkg-config), then build and run.

# What swift-format looks at, as far as it exists.
SOURCES = $(wildcard Sources Benchmarks Tests) Package.swift

# The modules that work on memory by hand, and on what others wrote.
UNSAFE_TESTS = TDXMemoryTests|TDXMemoryLibraryTests|ReferencePeerTests|HostileInputTests|JSONTests|SystemIOTests|StreamsTests|MapReadersTests

.PHONY: help bench test sanitize lint format dependencies

help:
	@echo 'make bench     build for release, run the benchmark suite and print its table'
	@echo 'make test      run the tests'
	@echo 'make sanitize  run the tests of the core and the readers under the address sanitizer, C with traps'
	@echo 'make lint      check the formatting, as CI does'
	@echo 'make format    apply the formatting'

bench: dependencies
	swift run -c release tdxbench

test: dependencies
	swift test

# In Swift overflow and bad indices trap by themselves; in C undefined behaviour is made to. Leaks are not looked for:
# Swift's runtime and the test library keep what they allocate once.
sanitize: dependencies
	ASAN_OPTIONS=detect_leaks=0 swift test --scratch-path .build/sanitized --sanitize=address \
	  -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined --filter '$(UNSAFE_TESTS)'

lint:
	swift format lint --strict --recursive $(SOURCES)

format:
	swift format --in-place --recursive $(SOURCES)

dependencies:
	@scripts/install-dependencies
