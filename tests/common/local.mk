# Wiped memory, text, NTSTATUS.
if HAVE_CHECK
common_tests = tests/common/test_nt_status tests/common/test_secret tests/common/test_text
check_PROGRAMS += $(common_tests)
TESTS += $(common_tests)

allocation_failure_sources = \
	tests/common/allocation_failure.c tests/common/allocation_failure.h

tests_common_test_nt_status_SOURCES = tests/common/test_nt_status.c
tests_common_test_nt_status_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_common_test_nt_status_LDADD = libcommon.la $(CHECK_LIBS)

tests_common_test_secret_SOURCES = tests/common/test_secret.c tests/common/zero_octets.h
tests_common_test_secret_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_common_test_secret_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=munmap
tests_common_test_secret_LDADD = libcommon.la $(CHECK_LIBS)

tests_common_test_text_SOURCES = tests/common/test_text.c tests/common/zero_octets.h
tests_common_test_text_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_common_test_text_LDADD = libcommon.la $(CHECK_LIBS)
endif
