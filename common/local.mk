# What the plugin and the shim both need and neither owns: wiped memory, text, NTSTATUS.
noinst_LTLIBRARIES += libcommon.la
libcommon_la_SOURCES = \
	common/byte_buffer.c common/byte_buffer.h \
	common/byte_range.h common/hexadecimal.h \
	common/nt_status.c common/nt_status.h \
	common/ntlm_offer.h \
	common/secret.c common/secret.h \
	common/text.c common/text.h
libcommon_la_LIBADD = $(UNISTRING_LIBS)
