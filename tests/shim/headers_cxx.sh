#!/bin/sh
# The headers are C++ as well as C, with and without UNICODE.
set -eu

compiler=${CXX:-c++}
if ! command -v "$compiler" >/dev/null; then
  echo "a C++ compiler is needed for this test (Debian: g++)" >&2
  exit 1
fi
for mode in '-UUNICODE' '-DUNICODE'; do
  printf '%s\n' '#include <security.h>' '#include <credssp.h>' '#include <schannel.h>' \
    '#include <sspi_gss.h>' 'const WCHAR *wide = u"text";' 'const TCHAR *text = TEXT("text");' \
    'INIT_SECURITY_INTERFACE entry = InitSecurityInterface;' |
    "$compiler" -std=c++11 -Wall -Wextra -Werror -pedantic "$mode" -fsyntax-only \
      -I"$top_srcdir/sspi-shim/include/sspi-gss" -x c++ -
done
