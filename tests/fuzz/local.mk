# libFuzzer targets: ./configure CC=clang --enable-fuzzers --enable-sanitizers, then
# `make fuzz-decoders FUZZ_SECONDS=60`, where each starts from the vectors, or `make fuzz-negotiate
# FUZZ_SECONDS=60`, where each starts from tokens of real logons (NEGOTIATE_TARGETS="acceptor": one),
# or `make fuzz-credssp FUZZ_SECONDS=60`, where a real TLS peer does what the input says
# (CREDSSP_TARGETS="acceptor": one).
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

# Negotiate's two roles and the two together, with real mechanisms inside, in a realm of their own.
negotiate_fuzzers = \
	tests/fuzz/fuzz_negotiate_acceptor \
	tests/fuzz/fuzz_negotiate_initiator \
	tests/fuzz/fuzz_negotiate_exchange
noinst_PROGRAMS += $(negotiate_fuzzers) tests/fuzz/fuzz_negotiate_corpus
negotiate_fuzz_libs = libmech.la $(KRB5_LIBS)
negotiate_side_sources = \
	tests/fuzz/negotiate_side.c tests/fuzz/negotiate_side.h $(tampering_sources)
negotiate_start_sources = \
	tests/fuzz/negotiate_start.c tests/fuzz/negotiate_start.h $(negotiate_side_sources)
negotiate_scenario_sources = \
	tests/fuzz/negotiate_scenario.c tests/fuzz/negotiate_scenario.h $(negotiate_side_sources)

tests_fuzz_fuzz_negotiate_acceptor_SOURCES = \
	tests/fuzz/fuzz_negotiate_acceptor.c $(negotiate_start_sources)
tests_fuzz_fuzz_negotiate_acceptor_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_negotiate_acceptor_LDADD = $(negotiate_fuzz_libs)

tests_fuzz_fuzz_negotiate_initiator_SOURCES = \
	tests/fuzz/fuzz_negotiate_initiator.c $(negotiate_start_sources)
tests_fuzz_fuzz_negotiate_initiator_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_negotiate_initiator_LDADD = $(negotiate_fuzz_libs)

tests_fuzz_fuzz_negotiate_exchange_SOURCES = \
	tests/fuzz/fuzz_negotiate_exchange.c $(negotiate_scenario_sources)
tests_fuzz_fuzz_negotiate_exchange_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_negotiate_exchange_LDADD = $(negotiate_fuzz_libs)

tests_fuzz_fuzz_negotiate_corpus_SOURCES = \
	tests/fuzz/fuzz_negotiate_corpus.c $(negotiate_scenario_sources)
tests_fuzz_fuzz_negotiate_corpus_LDADD = $(negotiate_fuzz_libs)

# The seeds are made again for each realm, whose keys they are protected by. Leaks are looked for
# when a target ends: after each run is too slow, as the libraries inside keep a little of each.
fuzz-negotiate: $(negotiate_fuzzers) tests/fuzz/fuzz_negotiate_corpus
	@set -e; $(AM_TESTS_ENVIRONMENT) REALM_MODULE=none REALM_WITHOUT_PLUGIN=1; \
	export REALM_MODULE REALM_WITHOUT_PLUGIN; \
	for target in $(NEGOTIATE_TARGETS); do \
	  $(MKDIR_P) tests/fuzz/corpus/negotiate_acceptor tests/fuzz/corpus/negotiate_initiator \
	    tests/fuzz/corpus/negotiate_exchange; \
	  $(with_realm) $(SHELL) -ec 'tests/fuzz/fuzz_negotiate_corpus tests/fuzz/corpus; \
	    tests/fuzz/fuzz_negotiate_$$1 -max_total_time=$(FUZZ_SECONDS) -max_len=8192 \
	      -print_final_stats=1 -detect_leaks=0 -artifact_prefix=tests/fuzz/negotiate_$$1- \
	      tests/fuzz/corpus/negotiate_$$1' fuzz $$target; \
	done

# CredSSP's two roles, with the peer of the attacks, whose checks are Check's.
if HAVE_CHECK
credssp_fuzzers = tests/fuzz/fuzz_credssp_acceptor tests/fuzz/fuzz_credssp_initiator
noinst_PROGRAMS += $(credssp_fuzzers) tests/fuzz/fuzz_credssp_corpus
credssp_script_sources = \
	tests/fuzz/credssp_script.c tests/fuzz/credssp_script.h \
	tests/fuzz/credssp_turn.c tests/fuzz/credssp_turn.h \
	tests/fuzz/credssp_change.c tests/fuzz/credssp_change.h \
	tests/fuzz/credssp_side.c tests/fuzz/credssp_side.h \
	tests/fuzz/check_aborts.c \
	tests/mech/crafted_peer.c tests/mech/crafted_peer.h $(exchange_sources) \
	$(negotiate_side_sources)
credssp_fuzz_libs = libmech.la $(KRB5_LIBS) $(GNUTLS_LIBS)

tests_fuzz_fuzz_credssp_acceptor_SOURCES = \
	tests/fuzz/fuzz_credssp_acceptor.c $(credssp_script_sources)
tests_fuzz_fuzz_credssp_acceptor_CPPFLAGS = $(mech_test_cppflags)
tests_fuzz_fuzz_credssp_acceptor_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_credssp_acceptor_LDADD = $(credssp_fuzz_libs)

tests_fuzz_fuzz_credssp_initiator_SOURCES = \
	tests/fuzz/fuzz_credssp_initiator.c $(credssp_script_sources)
tests_fuzz_fuzz_credssp_initiator_CPPFLAGS = $(mech_test_cppflags)
tests_fuzz_fuzz_credssp_initiator_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_credssp_initiator_LDADD = $(credssp_fuzz_libs)

tests_fuzz_fuzz_credssp_corpus_SOURCES = \
	tests/fuzz/fuzz_credssp_corpus.c $(credssp_script_sources)
tests_fuzz_fuzz_credssp_corpus_CPPFLAGS = $(mech_test_cppflags)
tests_fuzz_fuzz_credssp_corpus_LDADD = $(credssp_fuzz_libs)

# No single allocation is larger than what a peer may make a context keep. Leaks as above.
fuzz-credssp: $(credssp_fuzzers) tests/fuzz/fuzz_credssp_corpus
	@set -e; $(AM_TESTS_ENVIRONMENT) REALM_MODULE=none REALM_WITHOUT_PLUGIN=1; \
	export REALM_MODULE REALM_WITHOUT_PLUGIN; \
	for target in $(CREDSSP_TARGETS); do \
	  $(MKDIR_P) tests/fuzz/corpus/credssp_acceptor tests/fuzz/corpus/credssp_initiator; \
	  $(with_realm) $(SHELL) -ec 'tests/fuzz/fuzz_credssp_corpus tests/fuzz/corpus; \
	    tests/fuzz/fuzz_credssp_$$1 -max_total_time=$(FUZZ_SECONDS) -max_len=8192 \
	      -malloc_limit_mb=4 -print_final_stats=1 -detect_leaks=0 \
	      -artifact_prefix=tests/fuzz/credssp_$$1- tests/fuzz/corpus/credssp_$$1' fuzz $$target; \
	done
endif
endif
NEGOTIATE_TARGETS = acceptor initiator exchange
CREDSSP_TARGETS = acceptor initiator
.PHONY: fuzz-decoders fuzz-negotiate fuzz-credssp
