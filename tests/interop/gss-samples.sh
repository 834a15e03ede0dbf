#!/bin/sh
# MIT's gss-client and gss-server (krb5-gss-samples), unmodified, over our mechanisms.
#
# A Negotiate token is a standard SPNEGO token. The mechglue hands it to MIT's SPNEGO on a server where
# the plugin is only registered, and to ours where it is the interposer: both are tried.
. "${top_srcdir:?}/tests/realm/checks.sh"
. "$top_srcdir/tests/interop/gss_server.sh"

# gss-client makes something that gss_str_to_oid refuses of dotted numbers, and then goes on with the
# default mechanism: the braces are needed.
credssp='{ 2 25 3579557143683582521 1 }'
negotiate='{ 2 25 3579557143683582521 2 }'

GSS_SSPI_TRACE=$REALM_DIR/trace # shows that it was our code that ran
export GSS_SSPI_TRACE

# client MECHANISM OPTION...
# shellcheck disable=SC2317 # called by expect
client() {
  mechanism=$1
  shift
  foreign gss-client -port "$port" -mech "$mechanism" "$@" localhost host@localhost 'a message'
}

# try_all NAME MECHANISM
try_all() {
  : >"$REALM_DIR/gss-server.log"
  : >"$REALM_DIR/trace"
  expect 0 "$1: gss-client with the ticket" client "$2"
  expect_line '  its signature is verified' 'Signature verified' "$REALM_DIR/output"
  expect_line '  both names are known' '"alice@EXAMPLE.TEST" to "host/localhost@EXAMPLE.TEST"' \
    "$REALM_DIR/output"
  expect_line '  the server reads the message' 'Received message: "a message"' \
    "$REALM_DIR/gss-server.log"
  expect_line '  the initiator was ours' 'negotiate: initiator: Kerberos' "$REALM_DIR/trace"
  expect 0 "$1: several contexts and messages" client "$2" -mcount 5 -ccount 2
  expect 0 "$1: password" client "$2" -user "$REALM_USER@$REALM" -pass "$REALM_PASSWORD"
  expect failure "$1: wrong password" client "$2" -user "$REALM_USER@$REALM" -pass wrong
}

sed 's/^  gss-sspi = {/&\n    packages = ntlm/' "$KRB5_CONFIG" >"$REALM_DIR/ntlm-only.conf"
# ntlm_client MECHANISM PASSWORD
# shellcheck disable=SC2317,SC2030,SC2031 # called by expect; its configuration is its own
ntlm_client() (
  KRB5_CONFIG=$REALM_DIR/ntlm-only.conf
  export KRB5_CONFIG
  client "$1" -user "$REALM_NTLM_DOMAIN\\$REALM_USER" -pass "$2"
)

# try_ntlm NAME MECHANISM
try_ntlm() {
  : >"$REALM_DIR/trace"
  expect 0 "$1: NTLM" ntlm_client "$2" "$REALM_PASSWORD"
  expect_line '  was inside' 'negotiate: initiator: NTLM' "$REALM_DIR/trace"
  expect failure "$1: NTLM with a wrong password" ntlm_client "$2" wrong
}

start_gss_server
try_all CredSSP "$credssp"
expect_line '  the acceptor was ours' 'negotiate: acceptor: Kerberos' "$REALM_DIR/trace"
try_ntlm CredSSP "$credssp"
: >"$REALM_DIR/gss-server.log"
expect 0 'CredSSP: a password is delegated' \
  client "$credssp" -d -user "$REALM_USER@$REALM" -pass "$REALM_PASSWORD"
expect_line '  as the server sees' 'GSS_C_DELEG_FLAG' "$REALM_DIR/gss-server.log"
expect failure 'CredSSP: delegating the ticket is against the policy' client "$credssp" -d
try_all 'Negotiate to SPNEGO of MIT' "$negotiate"
try_ntlm 'Negotiate to SPNEGO of MIT' "$negotiate"
expect_no_line '  the acceptor was not ours' 'negotiate: acceptor' "$REALM_DIR/trace"

printf 'negotiate_spnego 2.25.3579557143683582521.3 %s <interposer>\n' "$REALM_MODULE" |
  cat "$GSS_MECH_CONFIG" - >"$REALM_DIR/interposer.conf"
GSS_MECH_CONFIG=$REALM_DIR/interposer.conf
export GSS_MECH_CONFIG
end_started "$started"
start_gss_server
try_all 'Negotiate to ours' "$negotiate"
expect_line '  the acceptor was ours' 'negotiate: acceptor: Kerberos' "$REALM_DIR/trace"
try_ntlm 'Negotiate to ours' "$negotiate"
expect_line '  the acceptor was ours' 'negotiate: acceptor: NTLM' "$REALM_DIR/trace"
: >"$REALM_DIR/trace"
expect 0 'gss-client -spnego, with the interposer' \
  foreign gss-client -port "$port" -spnego localhost host@localhost 'a message'
expect_line '  the initiator was ours' 'negotiate: initiator: Kerberos' "$REALM_DIR/trace"
finish
