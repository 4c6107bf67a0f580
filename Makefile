.PHONY: install nightly up check docs test test-stack test-parts test-airflow-oldest drills bench-crawl bench-extract bench-extract-memory bench-memory bench-quiet bench-plan bench-localweb eval-metadata eval-quality eval-text eval-memory train-blocks lock

PYTHON ?= python3
BIN := .venv/bin
OLDEST := .venv/airflow-oldest
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
  --generate-hashes --extra embedded --extra dev pyproject.toml

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || \
	  { echo 'Python 3.11, 3.12 or 3.13 is needed: apt-get install python3, or make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo 'Python has no venv: apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

nightly: install
	$(BIN)/hemeroteca --demo nightly $(if $(FRESH),--fresh)

up: install
	$(BIN)/hemeroteca up

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: install
	$(BIN)/python -m docs

# The stack's tests wait most of their time; the others, which do not, use it.
test: install
	@$(MAKE) --no-print-directory --output-sync=line --jobs 2 test-stack test-parts

test-stack:
	$(BIN)/pytest -m 'not drill' tests/e2e

test-parts:
	$(BIN)/pytest -m 'not drill' --ignore tests/e2e -n 3 --dist loadfile

drills: install
	$(BIN)/pytest -m drill

bench-crawl: install
	$(BIN)/python -m benchmarks.crawl $(BENCH)

bench-extract: install
	$(BIN)/python -m benchmarks.extraction.speed $(BENCH)

bench-extract-memory: install
	$(BIN)/python -m benchmarks.extraction.soak $(BENCH)

bench-memory: install
	$(BIN)/python -m benchmarks.crawl.memory $(BENCH)

bench-quiet: install
	$(BIN)/python -m benchmarks.crawl.quiet $(BENCH)

bench-plan: install
	$(BIN)/python -m benchmarks.crawl.plan $(BENCH)

bench-localweb: install
	$(BIN)/python -m benchmarks.localweb

eval-metadata: install
	$(BIN)/python -m benchmarks.metadata

eval-quality: install
	$(BIN)/python -m benchmarks.quality

eval-text: install
	$(BIN)/python -m benchmarks.extraction.evaluate

eval-memory: install
	$(BIN)/python -m benchmarks.extraction.memory

train-blocks: install
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --editable '.[train]'
	$(BIN)/python -m benchmarks.extraction.train

lock:
	$(LOCK) --output-file requirements.lock

# Everything as the lock has it, but for the oldest Airflow that pyproject.toml allows and what that one needs older.
test-airflow-oldest: install
	$(PYTHON) -m venv --clear $(OLDEST)
	cp requirements.lock $(OLDEST)/requirements.lock
	echo 'apache-airflow==3.3.0' > $(OLDEST)/constraints.txt
	$(LOCK) --constraint $(OLDEST)/constraints.txt --output-file $(OLDEST)/requirements.lock
	$(BIN)/uv pip sync --quiet --require-hashes --python $(OLDEST)/bin/python $(OLDEST)/requirements.lock
	$(BIN)/uv pip install --quiet --python $(OLDEST)/bin/python --no-deps --no-build-isolation --editable .
	$(OLDEST)/bin/pytest tests/dags tests/services/test_plain_airflow.py
