# SPDX-License-Identifier: GPL-2.0
# What a person types; `make help` lists it. The module's own rules are in Kbuild.

VERSION := $(shell sed -n 's/^VERSION *:*= *//p' Kbuild)

KDIR ?= /lib/modules/$(shell uname -r)/build
CC ?= gcc
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
COMPDIR ?= $(PREFIX)/share/bash-completion/completions

# No path of this tree in module or tool: the same bytes wherever they are built
NO_PATHS := -ffile-prefix-map=$(CURDIR)=.

TOOL_LIBS := libmnl
TOOL_CFLAGS = -std=gnu11 -Wall -Wextra -Wformat=2 -Wshadow \
	-Wmissing-prototypes -Wstrict-prototypes -D_GNU_SOURCE \
	$(NO_PATHS) -DLISTENQ_VERSION='"$(VERSION)"' -Iinclude -Iinclude/uapi \
	$(shell $(PKG_CONFIG) --cflags $(TOOL_LIBS))
TOOL_LDLIBS = $(shell $(PKG_CONFIG) --libs $(TOOL_LIBS))
TOOL_SRC := $(wildcard tool/*.c)
TOOL_OBJ := $(TOOL_SRC:.c=.o)

HAVE_HEADERS := $(wildcard $(KDIR)/Makefile)

.PHONY: all tool module demo check check-tool check-vm check-kunit check-race fuzz install bench clean style help
all: tool $(if $(HAVE_HEADERS),module,no-headers) ## the module (if KDIR has headers) and the tool

.PHONY: no-headers
no-headers:
	@echo "No kernel headers in $(KDIR): built the tool alone."
	@echo "For the module: apt-get install linux-headers-$(shell uname -r), or make KDIR=..."

module: ## listenq.ko against KDIR (default: the running kernel's headers)
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules KCFLAGS="$(KCFLAGS) $(NO_PATHS)" $(KBUILD_ARGS)

tool: tool/listenq ## the listenq command

tool/listenq: $(TOOL_OBJ)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TOOL_LDLIBS)

# Kbuild has the version
tool/%.o: tool/%.c Kbuild
	$(CC) $(CPPFLAGS) $(CFLAGS) $(TOOL_CFLAGS) -MMD -c -o $@ $<

-include $(TOOL_OBJ:.o=.d)

# What guests run of ours beside the tool; static, for any libc
TEST_PROGRAMS := tests/vm/traffic tests/vm/hammer tests/fuzz/netlink
.PHONY: test-programs
test-programs: $(TEST_PROGRAMS)

tests/vm/traffic: tests/vm/traffic.c tests/vm/traffic-syn.c tests/vm/traffic.h
	$(CC) -O2 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Werror -static \
		-o $@ $(filter %.c,$^)

tests/vm/hammer: $(wildcard tests/vm/hammer*.[ch]) include/uapi/linux/listenq.h
	$(CC) -O2 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Werror -static \
		-Iinclude/uapi -o $@ $(filter %.c,$^)

tests/fuzz/netlink: $(wildcard tests/fuzz/netlink*.[ch]) include/uapi/linux/listenq.h
	$(CC) -O2 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Werror -static \
		-Iinclude/uapi -o $@ $(filter %.c,$^)

# What bench guests run, static too; the BPF program is a peer, not ours
BENCH_PROGRAMS := build/bench/bench build/bench/peer build/bench/peer.bpf.o
BENCH_CFLAGS := -O2 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Werror
.PHONY: bench-programs
bench-programs: $(BENCH_PROGRAMS)

BENCH_SRC := $(addprefix tests/bench/,bench.c sockets.c dump.c paths.c)
build/bench/bench: $(BENCH_SRC) tests/bench/bench.h include/uapi/linux/listenq.h
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -static -Iinclude/uapi -o $@ $(BENCH_SRC)

build/bench/peer: tests/bench/peer.c
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -static -o $@ $< $(shell $(PKG_CONFIG) --static --libs libbpf)

build/bench/peer.bpf.o: tests/bench/peer.bpf.c
	@mkdir -p $(@D)
	clang -O2 -g -target bpf -Wall -Werror -I/usr/include/$(shell $(CC) -print-multiarch) \
		-c -o $@ $<

BENCH_KERNELS ?= 6.1 7.3
bench: ## what all this costs, to Documentation/performance.md (an hour)
	tests/setup
	mkdir -p build/bench
	set -e; for kernel in $(BENCH_KERNELS); do \
		tests/bench/run $$kernel >build/bench/raw-$$kernel; done
	tests/bench/report.py $(BENCH_KERNELS:%=build/bench/raw-%)

# libFuzzer targets: the tool with sanitizers, but for its main() and names.c
FUZZ_TARGETS := build/fuzz/tool_netlink build/fuzz/tool_filter build/fuzz/tool_proc
FUZZ_CFLAGS = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all $(TOOL_CFLAGS) \
	-Wno-missing-prototypes -Itool
FUZZ_SANITIZE := address,undefined
FUZZ_OBJ := $(patsubst tool/%.c,build/fuzz/%.o,$(filter-out tool/names.c,$(TOOL_SRC)))
.PHONY: fuzz-targets
fuzz-targets: $(FUZZ_TARGETS)
.SECONDARY: $(FUZZ_OBJ)

build/fuzz/%.o: tool/%.c
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) -Dmain=lq_main \
		-MMD -c -o $@ $<

build/fuzz/tool_%: tests/fuzz/tool_%.c tests/fuzz/tool_common.c tests/fuzz/tool.h $(FUZZ_OBJ)
	clang $(FUZZ_CFLAGS) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $@ \
		$(filter %.c %.o,$^) $(TOOL_LDLIBS)

-include $(FUZZ_OBJ:.o=.d)

demo: ## see it: a real nginx overflows in a throw-away VM
	@tests/setup
	@$(MAKE) -s --no-print-directory tool
	@tests/demo

check: ## install what the tests need and run them all
	tests/setup
	tests/check

check-tool: tool ## the tool's own tests, no VM
	tests/check tool

check-vm: tool ## the module and the tool on real kernels in VMs
	tests/check vm

check-kunit: ## the module's insides, with KUnit on the memory kernel
	tests/check kunit

KERNELS ?= 5.10 6.1 6.12 7.3
.PHONY: check-fleet
check-fleet: ## on all of KERNELS (5.10 6.1 6.12 7.3, or SUITE:VERSION); writes README's table
	tests/check -r -k "$(KERNELS)" fleet

check-race: ## data races, on a KCSAN kernel (not part of check)
	tests/check race

fuzz: ## look for crashes of the tool's parsers for FUZZ_SECONDS each (3600)
	FUZZ_SECONDS=$${FUZZ_SECONDS:-3600} tests/fuzz/tool.t

install: ## tool, man page and completion, under PREFIX; the module if it is built
	install -D -m 755 tool/listenq $(DESTDIR)$(SBINDIR)/listenq
	install -D -m 644 Documentation/man/listenq.8 $(DESTDIR)$(MANDIR)/man8/listenq.8
	install -D -m 644 tool/listenq.bash-completion $(DESTDIR)$(COMPDIR)/listenq
	if [ -f listenq.ko ]; then $(MAKE) -C $(KDIR) M=$(CURDIR) modules_install; fi

# What DKMS builds the module from
DKMS_DIR = $(DESTDIR)/usr/src/listenq-$(VERSION)
DKMS_SRC = dkms.conf Kbuild $(shell find module include -type f ! -name '.*' ! -name '*.o' \
	! -name '*.mod*' ! -name '*.ko' ! -name '*.probe*' ! -name 'generated.h*' | LC_ALL=C sort)
.PHONY: dkms-sources dkms-tree dkms deb rpm
dkms-sources:
	@printf '%s\n' $(DKMS_SRC)

dkms-tree:
	rm -rf $(DKMS_DIR)
	set -e; for f in $(DKMS_SRC); do install -D -m 644 $$f $(DKMS_DIR)/$$f; done

DKMS_KERNEL ?= $(shell uname -r)
dkms: ## the module by DKMS, for the running kernel (or DKMS_KERNEL) and those to come
	if [ -n "$$(dkms status -m listenq -v $(VERSION))" ]; then \
		dkms remove -m listenq -v $(VERSION) --all; fi
	$(MAKE) dkms-tree
	dkms add -m listenq -v $(VERSION)
	dkms install -m listenq -v $(VERSION) -k $(DKMS_KERNEL)

deb: ## Debian packages listenq and listenq-dkms, in build/deb
	packaging/build deb

rpm: ## RPM packages listenq and listenq-dkms, in build/rpm
	packaging/build rpm

style: ## shellcheck, codespell, clang-format, line and file lengths
	tests/style

clean: ## remove what make built here (the cache in ~/.cache/listenq stays)
	$(if $(HAVE_HEADERS),-$(MAKE) -C $(KDIR) M=$(CURDIR) clean)
	find . -name '*.o' -o -name '*.d' -o -name '*.ko' -o -name '*.mod*' \
		-o -name '.*.cmd' -o -name '*.probe' | xargs rm -f
	rm -rf tool/listenq $(TEST_PROGRAMS) build modules.order Module.symvers

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 16
