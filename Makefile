# make run      builds LeadHub and runs it here, with nginx and a demo workspace (nginx/start lists its settings:
#               STATE=, PORT=, HTTP_PORT=, WORKERS=)
# make test     checks and tests everything (EXAMPLES=200: requests that schemathesis makes up for an operation;
#               SEED=1: by which)
# make bench    measures, beside a C hello-world and php-fpm (Tests/Benchmarks/run lists its settings: LEADS=, ...)
# make build    builds the program: .build/release/leadhub
# Each first installs the Debian packages that it needs and does not find.

PACKAGES      := libcurl4-openssl-dev libfcgi-dev libsqlite3-dev nginx spawn-fcgi multiwatch openssl curl
TEST_PACKAGES := strace shellcheck sqlite3 php-cli php-curl nodejs python3-venv
BENCH_PACKAGES := gcc libc6-dev sqlite3 wrk php-fpm php-sqlite3 php-mbstring

as_root := $(if $(filter-out 0,$(shell id -u)),sudo)

.PHONY: run test bench build lint packages test-packages debian-test-packages clean
.NOTPARALLEL:

# exec: Ctrl-C and SIGTERM reach the script, with no shell between.
run: build
	@exec nginx/start

test: lint build
	LEADHUB_PROGRAM="$(CURDIR)/.build/release/leadhub" swift test

bench: build
	@$(call install,$(BENCH_PACKAGES))
	@exec Tests/Benchmarks/run

# The Swift runtime is linked in, so the program runs where there is no toolchain.
build: packages
	swift build -c release --static-swift-stdlib

lint: test-packages
	swift format lint --strict -r Package.swift Sources Tests
	shellcheck nginx/start Tests/Benchmarks/run .ci/run

packages:
	@$(call install,$(PACKAGES))

test-packages: debian-test-packages .build/python/installed

debian-test-packages:
	@$(call install,$(PACKAGES) $(TEST_PACKAGES))

# Tools that read the OpenAPI document, in an environment of their own.
.build/python/installed: Tests/OpenAPI/requirements.txt | debian-test-packages
	@echo "Installing: $<"
	@/usr/bin/python3 -m venv --clear .build/python
	@.build/python/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# Installs what is missing; says nothing when nothing is. Debian starts nginx, on port 80, where it installs it: where
# that was our doing, it is stopped again.
define install
missing=; \
for package in $(1); do \
    dpkg-query -W -f '$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed || missing="$$missing $$package"; \
done; \
test -n "$$missing" || exit 0; \
echo "Installing:$$missing"; \
$(as_root) apt-get update -qq; \
$(as_root) env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $$missing >/dev/null || exit; \
case "$$missing " in \
    *" nginx "*) \
        if test -d /run/systemd/system; then $(as_root) systemctl --quiet disable --now nginx; \
        else $(as_root) /etc/init.d/nginx stop >/dev/null; fi ;; \
esac
endef

clean:
	rm -rf .build
