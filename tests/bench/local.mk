# `make bench` builds the programs of bench_commands and runs one after the other. A program that
# finds a limit exceeded exits with another status than 0, and so does make, after the last one.
EXTRA_PROGRAMS = tests/bench/bench_asn1
bench_commands += tests/bench/bench_asn1
CLEANFILES += $(EXTRA_PROGRAMS)

tests_bench_bench_asn1_SOURCES = tests/bench/bench_asn1.c $(message_sources)
tests_bench_bench_asn1_CPPFLAGS = $(vector_cppflags)
tests_bench_bench_asn1_LDADD = libasn1.la libcommon.la

bench: $(bench_commands)
	@status=0; for command in $(bench_commands); do \
	  echo "== $$command"; ./$$command || status=1; \
	done; exit $$status
.PHONY: bench
