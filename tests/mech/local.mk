# The plugin: through the mechglue, and (test_policy, test_peer) from inside.
if HAVE_CHECK
mech_tests = tests/mech/test_logon tests/mech/test_delegation tests/mech/test_export \
	tests/mech/test_delegation_policy tests/mech/test_second_hop \
	tests/mech/test_hostile
check_PROGRAMS += $(mech_tests)
TESTS += $(mech_tests)
exchange_sources = tests/mech/exchange.c tests/mech/exchange.h
mech_test_cppflags = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
mech_test_libs = $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_logon_SOURCES = tests/mech/test_logon.c $(exchange_sources)
tests_mech_test_logon_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_logon_LDADD = $(mech_test_libs)

delegation_fixture_sources = tests/mech/delegation_fixture.c tests/mech/delegation_fixture.h \
	$(exchange_sources)
tests_mech_test_delegation_SOURCES = tests/mech/test_delegation.c $(delegation_fixture_sources)
tests_mech_test_delegation_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_delegation_LDADD = $(mech_test_libs)

tests_mech_test_second_hop_SOURCES = tests/mech/test_second_hop.c $(delegation_fixture_sources)
tests_mech_test_second_hop_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_second_hop_LDADD = $(mech_test_libs)

tests_mech_test_delegation_policy_SOURCES = \
	tests/mech/test_delegation_policy.c $(delegation_fixture_sources)
tests_mech_test_delegation_policy_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_delegation_policy_LDADD = $(mech_test_libs)

tests_mech_test_export_SOURCES = tests/mech/test_export.c $(exchange_sources)
tests_mech_test_export_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_export_LDADD = $(mech_test_libs)

tests_mech_test_hostile_SOURCES = tests/mech/test_hostile.c $(exchange_sources)
tests_mech_test_hostile_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_hostile_LDADD = $(mech_test_libs)

# Its allocator counts in all of the program's libraries.
check_PROGRAMS += tests/mech/test_allocation_failure
TESTS += tests/mech/test_allocation_failure
tests_mech_test_allocation_failure_SOURCES = tests/mech/test_allocation_failure.c \
	$(allocation_failure_sources) $(exchange_sources)
tests_mech_test_allocation_failure_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_allocation_failure_LDADD = $(mech_test_libs) -ldl

# Attacks by a peer made by hand, which has a TLS session and TSRequests of its own.
mech_attack_tests = \
	tests/mech/test_credssp_attacks tests/mech/test_credssp_order_attacks \
	tests/mech/test_credssp_versions tests/mech/test_credssp_credentials \
	tests/mech/test_credssp_replay_attacks \
	tests/mech/test_credssp_credentials_attacks tests/mech/test_credssp_tls_attacks \
	tests/mech/test_negotiate_attacks tests/mech/test_server_hints \
	tests/mech/test_message_threads tests/mech/test_duplex_messages \
	tests/mech/test_record_limit tests/mech/test_records_between
check_PROGRAMS += $(mech_attack_tests)
TESTS += $(mech_attack_tests)
crafted_attack_sources = \
	tests/mech/crafted_attack.c tests/mech/crafted_attack.h \
	tests/mech/crafted_peer.c tests/mech/crafted_peer.h $(exchange_sources)
mech_attack_libs = libasn1.la libcommon.la $(KRB5_LIBS) $(GNUTLS_LIBS) $(CHECK_LIBS)

tests_mech_test_credssp_attacks_SOURCES = \
	tests/mech/test_credssp_attacks.c $(crafted_attack_sources)
tests_mech_test_credssp_attacks_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_credssp_attacks_LDADD = $(mech_attack_libs)

tests_mech_test_credssp_versions_SOURCES = \
	tests/mech/test_credssp_versions.c $(crafted_attack_sources)
tests_mech_test_credssp_versions_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_credssp_versions_LDADD = $(mech_attack_libs)

tests_mech_test_credssp_credentials_SOURCES = \
	tests/mech/test_credssp_credentials.c $(crafted_attack_sources)
tests_mech_test_credssp_credentials_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_credssp_credentials_LDADD = $(mech_attack_libs)

tests_mech_test_credssp_replay_attacks_SOURCES = \
	tests/mech/test_credssp_replay_attacks.c $(crafted_attack_sources)
tests_mech_test_credssp_replay_attacks_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_credssp_replay_attacks_LDADD = $(mech_attack_libs)

tests_mech_test_credssp_order_attacks_SOURCES = \
	tests/mech/test_credssp_order_attacks.c $(crafted_attack_sources)
tests_mech_test_credssp_order_attacks_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_credssp_order_attacks_LDADD = $(mech_attack_libs)

tests_mech_test_credssp_credentials_attacks_SOURCES = \
	tests/mech/test_credssp_credentials_attacks.c $(crafted_attack_sources)
tests_mech_test_credssp_credentials_attacks_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_credssp_credentials_attacks_LDADD = $(mech_attack_libs)

tests_mech_test_credssp_tls_attacks_SOURCES = \
	tests/mech/test_credssp_tls_attacks.c $(crafted_attack_sources)
tests_mech_test_credssp_tls_attacks_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_credssp_tls_attacks_LDADD = $(mech_attack_libs)

tests_mech_test_negotiate_attacks_SOURCES = \
	tests/mech/test_negotiate_attacks.c $(exchange_sources)
tests_mech_test_negotiate_attacks_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_negotiate_attacks_LDADD = $(mech_attack_libs)

tests_mech_test_server_hints_SOURCES = tests/mech/test_server_hints.c $(exchange_sources)
tests_mech_test_server_hints_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_server_hints_LDADD = $(mech_attack_libs)

tests_mech_test_message_threads_SOURCES = \
	tests/mech/test_message_threads.c $(crafted_attack_sources)
tests_mech_test_message_threads_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_message_threads_LDADD = $(mech_attack_libs)

tests_mech_test_duplex_messages_SOURCES = tests/mech/test_duplex_messages.c \
	tests/mech/duplex.c tests/mech/duplex.h \
	tests/mech/message_queue.c tests/mech/message_queue.h \
	tests/mech/chance.c tests/mech/chance.h $(crafted_attack_sources)
tests_mech_test_duplex_messages_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_duplex_messages_LDADD = $(mech_attack_libs)

tests_mech_test_records_between_SOURCES = \
	tests/mech/test_records_between.c $(crafted_attack_sources)
tests_mech_test_records_between_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_records_between_LDADD = $(mech_attack_libs)

tests_mech_test_record_limit_SOURCES = tests/mech/test_record_limit.c $(crafted_attack_sources)
tests_mech_test_record_limit_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_record_limit_LDADD = $(mech_attack_libs)
endif

# Somebody between two sides of Negotiate who does what chance says; and the single downgrades.
tampering_sources = \
	tests/mech/chance.c tests/mech/chance.h \
	tests/mech/tampering.c tests/mech/tampering.h \
	tests/mech/token_change.c tests/mech/token_change.h \
	tests/asn1/mutate.c tests/asn1/mutate.h
if HAVE_CHECK
tampering_tests = tests/mech/test_negotiate_properties tests/mech/test_negotiate_downgrades \
	tests/mech/test_ntlm_guards tests/mech/test_raw_ntlm
check_PROGRAMS += $(tampering_tests)
TESTS += $(tampering_tests)

tests_mech_test_negotiate_properties_SOURCES = \
	tests/mech/test_negotiate_properties.c \
	tests/mech/context_calls.c tests/mech/context_calls.h \
	$(tampering_sources) $(exchange_sources)
tests_mech_test_negotiate_properties_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_negotiate_properties_LDADD = $(mech_attack_libs)

tests_mech_test_negotiate_downgrades_SOURCES = \
	tests/mech/test_negotiate_downgrades.c $(tampering_sources) $(exchange_sources)
tests_mech_test_negotiate_downgrades_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_negotiate_downgrades_LDADD = $(mech_attack_libs)

tests_mech_test_ntlm_guards_SOURCES = \
	tests/mech/test_ntlm_guards.c $(tampering_sources) $(exchange_sources)
tests_mech_test_ntlm_guards_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_ntlm_guards_LDADD = $(mech_attack_libs)

tests_mech_test_raw_ntlm_SOURCES = \
	tests/mech/test_raw_ntlm.c $(tampering_sources) $(exchange_sources)
tests_mech_test_raw_ntlm_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_raw_ntlm_LDADD = $(mech_attack_libs)
endif

# Single parts of the plugin, what it exports, and messages and threads after the logon.
if HAVE_CHECK
part_tests = tests/mech/test_policy tests/mech/test_names tests/mech/test_credentials \
	tests/mech/test_attributes tests/mech/test_threads tests/mech/test_messages \
	tests/mech/test_messages_in_place tests/mech/test_in_place_refusals \
	tests/mech/test_message_calls tests/mech/test_fragments tests/mech/test_channel_bindings \
	tests/mech/test_package_lists tests/mech/test_negotiate_cost \
	tests/mech/test_shared_credential tests/mech/test_store_secrets
check_PROGRAMS += $(part_tests)
TESTS += $(part_tests)

tests_mech_test_policy_SOURCES = tests/mech/test_policy.c $(exchange_sources)
tests_mech_test_policy_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_policy_LDADD = libmech.la $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_negotiate_cost_SOURCES = tests/mech/test_negotiate_cost.c
tests_mech_test_negotiate_cost_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_negotiate_cost_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_mech_test_negotiate_cost_LDADD = libmech.la $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_store_secrets_SOURCES = tests/mech/test_store_secrets.c
tests_mech_test_store_secrets_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_store_secrets_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=free,--wrap=malloc,--wrap=realloc
tests_mech_test_store_secrets_LDADD = libmech.la $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_names_SOURCES = tests/mech/test_names.c $(exchange_sources)
tests_mech_test_names_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_names_LDADD = libmech.la $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_credentials_SOURCES = \
	tests/mech/test_credentials.c $(certificate_files_sources) $(exchange_sources)
tests_mech_test_credentials_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_credentials_LDADD = $(GNUTLS_LIBS) $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_attributes_SOURCES = tests/mech/test_attributes.c $(exchange_sources)
tests_mech_test_attributes_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_attributes_LDADD = libmech.la $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_threads_SOURCES = tests/mech/test_threads.c $(exchange_sources)
tests_mech_test_threads_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_threads_LDADD = $(mech_test_libs)

sealed_messages_sources = \
	tests/mech/sealed_messages.c tests/mech/sealed_messages.h $(exchange_sources)

message_parts_sources = \
	tests/mech/message_parts.c tests/mech/message_parts.h $(sealed_messages_sources)

tests_mech_test_messages_in_place_SOURCES = \
	tests/mech/test_messages_in_place.c $(message_parts_sources)
tests_mech_test_messages_in_place_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_messages_in_place_LDADD = $(mech_test_libs)

tests_mech_test_in_place_refusals_SOURCES = \
	tests/mech/test_in_place_refusals.c $(message_parts_sources)
tests_mech_test_in_place_refusals_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_in_place_refusals_LDADD = $(mech_test_libs)

# Not among TESTS: it takes minutes.
check_PROGRAMS += tests/mech/test_rekey
long_tests += tests/mech/test_rekey
tests_mech_test_rekey_SOURCES = tests/mech/test_rekey.c $(message_parts_sources)
tests_mech_test_rekey_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_rekey_LDADD = $(mech_test_libs)

tests_mech_test_shared_credential_SOURCES = \
	tests/mech/test_shared_credential.c $(exchange_sources)
tests_mech_test_shared_credential_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_shared_credential_LDADD = $(mech_test_libs)

tests_mech_test_messages_SOURCES = tests/mech/test_messages.c $(sealed_messages_sources)
tests_mech_test_messages_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_messages_LDADD = $(mech_test_libs)

tests_mech_test_fragments_SOURCES = tests/mech/test_fragments.c $(exchange_sources)
tests_mech_test_fragments_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_fragments_LDADD = $(mech_test_libs)

tests_mech_test_channel_bindings_SOURCES = tests/mech/test_channel_bindings.c $(exchange_sources)
tests_mech_test_channel_bindings_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_channel_bindings_LDADD = $(mech_test_libs)

tests_mech_test_package_lists_SOURCES = tests/mech/test_package_lists.c $(exchange_sources)
tests_mech_test_package_lists_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_package_lists_LDADD = libasn1.la libcommon.la $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_message_calls_SOURCES = tests/mech/test_message_calls.c $(exchange_sources)
tests_mech_test_message_calls_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_message_calls_LDADD = $(mech_test_libs)
endif

if HAVE_CHECK
check_PROGRAMS += tests/mech/test_encapsulation
TESTS += tests/mech/test_encapsulation
tests_mech_test_encapsulation_SOURCES = tests/mech/test_encapsulation.c $(exchange_sources)
tests_mech_test_encapsulation_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_encapsulation_LDADD = libasn1.la libcommon.la $(KRB5_LIBS) $(CHECK_LIBS)
endif

# NegoEx: its messages, and logons with a mechanism made for these tests.
if HAVE_CHECK
negoex_tests = \
	tests/mech/test_negoex_message tests/mech/test_negoex tests/mech/test_negoex_attacks
check_PROGRAMS += $(negoex_tests)
TESTS += $(negoex_tests)

tests_mech_test_negoex_message_SOURCES = \
	tests/mech/test_negoex_message.c tests/asn1/vector.c tests/asn1/vector.h \
	tests/mech/negoex_message_check.c tests/mech/negoex_message_check.h
tests_mech_test_negoex_message_CPPFLAGS = $(vector_cppflags) $(CHECK_CFLAGS)
tests_mech_test_negoex_message_LDADD = libmech.la $(CHECK_LIBS)

negoex_peers_sources = \
	tests/mech/negoex_peers.c tests/mech/negoex_peers.h $(exchange_sources)
tests_mech_test_negoex_SOURCES = tests/mech/test_negoex.c $(negoex_peers_sources)
tests_mech_test_negoex_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_negoex_LDADD = libmech.la $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_negoex_attacks_SOURCES = tests/mech/test_negoex_attacks.c $(negoex_peers_sources)
tests_mech_test_negoex_attacks_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_negoex_attacks_LDADD = libmech.la $(KRB5_LIBS) $(CHECK_LIBS)

# The mechglue loads it from where it was built: -rpath makes libtool build it at all.
check_LTLIBRARIES += tests/mech/negoex_mech.la
tests_mech_negoex_mech_la_SOURCES = \
	tests/mech/negoex_mech.c tests/mech/negoex_mech.h tests/mech/negoex_mech_messages.c
tests_mech_negoex_mech_la_LIBADD = $(KRB5_LIBS) $(GNUTLS_LIBS)
tests_mech_negoex_mech_la_LDFLAGS = \
	$(AM_LDFLAGS) -module -avoid-version -shared -rpath $(abs_top_builddir)
endif
TESTS += tests/mech/test_symbols.sh
EXTRA_DIST += tests/mech/test_symbols.sh

# Every call on SPNEGO, in processes that have MIT's, ours in its place, or ours by its own name.
if HAVE_CHECK
check_PROGRAMS += tests/mech/spnego_calls tests/mech/test_spnego_calls \
	tests/mech/test_credential_calls
TESTS += tests/mech/test_spnego_calls tests/mech/test_credential_calls

tests_mech_spnego_calls_SOURCES = tests/mech/spnego_calls.c tests/mech/spnego_calls.h \
	tests/mech/spnego_calls_contexts.c tests/mech/spnego_calls_credentials.c \
	tests/mech/spnego_calls_names.c
tests_mech_spnego_calls_CPPFLAGS = $(mech_test_cppflags)
tests_mech_spnego_calls_LDADD = $(KRB5_LIBS)

tests_mech_test_spnego_calls_SOURCES = tests/mech/test_spnego_calls.c $(exchange_sources)
tests_mech_test_spnego_calls_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_spnego_calls_LDADD = $(mech_test_libs)

tests_mech_test_credential_calls_SOURCES = tests/mech/test_credential_calls.c $(exchange_sources)
tests_mech_test_credential_calls_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_credential_calls_LDADD = $(mech_test_libs)
endif

# Who the two ends of a TLS session are, and how it ends.
if HAVE_CHECK
certificate_files_sources = tests/mech/certificate_files.c tests/mech/certificate_files.h
token_sources = tests/mech/token.c tests/mech/token.h $(certificate_files_sources)
certificate_tests = \
	tests/mech/test_server_authentication tests/mech/test_server_certificate \
	tests/mech/test_client_certificates tests/mech/test_own_certificates \
	tests/mech/test_client_certificate_attacks \
	tests/mech/test_closing tests/mech/test_tls_inquiries tests/mech/test_keys \
	tests/mech/test_tls_versions
check_PROGRAMS += $(certificate_tests)
TESTS += $(certificate_tests)

tests_mech_test_server_authentication_SOURCES = \
	tests/mech/test_server_authentication.c $(certificate_files_sources) $(exchange_sources)
tests_mech_test_server_authentication_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_server_authentication_LDADD = $(GNUTLS_LIBS) $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_server_certificate_SOURCES = \
	tests/mech/test_server_certificate.c $(token_sources) $(exchange_sources)
tests_mech_test_server_certificate_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_server_certificate_LDADD = $(GNUTLS_LIBS) $(KRB5_LIBS) $(CHECK_LIBS)

client_certificate_sources = \
	tests/mech/client_certificate_fixture.c tests/mech/client_certificate_fixture.h \
	$(exchange_sources)
tests_mech_test_client_certificates_SOURCES = tests/mech/test_client_certificates.c \
	$(client_certificate_sources) $(certificate_files_sources)
tests_mech_test_client_certificates_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_client_certificates_LDADD = $(GNUTLS_LIBS) $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_own_certificates_SOURCES = tests/mech/test_own_certificates.c \
	$(client_certificate_sources) $(token_sources)
tests_mech_test_own_certificates_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_own_certificates_LDADD = $(GNUTLS_LIBS) $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_client_certificate_attacks_SOURCES = \
	tests/mech/test_client_certificate_attacks.c \
	$(certificate_files_sources) $(crafted_attack_sources)
tests_mech_test_client_certificate_attacks_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_client_certificate_attacks_LDADD = $(mech_attack_libs)

tests_mech_test_closing_SOURCES = tests/mech/test_closing.c $(exchange_sources)
tests_mech_test_closing_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_closing_LDADD = $(KRB5_LIBS) $(CHECK_LIBS)

tests_mech_test_tls_versions_SOURCES = tests/mech/test_tls_versions.c $(exchange_sources)
tests_mech_test_tls_versions_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_tls_versions_LDADD = $(mech_test_libs)

tests_mech_test_tls_inquiries_SOURCES = tests/mech/test_tls_inquiries.c $(crafted_attack_sources)
tests_mech_test_tls_inquiries_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_tls_inquiries_LDADD = $(mech_attack_libs)

tests_mech_test_keys_SOURCES = tests/mech/test_keys.c $(crafted_attack_sources)
tests_mech_test_keys_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_keys_LDADD = $(mech_attack_libs)
endif

# Every combination of CredSSP logons, with a plugin whose roles can be old ones.
if HAVE_CHECK
check_PROGRAMS += tests/mech/test_credssp_matrix
TESTS += tests/mech/test_credssp_matrix
tests_mech_test_credssp_matrix_SOURCES = tests/mech/test_credssp_matrix.c \
	tests/mech/cell_credentials.c tests/mech/cell_credentials.h \
	tests/mech/cell_logon.c tests/mech/cell_logon.h \
	tests/mech/credssp_rule.c tests/mech/credssp_rule.h \
	tests/mech/chance.c tests/mech/chance.h \
	tests/mech/crafted_peer.c tests/mech/crafted_peer.h \
	$(certificate_files_sources) $(exchange_sources)
tests_mech_test_credssp_matrix_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_credssp_matrix_LDADD = $(mech_attack_libs)

# -rpath makes libtool build it at all.
check_LTLIBRARIES += tests/mech/mech_sspi_older.la
tests_mech_mech_sspi_older_la_SOURCES = $(mech_mech_sspi_la_SOURCES) tests/mech/older_versions.c
tests_mech_mech_sspi_older_la_LIBADD = $(mech_mech_sspi_la_LIBADD)
tests_mech_mech_sspi_older_la_LDFLAGS = $(mech_mech_sspi_la_LDFLAGS) -rpath $(abs_top_builddir) \
	-Wl,--wrap=ts_request_encode,--wrap=ts_request_decode
endif
