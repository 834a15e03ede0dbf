# gss-sspi, the program for people.
bin_PROGRAMS += tools/gss-sspi
tools_gss_sspi_SOURCES = \
	tools/client.c tools/client.h \
	tools/clock.h \
	tools/command.h \
	tools/connect.c \
	tools/endpoint.c tools/endpoint.h \
	tools/failure.c tools/failure.h \
	tools/logon.c tools/logon.h \
	tools/main.c \
	tools/message.c \
	tools/ntlm_mechanism.h \
	tools/password.c tools/password.h \
	tools/rdp_handshake.c tools/rdp_handshake.h \
	tools/rdp_negotiation.c tools/rdp_negotiation.h \
	tools/registration.c tools/registration.h \
	tools/report.c tools/report.h \
	tools/serve.c tools/serve.h \
	tools/serve_connection.c \
	tools/status.c \
	tools/token_stream.c tools/token_stream.h
tools_gss_sspi_LDADD = libcommon.la libsspi-gss.la $(KRB5_LIBS) -lpthread

dist_man_MANS += man/gss-sspi.1 man/gss-sspi.conf.5 man/mech_sspi.8 man/sspi-gss.3
EXTRA_DIST += tools/demo
