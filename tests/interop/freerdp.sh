#!/bin/sh
# FreeRDP 2's client against gss-sspi serve --rdp, and gss-sspi connect --rdp against its server: with
# TLS 1.2 and 1.3, and RSA and P-256 keys, each. FreeRDP 2 as Debian builds it has neither Kerberos
# (WITH_GSSAPI=OFF) nor a channel binding for Ed25519 certificates: that is checked too.
. "${top_srcdir:?}/tests/realm/checks.sh"

. "$top_srcdir/tests/interop/rdp_server.sh"

make_certificate rsa rsa:2048
make_certificate p256 ec -pkeyopt ec_paramgen_curve:P-256
make_certificate ed25519 ed25519

# fingerprint FILE: SHA-256 of the certificate, aa:bb:...
fingerprint() {
  openssl x509 -in "$1" -noout -fingerprint -sha256 | sed 's/.*=//' | tr A-F a-f
}

realm_config=$KRB5_CONFIG
# configure LINE...: options of gss-sspi, until the next time.
configure() {
  printf '    %s\n' "$@" >"$REALM_DIR/lines"
  KRB5_CONFIG=$(mktemp -p "$REALM_DIR")
  sed "/^  gss-sspi = {/r $REALM_DIR/lines" "$realm_config" >"$KRB5_CONFIG"
}
tls_only() {
  echo "tls_priority = NORMAL:-VERS-ALL:+VERS-TLS$1"
}

# --- FreeRDP's client ---

# freerdp_client PASSWORD OPTION...: 124 when it hangs. gss-sspi ends the connection after CredSSP, so
# it always ends with an error: after a logon that was accepted, that the connection ended.
# shellcheck disable=SC2317 # called by expect
freerdp_client() {
  password=$1
  shift
  timeout 60 xfreerdp "/v:localhost:$port" "/u:$REALM_USER" "/d:$REALM_NTLM_DOMAIN" \
    "/p:$password" /sec:nla +auth-only "$@"
}
accepted=147
no_package=132
refused=134
tls_failed=143

# expect_logons COUNT: so many logons since the server began.
expect_logons() {
  expect 0 "  logons of this server: $1" test "$(grep -c '^logon ' "$server_log")" -eq "$1"
}

start_server "$REALM_DIR/server.log" --rdp
expect "$accepted" 'xfreerdp, our defaults' freerdp_client "$REALM_PASSWORD" /cert:ignore
expect_line '  it is past the logon' 'ERRCONNECT_CONNECT_TRANSPORT_FAILED' "$REALM_DIR/output"
expect_line '  the server saw the logon, and its credentials' \
  '^logon .*client=[^ ]*alice .*version=6 tls=TLS1\.3 .*delegated=yes' "$server_log"
expect_no_line '  and refused nothing' '^refused ' "$server_log"

for key in rsa p256; do
  for version in 1.2 1.3; do
    configure "$(tls_only $version)" "certificate = $REALM_DIR/$key.crt" \
      "private_key = $REALM_DIR/$key.key"
    start_server "$REALM_DIR/server-$key-$version.log" --rdp
    expect "$accepted" "xfreerdp, TLS $version, $key" \
      freerdp_client "$REALM_PASSWORD" /cert:ignore
    expect_line '  the server saw that' "^logon .*client=[^ ]*alice .*version=6 tls=TLS$version \
.*inner=NTLM delegated=yes" "$server_log"
    expect "$refused" '  wrong password' freerdp_client wrong /cert:ignore
    expect_line '  it is told so' 'STATUS_LOGON_FAILURE' "$REALM_DIR/output"
    expect_line '  the server refused it' '^refused .*SEC_E_LOGON_DENIED' "$server_log"
    expect_logons 1
  done
done

# The last server has TLS 1.3 only, and a P-256 key.
expect "$accepted" 'xfreerdp, certificate pinned' freerdp_client "$REALM_PASSWORD" \
  "/cert:fingerprint:sha256:$(fingerprint "$REALM_DIR/p256.crt")"
expect "$tls_failed" '  another one pinned' freerdp_client "$REALM_PASSWORD" \
  "/cert:deny,fingerprint:sha256:$(fingerprint "$REALM_DIR/rsa.crt")"
expect_line '  our server sees that it goes' '^refused .*SEC_E_CONTEXT_EXPIRED' "$server_log"
expect "$tls_failed" 'xfreerdp that has TLS 1.2 only, and a server with TLS 1.3 only' \
  freerdp_client "$REALM_PASSWORD" /cert:ignore +enforce-tlsv1_2
expect_logons 2

configure "certificate = $REALM_DIR/ed25519.crt" "private_key = $REALM_DIR/ed25519.key"
start_server "$REALM_DIR/server-ed25519.log" --rdp
expect "$tls_failed" 'xfreerdp has no channel binding for Ed25519' \
  freerdp_client "$REALM_PASSWORD" /cert:ignore
expect_line '  as it says' 'unable to retrieve bindings' "$REALM_DIR/output"
expect_logons 0

configure 'packages = kerberos'
start_server "$REALM_DIR/server-kerberos.log" --rdp
expect "$no_package" 'xfreerdp has no Kerberos' freerdp_client "$REALM_PASSWORD" /cert:ignore
expect_line '  and our server says that it wants it' 'STATUS_NO_SUCH_PACKAGE' "$REALM_DIR/output"
expect_line '  the server refused it' '^refused .*SEC_E_SECPKG_NOT_FOUND' "$server_log"
expect_logons 0

# --- FreeRDP's server ---

# connect PASSWORD OPTION...
# shellcheck disable=SC2317 # called by expect
connect() {
  password=$1
  shift
  printf '%s\n' "$password" | "$gss_sspi" connect --rdp --password-fd 0 \
    -u "$REALM_NTLM_DOMAIN\\$REALM_USER" "$@" "localhost:$shadow_port"
}

for key in rsa p256; do
  start_shadow "$key"
  for version in 1.2 1.3; do
    configure 'packages = ntlm' "$(tls_only $version)"
    expect 0 "gss-sspi connect --rdp to freerdp-shadow-cli, TLS $version, $key" \
      connect "$REALM_PASSWORD"
    expect_line '  with that TLS' "TLS  *TLS$version," "$REALM_DIR/output"
    expect_line '  CredSSP version' 'CredSSP version  *6$' "$REALM_DIR/output"
    expect_line '  with NTLM inside' 'inner mechanism  *NTLM' "$REALM_DIR/output"
    expect_line '  which proves nothing' 'mutual  *no' "$REALM_DIR/output"
    expect 0 '  and with delegation' connect "$REALM_PASSWORD" --delegate
    expect_line '  which was done' 'delegated  *yes' "$REALM_DIR/output"
    # FreeRDP 2 does not say why: no errorCode, no alert.
    expect 1 '  wrong password' connect wrong --delegate
    expect_line '  the server closes the connection' '^gss-sspi: .*SEC_E_CONTEXT_EXPIRED' \
      "$REALM_DIR/output"
    expect_line '  because of the password' 'CompleteAuthToken status SEC_E_MESSAGE_ALTERED' \
      "$REALM_DIR/shadow-$key.log"
  done
  configure 'packages = ntlm' 'server_authentication = pin' \
    "server_fingerprints = $(fingerprint "$REALM_DIR/$key.crt" | tr -d :)"
  expect 0 "  certificate pinned" connect "$REALM_PASSWORD" --delegate
  expect_line '  which proves who it is' 'mutual  *yes' "$REALM_DIR/output"
  configure 'packages = ntlm' 'server_authentication = pin' \
    "server_fingerprints = $(fingerprint "$REALM_DIR/ed25519.crt" | tr -d :)"
  expect 1 '  another one pinned' connect "$REALM_PASSWORD" --delegate
  expect_line '  which is said' 'server_fingerprints' "$REALM_DIR/output"
done

configure 'packages = kerberos'
expect 1 'freerdp-shadow-cli knows no Kerberos' "$gss_sspi" connect --rdp "localhost:$shadow_port"
expect_line '  and says so' 'The server refused the logon' "$REALM_DIR/output"

start_shadow ed25519
configure 'packages = ntlm'
expect 1 'freerdp-shadow-cli has no channel binding for Ed25519' connect "$REALM_PASSWORD"
expect_line '  as it says' 'unable to retrieve bindings' "$REALM_DIR/shadow-ed25519.log"
finish
