# `make bench` builds the programs of bench_commands and runs one after the other. A program that
# finds a limit exceeded exits with another status than 0, and so does make, after the last one.
EXTRA_PROGRAMS = tests/bench/bench_asn1 tests/bench/bench_logon tests/bench/bench_messages \
	tests/bench/bench_records tests/bench/bench_contexts tests/bench/bench_threads \
	tests/bench/bench_shim
bench_commands += tests/bench/bench_asn1 tests/bench/bench_logon tests/bench/bench_messages \
	tests/bench/bench_records tests/bench/bench_contexts tests/bench/bench_threads \
	tests/bench/bench_shim
CLEANFILES += $(EXTRA_PROGRAMS)
bench_logon_sources = tests/bench/logon.c tests/bench/logon.h

tests_bench_bench_asn1_SOURCES = tests/bench/bench_asn1.c $(message_sources)
tests_bench_bench_asn1_CPPFLAGS = $(vector_cppflags)
tests_bench_bench_asn1_LDADD = libasn1.la libcommon.la

tests_bench_bench_logon_SOURCES = tests/bench/bench_logon.c \
	tests/bench/comparison.c tests/bench/comparison.h \
	tests/bench/tls_pair.c tests/bench/tls_pair.h $(bench_logon_sources)
tests_bench_bench_logon_LDADD = $(KRB5_LIBS) $(GNUTLS_LIBS)

tests_bench_bench_records_SOURCES = tests/bench/bench_records.c \
	tests/bench/comparison.c tests/bench/comparison.h \
	tests/bench/tls_pair.c tests/bench/tls_pair.h $(bench_logon_sources)
tests_bench_bench_records_LDADD = $(KRB5_LIBS) $(GNUTLS_LIBS)

tests_bench_bench_contexts_SOURCES = tests/bench/bench_contexts.c \
	tests/bench/tls_pair.c tests/bench/tls_pair.h $(bench_logon_sources)
tests_bench_bench_contexts_LDADD = $(KRB5_LIBS) $(GNUTLS_LIBS)

tests_bench_bench_threads_SOURCES = tests/bench/bench_threads.c \
	tests/bench/tls_pair.c tests/bench/tls_pair.h $(bench_logon_sources)
tests_bench_bench_threads_LDADD = $(KRB5_LIBS) $(GNUTLS_LIBS) -lpthread

# The table of handles is not exported: the program has its own copy.
tests_bench_bench_shim_SOURCES = tests/bench/bench_shim.c sspi-shim/handles.c \
	tests/bench/comparison.c tests/bench/comparison.h $(bench_logon_sources)
tests_bench_bench_shim_CFLAGS = $(AM_CFLAGS)
tests_bench_bench_shim_LDADD = libsspi-gss.la $(KRB5_LIBS) -lpthread

tests_bench_bench_messages_SOURCES = tests/bench/bench_messages.c $(bench_logon_sources)
tests_bench_bench_messages_LDADD = $(KRB5_LIBS)

# Each runs in a realm of its own, as the tests do.
bench: $(bench_commands) mech/mech_sspi.la
	@$(AM_TESTS_ENVIRONMENT) status=0; for command in $(bench_commands); do \
	  echo "== $$command"; $(with_realm) ./$$command || status=1; \
	done; exit $$status
.PHONY: bench
