# The wire formats: DER to plain C structures and back.
noinst_LTLIBRARIES += libasn1.la
libasn1_la_SOURCES =
