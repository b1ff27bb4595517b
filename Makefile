PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-tools lint format docs picture check-docs audit check-installs bench fuzz clean

run: $(VENV)/run.stamp  ## Set up and answer the example: may bob read pods?
	$(BIN)/rbaclens check bob get pods -n projectCaribou

test: $(VENV)/dev.stamp  ## Set up and run all tests
	$(BIN)/pytest -n auto

MERMAID := mermaid@11.17.2
AXE := axe-core@4

test-tools: .cache/mermaid.min.js .cache/axe-core/axe.min.js  ## What tests of pictures need: graphviz, chromium (Debian's), Mermaid, axe-core (npm's)
	{ command -v dot && command -v chromium; } >/dev/null || { apt-get update -q && apt-get install -y -q --no-install-recommends graphviz chromium fonts-dejavu-core; }

.cache/mermaid.min.js:
	mkdir -p .cache
	cd .cache && tar -xzf "$$(npm pack --silent $(MERMAID))" --strip-components=2 package/dist/mermaid.min.js && rm -f mermaid-*.tgz

.cache/axe-core/axe.min.js:
	mkdir -p .cache/axe-core
	cd .cache/axe-core && tar -xzf "$$(npm pack --silent $(AXE))" --strip-components=1 package/axe.min.js && rm -f axe-core-*.tgz

lint: $(VENV)/dev.stamp  ## What CI checks besides the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/dev.stamp  ## Write again what the docs show of the program itself
	$(BIN)/python docs/generate.py

picture: $(VENV)/dev.stamp  ## Draw docs/images/graph.svg again (needs graphviz)
	$(BIN)/rbaclens graph -f policies/shop.yaml -f policies/oncall.yaml -f policies/bob.jsonl -q --format svg -o docs/images/graph.svg

check-docs: $(VENV)/dev.stamp
	$(BIN)/python docs/generate.py --check

audit: $(VENV)/dev.stamp  ## Hold this project's own policies to the audit and to their permission tests; the findings as valid SARIF
	$(BIN)/rbaclens audit -f policies -o text -o sarif=build/rbaclens.sarif
	$(BIN)/python tests/sarif_schema.py build/rbaclens.sarif
	$(BIN)/rbaclens test tests/data/examples/permissions.facts.yaml -f policies

check-installs: $(VENV)/dev.stamp  ## Install as the GitHub action, pre-commit and the Containerfile do, and try what they installed
	PYTHONPATH=tests $(BIN)/python tests/ci/installs.py

bench: $(VENV)/dev.stamp  ## Measure; prints ratios to json.loads of the same bytes
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.graph

$(VENV)/run.stamp: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[all]'
	$(BIN)/python -m compileall -q rbaclens
	touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

fuzz: $(VENV)/dev.stamp  ## Fuzz every reader for a while (pip install atheris first)
	$(BIN)/python -m fuzz
