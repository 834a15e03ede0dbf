# tests/shim
TESTS += tests/shim/exports.sh tests/shim/headers_cxx.sh tests/shim/man_lists_everything.sh
EXTRA_DIST += tests/shim/exports.sh tests/shim/headers_cxx.sh \
	tests/shim/man_lists_everything.sh \
	tests/shim/constants.inc tests/shim/constants_common.inc \
	tests/shim/constants_ntsecapi.inc tests/shim/constants_schannel.inc \
	tests/shim/layout.inc tests/shim/layout_common.inc \
	tests/shim/layout_ntsecapi.inc tests/shim/layout_schannel.inc \
	tests/shim/prototypes.inc tests/shim/prototypes_common.inc

shim_test_programs = tests/shim/test_layout
tests_shim_test_layout_SOURCES = tests/shim/test_layout.c tests/shim/layout_asserts.h
tests_shim_test_layout_LDADD = libsspi-gss.la

if HAVE_WINPR
shim_test_programs += tests/shim/test_layout_winpr
tests_shim_test_layout_winpr_SOURCES = tests/shim/test_layout_winpr.c tests/shim/layout_asserts.h
tests_shim_test_layout_winpr_CPPFLAGS = $(AM_CPPFLAGS) $(WINPR_CFLAGS)
# WinPR's headers are not written for our warnings.
tests_shim_test_layout_winpr_CFLAGS = $(SANITIZER_CFLAGS)

shim_test_programs += tests/shim/test_winpr_neighbour
tests_shim_test_winpr_neighbour_SOURCES = tests/shim/test_winpr_neighbour.c
tests_shim_test_winpr_neighbour_LDADD = -ldl

# The table as FreeRDP calls it: version 2 without UNICODE, version 3 with it.
check_PROGRAMS += tests/shim/sspi_module_client tests/shim/sspi_module_client_wide
noinst_LTLIBRARIES += libsspimodule.la libsspimodule_wide.la
libsspimodule_la_SOURCES = tests/shim/sspi_module.c tests/shim/sspi_module.h
libsspimodule_la_CPPFLAGS = $(AM_CPPFLAGS) $(WINPR_CFLAGS)
libsspimodule_la_CFLAGS = $(SANITIZER_CFLAGS)
libsspimodule_wide_la_SOURCES = $(libsspimodule_la_SOURCES)
libsspimodule_wide_la_CPPFLAGS = $(libsspimodule_la_CPPFLAGS) -DUNICODE=UNICODE
libsspimodule_wide_la_CFLAGS = $(SANITIZER_CFLAGS)
sspi_module_client_sources = tests/shim/sspi_module_client.c \
	tools/rdp_negotiation.c tools/rdp_negotiation.h
sspi_module_client_libs = libmech.la $(KRB5_LIBS) $(GNUTLS_LIBS) -ldl
tests_shim_sspi_module_client_SOURCES = $(sspi_module_client_sources)
tests_shim_sspi_module_client_LDADD = libsspimodule.la $(sspi_module_client_libs)
tests_shim_sspi_module_client_wide_SOURCES = $(sspi_module_client_sources)
tests_shim_sspi_module_client_wide_LDADD = libsspimodule_wide.la $(sspi_module_client_libs)
endif

# One file, against our headers and against WinPR's, each with UNICODE and without.
if HAVE_CHECK
shim_test_programs += tests/shim/portable_sspi tests/shim/portable_sspi_wide
portable_cppflags = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
portable_ours = $(portable_cppflags) -I$(srcdir)/sspi-shim/include/sspi-gss
tests_shim_portable_sspi_SOURCES = tests/shim/portable_sspi.c
tests_shim_portable_sspi_CPPFLAGS = $(portable_ours)
tests_shim_portable_sspi_LDADD = libsspi-gss.la $(CHECK_LIBS)
tests_shim_portable_sspi_wide_SOURCES = tests/shim/portable_sspi.c
tests_shim_portable_sspi_wide_CPPFLAGS = $(portable_ours) -DUNICODE
tests_shim_portable_sspi_wide_LDADD = libsspi-gss.la $(CHECK_LIBS)

if HAVE_WINPR
shim_test_programs += tests/shim/portable_sspi_winpr tests/shim/portable_sspi_winpr_wide
portable_winpr = $(portable_cppflags) -I$(srcdir)/tests/shim/winpr $(WINPR_CFLAGS) \
	-DPORTABLE_SSPI_WINPR
tests_shim_portable_sspi_winpr_SOURCES = tests/shim/portable_sspi.c tests/shim/winpr/sspi.h
tests_shim_portable_sspi_winpr_CPPFLAGS = $(portable_winpr)
tests_shim_portable_sspi_winpr_CFLAGS = $(SANITIZER_CFLAGS)
tests_shim_portable_sspi_winpr_LDADD = $(WINPR_LIBS) $(CHECK_LIBS)
# It has a type UNICODE, which must stay one.
tests_shim_portable_sspi_winpr_wide_SOURCES = tests/shim/portable_sspi.c tests/shim/winpr/sspi.h
tests_shim_portable_sspi_winpr_wide_CPPFLAGS = $(portable_winpr) -DUNICODE=UNICODE
tests_shim_portable_sspi_winpr_wide_CFLAGS = $(SANITIZER_CFLAGS)
tests_shim_portable_sspi_winpr_wide_LDADD = $(WINPR_LIBS) $(CHECK_LIBS)
endif
endif

if HAVE_CHECK
noinst_LTLIBRARIES += libshimtest.la
libshimtest_la_SOURCES = \
	tests/shim/exchange.c tests/shim/exchange.h \
	tests/shim/failed_logon.c tests/shim/failed_logon.h
libshimtest_la_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
shim_test_libs = libshimtest.la libsspi-gss.la $(KRB5_LIBS) $(CHECK_LIBS) -lpthread

shim_test_programs += \
	tests/shim/test_allocation_failure \
	tests/shim/test_arguments \
	tests/shim/test_async \
	tests/shim/test_handles \
	tests/shim/test_impersonation \
	tests/shim/test_errors \
	tests/shim/test_credssp_errors \
	tests/shim/test_contract_accept \
	tests/shim/test_contract_initialize \
	tests/shim/test_contract_results \
	tests/shim/test_buffers \
	tests/shim/test_nonsense \
	tests/shim/test_messages \
	tests/shim/test_message_buffers \
	tests/shim/test_message_refusals \
	tests/shim/test_records \
	tests/shim/test_record_buffers \
	tests/shim/test_records_between \
	tests/shim/test_attributes \
	tests/shim/test_context_attributes \
	tests/shim/test_attribute_values \
	tests/shim/test_tls_attributes \
	tests/shim/test_change_password \
	tests/shim/test_credentials \
	tests/shim/test_identities \
	tests/shim/test_identity_memory \
	tests/shim/test_marshalled_identities \
	tests/shim/test_found_credentials \
	tests/shim/test_supplied_credentials \
	tests/shim/test_tls_credentials \
	tests/shim/test_targets \
	tests/shim/test_client_certificates \
	tests/shim/test_context_flags \
	tests/shim/test_control_token \
	tests/shim/test_context_export \
	tests/shim/test_input_parameters \
	tests/shim/test_leg_output \
	tests/shim/test_threads \
	tests/shim/test_logon

# Its allocator counts in all of the program's libraries.
failing_allocations_sources = tests/shim/failing_allocations.c tests/shim/failing_allocations.h \
	$(allocation_failure_sources)
tests_shim_test_allocation_failure_SOURCES = tests/shim/test_allocation_failure.c \
	$(failing_allocations_sources) $(exchange_sources)
tests_shim_test_allocation_failure_CPPFLAGS = $(mech_test_cppflags)
tests_shim_test_allocation_failure_LDADD = $(shim_test_libs) $(GNUTLS_LIBS) -ldl

tests_shim_test_identity_memory_SOURCES = tests/shim/test_identity_memory.c \
	$(supplied_sources) $(failing_allocations_sources)
tests_shim_test_identity_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_identity_memory_LDADD = $(shim_test_libs) -ldl

tests_shim_test_nonsense_SOURCES = tests/shim/test_nonsense.c \
	tests/shim/nonsense_values.c tests/shim/nonsense_values.h tests/shim/exported_functions.inc
tests_shim_test_nonsense_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_nonsense_LDADD = $(shim_test_libs) -ldl

tests_shim_test_arguments_SOURCES = tests/shim/test_arguments.c
tests_shim_test_arguments_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_arguments_LDADD = $(shim_test_libs)

tests_shim_test_async_SOURCES = tests/shim/test_async.c
tests_shim_test_async_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_async_LDADD = $(shim_test_libs)

tests_shim_test_handles_SOURCES = tests/shim/test_handles.c
tests_shim_test_handles_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_handles_LDADD = $(CHECK_LIBS) -lpthread

tests_shim_test_errors_SOURCES = tests/shim/test_errors.c
tests_shim_test_errors_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_errors_LDADD = $(shim_test_libs)

tests_shim_test_buffers_SOURCES = tests/shim/test_buffers.c
tests_shim_test_buffers_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_buffers_LDADD = $(shim_test_libs)

two_parties_sources = tests/shim/two_parties.c tests/shim/two_parties.h
protection_sources = tests/shim/protection.c tests/shim/protection.h $(two_parties_sources)
tests_shim_test_messages_SOURCES = tests/shim/test_messages.c $(protection_sources)
tests_shim_test_messages_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_messages_LDADD = $(shim_test_libs)

tests_shim_test_message_buffers_SOURCES = tests/shim/test_message_buffers.c $(protection_sources)
tests_shim_test_message_buffers_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_message_buffers_LDADD = $(shim_test_libs)

tests_shim_test_message_refusals_SOURCES = tests/shim/test_message_refusals.c $(protection_sources)
tests_shim_test_message_refusals_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_message_refusals_LDADD = $(shim_test_libs)

record_sources = tests/shim/records.c tests/shim/records.h
record_logon_sources = tests/shim/record_logon.c tests/shim/record_logon.h \
	$(record_sources) $(two_parties_sources) $(sealed_messages_sources)
tests_shim_test_records_SOURCES = tests/shim/test_records.c $(record_logon_sources)
tests_shim_test_records_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_records_LDADD = $(shim_test_libs)

tests_shim_test_record_buffers_SOURCES = tests/shim/test_record_buffers.c $(record_logon_sources)
tests_shim_test_record_buffers_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_record_buffers_LDADD = $(shim_test_libs)

tests_shim_test_records_between_SOURCES = tests/shim/test_records_between.c $(record_sources) \
	$(crafted_attack_sources)
tests_shim_test_records_between_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_records_between_LDADD = $(shim_test_libs) $(mech_attack_libs)

tests_shim_test_attributes_SOURCES = tests/shim/test_attributes.c
tests_shim_test_attributes_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_attributes_LDADD = $(shim_test_libs) $(UNISTRING_LIBS)

tests_shim_test_credentials_SOURCES = tests/shim/test_credentials.c $(supplied_sources)
tests_shim_test_credentials_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_credentials_LDADD = $(shim_test_libs)

tests_shim_test_context_attributes_SOURCES = tests/shim/test_context_attributes.c \
	$(exchange_sources)
tests_shim_test_context_attributes_CPPFLAGS = $(mech_test_cppflags)
tests_shim_test_context_attributes_LDADD = $(shim_test_libs) $(GNUTLS_LIBS)

tests_shim_test_attribute_values_SOURCES = tests/shim/test_attribute_values.c $(exchange_sources)
tests_shim_test_attribute_values_CPPFLAGS = $(mech_test_cppflags)
tests_shim_test_attribute_values_LDADD = $(shim_test_libs) $(UNISTRING_LIBS) $(GNUTLS_LIBS)

tests_shim_test_tls_attributes_SOURCES = tests/shim/test_tls_attributes.c \
	$(certificate_files_sources) $(exchange_sources)
tests_shim_test_tls_attributes_CPPFLAGS = $(mech_test_cppflags)
tests_shim_test_tls_attributes_LDADD = $(shim_test_libs) $(GNUTLS_LIBS)

tests_shim_test_identities_SOURCES = tests/shim/test_identities.c $(supplied_sources)
tests_shim_test_identities_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_identities_LDADD = $(shim_test_libs)

tests_shim_test_marshalled_identities_SOURCES = tests/shim/test_marshalled_identities.c \
	$(supplied_sources)
tests_shim_test_marshalled_identities_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_marshalled_identities_LDADD = $(shim_test_libs)

supplied_sources = tests/shim/supplied.c tests/shim/supplied.h
tests_shim_test_supplied_credentials_SOURCES = tests/shim/test_supplied_credentials.c \
	$(supplied_sources)
tests_shim_test_supplied_credentials_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_supplied_credentials_LDADD = $(shim_test_libs)

tests_shim_test_found_credentials_SOURCES = tests/shim/test_found_credentials.c \
	$(supplied_sources)
tests_shim_test_found_credentials_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_found_credentials_LDADD = $(shim_test_libs)

tests_shim_test_tls_credentials_SOURCES = tests/shim/test_tls_credentials.c $(supplied_sources) \
	$(certificate_files_sources) $(exchange_sources)
tests_shim_test_tls_credentials_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_tls_credentials_LDADD = $(shim_test_libs) $(GNUTLS_LIBS)

tests_shim_test_targets_SOURCES = tests/shim/test_targets.c $(supplied_sources)
tests_shim_test_targets_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_targets_LDADD = $(shim_test_libs)

tests_shim_test_change_password_SOURCES = tests/shim/test_change_password.c
tests_shim_test_change_password_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_change_password_LDADD = $(shim_test_libs)

# Certificates, by the parts of the plugin's tests that make them.
tests_shim_test_credssp_errors_SOURCES = \
	tests/shim/test_credssp_errors.c \
	tests/mech/certificate_files.c tests/mech/certificate_files.h $(exchange_sources)
tests_shim_test_credssp_errors_CPPFLAGS = $(mech_test_cppflags)
tests_shim_test_credssp_errors_LDADD = $(shim_test_libs) $(GNUTLS_LIBS)

tests_shim_test_client_certificates_SOURCES = \
	tests/shim/test_client_certificates.c \
	tests/mech/certificate_files.c tests/mech/certificate_files.h $(exchange_sources)
tests_shim_test_client_certificates_CPPFLAGS = $(mech_test_cppflags)
tests_shim_test_client_certificates_LDADD = $(shim_test_libs) $(GNUTLS_LIBS)

tests_shim_test_impersonation_SOURCES = tests/shim/test_impersonation.c
tests_shim_test_impersonation_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_impersonation_LDADD = $(shim_test_libs)

tests_shim_test_contract_accept_SOURCES = tests/shim/test_contract_accept.c
tests_shim_test_contract_accept_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_contract_accept_LDADD = $(shim_test_libs)

tests_shim_test_contract_results_SOURCES = tests/shim/test_contract_results.c
tests_shim_test_contract_results_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_contract_results_LDADD = $(shim_test_libs)

tests_shim_test_contract_initialize_SOURCES = tests/shim/test_contract_initialize.c
tests_shim_test_contract_initialize_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_contract_initialize_LDADD = $(shim_test_libs)

tests_shim_test_context_flags_SOURCES = tests/shim/test_context_flags.c
tests_shim_test_context_flags_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_context_flags_LDADD = $(shim_test_libs)

tests_shim_test_control_token_SOURCES = tests/shim/test_control_token.c
tests_shim_test_control_token_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_control_token_LDADD = $(shim_test_libs)

tests_shim_test_context_export_SOURCES = tests/shim/test_context_export.c
tests_shim_test_context_export_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_context_export_LDADD = $(shim_test_libs)

tests_shim_test_leg_output_SOURCES = tests/shim/test_leg_output.c
tests_shim_test_leg_output_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_leg_output_LDADD = $(shim_test_libs)

tests_shim_test_input_parameters_SOURCES = tests/shim/test_input_parameters.c
tests_shim_test_input_parameters_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_input_parameters_LDADD = $(shim_test_libs)

tests_shim_test_threads_SOURCES = tests/shim/test_threads.c
tests_shim_test_threads_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_threads_LDADD = $(shim_test_libs)

tests_shim_test_logon_SOURCES = tests/shim/test_logon.c
tests_shim_test_logon_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_logon_LDADD = $(shim_test_libs)
endif

check_PROGRAMS += $(shim_test_programs)
TESTS += $(shim_test_programs)
