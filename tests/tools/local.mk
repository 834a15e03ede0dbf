# The program gss-sspi, and the example of its options' manual page.
TESTS += tests/tools/gss-sspi.sh tests/tools/man-example.sh
EXTRA_DIST += tests/tools/gss-sspi.sh tests/tools/man-example.sh tests/tools/password_prompt.py

if HAVE_CHECK
check_PROGRAMS += tests/tools/rdp_negotiation_test
TESTS += tests/tools/rdp_negotiation_test
tests_tools_rdp_negotiation_test_SOURCES = \
	tests/tools/rdp_negotiation_test.c \
	tools/rdp_negotiation.c tools/rdp_negotiation.h
tests_tools_rdp_negotiation_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_tools_rdp_negotiation_test_LDADD = $(CHECK_LIBS)
endif
