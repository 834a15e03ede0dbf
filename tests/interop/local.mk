# Peers that are not ours, on loopback.
interop_scripts = \
	tests/interop/apache.sh \
	tests/interop/freerdp.sh \
	tests/interop/gss-samples.sh \
	tests/interop/python-gssapi.sh \
	tests/interop/unchanged-spnego.sh
TESTS += $(interop_scripts)

# Neither slapd nor ldapsearch can load AddressSanitizer's runtime: they wait for ever for a lock of the
# C library's, before they have called GSS-API.
if !SANITIZERS
TESTS += tests/interop/ldap.sh
endif
EXTRA_DIST += $(interop_scripts) \
	tests/interop/ldap.sh \
	tests/interop/loopback_inetd.py \
	tests/interop/python_gssapi.py \
	tests/interop/python_spnego.py \
	tests/interop/sides.sh \
	tests/interop/tls_relay.py

check_PROGRAMS += tests/interop/spnego_offer
tests_interop_spnego_offer_SOURCES = tests/interop/spnego_offer.c
tests_interop_spnego_offer_LDADD = libasn1.la libcommon.la $(KRB5_LIBS) $(TASN1_LIBS)

if HAVE_CHECK
# Not linked to libgssapi: it loads it.
check_PROGRAMS += tests/interop/dlopen_test
TESTS += tests/interop/dlopen_test
tests_interop_dlopen_test_SOURCES = tests/interop/dlopen_test.c
tests_interop_dlopen_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_interop_dlopen_test_LDADD = $(CHECK_LIBS) -ldl
endif
