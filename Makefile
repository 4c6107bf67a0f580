.PHONY: install nightly up check docs test test-stack test-parts test-airflow-oldest drills bench-crawl bench-extract bench-extract-memory bench-memory bench-quiet bench-hostile bench-plan bench-scale bench-localweb soak eval-metadata eval-quality eval-text eval-memory train-blocks lock

PYTHON ?= python3
BIN := .venv/bin
OLDEST := .venv/airflow-oldest
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
  --generate-hashes --extra embedded --extra analysis --extra dev pyproject.toml

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
	$(BIN)/python -m compileall -q dags hemeroteca spiders storage
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

# The stack's tests wait most of their time; the others, which do not, use it. Of these, the folders with the longest come
# first, as they are named: by their numbers of tests, the longest would come last and leave one core idle.
test: install
	@$(MAKE) --no-print-directory --output-sync=line --jobs 2 test-stack test-parts

test-stack:
	$(BIN)/pytest -m 'not drill' tests/e2e

test-parts:
	$(BIN)/pytest -m 'not drill' --ignore tests/e2e -n 4 --dist loadfile --no-loadscope-reorder

drills: install
	$(if $(SEED),DRILL_SEED=$(SEED)) $(BIN)/pytest -m drill -n 2 --dist loadfile

bench-crawl: install
	$(BIN)/python -m benchmarks.crawl.crawl_comparison $(BENCH)

bench-extract: install
	$(BIN)/python -m benchmarks.extraction.cleaning_speed $(BENCH)

bench-extract-memory: install
	$(BIN)/python -m benchmarks.extraction.worker_memory $(BENCH)

bench-memory: install
	$(BIN)/python -m benchmarks.crawl.crawl_memory $(BENCH)

bench-quiet: install
	$(BIN)/python -m benchmarks.crawl.quiet_night $(BENCH)

bench-hostile: install
	$(BIN)/python -m benchmarks.crawl.hostile_night $(BENCH)

bench-plan: install
	$(BIN)/python -m benchmarks.crawl.plan_speed $(BENCH)

soak: install
	$(BIN)/python -m benchmarks.soak $(BENCH)

bench-scale: install
	$(BIN)/python -m benchmarks.scale.archive_growth $(BENCH)

bench-localweb: install
	$(BIN)/python -m benchmarks.crawl.localweb_night

eval-metadata: install
	$(BIN)/python -m benchmarks.extraction.metadata_scores

eval-quality: install
	$(BIN)/python -m benchmarks.extraction.quality_scores

eval-text: install
	$(BIN)/python -m benchmarks.extraction.text_scores

eval-memory: install
	$(BIN)/python -m benchmarks.extraction.site_memory_gain

train-blocks: install
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --editable '.[train]'
	$(BIN)/python -m benchmarks.extraction.block_training

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
