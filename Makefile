# Fovea, one command for everything:
#   make            build everything, debug
#   make deps       install the Debian packages that the project needs
#   make quick      the quick tests, debug
#   make test       deps, format check, release build, all tests
#   make fuzz-rasters N=100000 [SEED=0]
#                   as many generated hostile rasters through the one way in as N says; it ends
#                   with a line of counts, and keeps what failed; ONE=SEED tries one of them again
#   make demo       a whole job on real imagery: daemon, vendor, plan, approval, purchase, report
#                   make demo LR=lr.tif HR=hr.tif TRUTH=truth.tif MODEL=name  on your own files
#   make bench      our speed beside our peers' in one run: networks against PyTorch and ONNX
#                   Runtime, then a survey of LR and HR, stage by stage, against rasterio and ONNX
#                   Runtime; makes the peers' environment first
#                   make bench-networks PEERS_PYTHON=python BENCH="--rounds 3 --net resnet32@32"
#                   make bench-survey LR=lr.tif HR=hr.tif
#   make install    programs, models, units and completions to PREFIX (/usr/local), examples to
#                   /etc/fovea, all below DESTDIR if given; PROGRAMS=DIR takes programs built before
#   make uninstall  remove what install put, but for configuration that was edited
#   make check-install  install into a temporary root, and run it without the Swift toolchain
#   make lint       fail on any difference from the house format
#   make format     rewrite the sources in the house format
#   make clean      remove what was built, but for the peers' environment in .build-peers
#   make help       this list
.PHONY: all deps test-deps build quick test fuzz-rasters demo bench-deps bench bench-networks bench-survey install uninstall check-install static-programs lint format clean help

SWIFT ?= swift
PREFIX ?= /usr/local
SHARED ?= $(wildcard ../shared)
SOURCES = Package.swift Sources Tests
NEEDED = libgdal-dev libseccomp-dev libopenblas-dev libcurl4-openssl-dev libsqlite3-dev pkg-config
NEEDED_BY_TESTS = gdal-bin hledger python3 strace systemd
PEERS = $(wildcard $(SHARED)/bench/peer_networks.py)
BENCH ?=
LR ?= etc/demo/eurosat_lr.tif
HR ?= etc/demo/eurosat_hr.tif
TRUTH ?= etc/demo/eurosat_truth.tif
MODEL ?= eurosat-s2-10m
# What the demo's vendor sells: the aerial model's chips are too small for a minimum charge.
PRODUCT ?= $(if $(findstring aerial,$(MODEL)),aerial,hr)

# The peers' Python; where none is named, bench-deps makes it (about 6 GB).
ifeq ($(origin PEERS_PYTHON),undefined)
PEERS_PYTHON = .build-peers/bin/python
PEERS_READY = .build-peers/ready
endif

# The tests' traps and the optimised debug build of what computes; an installed program has neither.
export FOVEA_DEVELOPMENT = 1
# One thread for OpenBLAS: the engine splits work itself. The kernels are the library's choice.
export OPENBLAS_NUM_THREADS = 1
unexport OPENBLAS_CORETYPE
export SWIFT

all:
	$(SWIFT) build

deps:
	@Tests/Scripts/install-packages.sh $(NEEDED)

test-deps: deps
	@Tests/Scripts/install-packages.sh $(NEEDED_BY_TESTS)

# Both release steps use the same flags, so that they share one build: `swift test -c release`
# without --disable-testable-imports would compile every module, dependencies too, a second time.
build: deps
	$(SWIFT) build -c release --build-tests

quick:
	$(SWIFT) test --disable-xctest

test: test-deps lint build
	FOVEA_FULL=1 FOVEA_SHARED=$(abspath $(SHARED)) Tests/Scripts/run-tests.sh
	for set in avx2 portable; do echo "The engine's tests on $$set" && \
	  FOVEA_INSTRUCTION_SET=$$set Tests/Scripts/run-tests.sh --filter NeuralTests || exit 1; done

N ?= 10000
SEED ?= 0
ONE ?=

# What ends the whole process leaves its file in the folder that the first line names.
fuzz-rasters: build
	FOVEA_SHARED=$(abspath $(SHARED)) \
	  $(if $(ONE),FOVEA_FUZZ_ONE=$(ONE),FOVEA_FUZZ_FILES=$(N) FOVEA_FUZZ_SEED=$(SEED)) \
	  Tests/Scripts/run-tests.sh --filter 'RasterFuzzTests.*$(if $(ONE),one file,asked for)'

demo: deps
	$(SWIFT) build -c release --product fovea
	$(SWIFT) build -c release --product fovead
	$(SWIFT) build -c release --product fovea-vendor
	$(SWIFT) build -c release --product fovea-decode
	Tests/Scripts/demo.sh "$$($(SWIFT) build -c release --show-bin-path)" \
	  "$(LR)" "$(HR)" "$(TRUTH)" "$(MODEL)" "$(PRODUCT)"

bench-deps: $(PEERS_READY)

.build-peers/ready:
	@Tests/Scripts/install-packages.sh python3-venv gcc g++
	python3 -m venv .build-peers
	.build-peers/bin/pip install --quiet torch==2.15.0 onnxruntime==1.32.0 onnx==1.23.2 \
	  numpy==2.4.6 rasterio==1.4.4 safetensors==0.8.0
	touch $@

bench: bench-networks bench-survey

bench-networks bench-survey: deps $(if $(PEERS),$(PEERS_READY))
	$(SWIFT) build -c release --product fovea-bench
	"$$($(SWIFT) build -c release --show-bin-path)/fovea-bench" \
	  $(if $(filter bench-networks,$@),networks,survey --lr "$(LR)" --hr "$(HR)") \
	  $(if $(PEERS),--peers "$(PEERS)") --python "$(PEERS_PYTHON)" $(BENCH)

# Without PROGRAMS, install builds programs that need no Swift toolchain.
PROGRAMS ?=
PROGRAM_NAMES = fovea fovead fovea-vendor
# Started by the others alone, which look for it beside themselves and in ../libexec/fovea.
DECODER = fovea-decode
BUILT = $(or $(PROGRAMS),.build-static/release)
ROOT = $(DESTDIR)$(PREFIX)
ETC = $(DESTDIR)/etc/fovea
EXAMPLES = fovead.yaml $(patsubst etc/%,%,$(wildcard etc/vendors/*.yaml))
# Where bash, zsh and fish look for the completions of a program.
COMPLETIONS = bash:share/bash-completion/completions/fovea zsh:share/zsh/site-functions/_fovea \
  fish:share/fish/vendor_completions.d/fovea.fish
UNITS = fovead.service:lib/systemd/system/fovead.service \
  fovea.sysusers.conf:lib/sysusers.d/fovea.conf fovea.tmpfiles.conf:lib/tmpfiles.d/fovea.conf

static-programs: deps
	for name in $(PROGRAM_NAMES) $(DECODER); do FOVEA_DEVELOPMENT= $(SWIFT) build -c release \
	  --static-swift-stdlib --scratch-path .build-static --product $$name || exit 1; done

install: $(if $(PROGRAMS),,static-programs)
	install -D -m 755 -t "$(ROOT)/bin" $(addprefix $(BUILT)/,$(PROGRAM_NAMES))
	install -D -m 755 -t "$(ROOT)/libexec/fovea" "$(BUILT)/$(DECODER)"
	install -D -m 644 -t "$(ROOT)/share/fovea/models" etc/models/*.safetensors
	for pair in $(COMPLETIONS); do install -d "$(ROOT)/$$(dirname $${pair#*:})" && \
	  $(BUILT)/fovea --generate-completion-script $${pair%%:*} > "$(ROOT)/$${pair#*:}" && \
	  chmod 644 "$(ROOT)/$${pair#*:}" || exit 1; done
	for pair in $(UNITS); do install -d "$(ROOT)/$$(dirname $${pair#*:})" && \
	  sed 's|/usr/\(bin/fovead\|libexec/fovea\)|$(PREFIX)/\1|g' systemd/$${pair%%:*} \
	  > "$(ROOT)/$${pair#*:}" && chmod 644 "$(ROOT)/$${pair#*:}" || exit 1; done
	install -d -m 755 "$(ETC)/vendors" && install -d -m 700 "$(ETC)/credentials"
	for name in $(EXAMPLES); do \
	  if [ ! -e "$(ETC)/$$name" ] || cmp -s "etc/$$name" "$(ETC)/$$name"; then \
	    install -m 644 "etc/$$name" "$(ETC)/$$name"; \
	  else echo "kept your $(ETC)/$$name; the new one is $$name.new beside it" && \
	    install -m 644 "etc/$$name" "$(ETC)/$$name.new"; fi || exit 1; done
ifeq ($(DESTDIR),)
	@echo "Now: systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload,"
	@echo "edit /etc/fovea/fovead.yaml, and: systemctl enable --now fovead"
endif

# State, books and what was bought stay in /var/lib/fovea.
uninstall:
	rm -f $(foreach name,$(PROGRAM_NAMES),"$(ROOT)/bin/$(name)") "$(ROOT)/libexec/fovea/$(DECODER)" \
	  $(foreach file,$(notdir $(wildcard etc/models/*.safetensors)),"$(ROOT)/share/fovea/models/$(file)")
	for pair in $(COMPLETIONS) $(UNITS); do rm -f "$(ROOT)/$${pair#*:}" || exit 1; done
	for name in $(EXAMPLES); do rm -f "$(ETC)/$$name.new"; \
	  if cmp -s "etc/$$name" "$(ETC)/$$name"; then rm -f "$(ETC)/$$name"; \
	  elif [ -e "$(ETC)/$$name" ]; then echo "kept your $(ETC)/$$name"; fi || exit 1; done
	for folder in "$(ROOT)/libexec/fovea" "$(ROOT)/share/fovea/models" "$(ROOT)/share/fovea" "$(ETC)/vendors" \
	  "$(ETC)/credentials" "$(ETC)"; do \
	  [ ! -d "$$folder" ] || rmdir --ignore-fail-on-non-empty "$$folder" || exit 1; done

check-install: $(if $(PROGRAMS),,static-programs)
	Tests/Scripts/check-install.sh "$(BUILT)"

lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)

format:
	$(SWIFT) format --in-place --recursive $(SOURCES)

clean:
	rm -rf .build .build-static

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile
