# libsspi-gss.so, SSPI on top of gss_*.
sspi_gssincludedir = $(includedir)/sspi-gss
sspi_gssinclude_HEADERS = \
	sspi-shim/include/sspi-gss/credssp.h \
	sspi-shim/include/sspi-gss/schannel.h \
	sspi-shim/include/sspi-gss/security.h \
	sspi-shim/include/sspi-gss/sspi.h \
	sspi-shim/include/sspi-gss/sspi_constants.h \
	sspi-shim/include/sspi-gss/sspi_functions.h \
	sspi-shim/include/sspi-gss/sspi_gss.h \
	sspi-shim/include/sspi-gss/sspi_status.h \
	sspi-shim/include/sspi-gss/sspi_structures.h \
	sspi-shim/include/sspi-gss/windows_types.h
