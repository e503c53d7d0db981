# bench and test install what is missing (gperftools, pkg-config), then build and run.

# What swift-format looks at, as far as it exists.
SOURCES = $(wildcard Sources Benchmarks Tests) Package.swift

# Where `make install` puts the program; DESTDIR goes before it where a package is made.
PREFIX ?= /usr/local
ROOT = $(DESTDIR)$(PREFIX)
PROGRAM = .build/release/tdxbench

.PHONY: help bench test build install uninstall dist docs sanitize threads fuzz profile lint format dependencies

# Seconds for each target of `make fuzz`.
TIME = 60

help:
	@echo 'make bench     build for release, run the benchmark suite and print its table'
	@echo 'make test      run the tests'
	@echo 'make install   build for release; put the program, its manual and completions below PREFIX (/usr/local)'
	@echo 'make uninstall take them away again'
	@echo 'make dist      a tarball and a Debian package, in .build/dist'
	@echo 'make docs      the documentation of the libraries, in .build/docs: a static site'
	@echo 'make sanitize  run the tests of all but the program in a release build, under the address sanitizer, C with traps'
	@echo 'make threads   run the tests of what works on several threads under the thread sanitizer'
	@echo 'make fuzz      run libFuzzer for TIME=60 seconds over each reader of bytes from outside'
	@echo 'make lint      check the formatting, as CI does'
	@echo 'make format    apply the formatting'

bench: dependencies
	swift run -c release tdxbench

test: dependencies
	scripts/test

build: dependencies
	swift build -c release --product tdxbench

# As root only what was never built is: `sudo make install` after `make build` leaves no files of root's behind.
install:
	@{ [ "$$(id -u)" -eq 0 ] && [ -e $(PROGRAM) ]; } || $(MAKE) build
	scripts/stage $(PROGRAM) $(ROOT)

uninstall:
	rm -f $(ROOT)/bin/tdxbench $(ROOT)/share/man/man1/tdxbench.1.gz $(ROOT)/share/man/man1/tdxbench-*.1.gz
	rm -f $(ROOT)/share/bash-completion/completions/tdxbench $(ROOT)/share/fish/vendor_completions.d/tdxbench.fish
	rm -f $(ROOT)/share/zsh/site-functions/_tdxbench $(ROOT)/share/zsh/vendor-completions/_tdxbench
	rm -rf $(ROOT)/share/tdxbench

dist: build
	scripts/make-packages $(PROGRAM) .build/dist

# Fails over a link to what is not there. That parameters which say all by their names have no words of their own, of which
# docc warns as well, is this house's way.
MODULES = TDXMemory MapReaders MemoryHotplug SyntheticMaps BenchmarkKit
docs: dependencies
	@mkdir -p .build/docs
	@TDXBENCH_DOCS=1 swift package --scratch-path .build/docs-build --allow-writing-to-directory .build/docs \
	  generate-documentation $(MODULES:%=--target %) --enable-experimental-combined-documentation \
	  --transform-for-static-hosting --output-path .build/docs >.build/docs.log 2>&1 || { cat .build/docs.log; exit 1; }
	@! grep -A3 "doesn't exist at" .build/docs.log

# Leaks are not looked for: Swift's runtime, the test library and the parser of options keep what they allocate once. A
# release build: optimized code is what people run, and thousands of spoiled logs take a fifth of the time that they take in
# a debug build. The program and what measures it stay out, which saves half of the build (Package.swift); spoiled inputs
# are `make fuzz`'s, which uses the same build.
sanitize: dependencies
	ASAN_OPTIONS=detect_leaks=0 scripts/sanitized test --skip HostileInputTests

# The streams, the fleets and the planner on several threads; and all of the library's calls.
threads: dependencies
	TDXBENCH_WITHOUT_PROGRAM=1 swift test -c release --scratch-path .build/threads --sanitize=thread \
	  --filter 'StreamsTests|FleetsTests|Parallel|PlanWayTests|TDXMemoryLibraryTests'

fuzz: dependencies
	scripts/fuzz --time $(TIME)

lint:
	swift format lint --strict --parallel --recursive $(SOURCES)

format:
	swift format --in-place --recursive $(SOURCES)

# make profile WORKLOAD=construct/linux/laptop KIND=heap: where a workload spends its time, or what allocates.
profile: dependencies
	@scripts/install-dependencies google-pprof
	swift run -c release tdxbench run --profile $(or $(KIND),cpu) $(WORKLOAD)

dependencies:
	@scripts/install-dependencies
