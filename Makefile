# `make` lists the targets. Demo and tests share one release build.
SWIFT ?= swift
RELEASE := $(SWIFT) build -c release
BIN = $(shell $(SWIFT) build -c release --show-bin-path)
SOURCES := Sources Tests Benchmarks Package.swift Fuzz/Package.swift $(wildcard Fuzz/Sources/fuzz-*) \
	Fuzz/Sources/FuzzSupport

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: bootstrap
bootstrap: ## Install missing Debian packages
	@scripts/bootstrap

.PHONY: build
build: bootstrap ## Build the program and the tests, release
	$(RELEASE) --build-tests

.PHONY: demo
demo: build ## Compile, run, record, replay and measure the digits network
	@scripts/demo

.PHONY: chips-demo
chips-demo: build ## Run the digits on every chip: accuracy, energy, chip time
	@scripts/chips-demo

.PHONY: test
test: build ## Run the tests (five minutes at the most)
	$(SWIFT) test -c release --skip-build

.PHONY: check
check: bootstrap ## Run the slower checks: format, interop, fuzzing, sanitizers, long random tests
	@scripts/check

.PHONY: studies
studies: build ## Make the results in docs/results again (long)
	@scripts/studies

.PHONY: interop
interop: build ## Read recordings and networks with Python's own mcap and nir packages
	@mkdir -p out/interop
	$(BIN)/spikeloom run Examples/digits/digits_fc.nir --from snntorch --quiet \
		--input Examples/digits/digits_fc_test.npz --mismatch 0.2 \
		--record out/interop/run.mcap --json out/interop/run.json
	$(BIN)/spikeloom convert out/interop/run.mcap out/interop/run.csv
	@scripts/interop trace out/interop/run.mcap out/interop/run.csv out/interop/run.json
	@scripts/interop traces $(BIN)/spikeloom out/interop/run.mcap traces/*.mcap
	$(BIN)/spikeloom learn Examples/learning/reciprocal.yaml --arm quick --quiet \
		--export-nir out/interop/learned.nir --json out/interop/learned.json
	@scripts/interop nir out/interop/learned.nir out/interop/learned.json
	@scripts/validate_reports $(BIN)/spikeloom

.PHONY: bench
bench: bootstrap ## Measure synaptic events and neuron updates a second
	$(SWIFT) package --package-path Benchmarks benchmark --no-progress

.PHONY: format
format: ## Format the sources
	$(SWIFT) format --in-place --recursive $(SOURCES)

.PHONY: lint
lint: ## Check the format of the sources
	$(SWIFT) format lint --strict --recursive $(SOURCES)

.PHONY: clean
clean: ## Remove what was built
	rm -rf .build .build-* Benchmarks/.build Fuzz/.build out .venv
