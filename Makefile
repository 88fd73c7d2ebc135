# SPDX-License-Identifier: GPL-2.0-only
# srte: one Makefile, not recursive. Everything built is under $(O).
#
#	make			the five commands
#	sudo make check		everything, as CI does it
#	sudo make demo		the main job, shown on a small fabric
#	sudo make bench		what it costs, beside what else there is
#	make V=1 WERROR=1 CFLAGS='-O2 -g' O=/tmp/srte
VERSION := 0.1.0
O	?= build

# ---- tools and their modules: who links what ----

BASE	:= cli cli_parse cli_help cli_complete log fault num addr utf8
RECORDS	:= record value json_line fields encode schema in out table wall host
MAPS	:= pin policymap policymap_walk pick reaction
HINTS	:= offer cgroup
POOLS	:= json_text pool risk pooldoc poolmatch sidallow poolfile poolnode srh usid policymap_publish publish nexthop onlink
TOOLS	:= srte-attach srte-flows srte-classify srte-steer srte-events

srte-attach_MODS   := $(BASE) $(RECORDS) $(MAPS) $(POOLS) $(HINTS) place place_next \
	attach attach_load attach_upgrade attach_follow attach_keep \
	attach_down attach_trace attach_tc qdisc device netns status doctor \
	doctor_host doctor_mount doctor_net flowmap flowfilter walk \
	tally
srte-flows_MODS	   := $(BASE) $(RECORDS) $(MAPS) $(HINTS) flowmap flowfilter walk tally \
	device topn tick top top_screen keytable
JUDGE	:= judge classify cap group held keytable spool topk rulebook

srte-classify_MODS := $(BASE) $(RECORDS) $(JUDGE) explain
srte-steer_MODS	   := $(BASE) $(RECORDS) $(MAPS) $(POOLS) $(HINTS) steer \
	steer_asks steer_round steer_match steer_all steer_event match pathlist \
	pathstate poolload docstream device
srte-events_MODS   := $(BASE) $(RECORDS) $(MAPS) $(HINTS) ring eventlog \
	reaction_map flowfilter

srte-attach_LIBS   := libbpf jansson yajl smartcols libmnl
srte-flows_LIBS	   := libbpf yajl smartcols ncursesw
srte-classify_LIBS := yajl smartcols
srte-steer_LIBS	   := libbpf jansson yajl smartcols libmnl
srte-events_LIBS   := libbpf yajl smartcols

# A unit test test_X links X and the base; more is named here.
test_record_MODS := $(RECORDS)
test_pool_MODS	 := srh risk
test_poolfile_MODS := sidallow pool risk cgroup poolmatch pooldoc poolnode json_text srh usid
test_publish_MODS := pool risk srh pick
test_steer_MODS	 := steer_asks steer_event pick
test_encode_MODS := $(RECORDS)
test_in_MODS	 := $(RECORDS)
test_out_MODS	 := $(RECORDS)
test_flowmap_MODS := $(RECORDS) $(MAPS) flowfilter walk tally cgroup
test_flowfilter_MODS := $(RECORDS)
test_value_MODS := fields
test_cap_MODS := classify
test_group_MODS := keytable $(RECORDS)
test_held_MODS := keytable classify
test_judge_MODS := $(JUDGE) $(RECORDS)
test_rulebook_MODS := $(JUDGE) $(RECORDS)
test_explain_MODS := $(JUDGE) $(RECORDS)
test_json_line_MODS := value fields
# What of the benchmark can be tested by itself.
test_workload_BENCH := workload
test_fct_plan_BENCH := fct_plan workload trace

# The same for what is fuzzed.
FUZZ	:= $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
fuzz_flow_MODS	 := $(RECORDS)
fuzz_class_MODS	 := $(RECORDS) steer_asks
fuzz_pools_MODS	 := json_text poolmatch pooldoc poolnode pool srh usid risk
fuzz_segments_MODS := srh usid
fuzz_filter_MODS := $(RECORDS) flowfilter reaction
fuzz_number_MODS :=
fuzz_abi_MODS	 := $(RECORDS) $(MAPS) eventlog flowfilter cgroup srh publish pool \
	risk usid steer steer_asks steer_event
fuzz_packet_MODS :=

# Programs for the tests and the demo: tests/tools/X.c. X_MODS as above.
TEST_TOOLS := $(patsubst tests/tools/%.c,%,$(filter-out %.bpf.c,\
	$(wildcard tests/tools/*.c)))
# What they hang on devices, see tests/lib/hooks.bash.
TEST_HOOKS := $(O)/tools/hooks.bpf.o

# The benchmark's own: one program that plays traces, one that runs commands.
TRACES	:= trace trace_isp trace_mix trace_pcap workload source score
REPLAY	:= replay cost detect found fill feed oracle row trace_phases early \
	estimate figure stages grow grow_cpus \
	$(TRACES)
MIX	:= mix $(TRACES)
FCT	:= fct fct_plan fct_net workload trace
BENCH	:= $(O)/bench/replay $(O)/bench/pairs $(O)/bench/send $(O)/bench/mix $(O)/bench/hang \
	$(O)/bench/fct $(O)/bench/fwmark.bpf.o $(O)/bench/empty.bpf.o \
	$(O)/bench/flowlet.bpf.o

UNIT	:= $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
PROG	:= $(patsubst tests/prog/%.c,%,$(wildcard tests/prog/test_*.c))

# Every Debian package that building, testing and showing srte takes.
PACKAGES := gcc libc6-dev linux-libc-dev make pkg-config clang libclang-rt-dev \
	bpftool \
	libbpf-dev libelf-dev zlib1g-dev libjansson-dev libyajl-dev libmnl-dev \
	libsmartcols-dev libncurses-dev \
	libcmocka-dev bats jq iproute2 iputils-ping iperf3 tcpdump ethtool procps \
	tshark mount tmux zsh fish miller \
	util-linux strace time mandoc shellcheck clang-format clang-tidy cppcheck \
	binutils universal-ctags \
	qemu-system-x86 busybox-static kmod cpio xz-utils systemd

# What the benchmark measures srte against, beyond these.
PEERS	:=

# ---- flags ----

CFLAGS	?= -O2 -g
CLANG	?= clang
BPFTOOL	?= $(firstword $(shell command -v bpftool) /usr/sbin/bpftool)
PKG_CONFIG ?= pkg-config

WARN	:= -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
	-Wformat=2 -Wimplicit-fallthrough -Wvla $(if $(WERROR),-Werror)
HARDEN	:= -fPIE -fstack-protector-strong -fstack-clash-protection \
	-D_FORTIFY_SOURCE=3
# What is built says nothing of where: the same bytes from any directory.
PLACE	:= -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(O)/=build/
SAN	:= -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
DEFS	:= -std=gnu11 -D_GNU_SOURCE -DSRTE_VERSION='"$(VERSION)"' \
	-Icommon -I$(O) -Itests/lib

# pkg-config is asked when a recipe needs it, once: `make deps` and `make
# clean` must work where it is not installed yet.
PKGS	 := libbpf jansson yajl smartcols libmnl cmocka
PKG_INC	  = $(eval PKG_INC := $(shell $(PKG_CONFIG) --cflags $(PKGS)))$(PKG_INC)
libs	  = $(if $(1),$(shell $(PKG_CONFIG) --libs $(1)))

COMPILE	  = $(CC) $(DEFS) $(PKG_INC) $(WARN) $(PLACE) -MMD -MP
LINK	  = -Wl,--as-needed -Wl,-z,relro,-z,now,-z,noexecstack
BPFFLAGS  = -g -O2 -target bpf -mcpu=v3 -Icommon -Wall -Wextra $(PLACE) \
	$(if $(WERROR),-Werror) -MMD -MP \
	-idirafter /usr/include/$(shell gcc -print-multiarch)

Q	:= $(if $(V),,@)
say	 = $(if $(V),,@printf '  %-7s %s\n' $(1) $(patsubst $(O)/%,%,$@);)mkdir -p $(@D)
jobs	 = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
ROOT	 = $(filter 0,$(shell id -u))

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:
.SECONDEXPANSION:
.PHONY: all tests deps deps-bench check check-built check-unit demo demo-built bench \
	budget budget-built lint analyze coverage fuzz golden-help install uninstall clean $(TOOLS)

all: $(TOOLS)
$(TOOLS): %: $(O)/%

# ---- rules ----

objs	= $(patsubst %,$(O)/common/%.o,$(1))
# Of a unit test, in trees of their own: with the sanitizers, and with lines
# counted.
unit_mods = $(sort $(BASE) $(if $($(1)_BENCH),,$(1:test_%=%)) $($(1)_MODS))
san	= $(patsubst %,$(O)/san/common/%.o,$(unit_mods)) \
	$(patsubst %,$(O)/san/tests/bench/%.o,$($(1)_BENCH))
fuzzed	= $(patsubst %,$(O)/fuzz/common/%.o,$(sort $(BASE) $($(1)_MODS)))
cov	= $(patsubst %,$(O)/cov/common/%.o,$(unit_mods)) \
	$(patsubst %,$(O)/cov/tests/bench/%.o,$($(1)_BENCH))

$(O)/srte.bpf.o: bpf/srte.bpf.c Makefile
	$(call say,BPF)
	$(Q)$(CLANG) $(BPFFLAGS) -MT $@ -MF $(@:.o=.d) -c $< -o $@.tmp
	$(Q)$(BPFTOOL) gen object $@ $@.tmp && rm -f $@.tmp

$(O)/srte.skel.h: $(O)/srte.bpf.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen skeleton $< name srte_bpf >$@

# The same core behind a loop, for the benchmark.
$(O)/replay.bpf.o: tests/bench/replay.bpf.c Makefile
	$(call say,BPF)
	$(Q)$(CLANG) $(BPFFLAGS) -Ibpf -MT $@ -MF $(@:.o=.d) -c $< -o $@.tmp
	$(Q)$(BPFTOOL) gen object $@ $@.tmp && rm -f $@.tmp

$(O)/replay.skel.h: $(O)/replay.bpf.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen skeleton $< name replay_bpf >$@

$(O)/tests/spoil.bpf.o: tests/lib/spoil.bpf.c Makefile
	$(call say,BPF)
	$(Q)$(CLANG) $(BPFFLAGS) -MT $@ -MF $(@:.o=.d) -c $< -o $@

$(TEST_HOOKS): tests/tools/hooks.bpf.c Makefile
	$(call say,BPF)
	$(Q)$(CLANG) $(BPFFLAGS) -MT $@ -MF $(@:.o=.d) -c $< -o $@

$(O)/bench/fwmark.bpf.o $(O)/bench/empty.bpf.o $(O)/bench/flowlet.bpf.o: \
		$(O)/bench/%.bpf.o: tests/bench/%.bpf.c Makefile
	$(call say,BPF)
	$(Q)$(CLANG) $(BPFFLAGS) -MT $@ -MF $(@:.o=.d) -c $< -o $@

# The only readers of the skeleton; their .d files know it after one build.
$(O)/common/attach.o $(O)/common/attach_load.o $(O)/common/attach_trace.o $(O)/common/attach_upgrade.o \
	$(O)/common/attach_follow.o $(O)/common/attach_keep.o $(PROG:%=$(O)/tests/prog/%.o): | $(O)/srte.skel.h
$(REPLAY:%=$(O)/tests/bench/%.o): | $(O)/srte.skel.h $(O)/replay.skel.h

$(O)/san/%.o: %.c Makefile
	$(call say,CC)
	$(Q)$(COMPILE) $(SAN) -O1 -g -c $< -o $@

# The programs' own machine takes a packet's words where they are.
$(O)/fuzz/tests/fuzz/fuzz_packet.o: SAN += -fno-sanitize=alignment

# Coverage that steers the fuzzer is clang's business.
$(O)/fuzz/%.o: %.c Makefile
	$(call say,FUZZ)
	$(Q)$(CLANG) $(filter-out $(CC),$(COMPILE)) $(SAN) \
		-Wno-format-nonliteral -fsanitize=fuzzer-no-link -O1 -g \
		-c $< -o $@

$(O)/cov/%.o: %.c Makefile
	$(call say,CC)
	$(Q)$(COMPILE) --coverage -O0 -c $< -o $@

$(O)/%.o: %.c Makefile
	$(call say,CC)
	$(Q)$(COMPILE) $(HARDEN) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(TOOLS:%=$(O)/%): $(O)/%: $(O)/cmd/%.o $$(call objs,$$($$*_MODS))
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) -pie $(LINK) $(LDFLAGS) $^ -o $@ \
		$(call libs,$($*_LIBS))

$(UNIT:%=$(O)/unit/%): $(O)/unit/%: $(O)/san/tests/unit/%.o $$(call san,$$*)
	$(call say,LINK)
	$(Q)$(CC) $(SAN) $(LINK) $(LDFLAGS) $^ -o $@ $(call libs,$(PKGS)) -lm

$(FUZZ:%=$(O)/fuzz/%): $(O)/fuzz/%: $(O)/fuzz/tests/fuzz/%.o \
		$$(call fuzzed,$$*)
	$(call say,LINK)
	$(Q)$(CLANG) $(SAN) -fsanitize=fuzzer $^ -o $@ $(call libs,$(PKGS))

$(UNIT:%=$(O)/cov/%): $(O)/cov/%: $(O)/cov/tests/unit/%.o $$(call cov,$$*)
	$(call say,LINK)
	$(Q)$(CC) --coverage $(LINK) $(LDFLAGS) $^ -o $@ $(call libs,$(PKGS)) -lm

$(PROG:%=$(O)/prog/%): $(O)/prog/%: $(O)/tests/prog/%.o \
		$$(call objs,$$($$*_MODS))
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) -pie $(LINK) $(LDFLAGS) $^ -o $@ $(call libs,$(PKGS))

$(TEST_TOOLS:%=$(O)/tools/%): $(O)/tools/%: $(O)/tests/tools/%.o \
		$$(call objs,$$($$*_MODS))
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) -pie -pthread $(LINK) $(LDFLAGS) $^ -o $@ -lm

$(O)/bench/replay: $(REPLAY:%=$(O)/tests/bench/%.o)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) -pie $(LINK) $(LDFLAGS) -pthread $^ -o $@ $(call libs,libbpf) -lm

$(O)/bench/send: $(O)/tests/bench/send.o $(O)/tests/bench/row.o
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) -pie $(LINK) $(LDFLAGS) $^ -o $@

$(O)/bench/hang: $(O)/tests/bench/hang.o
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) -pie $(LINK) $(LDFLAGS) $^ -o $@ $(call libs,libbpf)

$(O)/bench/mix: $(MIX:%=$(O)/tests/bench/%.o)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) -pie $(LINK) $(LDFLAGS) $^ -o $@ -lm

$(O)/bench/fct: $(FCT:%=$(O)/tests/bench/%.o)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) -pie $(LINK) $(LDFLAGS) $^ -o $@ -lm

$(O)/bench/pairs: $(O)/tests/bench/pairs.o $(O)/tests/bench/row.o
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) -pie $(LINK) $(LDFLAGS) $^ -o $@

-include $(shell find $(O) -name '*.d' 2>/dev/null)

# ---- check ----

missing	= $(shell for p in $(PACKAGES); do \
	dpkg-query -W -f '$${db:Status-Status}\n' $$p 2>/dev/null | \
	grep -qx installed || echo $$p; done)
APT	= DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
	-o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0

# Quiet, and without apt, when all is there. Lists that are missing or stale
# are fetched once.
deps:
	$(eval MISSING := $(if $(shell command -v dpkg-query),$(missing)))
	$(if $(MISSING),$(if $(ROOT),,$(error missing packages: run 'sudo make \
	deps', or install $(MISSING))))
	$(if $(MISSING),@echo "installing $(MISSING)"; \
	exec </dev/null; get="install --no-install-recommends $(MISSING)"; \
	{ $(APT) -s $$get && $(APT) $$get; } >/dev/null 2>&1 || \
	{ $(APT) update && $(APT) $$get >/dev/null; })
	@:

deps-bench:
	@$(MAKE) --no-print-directory deps PACKAGES='$(PACKAGES) $(PEERS)'

tests: $(UNIT:%=$(O)/unit/%) $(PROG:%=$(O)/prog/%) $(TEST_TOOLS:%=$(O)/tools/%) \
	$(TEST_HOOKS) $(O)/tests/spoil.bpf.o $(BENCH) $(FUZZ:%=$(O)/fuzz/%)

# Under sudo, what is built belongs to who asked for it, also when it failed.
give_back = { $(1); }; status=$$?; \
	[ -z "$$SUDO_UID" ] || [ ! -d '$(O)' ] || \
	chown -hR "$$SUDO_UID:$$SUDO_GID" '$(O)'; exit $$status

check:
	@$(call give_back,$(MAKE) --no-print-directory deps && \
	$(MAKE) --no-print-directory $(jobs) all tests && \
	$(MAKE) --no-print-directory check-built)

check-built:
	@O='$(abspath $(O))' tests/run

check-unit: $(UNIT:%=$(O)/unit/%)
	@O='$(abspath $(O))' tests/run unit

demo:
	$(if $(ROOT),,$(error the demo makes network namespaces and loads \
	programs: run 'sudo make demo'))
	@$(call give_back,$(MAKE) --no-print-directory deps && \
	$(MAKE) --no-print-directory $(jobs) all $(TEST_TOOLS:%=$(O)/tools/%) && \
	$(MAKE) --no-print-directory demo-built)

demo-built:
	@O='$(abspath $(O))' tests/demo/run

# All rows, or those that ONLY=GLOB names; ONLY=quick for the short ones.
bench:
	$(if $(ROOT),,$(error the benchmark loads programs and makes network \
	namespaces: run 'sudo make bench'))
	@$(MAKE) --no-print-directory deps-bench
	@$(MAKE) --no-print-directory $(jobs) all $(BENCH) \
		$(TEST_HOOKS) $(TEST_TOOLS:%=$(O)/tools/%)
	@O='$(abspath $(O))' ONLY='$(or $(ONLY),*)' tests/bench/run

# How far the verifier walks on other kernels, written anew.
budget:
	$(if $(ROOT),,$(error the guests see this machine's files: run \
	'sudo make $@'))
	@$(call give_back,$(MAKE) --no-print-directory deps && \
	$(MAKE) --no-print-directory $(jobs) all tests && \
	$(MAKE) --no-print-directory $@-built)

budget-built:
	@O='$(abspath $(O))' tests/vm/budget

lint:
	@tests/lint

# What three analyzers have to say: nothing. Once for each file that changed.
# gcc loses sight of what is handed over within a struct, or is known to fit.
analyzed_common/pooldoc	:= -Wno-analyzer-malloc-leak
analyzed_common/record	:= -Wno-analyzer-malloc-leak
analyzed_common/topk	:= -Wno-analyzer-malloc-leak
analyzed_common/steer_round := -Wno-analyzer-null-dereference
ANALYZED := $(patsubst %.c,$(O)/analyzed/%,$(wildcard cmd/*.c common/*.c))

analyze: $(ANALYZED)
	$(call say,CPPCHK)
	$(Q)cppcheck -q --error-exitcode=1 --std=c11 --inline-suppr \
		--suppressions-list=tests/cppcheck \
		--enable=warning,performance,portability \
		-D_GNU_SOURCE -DSRTE_VERSION='""' -Icommon \
		-D'LIBBPF_OPTS(type,name,...)=struct type name' cmd common

$(O)/analyzed/%: %.c Makefile .clang-tidy | $(O)/srte.skel.h
	$(call say,CHECK)
	$(Q)$(COMPILE) -MT $@ -MF $@.d -O2 -fanalyzer -Werror \
		$(analyzed_$*) -c $< -o /dev/null
	$(Q)clang-tidy -quiet -warnings-as-errors='*' $< -- $(DEFS) \
		$(PKG_INC) 2>$@.log || { cat $@.log; exit 1; }
	$(Q)touch $@

# Lines of the parsers that the unit tests reach; fails below 95 %.
coverage: $(UNIT:%=$(O)/cov/%)
	@O='$(abspath $(O))' tests/coverage

golden-help: all
	$(Q)for t in $(TOOLS); do \
		$(O)/$$t --help >tests/golden/help-$$t.txt || exit 1; done

# Each target for so long, two at a time; what is found stays in
# $(O)/fuzz, the corpus in $(O)/fuzz/corpus.
FUZZ_SECONDS ?= 600

fuzz: $(FUZZ:%=$(O)/fuzz/%)
	@SRTE_O='$(abspath $(O))' KEEP='$(abspath $(O))/fuzz/corpus' \
		tests/fuzz/run $(FUZZ_SECONDS)

# ---- install ----

prefix	?= /usr/local
bindir	?= $(prefix)/bin
sbindir	?= $(prefix)/sbin
mandir	?= $(prefix)/share/man
compdir	?= $(prefix)/share/bash-completion/completions
zshdir	?= $(prefix)/share/zsh/site-functions
fishdir	?= $(prefix)/share/fish/vendor_completions.d
schemadir ?= $(prefix)/share/srte/schema
unitdir	?= $(prefix)/lib/systemd/system
sysusersdir ?= $(prefix)/lib/sysusers.d
tmpfilesdir ?= $(prefix)/lib/tmpfiles.d
INSTALL	?= install

SBIN	:= srte-attach
BIN	:= $(filter-out $(SBIN),$(TOOLS))
MAN	:= $(wildcard man/*.[578])
SCHEMA	:= $(wildcard common/schema/*.json)
UNITS	:= $(patsubst cmd/systemd/%.in,%,$(wildcard cmd/systemd/*.service.in)) \
	$(patsubst cmd/systemd/%,%,$(wildcard cmd/systemd/*.timer \
	cmd/systemd/*.mount))

install: all
	$(Q)$(INSTALL) -d $(DESTDIR)$(sbindir) $(DESTDIR)$(bindir) \
		$(DESTDIR)$(compdir) $(DESTDIR)$(zshdir) \
		$(DESTDIR)$(fishdir) $(DESTDIR)$(schemadir) \
		$(DESTDIR)$(unitdir)/srte-.service.d \
		$(DESTDIR)$(sysusersdir) \
		$(DESTDIR)$(tmpfilesdir) \
		$(patsubst %,$(DESTDIR)$(mandir)/man%,5 7 8)
	$(Q)$(INSTALL) -m 755 $(SBIN:%=$(O)/%) $(DESTDIR)$(sbindir)
	$(Q)$(INSTALL) -m 755 $(BIN:%=$(O)/%) $(DESTDIR)$(bindir)
	$(Q)for m in $(MAN); do $(INSTALL) -m 644 $$m \
		$(DESTDIR)$(mandir)/man$${m##*.}/ || exit 1; done
	$(Q)for t in $(TOOLS); do $(INSTALL) -m 644 completions/srte.bash \
		$(DESTDIR)$(compdir)/$$t && \
		$(INSTALL) -m 644 completions/srte.fish \
		$(DESTDIR)$(fishdir)/$$t.fish || exit 1; done
	$(Q)$(INSTALL) -m 644 completions/_srte $(DESTDIR)$(zshdir)
	$(if $(SCHEMA),$(Q)$(INSTALL) -m 644 $(SCHEMA) $(DESTDIR)$(schemadir))
	$(Q)for u in $(UNITS); do sed -e 's|@sbindir@|$(sbindir)|' \
		-e 's|@bindir@|$(bindir)|' cmd/systemd/$$u* \
		>$(DESTDIR)$(unitdir)/$$u || exit 1; done
	$(Q)$(INSTALL) -m 644 cmd/systemd/sandbox.conf \
		$(DESTDIR)$(unitdir)/srte-.service.d
	$(Q)$(INSTALL) -m 644 cmd/systemd/sysusers.conf \
		$(DESTDIR)$(sysusersdir)/srte.conf
	$(Q)$(INSTALL) -m 644 cmd/systemd/tmpfiles.conf \
		$(DESTDIR)$(tmpfilesdir)/srte.conf

uninstall:
	$(Q)rm -f $(SBIN:%=$(DESTDIR)$(sbindir)/%) \
		$(BIN:%=$(DESTDIR)$(bindir)/%) \
		$(TOOLS:%=$(DESTDIR)$(compdir)/%) \
		$(TOOLS:%=$(DESTDIR)$(fishdir)/%.fish) \
		$(DESTDIR)$(zshdir)/_srte \
		$(SCHEMA:common/schema/%=$(DESTDIR)$(schemadir)/%) \
		$(UNITS:%=$(DESTDIR)$(unitdir)/%) \
		$(DESTDIR)$(unitdir)/srte-.service.d/sandbox.conf \
		$(DESTDIR)$(sysusersdir)/srte.conf \
		$(DESTDIR)$(tmpfilesdir)/srte.conf
	$(Q)for m in $(notdir $(MAN)); do \
		rm -f $(DESTDIR)$(mandir)/man$${m##*.}/$$m; done
	$(Q)for d in $(schemadir) $(unitdir)/srte-.service.d; do \
		rmdir -p --ignore-fail-on-non-empty $(DESTDIR)$$d \
		2>/dev/null || :; done

clean:
	$(Q)rm -rf $(O)
