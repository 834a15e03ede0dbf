# The wire formats: vectors, hostile input, and the tree that asn1Parser makes of the grammars.
vector_files = \
	tests/vectors/README \
	tests/vectors/neg_token.txt \
	tests/vectors/negoex_message.txt \
	tests/vectors/ts_credentials.txt \
	tests/vectors/ts_request.txt
EXTRA_DIST += $(vector_files)

vector_cppflags = $(AM_CPPFLAGS) -DVECTOR_DIRECTORY='"$(abs_top_srcdir)/tests/vectors"'
message_sources = \
	tests/asn1/message.c tests/asn1/message.h \
	tests/asn1/vector.c tests/asn1/vector.h

if HAVE_CHECK
asn1_tests = \
	tests/asn1/test_credssp \
	tests/asn1/test_hostile \
	tests/asn1/test_neg_token \
	tests/asn1/test_vectors
check_PROGRAMS += $(asn1_tests)
TESTS += $(asn1_tests)

tests_asn1_test_vectors_SOURCES = tests/asn1/test_vectors.c $(message_sources)
tests_asn1_test_vectors_CPPFLAGS = $(vector_cppflags) $(CHECK_CFLAGS)
tests_asn1_test_vectors_LDADD = libasn1.la libcommon.la $(CHECK_LIBS)

tests_asn1_test_hostile_SOURCES = \
	tests/asn1/test_hostile.c \
	tests/asn1/mutate.c tests/asn1/mutate.h $(message_sources)
tests_asn1_test_hostile_CPPFLAGS = $(vector_cppflags) $(CHECK_CFLAGS)
tests_asn1_test_hostile_LDADD = libasn1.la libcommon.la $(CHECK_LIBS)

tests_asn1_test_neg_token_SOURCES = tests/asn1/test_neg_token.c
tests_asn1_test_neg_token_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_asn1_test_neg_token_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc
tests_asn1_test_neg_token_LDADD = libasn1.la libcommon.la $(CHECK_LIBS)

tests_asn1_test_credssp_SOURCES = tests/asn1/test_credssp.c
tests_asn1_test_credssp_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_asn1_test_credssp_LDADD = libasn1.la libcommon.la $(CHECK_LIBS)
endif

# The oracle: the grammars, compiled by asn1Parser.
if HAVE_CHECK
if HAVE_ASN1PARSER
check_PROGRAMS += tests/asn1/test_oracle
TESTS += tests/asn1/test_oracle

grammar_sources = tests/asn1/credssp_grammar.c tests/asn1/spnego_grammar.c
tests_asn1_test_oracle_SOURCES = \
	tests/asn1/test_oracle.c \
	tests/asn1/tree.c tests/asn1/tree.h \
	tests/asn1/mutate.c tests/asn1/mutate.h $(message_sources)
nodist_tests_asn1_test_oracle_SOURCES = $(grammar_sources)
tests_asn1_test_oracle_CPPFLAGS = $(vector_cppflags) $(CHECK_CFLAGS)
tests_asn1_test_oracle_LDADD = libasn1.la libcommon.la $(CHECK_LIBS) $(TASN1_LIBS)
CLEANFILES += $(grammar_sources)

tests/asn1/credssp_grammar.c: $(srcdir)/asn1/credssp.asn
	$(AM_V_GEN)$(MKDIR_P) tests/asn1 && \
	$(ASN1PARSER) -o $@ -n credssp_grammar $(srcdir)/asn1/credssp.asn >/dev/null
tests/asn1/spnego_grammar.c: $(srcdir)/asn1/spnego.asn
	$(AM_V_GEN)$(MKDIR_P) tests/asn1 && \
	$(ASN1PARSER) -o $@ -n spnego_grammar $(srcdir)/asn1/spnego.asn >/dev/null
endif
endif
