# make demo   sets everything up, asks the sample files four questions and writes down what one of them says
# make run    opens the window
# make test   sets everything up and runs the tests, as many at once as there are processors; JOBS=1 one after another
# make check  style, types, import contracts and the quick tests, in two minutes: for while you work
# make test-processors   runs the numeric tests as on other processors
# make lint   style, types and import contracts
# make sanitize   builds the kernels without a warning, and runs their tests under sanitizers
# make test-systems   builds the kernels for Windows, macOS and ARM, and runs them under Wine and QEMU as far as these are there
# make package        builds a folder for machines without Python and network, an archive and a .deb, into dist/
# make test-package   builds the folder, moves it, and asks it without a network

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLES := resources/samples
READY := $(VENV)/.ready
JOBS ?= logical
# By module, so that what a module's tests share is made once; the dearest first (tests/conftest.py).
PARALLEL := -n $(JOBS) --maxprocesses=8 --dist=loadfile --no-loadscope-reorder

# Instruction sets: of MKL, oneDNN, PyTorch and our own kernels. Where a processor has no more, they change nothing.
OLD := MKL_CBWR=COMPATIBLE ONEDNN_MAX_CPU_ISA=SSE41 ATEN_CPU_CAPABILITY=default LECTERN_NATIVE=off
AVX2 := MKL_ENABLE_INSTRUCTIONS=AVX2 ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 LECTERN_NATIVE=avx2

.PHONY: setup demo run test check test-processors test-systems lint types sanitize package test-package clean
.DEFAULT_GOAL := demo

setup: $(READY)

$(READY): pyproject.toml constraints.txt setup.py $(wildcard model/kernels/native/c/*.h model/kernels/native/c/*/*.[ch])
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Lectern needs Python 3.11 or newer; say which with make PYTHON=/path/to/python3.11"; exit 1; }
	@sh packaging/system-packages.sh
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

demo: $(READY)
	@sh packaging/demo.sh $(BIN)/lectern $(SAMPLES)

run: $(READY)
	$(BIN)/lectern

test: $(READY)
	$(BIN)/python -m pytest $(PARALLEL)

check: types
	$(BIN)/python -m pytest $(PARALLEL) -m 'not slow and not built'

test-processors: $(READY)
	env $(OLD) $(BIN)/python -m pytest $(PARALLEL) -m 'numeric and not native and not compiler and not gpu' tests/model
	env $(AVX2) $(BIN)/python -m pytest $(PARALLEL) -m 'numeric and not compiler and not gpu' tests/model

# tests/test_contracts.py also runs ruff and lint-imports, so what runs tests needs only the types.
lint: types
	$(BIN)/ruff check app model tests packaging
	$(BIN)/lint-imports

types: $(READY)
	$(BIN)/mypy

sanitize: $(READY)
	sh tests/model/kernels/native/sanitize.sh $(BIN)/python

test-systems: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt ziglang
	$(BIN)/python packaging/kernels.py build build/kernels
	$(BIN)/python packaging/kernels.py check

$(VENV)/.packager: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[package]'
	@touch $@

package: $(VENV)/.packager
	sh packaging/package.sh $(BIN)/python dist

test-package: $(VENV)/.packager
	LECTERN_ARCHIVES=0 sh packaging/package.sh $(BIN)/python dist
	$(BIN)/python -m pytest -m built tests/built

clean:
	rm -rf $(VENV) build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
