# mech_sspi.so, the GSS-API mechanism plugin.
BUILT_SOURCES += mech/gss_sspi_errors.h
CLEANFILES += mech/gss_sspi_errors.c mech/gss_sspi_errors.h
EXTRA_DIST += mech/gss_sspi_errors.et mech/plugin/plugin.map

# compile_et writes both files, in the current directory.
mech/gss_sspi_errors.h: $(srcdir)/mech/gss_sspi_errors.et
	$(AM_V_GEN)$(MKDIR_P) mech && cd mech && $(COMPILE_ET) $(abs_srcdir)/mech/gss_sspi_errors.et
mech/gss_sspi_errors.c: mech/gss_sspi_errors.h
	@touch $@

# Everything but the door: the tests reach inside by this library.
noinst_LTLIBRARIES += libmech.la
libmech_la_SOURCES = \
	mech/attributes.c mech/attributes.h \
	mech/certificate.c mech/certificate.h \
	mech/certificate_chain.c mech/certificate_chain.h \
	mech/certificate_source.c mech/certificate_source.h \
	mech/client_certificate.c mech/client_certificate.h \
	mech/client_check.c mech/client_check.h mech/client_demand.c mech/client_demand.h \
	mech/context.c mech/context.h \
	mech/cred.c mech/cred.h mech/cred_export.c mech/cred_exported.h \
	mech/cred_import.c mech/cred_inner.c mech/cred_packages.c \
	mech/cred_impersonate.c mech/cred_impersonate.h \
	mech/cred_option.c mech/cred_option.h mech/cred_store.c mech/cred_store.h \
	mech/cred_tls.c mech/cred_tls.h mech/cred_union.c mech/cred_union.h \
	mech/cred_without_ticket.c mech/cred_without_ticket.h \
	mech/file_cache.c mech/file_cache.h \
	mech/inner.c mech/inner.h \
	mech/inquiry.c mech/inquiry.h \
	mech/iov_message.c mech/iov_message.h \
	mech/kept_certificate.c mech/kept_certificate.h \
	mech/mechglue.h \
	mech/name.c mech/name.h \
	mech/negoex_module.c mech/negoex_module.h \
	mech/octets.h \
	mech/oids.c mech/oids.h \
	mech/package_list.c mech/package_list.h \
	mech/delegation_policy.c mech/delegation_policy.h \
	mech/policy.c mech/policy.h mech/policy_option.c mech/policy_option.h \
	mech/self_signed.c mech/self_signed.h \
	mech/server_check.c mech/server_check.h mech/server_demand.c mech/server_demand.h \
	mech/server_trust.c mech/server_trust.h \
	mech/smart_card.c mech/smart_card.h \
	mech/state_directory.c mech/state_directory.h \
	mech/status.c mech/status.h \
	mech/target_host.c mech/target_host.h \
	mech/tls.c mech/tls.h mech/tls_client_certificate.c mech/tls_inquiry.c mech/tls_message.c \
	mech/tls_policy.c mech/tls_policy.h \
	mech/tls_priority.c mech/tls_priority.h mech/tls_record_limit.c mech/tls_record_limit.h \
	mech/tls_session.h mech/tls_setup.c \
	mech/token_pin.c mech/token_pin.h \
	mech/trace.c mech/trace.h mech/trust.c mech/trust.h \
	mech/credssp/acceptor.c mech/credssp/binding.c mech/credssp/context.c \
	mech/credssp/credssp.h mech/credssp/delegate.c mech/credssp/delegated.c \
	mech/credssp/initiator.c mech/credssp/inner_seal.c mech/credssp/keys.c \
	mech/credssp/protect.c mech/credssp/protect.h mech/credssp/protect_iov.c \
	mech/credssp/refusal.c mech/credssp/request.c mech/credssp/unprotect_iov.c \
	mech/negotiate/acceptor.c mech/negotiate/channel_bindings.c \
	mech/negotiate/context.c mech/negotiate/fragments.c mech/negotiate/initiator.c \
	mech/negotiate/inner_step.c mech/negotiate/mechlist.c mech/negotiate/mic.c \
	mech/negotiate/negoex.c mech/negotiate/negoex.h mech/negotiate/negoex_acceptor.c \
	mech/negotiate/negoex_initiator.c mech/negotiate/negoex_verify.c \
	mech/negotiate/negoex_message.c mech/negotiate/negoex_message.h \
	mech/negotiate/negotiate.h mech/negotiate/ntlm_message.c mech/negotiate/reply.c
nodist_libmech_la_SOURCES = mech/gss_sspi_errors.c mech/gss_sspi_errors.h
libmech_la_LIBADD = libasn1.la libcommon.la \
	$(KRB5_LIBS) $(GNUTLS_LIBS) $(TASN1_LIBS) $(UNISTRING_LIBS) $(COM_ERR_LIBS)

gssmodule_LTLIBRARIES = mech/mech_sspi.la
mech_mech_sspi_la_SOURCES = \
	mech/plugin/contexts.c mech/plugin/credentials.c mech/plugin/door.h \
	mech/plugin/messages.c mech/plugin/names.c mech/plugin/questions.c
mech_mech_sspi_la_LIBADD = libmech.la
mech_mech_sspi_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-Wl,--version-script=$(srcdir)/mech/plugin/plugin.map -Wl,-z,nodelete
EXTRA_mech_mech_sspi_la_DEPENDENCIES = $(srcdir)/mech/plugin/plugin.map
