# Two commands are enough: `make run` and `make test`. Everything they install lives in .venv.
#
# Why a content stamp: the stamp holds this folder's path and the checksums of what was installed, so a second `make run`
# starts at once, while a moved folder, a changed lock or a fresh checkout (whose file times mean nothing) installs again.
# The test lock contains the run lock, so `make test` leaves nothing for `make run` to install.

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench lock clean

ARGS ?=
PYTHON ?=

# Without compiled modules every process, and each worker of it, compiles some hundred files at its start.
unexport PYTHONDONTWRITEBYTECODE

help:
	@echo 'make run     install into .venv and start Tickmark; the address is printed'
	@echo 'make test    install the test tools and run all tests   (ARGS="-k words" narrows, ARGS="-n 0" runs in one process)'
	@echo 'make check   ruff and mypy'
	@echo 'make bench   what the service costs, beside a bare relay, as one table (five minutes)'
	@echo 'make setup   install only'
	@echo 'make lock    renew both lock files (needs uv)'
	@echo 'make clean   remove .venv'

setup:
	@$(call install,requirements.lock)

run: setup
	@exec .venv/bin/tickmark serve $(ARGS)

test:
	@$(call install,requirements-dev.lock)
	@exec .venv/bin/python -m pytest -n logical --maxprocesses 4 --dist worksteal $(ARGS)

check:
	@$(call install,requirements-dev.lock)
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy

bench:
	@$(call install,requirements-dev.lock)
	@exec .venv/bin/python -m benchmarks $(ARGS)

lock:
	$(compile) --extra build -o requirements.lock
	$(compile) --extra dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv

compile := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	-p 3.11 pyproject.toml

# $(call install,LOCK): bring .venv to what LOCK says, unless it already is. The project itself is installed in place,
# without a second resolution; its build tools come from the same hashed lock.
define install
set -e; lock='$(1)'; stamp=".venv/.$$lock"; \
now="$$(pwd) $$(cat requirements.lock requirements-dev.lock pyproject.toml | cksum)"; \
[ "$$(cat "$$stamp" 2>/dev/null)" = "$$now" ] && .venv/bin/python -c '' 2>/dev/null && exit 0; \
grep -qsF "$$(pwd)/.venv" .venv/bin/activate && .venv/bin/python -c '' 2>/dev/null || { $(make_venv); }; \
echo "Installing into .venv from $$lock (about a minute the first time)"; \
set -- -r "$$lock" --require-hashes; $(install_with_uv_or_pip); \
set -- -e . --no-deps --no-build-isolation; $(install_with_uv_or_pip); \
printf '%s\n' "$$now" | tee "$$stamp" > .venv/.requirements.lock
endef

define install_with_uv_or_pip
{ command -v uv >/dev/null && { uv pip install --quiet --compile-bytecode --python .venv/bin/python "$$@" || \
	{ echo 'uv could not install these; trying pip instead' >&2; false; }; }; } || \
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input "$$@"
endef

# The newest fitting Python wins; the one line that explains a refusal is the last thing printed.
define make_venv
python=''; too_old=''; no_venv=''; \
for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	version="$$("$$candidate" --version 2>&1)" || continue; \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { too_old="$$version"; continue; }; \
	"$$candidate" -c 'import venv, ensurepip' 2>/dev/null || { no_venv="$$candidate"; continue; }; \
	python="$$candidate"; break; \
done; \
if [ -z "$$python" ] && [ -n "$$no_venv" ]; then \
	echo "$$no_venv cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
elif [ -z "$$python" ]; then \
	echo "Tickmark needs Python 3.11 or newer; found: $${too_old:-none}. Install one, or name it: make run PYTHON=python3.x" >&2; \
	exit 1; \
fi; \
"$$python" -m venv --clear .venv
endef
