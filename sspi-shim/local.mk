# libsspi-gss.so, SSPI on top of gss_*.
sspi_gssincludedir = $(includedir)/sspi-gss
sspi_gssinclude_HEADERS = \
	sspi-shim/include/sspi-gss/credssp.h \
	sspi-shim/include/sspi-gss/ntsecapi.h \
	sspi-shim/include/sspi-gss/schannel.h \
	sspi-shim/include/sspi-gss/schannel_attributes.h \
	sspi-shim/include/sspi-gss/schannel_protocol.h \
	sspi-shim/include/sspi-gss/security.h \
	sspi-shim/include/sspi-gss/sspi.h \
	sspi-shim/include/sspi-gss/sspi_async.h \
	sspi-shim/include/sspi-gss/sspi_attributes.h \
	sspi-shim/include/sspi-gss/sspi_buffers.h \
	sspi-shim/include/sspi-gss/sspi_constants.h \
	sspi-shim/include/sspi-gss/sspi_functions.h \
	sspi-shim/include/sspi-gss/sspi_gss.h \
	sspi-shim/include/sspi-gss/sspi_identity.h \
	sspi-shim/include/sspi-gss/sspi_identity_functions.h \
	sspi-shim/include/sspi-gss/sspi_status.h \
	sspi-shim/include/sspi-gss/sspi_structures.h \
	sspi-shim/include/sspi-gss/wincrypt.h \
	sspi-shim/include/sspi-gss/windows_types.h

lib_LTLIBRARIES += libsspi-gss.la
libsspi_gss_la_SOURCES = \
	sspi-shim/acquire.c sspi-shim/acquire.h \
	sspi-shim/async.c sspi-shim/async.h sspi-shim/async_calls.c \
	sspi-shim/attributes.c sspi-shim/attributes.h \
	sspi-shim/attributes_of_certificates.c sspi-shim/attributes_of_credentials.c \
	sspi-shim/attributes_of_keys.c sspi-shim/attributes_of_logon.c \
	sspi-shim/attributes_of_names.c sspi-shim/attributes_of_tls.c \
	sspi-shim/buffers.c sspi-shim/buffers.h \
	sspi-shim/change_password.c \
	sspi-shim/channel_bindings.c sspi-shim/channel_bindings.h \
	sspi-shim/cipher_suite.c sspi-shim/cipher_suite.h \
	sspi-shim/context.c sspi-shim/context.h \
	sspi-shim/context_export.c \
	sspi-shim/control_token.c \
	sspi-shim/credential_attributes.c \
	sspi-shim/credentials.c sspi-shim/credentials.h \
	sspi-shim/delegation.c sspi-shim/delegation.h \
	sspi-shim/delivery.c sspi-shim/delivery.h \
	sspi-shim/flags.c sspi-shim/flags.h \
	sspi-shim/handles.c sspi-shim/handles.h \
	sspi-shim/identity.c sspi-shim/identity.h \
	sspi-shim/identity_ex2.c sspi-shim/identity_ex2.h \
	sspi-shim/identity_form.c sspi-shim/identity_form.h \
	sspi-shim/impersonation.c sspi-shim/impersonation.h \
	sspi-shim/input_parameters.c sspi-shim/input_parameters.h \
	sspi-shim/inquiry.c sspi-shim/inquiry.h \
	sspi-shim/leg.c sspi-shim/leg.h \
	sspi-shim/message.c sspi-shim/message.h \
	sspi-shim/message_layout.c sspi-shim/message_layout.h \
	sspi-shim/ntlm_offer.c sspi-shim/ntlm_offer.h \
	sspi-shim/opaque_identity.c \
	sspi-shim/packages.c sspi-shim/packages.h \
	sspi-shim/record.c \
	sspi-shim/secret_text.c sspi-shim/secret_text.h \
	sspi-shim/security_context.c \
	sspi-shim/signature.c \
	sspi-shim/sizes.c sspi-shim/sizes.h \
	sspi-shim/smart_card.c sspi-shim/smart_card.h \
	sspi-shim/status.c sspi-shim/status.h \
	sspi-shim/status_names.c \
	sspi-shim/step.c sspi-shim/step.h \
	sspi-shim/store.h \
	sspi-shim/stored_credential.c \
	sspi-shim/supplied.c sspi-shim/supplied.h \
	sspi-shim/table.c \
	sspi-shim/target.c sspi-shim/target.h \
	sspi-shim/text.c sspi-shim/text.h \
	sspi-shim/timestamps.c sspi-shim/timestamps.h \
	sspi-shim/tls_credential.c sspi-shim/tls_credential.h \
	sspi-shim/tls_record.c sspi-shim/tls_record.h \
	sspi-shim/token.c sspi-shim/token.h \
	sspi-shim/unwrap.c \
	sspi-shim/user_name.c sspi-shim/user_name.h \
	sspi-shim/wrap.c
libsspi_gss_la_LIBADD = libcommon.la $(KRB5_LIBS) $(UNISTRING_LIBS) -lpthread
# Bsymbolic: a process that has WinPR too must not find its functions in our table. nodelete: threads
# of asynchronous calls, and threads that impersonate, end in our code.
libsspi_gss_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -no-undefined -Wl,-Bsymbolic \
	-Wl,--version-script=$(srcdir)/sspi-shim/libsspi-gss.map -Wl,-z,nodelete
sspi-shim/status.lo: mech/gss_sspi_errors.h
EXTRA_libsspi_gss_la_DEPENDENCIES = $(srcdir)/sspi-shim/libsspi-gss.map
EXTRA_DIST += sspi-shim/libsspi-gss.map
