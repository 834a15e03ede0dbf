# The wire formats: vectors, hostile input, and the tree that asn1Parser makes of the grammars.
vector_files = \
	tests/vectors/README \
	tests/vectors/neg_token.txt \
	tests/vectors/ts_credentials.txt \
	tests/vectors/ts_request.txt
EXTRA_DIST += $(vector_files)

vector_cppflags = $(AM_CPPFLAGS) -DVECTOR_DIRECTORY='"$(abs_top_srcdir)/tests/vectors"'
message_sources = \
	tests/asn1/message.c tests/asn1/message.h \
	tests/asn1/vector.c tests/asn1/vector.h

if HAVE_CHECK
asn1_tests = tests/asn1/test_vectors
check_PROGRAMS += $(asn1_tests)
TESTS += $(asn1_tests)

tests_asn1_test_vectors_SOURCES = tests/asn1/test_vectors.c $(message_sources)
tests_asn1_test_vectors_CPPFLAGS = $(vector_cppflags) $(CHECK_CFLAGS)
tests_asn1_test_vectors_LDADD = libasn1.la libcommon.la $(CHECK_LIBS)
endif
