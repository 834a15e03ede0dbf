# The plugin, through the mechglue.
if HAVE_CHECK
mech_tests = tests/mech/test_logon
check_PROGRAMS += $(mech_tests)
TESTS += $(mech_tests)
exchange_sources = tests/mech/exchange.c tests/mech/exchange.h
mech_test_cppflags = $(AM_CPPFLAGS) $(CHECK_CFLAGS)

tests_mech_test_logon_SOURCES = tests/mech/test_logon.c $(exchange_sources)
tests_mech_test_logon_CPPFLAGS = $(mech_test_cppflags)
tests_mech_test_logon_LDADD = $(KRB5_LIBS) $(CHECK_LIBS)
endif
