# `make lint`: the form of every source file that git knows, and what two analysers find in it.
# .clang-format and .clang-tidy have the rules. cppcheck looks at what can go wrong (warning,
# performance, portability), not at style, which the other two cover. Left out, each with its reason:
#   missingIncludeSystem: it need not read system headers.
#   unknownMacro: it cannot expand the macros of Check without them.
#   nullPointer in tools/serve.c: its description of accept4() forbids the NULL that POSIX allows.
#   resourceLeak in tests/shim/test_winpr_neighbour.c: what it loads stays loaded until it ends.
#   varFuncNullUB: POSIX makes NULL a pointer, which ends a list of arguments.
#   getpwuidCalled, getpwnamCalled in tests/mech/test_names.c: one thread.
#   allocaCalled in tests/bench/bench_messages.c: it moves the stack, which is its purpose.
#   normalCheckLevelMaxBranches: says only that it looked less deeply at one function.
CPPCHECK_FLAGS = --quiet --std=c11 --error-exitcode=1 --inline-suppr \
	--enable=warning,performance,portability --library=posix,gnu \
	--suppress=missingIncludeSystem --suppress=unknownMacro \
	--suppress=nullPointer:tools/serve.c \
	--suppress=resourceLeak:tests/shim/test_winpr_neighbour.c \
	--suppress=varFuncNullUB \
	--suppress=getpwuidCalled:tests/mech/test_names.c \
	--suppress=getpwnamCalled:tests/mech/test_names.c \
	--suppress=allocaCalled:tests/bench/bench_messages.c \
	--suppress=normalCheckLevelMaxBranches

lint: lint-tools lint-format lint-cppcheck lint-tidy

lint-tools:
	@test -n "$(CLANG_FORMAT)" && test -n "$(CPPCHECK)" && test -n "$(CLANG_TIDY)" || \
	  { echo "lint needs clang-format, cppcheck and clang-tidy; then configure again" >&2; exit 1; }

lint-format:
	cd $(srcdir) && git ls-files '*.c' '*.h' | xargs $(CLANG_FORMAT) --dry-run -Werror

lint-cppcheck:
	cd $(srcdir) && git ls-files '*.c' | xargs $(CPPCHECK) $(CPPCHECK_FLAGS) \
	  -I. -Iinclude -Isspi-shim/include -D_GNU_SOURCE

# What is written for Heimdal's headers alone.
heimdal_sources = tests/interop/heimdal_pac.c

# Generated headers (config.h, the error table) come from the build directory.
lint-tidy: $(BUILT_SOURCES)
	builddir=`pwd` && cd $(srcdir) && \
	  $(CLANG_TIDY) --quiet `git ls-files '*.c' | grep -vxF $(heimdal_sources)` -- \
	  -std=c11 -I. -I$$builddir -Iinclude -Isspi-shim/include -Isspi-shim/include/sspi-gss \
	  -D_GNU_SOURCE -DVECTOR_DIRECTORY='"tests/vectors"' \
	  $(KRB5_CFLAGS) $(GNUTLS_CFLAGS) $(TASN1_CFLAGS) $(COM_ERR_CFLAGS) $(CHECK_CFLAGS) $(WINPR_CFLAGS)
	cd $(srcdir) && $(CLANG_TIDY) --quiet $(heimdal_sources) -- \
	  -std=c11 -I. $(HEIMDAL_CFLAGS) -D_GNU_SOURCE

.PHONY: lint lint-tools lint-format lint-cppcheck lint-tidy
EXTRA_DIST += .clang-tidy
