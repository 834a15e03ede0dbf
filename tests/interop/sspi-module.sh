#!/bin/sh
# libsspi-gss as FreeRDP's /sspi-module:. Debian's FreeRDP 2 has no such option: its client never loads a
# module, its server one that WinPR's registry names, which is tried last. For the client a loader
# stands in, built against WinPR's headers, that calls through the table in FreeRDP's order and with its
# arguments: that of version 2 (sspi_module_client) and of version 3 (sspi_module_client_wide). Its
# servers are freerdp-shadow-cli, which has NTLM, and gss-sspi serve --rdp, which has all.
. "${top_srcdir:?}/tests/realm/checks.sh"
. "$top_srcdir/tests/interop/rdp_server.sh"

make_certificate rsa rsa:2048
make_certificate p256 ec -pkeyopt ec_paramgen_curve:P-256
module=$top_builddir/.libs/libsspi-gss.so
# The loader loads the library, and this one the plugin.
trace=$REALM_DIR/trace
service=TERMSRV/localhost

# log_on LOADER PACKAGE PORT [PASSWORD]: with a password as alice, without one by her ticket.
# shellcheck disable=SC2317 # called by expect
log_on() (
  GSS_SSPI_TRACE=$trace
  export GSS_SSPI_TRACE
  : >"$trace"
  if [ $# -eq 4 ]; then
    SSPI_MODULE_PASSWORD=$4
    export SSPI_MODULE_PASSWORD
    exec "$top_builddir/tests/shim/$1" "$module" "$2" "$3" "$service" "$REALM_NTLM_DOMAIN" \
      "$REALM_USER"
  fi
  exec "$top_builddir/tests/shim/$1" "$module" "$2" "$3" "$service"
)

for loader in sspi_module_client sspi_module_client_wide; do
  # --- gss-sspi serve --rdp ---
  for package in Negotiate Kerberos NTLM; do
    case $package in
    NTLM) inner=NTLM ;;
    *) inner=Kerberos ;;
    esac
    start_server "$REALM_DIR/server-$loader-$package.log" --rdp
    expect 0 "$loader, $package, password: gss-sspi serve --rdp" \
      log_on "$loader" "$package" "$port" "$REALM_PASSWORD"
    expect_line '  the server saw the logon, and the password' \
      "^logon .*client=[^ ]*alice.*version=6 .*inner=$inner delegated=yes" "$server_log"
    expect failure '  wrong password' log_on "$loader" "$package" "$port" wrong
    expect 0 '  one logon and no more' test "$(grep -c '^logon ' "$server_log")" -eq 1
  done
  start_server "$REALM_DIR/server-$loader-ticket.log" --rdp
  expect 0 "$loader, Negotiate, ticket" log_on "$loader" Negotiate "$port"
  expect_line '  the server saw it' '^logon .*client=alice@EXAMPLE.TEST .*inner=Kerberos' \
    "$server_log"
done
expect failure 'a package that there is not' log_on sspi_module_client Schannel "$port"
expect_line '  is said to be missing' 'QuerySecurityPackageInfo: 0x80090305' "$REALM_DIR/output"

# FreeRDP 2's server takes NTLM without SPNEGO around it.
for key in rsa p256; do
  start_shadow "$key"
  for loader in sspi_module_client sspi_module_client_wide; do
    expect 0 "$loader, NTLM: freerdp-shadow-cli, $key" \
      log_on "$loader" NTLM "$shadow_port" "$REALM_PASSWORD"
    expect failure '  wrong password' log_on "$loader" NTLM "$shadow_port" wrong
  done
done
# FreeRDP 2's server with our module. It can have NTLM alone: with Kerberos it does not wait for the message
# behind the logon. Not in a build with AddressSanitizer, whose runtime would have to be preloaded too.
if [ -z "${SANITIZER_PRELOAD-}" ]; then
  printf '[HKEY_LOCAL_MACHINE\\Software\\FreeRDP\\FreeRDP\\Server]\n"SspiModule"=str:"%s"\n' "$module" \
    >"$REALM_DIR/HKLM.reg"
  : >"$REALM_DIR/server-trace"
  start_shadow rsa "LD_PRELOAD=$top_builddir/tests/interop/.libs/winpr_registry.so" \
    "WINPR_REGISTRY=$REALM_DIR/HKLM.reg" "GSS_SSPI_TRACE=$REALM_DIR/server-trace"
  expect 0 'freerdp-shadow-cli with our module' \
    log_on sspi_module_client NTLM "$shadow_port" "$REALM_PASSWORD"
  expect_line '  it was ours that accepted' 'negotiate: acceptor: NTLM: .*complete' \
    "$REALM_DIR/server-trace"
  expect failure '  wrong password' log_on sspi_module_client NTLM "$shadow_port" wrong
  expect_line '  is SEC_E_LOGON_DENIED' 'AcceptSecurityContext status SEC_E_LOGON_DENIED' "$shadow_log"
fi
finish
