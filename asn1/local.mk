# The wire formats: DER to plain C structures and back.
noinst_LTLIBRARIES += libasn1.la
libasn1_la_SOURCES = \
	asn1/der.c asn1/der.h \
	asn1/initial_context_token.c asn1/initial_context_token.h \
	asn1/neg_token.c asn1/neg_token.h \
	asn1/ts_credentials.c asn1/ts_credentials.h \
	asn1/ts_request.c asn1/ts_request.h
libasn1_la_LIBADD = $(TASN1_LIBS)
# The same formats as ASN.1 modules: what the tests compile and compare with.
EXTRA_DIST += asn1/credssp.asn asn1/spnego.asn
