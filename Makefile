# Every verb of this project; `make` alone lists them.

PYTHON ?= python3
BIN := .venv/bin
# What `make run` needs, and what the tests and checks need on top: each is newer than its lock file once installed.
RUNNABLE := .venv/.runnable
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help run test test-quick torture bench rehearse lint audit format screenshots assets lock clean system-packages

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNNABLE) ## Run everything here: embedded cloud, demo data, web server (WEB_PORT, CLOUD_PORT, DATA_DIR)
	@$(BIN)/python manage.py run

test: system-packages ## Every check and every test
	@$(MAKE) --no-print-directory lint
	@# The longest first; three at once, because one of them always waits for something.
	$(BIN)/pytest -n 3 --dist loadscope --no-loadscope-reorder tests/functional $(filter-out %/functional/,$(wildcard tests/*/))

test-quick: $(INSTALLED) ## The tests that need no cloud
	$(BIN)/pytest -n 2 --dist loadscope tests/unit

torture: $(INSTALLED) ## The tests that can go on for long, in full: random failures, kills and floods of events
	$(BIN)/pytest --verbose -n 2 --dist worksteal --torture --timeout 1500

bench: $(INSTALLED) ## Measure again what the documentation claims
	$(BIN)/python -m benchmarks

rehearse: $(INSTALLED) .venv-deploy/.installed .venv-package/.installed .venv-lambda/.installed ## Deploy into an empty embedded cloud, and play a booking
	@$(BIN)/python -m marketplace.operations.deploy.rehearsal $(REHEARSAL)

lint: $(INSTALLED) ## Style, types, imports, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint templates
	$(BIN)/cfn-lint infrastructure/*.yaml
	$(BIN)/python manage.py check

audit: .venv-checkov/.installed ## Judge templates and image from outside (checkov, hadolint)
	.venv-checkov/bin/hadolint Containerfile
	@# Without a download it asks nobody for descriptions of what it finds; it knows an image by one name alone.
	@mkdir -p build/image && cp Containerfile build/image/Dockerfile
	.venv-checkov/bin/checkov --quiet --compact --skip-download --framework cloudformation --directory infrastructure
	.venv-checkov/bin/checkov --quiet --compact --skip-download --framework dockerfile --directory build/image

format: $(INSTALLED) ## Rewrite code and templates in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint --quiet --reformat templates

screenshots: $(INSTALLED) ## Every screen at three widths in both themes, into screenshots/
	$(BIN)/pytest --quiet tests/browser/screenshots.py

assets: $(INSTALLED) ## Rebuild static/build from style sheets, scripts and icons
	$(BIN)/python -m marketplace.operations.assets

# base.txt bounds run.txt and that dev.txt, so that what is tested is what is deployed.
UV_COMPILE = $(BIN)/uv pip compile --quiet --no-config --python-version 3.11 --universal --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"

lock: $(INSTALLED) ## Pin what requirements/*.in asks for, with hashes
	$(UV_COMPILE) requirements/base.in --output-file requirements/base.txt
	$(UV_COMPILE) requirements/run.in --constraint requirements/base.txt --output-file requirements/run.txt
	$(UV_COMPILE) requirements/dev.in --constraint requirements/run.txt --output-file requirements/dev.txt
	$(UV_COMPILE) requirements/uv.in --constraint requirements/dev.txt --output-file requirements/uv.txt
	$(UV_COMPILE) requirements/deploy.in --output-file requirements/deploy.txt
	$(UV_COMPILE) requirements/checkov.in --output-file requirements/checkov.txt
	$(UV_COMPILE) requirements/functions.in --no-deps --constraint requirements/deploy.txt --output-file requirements/functions.txt

clean: ## Remove what the other verbs made, the data of `make run` included
	rm -rf .venv .venv-checkov .venv-deploy .venv-package .venv-lambda build .localcloud .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis staticfiles

# By uv, which takes seconds; by pip where uv cannot be had or does not reach the index that pip is set up for.
install = $(BIN)/python -m uv pip install --quiet --no-config --compile-bytecode --python $(BIN)/python --require-hashes --requirement $(1) 2>/dev/null \
	|| $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement $(1)

$(RUNNABLE): requirements/run.txt requirements/uv.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or newer, or name it: make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, this is $$($(PYTHON) --version); name another: make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }
	@echo "installing the Python packages into .venv; the next start skips this"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/uv.txt || echo "uv cannot be had: pip installs, which takes minutes"
	@$(call install,requirements/run.txt)
	@touch $@

$(INSTALLED): $(RUNNABLE) requirements/dev.txt
	@echo "installing what tests and checks need into .venv"
	@$(call install,requirements/dev.txt)
	@touch $@

# Zappa's command line, and what it packages: apart, so that nothing of the first gets into the second.
.venv-deploy/.installed: requirements/deploy.txt
	@echo "installing Zappa into .venv-deploy"
	@$(PYTHON) -m venv .venv-deploy
	@.venv-deploy/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/deploy.txt
	@touch $@

# What judges the infrastructure, and shares no package with what it judges.
.venv-checkov/.installed: requirements/checkov.txt
	@echo "installing checkov into .venv-checkov"
	@$(PYTHON) -m venv .venv-checkov
	@.venv-checkov/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/checkov.txt
	@touch $@

# Twice by the same rule: for this machine's Python, which a rehearsal runs, and for Lambda's, whatever this machine is.
# Amazon Linux 2023 has glibc 2.34; wheels for 2.28 are what most packages offer. Zappa looks where its own Python would.
LAMBDA_PLATFORM = --python-version 3.13 --python-platform x86_64-manylinux_2_28 --only-binary :all:

.venv-package/.installed: RUNTIME = $$($(PYTHON) -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
.venv-lambda/.installed: RUNTIME = python3.13
.venv-lambda/.installed: PLATFORM = $(LAMBDA_PLATFORM)

.venv-package/.installed .venv-lambda/.installed: requirements/base.txt requirements/functions.txt marketplace/operations/deploy/packaging.py | $(INSTALLED)
	@echo "installing the functions' packages into $(@D)"
	@rm -rf $(@D)
	@site=$(@D)/lib/$$($(PYTHON) -c 'import sys; print("python%d.%d" % sys.version_info[:2])')/site-packages && \
	for lock in "requirements/base.txt" "--no-deps requirements/functions.txt"; do \
		$(BIN)/python -m uv pip install --quiet --no-config $(PLATFORM) --target $$site --require-hashes --requirement $${lock##* } $$(test "$$lock" = "$${lock#--no-deps}" || echo --no-deps) || exit 1; \
	done && \
	$(PYTHON) -m marketplace.operations.deploy.packaging prepare $$site $(RUNTIME)
	@touch $@

# On a bare machine of a CI, where this runs as root. The README's commands, which are tested, use curl; pages are tested in Chromium,
# most cheaply in its shell without windows, which not every Debian has: any other on the path will do.
system-packages:
	@missing=""; browser=""; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || missing="python3-venv"; \
	command -v curl >/dev/null || missing="$$missing curl"; \
	test -n "$$CHROMIUM" || command -v chromium-headless-shell >/dev/null || browser="chromium-headless-shell"; \
	if [ -n "$$missing$$browser" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing the Debian packages" $$missing $$browser; \
		install() { DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes "$$@" >/dev/null; }; \
		apt-get -qq update; \
		if [ -n "$$browser" ] && ! install "$$browser" && ! { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null; then missing="$$missing chromium"; fi; \
		if [ -n "$$missing" ]; then install $$missing; fi; \
	fi
