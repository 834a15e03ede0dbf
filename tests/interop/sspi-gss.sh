#!/bin/sh
# libsspi-gss and programs that use GSS-API: a client in SSPI against MIT's gss-server, and MIT's
# gss-client against a server in SSPI. Messages go both ways: what EncryptMessage made is read by
# gss_unwrap, what gss_wrap made by DecryptMessage, and so are signatures.
. "${top_srcdir:?}/tests/realm/checks.sh"
. "$top_srcdir/tests/interop/gss_server.sh"

# gss-client wants braces: of dotted numbers alone it makes something else.
credssp='{ 2 25 3579557143683582521 1 }'
kerberos='{ 1 2 840 113554 1 2 2 }'
negotiate='{ 2 25 3579557143683582521 2 }'
spnego='{ 1 3 6 1 5 5 2 }'

# sspi_client PACKAGE [PASSWORD]: by the ticket, or as alice.
# shellcheck disable=SC2317 # called by expect
sspi_client() (
  package=$1
  shift
  if [ $# -eq 1 ]; then
    SSPI_SAMPLE_PASSWORD=$1
    export SSPI_SAMPLE_PASSWORD
    set -- "$REALM_NTLM_DOMAIN" "$REALM_USER"
  fi
  exec "$top_builddir/tests/interop/sspi_sample" client "$package" "$port" host/localhost "$@"
)

# expect_served DESCRIPTION PACKAGE [PASSWORD]
expect_served() {
  described=$1
  shift
  : >"$REALM_DIR/gss-server.log"
  expect 0 "gss-server, SSPI's $1: $described" sspi_client "$@"
  expect_line '  gss-server reads the messages' 'Received message: "a message of an SSPI client"' \
    "$REALM_DIR/gss-server.log"
  expect_line '  and its signatures are right' '^signatures verified: 2' "$REALM_DIR/output"
}

start_gss_server
for package in Kerberos Negotiate CREDSSP; do
  expect_served 'ticket' "$package"
  expect_served 'password' "$package" "$REALM_PASSWORD"
done
expect_served 'password' NTLM "$REALM_PASSWORD"
expect failure '  wrong password' sspi_client NTLM wrong
end_started "$started"

# start_sspi_server PACKAGE
start_sspi_server() {
  server_log=$REALM_DIR/sspi-$1.log
  start_in_background "$server_log" "$top_builddir/tests/interop/sspi_sample" server "$1"
  wait_until grep -q '^listening on ' "$server_log" ||
    bail_out "the server does not start: $(cat "$server_log")"
  port=$(sed -n 's/^listening on //p' "$server_log")
}

# gss_client MECHANISM OPTION...
# shellcheck disable=SC2317 # called by expect
gss_client() {
  mechanism=$1
  shift
  foreign gss-client -port "$port" -mech "$mechanism" "$@" localhost host@localhost 'a GSS message'
}

# expect_gss_client PACKAGE MECHANISM NAME OPTION...
expect_gss_client() {
  package=$1
  mechanism=$2
  name=$3
  shift 3
  start_sspi_server "$package"
  expect 0 "gss-client, SSPI's $package as server" \
    gss_client "$mechanism" -mcount 2 -ccount 2 "$@"
  expect_line '  its signatures are verified' '^Signature verified' "$REALM_DIR/output"
  expect_line '  the server reads the messages' '^message: a GSS message$' "$server_log"
  expect_line '  and knows who wrote them' "^client: $name\$" "$server_log"
  expect_no_line '  and refused nobody' '^refused' "$server_log"
}

expect_gss_client Kerberos "$kerberos" 'alice@EXAMPLE.TEST'
expect_gss_client Negotiate "$spnego" 'alice@EXAMPLE.TEST'
expect_gss_client CREDSSP "$credssp" 'alice@EXAMPLE.TEST'
# gss-client does not get along with gss-ntlmssp alone, which lacks gss_inquire_names_for_mech.
sed 's/^  gss-sspi = {/&\n    packages = ntlm/' "$KRB5_CONFIG" >"$REALM_DIR/ntlm-only.conf"
KRB5_CONFIG=$REALM_DIR/ntlm-only.conf
expect_gss_client Negotiate "$negotiate" 'EXAMPLE.alice' \
  -user "$REALM_NTLM_DOMAIN\\$REALM_USER" -pass "$REALM_PASSWORD"
expect failure '  wrong password' \
  gss_client "$negotiate" -user "$REALM_NTLM_DOMAIN\\$REALM_USER" -pass wrong
expect_line '  is refused' '^refused' "$server_log"
finish
