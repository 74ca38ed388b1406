# Every target sets up what it needs, so you can start with any of them in a fresh clone.
# You need GNU make, git and Python 3.11 or newer. All files stay inside the checkout, except the
# key of respondent ids that the first run makes (docs/personal-data.md). Tests use their own key.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run ui test long check lint types format docs schema misprints dg reconstruct demonstration certificate bench fuzz kills mutants \
	proofs trends scale spark load production edits graph landing lock clean distclean

WAVE ?= 2015
PORT ?= 3000
# number of damaged exports of `make fuzz`, and its seed
CASES ?= 5000
SEED ?= 2015
# lines of the largest wave of `make scale`
ROWS ?= 100000
# processes that run the tests
JOBS ?= logical

PY := .venv/bin/python
UV := .venv/bin/uv
READY := .venv/.installed .dagster_home/dagster.yaml
# Pythons to try, in this order; `make PYTHON=...` chooses one
CANDIDATES := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python)

TYPES := $(PY) -m mypy && \
	$(PY) -c 'from importlinter.cli import lint_imports_command as main; main()' --no-logo

# Dagster keeps its runs here, not in the home folder.
export DAGSTER_HOME := $(CURDIR)/.dagster_home
export VIRTUAL_ENV := $(CURDIR)/.venv
# No telemetry and no update checks: nothing connects to a network at run time.
export DAGSTER_DISABLE_TELEMETRY := yes
export DAGSTER_DG_UPDATE_CHECK_ENABLED := 0
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export SE_AVOID_STATS := true
export SE_OFFLINE := true
# The installer uses the Python found above and deletes its cache afterwards.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_CACHE_DIR := $(CURDIR)/.venv/.uv-cache
export UV_PYTHON_DOWNLOADS := never
# Ignore the caller's Python settings. Without bytecode each start would take seconds longer.
unexport PIP_PREFIX PIP_TARGET PIP_USER PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
		while IFS='|' read -r target text; do printf '%-20s %s\n' "$$target" "$$text"; done

setup: $(READY) ## install the locked packages into .venv (every target does this first)

run: $(READY) ## recompute all tables of a wave (WAVE=2015) into output/
	@$(PY) -m pipelines.cli run --wave $(WAVE)

trends: $(READY) ## compare the computed waves; writes output/trends/
	@$(PY) -m pipelines.cli trends

ui: $(READY) ## open the Dagster UI on 127.0.0.1 (PORT=3000)
	@echo "Dagster UI: http://127.0.0.1:$(PORT) (stop with Ctrl-C)"
	@exec $(PY) -W ignore -m pipelines.serve --port $(PORT)

# types and imports are checked during the tests, which leave a fifth of the processors idle
test: lint ## run make check and all tests
	@log=$$(mktemp); ($(TYPES)) >"$$log" 2>&1 & types=$$!; \
	$(PY) -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS); tests=$$?; \
	wait $$types; types=$$?; cat "$$log"; rm -f "$$log"; [ $$tests -eq 0 ] && [ $$types -eq 0 ]

long: $(READY) ## run the slow tests that make test leaves out (minutes)
	@$(PY) -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder -m long $(ARGS)

check: lint types ## check formatting, lint, types and import contracts

lint: $(READY)
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .

types: $(READY)
	@$(TYPES)

format: $(READY) ## format the code and fix what lint can fix
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

docs: $(READY) ## regenerate the generated parts of docs/ and studies/README.md
	@$(PY) -m tools.dictionary
	@$(PY) -m tools.data_flow
	@$(PY) -m tools.audit_document
	@$(PY) -m tools.reference

schema: $(READY) ## regenerate the JSON Schemas in declarations/schema/
	@$(PY) -m tools.schema

misprints: $(READY) ## plant misprints in the printed figures and measure the audit (docs/misprints.md)
	@$(PY) -m tools.plant $(ARGS)

dg: $(READY) ## validate the Dagster definitions, or another dg command (ARGS="list defs")
	@$(PY) -m dagster_dg_cli.cli $(or $(ARGS),check defs)

reconstruct: $(READY) ## rebuild the constructed default wave
	@$(PY) -m reconstruction

demonstration: $(READY) ## rebuild the invented wave 2018
	@$(PY) -m reconstruction.demonstration

certificate: $(READY) ## prove that the printed figures can be right with the errata, and not without
	@$(PY) -m tools.certificate
	@SAMSPIL_MUTANTS=100 $(PY) -m pytest -q tests/expectations/test_certificate.py

fuzz: $(READY) ## damage exports at random and check the results (CASES=5000 SEED=2015)
	@$(PY) -m tests.fuzz --cases $(CASES) --seed $(SEED)

kills: $(READY) ## kill 100 runs at random moments (ARGS="--count 10" for fewer)
	@$(PY) -m tests.faults.kills $(ARGS)
	@$(PY) -m tests.faults.kills_publish
	@$(PY) -m tests.faults.kills_release
	@$(PY) -m pytest -q -m long tests/faults/test_killed_landing.py

proofs: $(READY) ## decide the claims of the report over all data that agree with print
	@$(PY) -m tools.prove

bench: $(READY) ## measure the time of a run and of its imports
	@$(PY) -m tools.bench

scale: $(READY) ## enlarge a wave, run it and measure (ROWS=100000; VARIABLES=1000 ROWS=1000)
	@$(PY) -m tools.scale --rows $(ROWS) $(if $(VARIABLES),--variables $(VARIABLES)) $(ARGS)

spark: $(READY) .venv-spark/.installed ## compute the counts in Spark (Java 17) and compare them (minutes)
	@$(PY) -m tools.scale.spark $(ARGS)

mutants: $(READY) .venv-mutants/.installed ## break 200 single lines, see which the tests notice (an hour or two; ARGS="--again")
	@$(PY) -m tools.mutants $(ARGS)

.venv-mutants/.installed: requirements-mutants.txt .venv/.bootstrapped
	@$(UV) venv --quiet --clear --python $(PY) .venv-mutants
	@VIRTUAL_ENV=$(CURDIR)/.venv-mutants $(UV) pip sync --quiet --require-hashes requirements-mutants.txt
	@rm -rf "$$UV_CACHE_DIR"
	@cp requirements-mutants.txt $@

.venv-spark/.installed: requirements-spark.txt .venv/.bootstrapped
	@$(UV) venv --quiet --clear --python $(PY) .venv-spark
	@VIRTUAL_ENV=$(CURDIR)/.venv-spark $(UV) pip sync --quiet --require-hashes requirements-spark.txt
	@rm -rf "$$UV_CACHE_DIR"
	@cp requirements-spark.txt $@

load: $(READY) ## test 50 runs of two waves with 5 readers on real servers (minutes; ARGS="--runs 10")
	@$(PY) -m tests.load $(ARGS)

production: $(READY) ## test an instance on PostgreSQL with kills and restarts (minutes)
	@$(PY) -m tests.production

landing: $(READY) ## test arriving exports, complete and damaged, on real servers (minutes)
	@$(PY) -m tests.landing

graph: $(READY) ## measure how long a browser takes to draw the graph of both waves (minutes)
	@$(PY) -m tests.browser $(ARGS)

edits: $(READY) ## edit label, codes, table, function; compare --changed with a full run (minutes)
	@$(PY) -m tests.edits $(ARGS)

LOCK := pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
	--no-emit-find-links --python-version 3.11 --python $(PY) $(ARGS)

lock: .venv/.bootstrapped ## compile the lock files from the .in files (ARGS=--upgrade)
	@$(UV) $(LOCK) requirements-bootstrap.in --output-file requirements-bootstrap.txt
	@$(UV) $(LOCK) requirements.in --output-file requirements.lock
	@$(UV) $(LOCK) requirements-spark.in --output-file requirements-spark.txt
	@$(UV) $(LOCK) requirements-mutants.in --output-file requirements-mutants.txt
	@rm -rf "$$UV_CACHE_DIR"

clean: ## remove results, run history and caches
	@rm -rf output .work .dagster_home .artifacts .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache .tmp_dagster_home_*
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## clean, and remove .venv
	@rm -rf .venv .venv-spark .venv-mutants

.dagster_home/dagster.yaml: dagster.yaml
	@mkdir -p .dagster_home
	@cp dagster.yaml $@

# The two stamps are copies of the installed requirements, so only changed content is reinstalled.

# An empty environment with a pinned, hash-checked installer.
.venv/.bootstrapped: requirements-bootstrap.txt
	@cmp -s $< $@ || { \
		found=; \
		for candidate in $(CANDIDATES); do \
			if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
				>/dev/null 2>&1; then found=$$candidate; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "samspil needs Python 3.11 or newer; tried: $(CANDIDATES)." >&2; \
			echo "Install one, or give its path: make PYTHON=path/to/python3 ..." >&2; \
			exit 1; \
		fi; \
		if ! "$$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
			echo "$$found cannot make environments: install its venv module" \
				"(on Debian and Ubuntu the package python3-venv)." >&2; \
			exit 1; \
		fi; \
		echo "setting up 1/2: .venv with $$("$$found" --version 2>&1)"; \
		"$$found" -m venv --clear .venv && \
		$(PY) -m pip install --quiet --no-cache-dir --no-deps --only-binary :all: \
			--require-hashes --requirement $<; }
	@cp $< $@

# The .pth file adds the checkout to the path, relative to site-packages, so you can move the checkout.
.venv/.installed: requirements.lock .venv/.bootstrapped
	@cmp -s $< $@ || { \
		echo "setting up 2/2: $$(grep -c '^[a-z0-9].*==' $<) locked packages" \
			"(a minute or a few, once)" && \
		$(UV) pip sync --quiet --python $(PY) --require-hashes --compile-bytecode $< && \
		rm -rf "$$UV_CACHE_DIR" && \
		cd .venv/lib/python3*/site-packages && echo ../../../.. >samspil.pth; }
	@cp $< $@
