# Targets for developers and operators. `make` without a target lists them.

SWIFT ?= swift
BUILD_FLAGS = --explicit-target-dependency-import-check error
# Swift's libraries are linked statically: the binary needs no toolchain, starts in half the time and is a tenth faster.
# Cross-module optimisation makes it faster still. The run-time checks for overlapping accesses stay on: they cost 2 %
# of the server's CPU for a message.
RELEASE = $(SWIFT) build -c release --static-swift-stdlib $(BUILD_FLAGS) \
	-Xswiftc -cross-module-optimization
BIN = .build/release
# libstdc++ and libgcc are linked statically, too: the linker looks here first, and finds nothing else.
export SOBRE_STATIC_LIBRARIES = $(CURDIR)/.build/static-libraries
PREFIX ?= /usr/local
ETC ?= /etc/sobre
UNITS ?= /etc/systemd/system
DIST ?= .build/dist
SEEDS ?= 1
ATTEMPTS ?= 1000000

.PHONY: help deps static-libraries build demo test drill bench bench-peers wire api-check mutations bench-liquid instructions fuzz torture sim \
	lint format install deb archive package-check clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 12

deps: ## install the system packages that are missing (apt), or say which to install
	@.ci/dependencies

static-libraries:
	@mkdir -p $(SOBRE_STATIC_LIBRARIES)
	@ln -sfn $$(clang -print-file-name=libstdc++.a) $(SOBRE_STATIC_LIBRARIES)/libstdc++.a
	@ln -sfn $$(clang -print-file-name=libgcc_eh.a) $(SOBRE_STATIC_LIBRARIES)/libgcc_s.a

build: static-libraries ## build the release binary, .build/release/sobre
	$(RELEASE) --product sobre

demo: deps build ## build, then replay a year and a half of real purchases through the whole pipeline
	$(BIN)/sobre demo

test: deps ## build and run every test
	$(SWIFT) build $(BUILD_FLAGS) --build-tests
	SWIFT="$(SWIFT)" .ci/tests

drill: deps build ## pauses, faults, repairs and a replay under load, at 2,000 messages a second and with 5,000 that failed
	$(SWIFT) build $(BUILD_FLAGS) --build-tests
	SOBRE_TEST_EXECUTABLE=$(CURDIR)/$(BIN)/sobre SOBRE_DRILL_RATE=2000 SOBRE_DRILL_PEOPLE=700 SOBRE_DRILL_MESSAGES=5000 \
		$(SWIFT) test --skip-build --no-parallel --filter 'EndToEndTests\.(PauseDrillTests|ProviderDrillTests|ReplayTests)/'

bench: deps build ## measure throughput and compare it with a bare libcurl loop; one line per figure at the end
	$(RELEASE) --product sobre-bench
	$(BIN)/sobre-bench --sobre $(BIN)/sobre

bench-peers: deps build ## compare with job queues, an SMS gateway and a mail server, at their own durability and at full sync
	$(RELEASE) --product sobre-bench
	Tests/Peers/run $(BIN)/sobre $(BIN)/sobre-bench

wire: deps build ## compare the requests for every provider with those that the vendor's own library sends
	@.ci/dependencies python3-venv iproute2 || true
	Tests/Wire/run --sobre $(BIN)/sobre

api-check: deps build ## send what openapi.yaml allows, and what it does not, to a server of its own (Schemathesis)
	@.ci/dependencies python3-venv || true
	Tests/API/run --sobre $(BIN)/sobre

torture: deps build ## run long crash tests: 200 kills, power cuts, a million attempts of 16 clients on hot recipients
	$(RELEASE) --product sobre-torture
	$(RELEASE) --product PowerCut
	$(BIN)/sobre-torture --sobre $(BIN)/sobre --seed $(SEEDS) --attempts $(ATTEMPTS)

sim: SEEDS = 10000
sim: deps ## run SEEDS histories with crashes and faults under virtual time, and check what recipients got
	$(RELEASE) --product sobre-sim
	$(BIN)/sobre-sim --seeds $(SEEDS)

mutations: deps ## break steps of the decision one by one, and expect a named test to fail for each
	SWIFT="$(SWIFT)" Tests/Mutations/run

bench-liquid: deps ## compare the Liquid engine's render and parse times with other engines
	SWIFT="$(SWIFT)" Tests/LiquidBench/run

instructions: ## count the Liquid engine's instructions; fail when a render or parse takes 5 % more than recorded
	@.ci/dependencies valgrind || true
	$(RELEASE) --product liquid-cost
	@Tests/LiquidBench/instructions

fuzz: FUZZ_SECONDS = 600
fuzz: deps ## random templates for ten minutes with the address sanitizer, and for ten to find the slowest render
	$(SWIFT) build -c release --sanitize=address --scratch-path .build-fuzz --product liquid-fuzz
	SWIFT_BACKTRACE=enable=no .build-fuzz/release/liquid-fuzz $(FUZZ_SECONDS)
	$(RELEASE) --product liquid-fuzz
	$(BIN)/liquid-fuzz --work $(FUZZ_SECONDS)

lint: ## check the format of every Swift file
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests Package.swift

format: ## format every Swift file in place
	$(SWIFT) format --in-place --parallel --recursive Sources Tests Package.swift

install: deps build ## install below PREFIX (/usr/local): binary, unit, completions, man pages; ETC (/etc/sobre) keeps edited files
	.ci/stage $(BIN)/sobre "$(DESTDIR)" $(PREFIX) $(ETC) $(UNITS)

deb: deps build ## make the Debian packages in DIST (.build/dist)
	.ci/package deb $(BIN)/sobre $(DIST)

archive: deps build ## make the archive of a release in DIST (.build/dist)
	.ci/package archive $(BIN)/sobre $(DIST)

package-check: deps build ## install, start, upgrade and remove the package in a fresh Debian
	@.ci/dependencies debootstrap || true
	Tests/Package/run $(BIN)/sobre

clean: ## remove the build folder
	rm -rf .build
