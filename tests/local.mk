# Every test runs in a realm of its own: programs directly, scripts (.sh) by the shell.
TEST_EXTENSIONS = .sh
with_realm = $(SHELL) $(srcdir)/tests/realm/with-realm
LOG_COMPILER = $(with_realm)
SH_LOG_COMPILER = $(with_realm) $(SHELL)

# SANITIZER_PRELOAD is what a program that is not ours needs in LD_PRELOAD to load a plugin built
# with AddressSanitizer. It is empty in other builds.
AM_TESTS_ENVIRONMENT = \
	REALM_MODULE='$(abs_top_builddir)/mech/.libs/mech_sspi.so'; export REALM_MODULE; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	unpacked_programs='$(UNPACKED_PROGRAMS)'; \
	: "$${unpacked_programs:=$(abs_top_builddir)/tests/interop}"; export unpacked_programs; \
	SANITIZER_PRELOAD=; export SANITIZER_PRELOAD;
if SANITIZERS
# LeakSanitizer guesses where a plugin's thread-local memory begins and may read where none is.
AM_TESTS_ENVIRONMENT += \
	SANITIZER_PRELOAD=`$(CC) -print-file-name=libasan.so`; \
	LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/realm/leaks-of-others:print_suppressions=0'; \
	export LSAN_OPTIONS; \
	ASAN_OPTIONS=intercept_tls_get_addr=0:$${ASAN_OPTIONS-}; export ASAN_OPTIONS; \
	: "$${MATRIX_ROUNDS:=some}"; export MATRIX_ROUNDS;
endif

if THREAD_SANITIZER
# A child process that goes on with threads of its own is what one test looks at.
AM_TESTS_ENVIRONMENT += \
	TSAN_OPTIONS=die_after_fork=0:$${TSAN_OPTIONS-}; export TSAN_OPTIONS;
endif

# A test that could not be built is not one that passed.
missing_packages =
if !HAVE_CHECK
missing_packages += check
endif
if !HAVE_ASN1PARSER
missing_packages += libtasn1-bin
endif
if !HAVE_WINPR
missing_packages += libwinpr2-dev
endif
if !HAVE_HEIMDAL
missing_packages += heimdal-multidev
endif
check-local:
	@test -z "$(strip $(missing_packages))" || { \
	  echo 'tests are left out; configure did not find (Debian packages): $(missing_packages)' >&2; \
	  exit 1; }

# distcheck builds elsewhere, and finds there what bootstrap has unpacked here.
AM_DISTCHECK_CONFIGURE_FLAGS = UNPACKED_PROGRAMS='$(abs_top_builddir)/tests/interop'

# make check-valgrind: the same programs under valgrind, for what the sanitizers cannot see (values
# that were never set). Leaks are LeakSanitizer's business.
VALGRIND_COMMAND = $(VALGRIND) -q --error-exitcode=9 --leak-check=no \
	--suppressions=$(abs_top_srcdir)/tests/realm/valgrind-errors-of-others
check-valgrind:
	CK_TIMEOUT_MULTIPLIER=40 MATRIX_ROUNDS=some $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(check_under_valgrind)' \
	  LOG_COMPILER='$(with_realm) $(SHELL) $(abs_top_builddir)/libtool --mode=execute $(VALGRIND_COMMAND)'
.PHONY: check-valgrind

# make check-long: tests that take minutes each, one after the other.
check-long: $(long_tests) mech/mech_sspi.la
	@$(AM_TESTS_ENVIRONMENT) status=0; for program in $(long_tests); do \
	  $(with_realm) ./$$program || status=1; \
	done; exit $$status
.PHONY: check-long

# make check-threads: what several threads do at once, in a build with ThreadSanitizer.
thread_tests = tests/mech/test_threads tests/mech/test_message_threads \
	tests/mech/test_duplex_messages tests/mech/test_shared_credential tests/shim/test_threads \
	tests/shim/test_async tests/shim/test_impersonation \
	tests/shim/test_handles
check-threads:
if THREAD_SANITIZER
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(thread_tests)'
else
	@echo 'make check-threads is for a build configured with --enable-sanitizers=thread' >&2; exit 1
endif
.PHONY: check-threads

EXTRA_DIST += tests/runner.h \
	tests/realm/valgrind-errors-of-others tests/realm/checks.sh tests/realm/leaks-of-others \
	tests/realm/with-realm

long_tests =

include tests/common/local.mk
include tests/asn1/local.mk
include tests/mech/local.mk
include tests/shim/local.mk
include tests/tools/local.mk
include tests/interop/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk

# Not the scripts, which test programs that are not ours, and not what measures time. Nor what has
# an allocator of its own, in whose place valgrind puts its own.
check_under_valgrind = $(filter-out %.sh %/test_allocation_failure,$(TESTS))
