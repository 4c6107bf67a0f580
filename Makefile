.PHONY: install check test lock

BIN := .venv/bin

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { echo 'Python venv is missing: apt-get install python3-venv' >&2; exit 1; }
	python3 -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: install
	$(BIN)/pytest

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
	  --generate-hashes --extra dev pyproject.toml --output-file requirements.lock
