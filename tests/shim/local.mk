# tests/shim
if HAVE_CHECK
noinst_LTLIBRARIES += libshimtest.la
libshimtest_la_SOURCES = tests/shim/exchange.c tests/shim/exchange.h
libshimtest_la_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
shim_test_libs = libshimtest.la libsspi-gss.la $(CHECK_LIBS) -lpthread

check_PROGRAMS += tests/shim/test_logon
tests_shim_test_logon_SOURCES = tests/shim/test_logon.c
tests_shim_test_logon_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shim_test_logon_LDADD = $(shim_test_libs)
TESTS += tests/shim/test_logon
endif
