#!/bin/sh
# Each header can be included alone, and all of them together, in C11 and in C++, with and without
# UNICODE, which decides what the plain names stand for.
set -eu

headers=$top_srcdir/sspi-shim/include/sspi-gss
compiler=${CXX:-c++}
if ! command -v "$compiler" >/dev/null; then
  echo "a C++ compiler is needed for this test (Debian: g++)" >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# compile MODE: the source on standard input, in both languages
compile()
{
  cat >"$work/source"
  for language in "${CC:-cc} -x c -std=c11" "$compiler -x c++ -std=c++11"; do
    # shellcheck disable=SC2086 # command and arguments
    $language -Wall -Wextra -Werror -pedantic "$1" -fsyntax-only -I"$headers" "$work/source"
  done
}

for mode in '-UUNICODE' '-DUNICODE'; do
  for header in "$headers"/*.h; do
    printf '#include <%s>\n' "${header##*/}" | compile "$mode"
  done
  compile "$mode" <<'EOF'
#include <security.h>
#include <credssp.h>
#include <schannel.h>
#include <ntsecapi.h>
#include <sspi_gss.h>
struct names {
    const WCHAR *wide;
    const TCHAR *text;
    INIT_SECURITY_INTERFACE entry;
    ADD_CREDENTIALS_FN add;
    CHANGE_PASSWORD_FN change;
    SecPkgCredentials_SSIProvider *provider;
    SEC_WINNT_AUTH_IDENTITY_EX *identity;
    SspiAsyncNotifyCallback notify;
    FREE_CREDENTIALS_HANDLE_FN SecurityFunctionTable;
};
extern struct names names;
struct names names = {u"text", TEXT("text"), InitSecurityInterface, AddCredentials,
                      ChangeAccountPassword, NULL, NULL, NULL, FreeCredentialHandle};
EOF
done
