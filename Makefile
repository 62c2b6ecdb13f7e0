# `make demo` and `make test` need Python 3.11 or newer with pip, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test slow clean
demo: $(VENV)/.installed
	$(BIN)/certiball demo --out runs/demo

test: $(VENV)/.installed-dev
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check --cov --cov-report=term

slow: $(VENV)/.installed-ray
	$(BIN)/python -m pytest -m slow --timeout 1800 -n auto --maxprocesses 8 --dist loadgroup

clean:
	rm -rf $(VENV) .venv-peers

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# constraints.txt pins the exact versions; torch==2.13.0 among them keeps pip from
# fetching a newer build with gigabytes of CUDA.
$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# Ray is for the long tests alone.
$(VENV)/.installed-ray: $(VENV)/.installed-dev
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,ray]'
	@touch $@

# The peers that benchmarks/peers.py and benchmarks/attacks_peers.py measure against, apart from what
# certiball needs. torchattacks pins an old requests and asks for torchvision, and imports neither.
.venv-peers/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[onnx]' \
	  adversarial-robustness-toolbox==1.20.1 packaging statsmodels==0.15.0 foolbox==3.3.4
	.venv-peers/bin/pip install --quiet --disable-pip-version-check --no-deps torchattacks==3.5.1
	@touch $@
