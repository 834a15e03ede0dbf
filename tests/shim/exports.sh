#!/bin/sh
# The library exports what its headers document, and nothing else.
set -eu

headers=$top_srcdir/sspi-shim/include/sspi-gss
library=$top_builddir/.libs/libsspi-gss.so

documented=$(grep -hv '^#define' "$headers"/*.h | tr '\n' ' ' |
  grep -oE 'SSPI_GSS_API [^;(]*\(' | sed 's/($//; s/.*[ *]//' | sort)
exported=$(nm -D --defined-only "$library" | awk '$2 ~ /[TDBR]/ { sub(/@.*/, "", $3); print $3 }' |
  sort)
[ -n "$documented" ]
if [ "$documented" != "$exported" ]; then
  echo 'documented and exported names differ:'
  printf '%s\n' "$documented" "$exported" | sort | uniq -u
  exit 1
fi
