# make run    the product on this machine: SQLite, a background worker, demo data; PORT=8123 takes another port
# make test   the whole suite, on SQLite and, where they answer, on PostgreSQL and Redis
# make check  the static checks
# make setup  only .venv with everything in it

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test check setup format bench clean

run: .venv/.runtime
	@PORT=$(PORT) bash deploy/run

test: .venv/.complete
	@$(BIN)/python -m tests.run

check: .venv/.complete
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	VAR_DIR=$$(mktemp -d) $(BIN)/python manage.py check --fail-level WARNING
	VAR_DIR=$$(mktemp -d) $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m tests.sizes

setup: .venv/.complete

format: .venv/.complete
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.complete
	@$(BIN)/python -m tests.bench

clean:
	rm -rf .venv var

.venv/.runtime: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what the product needs …"
	@$(BIN)/pip install -q -r requirements.txt
	@touch $@

.venv/.complete: requirements.txt tests/requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what the product and its tests need …"
	@$(BIN)/pip install -q -r tests/requirements.txt
	@touch $@ .venv/.runtime
