#!/bin/sh
# python3-gssapi, which loads libgssapi with dlopen, completes contexts through the plugin.
. "${top_srcdir:?}/tests/realm/checks.sh"

for mechanism in credssp negotiate; do
  for inner in kerberos ntlm; do
    expect 0 "python3-gssapi: $mechanism with $inner" \
      foreign /usr/bin/python3 "$top_srcdir/tests/interop/python_gssapi.py" "$mechanism" "$inner"
    expect_line '  both sides are done' '^complete$' "$REALM_DIR/output"
  done
done
finish
