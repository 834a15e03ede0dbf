# Peers that are not ours, on loopback.
interop_scripts = \
	tests/interop/apache.sh \
	tests/interop/freerdp.sh \
	tests/interop/gss-samples.sh \
	tests/interop/openssl.sh \
	tests/interop/python-gssapi.sh \
	tests/interop/s4u2proxy.sh \
	tests/interop/sspi-gss.sh \
	tests/interop/sspi-module.sh \
	tests/interop/spnego-table.sh \
	tests/interop/unchanged-spnego.sh
TESTS += $(interop_scripts)

# Neither slapd nor ldapsearch can load AddressSanitizer's runtime: they wait for ever for a lock of
# the C library's.
if !SANITIZERS
TESTS += tests/interop/ldap.sh
endif
EXTRA_DIST += $(interop_scripts) \
	tests/interop/gss_server.sh \
	tests/interop/ldap.sh \
	tests/interop/loopback_inetd.py \
	tests/interop/negotiate_oid.py \
	tests/interop/python_credssp.py \
	tests/interop/python_gssapi.py \
	tests/interop/python_s4u2proxy.py \
	tests/interop/python_spnego.py \
	tests/interop/rdp_server.sh \
	tests/interop/sides.sh \
	tests/interop/tls_relay.py

check_PROGRAMS += tests/interop/spnego_offer
tests_interop_spnego_offer_SOURCES = tests/interop/spnego_offer.c
tests_interop_spnego_offer_LDADD = libasn1.la libcommon.la $(KRB5_LIBS) $(TASN1_LIBS)

# Through the shim, with peers that use GSS-API.
check_PROGRAMS += tests/interop/sspi_sample tests/interop/sspi_http
sspi_party_sources = tests/interop/sspi_party.c tests/interop/sspi_party.h
tests_interop_sspi_sample_SOURCES = tests/interop/sspi_sample.c $(sspi_party_sources)
tests_interop_sspi_sample_LDADD = libsspi-gss.la $(KRB5_LIBS)
tests_interop_sspi_http_SOURCES = tests/interop/sspi_http.c $(sspi_party_sources)
tests_interop_sspi_http_LDADD = libsspi-gss.la $(KRB5_LIBS) $(GNUTLS_LIBS)

# -rpath makes libtool build it at all.
check_LTLIBRARIES += tests/interop/winpr_registry.la
tests_interop_winpr_registry_la_SOURCES = tests/interop/winpr_registry.c
tests_interop_winpr_registry_la_CFLAGS = $(WARNING_CFLAGS)
tests_interop_winpr_registry_la_LDFLAGS = \
	-module -avoid-version -shared -rpath $(abs_top_builddir) -Wl,-z,relro,-z,now
tests_interop_winpr_registry_la_LIBADD = -ldl

if HAVE_CHECK
# Not linked to libgssapi: it loads it.
check_PROGRAMS += tests/interop/dlopen_test
TESTS += tests/interop/dlopen_test
tests_interop_dlopen_test_SOURCES = tests/interop/dlopen_test.c
tests_interop_dlopen_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_interop_dlopen_test_LDADD = $(CHECK_LIBS) -ldl
endif

# The table of SPNEGO peers: its driver, and the peer with MIT's library and with Heimdal's.
if HAVE_CHECK
check_PROGRAMS += tests/interop/test_spnego_table tests/interop/test_spnego_exclusion \
	tests/interop/test_spnego_bindings
peer_sources = tests/interop/peer_frame.c tests/interop/peer_frame.h \
	tests/interop/peer_logon.c tests/interop/peer_logon.h \
	tests/interop/peer_process.c tests/interop/peer_process.h \
	tests/interop/peer_wire.c tests/interop/peer_wire.h \
	tests/interop/spnego_cell.c tests/interop/spnego_cell.h
peer_libs = libasn1.la libcommon.la $(CHECK_LIBS) $(TASN1_LIBS)

tests_interop_test_spnego_table_SOURCES = tests/interop/test_spnego_table.c $(peer_sources) \
	tests/interop/spnego_rules.c tests/interop/spnego_rules.h
tests_interop_test_spnego_table_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_interop_test_spnego_table_LDADD = $(peer_libs)

tests_interop_test_spnego_exclusion_SOURCES = tests/interop/test_spnego_exclusion.c \
	$(peer_sources)
tests_interop_test_spnego_exclusion_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_interop_test_spnego_exclusion_LDADD = $(peer_libs)

tests_interop_test_spnego_bindings_SOURCES = tests/interop/test_spnego_bindings.c $(peer_sources)
tests_interop_test_spnego_bindings_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_interop_test_spnego_bindings_LDADD = $(peer_libs)
endif

check_PROGRAMS += tests/interop/spnego_peer
spnego_peer_sources = tests/interop/spnego_peer.c tests/interop/spnego_peer.h \
	tests/interop/peer_frame.c tests/interop/peer_frame.h tests/interop/peer_report.c
tests_interop_spnego_peer_SOURCES = $(spnego_peer_sources)
tests_interop_spnego_peer_LDADD = $(KRB5_LIBS)

# Nothing of MIT's: neither headers nor libraries, nor our sanitizers.
if HAVE_HEIMDAL
check_PROGRAMS += tests/interop/spnego_peer_heimdal
tests_interop_spnego_peer_heimdal_SOURCES = $(spnego_peer_sources)
tests_interop_spnego_peer_heimdal_CPPFLAGS = -I$(srcdir) $(HEIMDAL_CFLAGS) -DSPNEGO_PEER_HEIMDAL \
	-D_GNU_SOURCE
tests_interop_spnego_peer_heimdal_CFLAGS = $(WARNING_CFLAGS)
tests_interop_spnego_peer_heimdal_LDFLAGS = -Wl,-z,relro,-z,now
tests_interop_spnego_peer_heimdal_LDADD = $(HEIMDAL_LIBS)

# -rpath makes libtool build it at all.
check_LTLIBRARIES += tests/interop/heimdal_pac.la
tests_interop_heimdal_pac_la_SOURCES = tests/interop/heimdal_pac.c
tests_interop_heimdal_pac_la_CPPFLAGS = -I$(srcdir) $(HEIMDAL_CFLAGS) -D_GNU_SOURCE
tests_interop_heimdal_pac_la_CFLAGS = $(WARNING_CFLAGS)
tests_interop_heimdal_pac_la_LDFLAGS = \
	-module -avoid-version -shared -rpath $(abs_top_builddir) -Wl,-z,relro,-z,now
tests_interop_heimdal_pac_la_LIBADD = $(HEIMDAL_LIBS) -lkrb5
endif
