# make run      builds LeadHub and runs it here, with nginx and a demo workspace (nginx/start lists its settings:
#               STATE=, PORT=, HTTP_PORT=, WORKERS=)
# make test     checks and tests everything (EXAMPLES=200: requests that schemathesis makes up for an operation;
#               SEED=1: by which)
# make bench    measures, beside a C hello-world and php-fpm (Tests/Benchmarks/run lists its settings: LEADS=, ...)
# make build    builds the program: .build/release/leadhub
# make deb      builds the Debian package: .build/deb/leadhub_*.deb
# make install  installs what make build has made (DESTDIR=, PREFIX=/usr/local, or /usr: the services see nothing else);
#               then: systemd-sysusers, systemd-tmpfiles --create, a key (debian/leadhub.postinst), leadhub workers 4,
#               systemctl enable --now leadhub.target. The groups www-data and adm have to be there.
# All but install first install the Debian packages that they need and do not find.

PACKAGES      := libcurl4-openssl-dev libfcgi-dev libsqlite3-dev nginx spawn-fcgi multiwatch openssl curl
TEST_PACKAGES := strace shellcheck sqlite3 php-cli php-curl nodejs python3-venv lintian systemd-container testssl.sh wrk
DEB_PACKAGES  := debhelper dpkg-dev fakeroot python3
BENCH_PACKAGES := gcc libc6-dev sqlite3 wrk php-fpm php-sqlite3 php-mbstring

as_root := $(if $(filter-out 0,$(shell id -u)),sudo)

SITE    := /etc/nginx/sites-available/leadhub
PREFIX  ?= /usr/local
UNITDIR ?= $(PREFIX)/lib/systemd/system

.PHONY: run test bench build deb install lint packages test-packages debian-test-packages clean
.NOTPARALLEL:

# exec: Ctrl-C and SIGTERM reach the script, with no shell between.
run: build
	@exec nginx/start

test: lint build deb
	lintian --fail-on error,warning,info -EvIL +pedantic --allow-root .build/deb/leadhub.changes
	swift build --build-tests
	$(as_root) env PATH="$$PATH" Tests/SystemTests/install .build/deb/leadhub_*.deb
	LEADHUB_PROGRAM="$(CURDIR)/.build/release/leadhub" swift test

bench: build
	@$(call install,$(BENCH_PACKAGES))
	@exec Tests/Benchmarks/run

# The Swift runtime is linked in, so the program runs where there is no toolchain.
build: packages
	swift build -c release --static-swift-stdlib

# In this folder, because Debian's tools want it so; what they leave in debian/ is removed again.
deb: build
	@$(call install,$(DEB_PACKAGES))
	rm -rf .build/deb
	mkdir -p .build/deb
	dpkg-buildpackage -b -us -uc -d --changes-option=-u.build/deb --changes-file=.build/deb/leadhub.changes \
	    --buildinfo-option=-u.build/deb --buildinfo-file=.build/deb/leadhub.buildinfo
	dh_clean

# The program itself says what its manual, its completions and its settings are.
install:
	install -D -m 755 .build/release/leadhub $(DESTDIR)$(PREFIX)/bin/leadhub
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 .build/man
	man/make .build/release/leadhub .build/man
	install -m 644 .build/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 .build/man/*.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -D -m 644 man/leadhub.7 $(DESTDIR)$(PREFIX)/share/man/man7/leadhub.7
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(UNITDIR)/leadhub-.service.d
	.build/release/leadhub --generate-completion-script bash | sed '1{/^#!/d}' \
	    >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/leadhub
	cd systemd && for unit in *.service *.socket *.target *.timer leadhub-.service.d/*; do \
	    sed 's|/usr/bin/leadhub|$(PREFIX)/bin/leadhub|' "$$unit" >"$(DESTDIR)$(UNITDIR)/$$unit" || exit; \
	done
	install -D -m 644 systemd/leadhub.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/leadhub.conf
	install -D -m 644 systemd/leadhub.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/leadhub.conf
	cmp -s nginx/leadhub $(DESTDIR)$(SITE) || test ! -e $(DESTDIR)$(SITE) || \
	    echo "Left as it is: $(SITE), which nginx/leadhub differs from"
	test -e $(DESTDIR)$(SITE) || install -D -m 644 nginx/leadhub $(DESTDIR)$(SITE)
	install -d $(DESTDIR)/etc/nginx/snippets $(DESTDIR)/etc/leadhub
	install -m 644 nginx/leadhub-*.conf $(DESTDIR)/etc/nginx/snippets/
	test -e $(DESTDIR)/etc/leadhub/leadhub.conf || \
	    .build/release/leadhub settings >$(DESTDIR)/etc/leadhub/leadhub.conf

lint: test-packages
	swift format lint --strict -r Package.swift Sources Tests
	shellcheck -x nginx/start Tests/Benchmarks/run Tests/SystemTests/install Tests/SystemTests/installed .ci/run
	shellcheck -s sh debian/leadhub.preinst debian/leadhub.postinst debian/leadhub.prerm debian/leadhub.postrm

packages:
	@$(call install,$(PACKAGES))

test-packages: debian-test-packages .build/python/installed

debian-test-packages:
	@$(call install,$(PACKAGES) $(TEST_PACKAGES))

# Tools that read the OpenAPI document and the site, in an environment of their own.
.build/python/installed: Tests/requirements.txt | debian-test-packages
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
