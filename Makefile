# bench and test install what is missing (gperftools, pkg-config), then build and run.

# What swift-format looks at, as far as it exists.
SOURCES = $(wildcard Sources Benchmarks Tests) Package.swift

.PHONY: help bench test sanitize threads fuzz lint format dependencies

# Seconds for each target of `make fuzz`.
TIME = 60

help:
	@echo 'make bench     build for release, run the benchmark suite and print its table'
	@echo 'make test      run the tests'
	@echo 'make sanitize  run the tests of all but the program in a release build, under the address sanitizer, C with traps'
	@echo 'make threads   run the tests of what works on several threads under the thread sanitizer'
	@echo 'make fuzz      run libFuzzer for TIME=60 seconds over each reader of bytes from outside'
	@echo 'make lint      check the formatting, as CI does'
	@echo 'make format    apply the formatting'

bench: dependencies
	swift run -c release tdxbench

test: dependencies
	swift test

# In Swift overflow and bad indices trap by themselves; in C undefined behaviour is made to. Leaks are not looked for:
# Swift's runtime, the test library and the parser of options keep what they allocate once. A release build: optimized
# code is what people run, and thousands of spoiled logs take a fifth of the time that they take in a debug build. The
# program and what measures it stay out, which saves half of the build (Package.swift).
sanitize: dependencies
	ASAN_OPTIONS=detect_leaks=0 TDXBENCH_WITHOUT_PROGRAM=1 swift test -c release --scratch-path .build/sanitized --sanitize=address \
	  -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined

# The streams, the fleets and the planner on several threads; and all of the library's calls.
threads: dependencies
	TDXBENCH_WITHOUT_PROGRAM=1 swift test -c release --scratch-path .build/threads --sanitize=thread \
	  --filter 'StreamsTests|FleetsTests|Parallel|PlanWays|TDXMemoryLibraryTests'

fuzz: dependencies
	scripts/fuzz --time $(TIME)

lint:
	swift format lint --strict --recursive $(SOURCES)

format:
	swift format --in-place --recursive $(SOURCES)

dependencies:
	@scripts/install-dependencies
