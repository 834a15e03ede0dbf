# libFuzzer targets: ./configure CC=clang --enable-fuzzers --enable-sanitizers, then
# `make fuzz-decoders FUZZ_SECONDS=60`. Each starts from the vectors.
FUZZ_SECONDS = 60

if FUZZERS
decoder_fuzzers = \
	tests/fuzz/fuzz_neg_token_decode \
	tests/fuzz/fuzz_negoex_message_decode \
	tests/fuzz/fuzz_ts_credentials_decode \
	tests/fuzz/fuzz_ts_request_decode
noinst_PROGRAMS += $(decoder_fuzzers) tests/fuzz/fuzz_decode_corpus

tests_fuzz_fuzz_neg_token_decode_SOURCES = tests/fuzz/fuzz_neg_token_decode.c $(message_sources)
tests_fuzz_fuzz_neg_token_decode_CPPFLAGS = $(vector_cppflags)
tests_fuzz_fuzz_neg_token_decode_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_neg_token_decode_LDADD = libasn1.la libcommon.la

tests_fuzz_fuzz_negoex_message_decode_SOURCES = \
	tests/fuzz/fuzz_negoex_message_decode.c \
	tests/mech/negoex_message_check.c tests/mech/negoex_message_check.h
tests_fuzz_fuzz_negoex_message_decode_CPPFLAGS = $(AM_CPPFLAGS)
tests_fuzz_fuzz_negoex_message_decode_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_negoex_message_decode_LDADD = libmech.la

tests_fuzz_fuzz_ts_credentials_decode_SOURCES = \
	tests/fuzz/fuzz_ts_credentials_decode.c $(message_sources)
tests_fuzz_fuzz_ts_credentials_decode_CPPFLAGS = $(vector_cppflags)
tests_fuzz_fuzz_ts_credentials_decode_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_ts_credentials_decode_LDADD = libasn1.la libcommon.la

tests_fuzz_fuzz_ts_request_decode_SOURCES = tests/fuzz/fuzz_ts_request_decode.c $(message_sources)
tests_fuzz_fuzz_ts_request_decode_CPPFLAGS = $(vector_cppflags)
tests_fuzz_fuzz_ts_request_decode_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_ts_request_decode_LDADD = libasn1.la libcommon.la

tests_fuzz_fuzz_decode_corpus_SOURCES = \
	tests/fuzz/fuzz_decode_corpus.c tests/asn1/vector.c tests/asn1/vector.h
tests_fuzz_fuzz_decode_corpus_CPPFLAGS = $(vector_cppflags)

# Corpora stay in the build directory, so that the next run goes on from them.
fuzz-decoders: $(decoder_fuzzers) tests/fuzz/fuzz_decode_corpus
	@set -e; for message in neg_token negoex_message ts_credentials ts_request; do \
	  corpus=tests/fuzz/corpus/$$message; \
	  $(MKDIR_P) $$corpus; \
	  tests/fuzz/fuzz_decode_corpus $$message.txt $$corpus; \
	  tests/fuzz/fuzz_$${message}_decode -max_total_time=$(FUZZ_SECONDS) -max_len=8192 \
	    -print_final_stats=1 -artifact_prefix=tests/fuzz/$$message- $$corpus; \
	done
endif
.PHONY: fuzz-decoders
