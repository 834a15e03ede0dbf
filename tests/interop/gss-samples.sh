#!/bin/sh
# MIT's gss-client and gss-server (krb5-gss-samples), unmodified, over our mechanisms.
. "${top_srcdir:?}/tests/realm/checks.sh"

# gss-client makes something that gss_str_to_oid refuses of dotted numbers, and then goes on with the
# default mechanism: the braces are needed.
credssp='{ 2 25 3579557143683582521 1 }'
negotiate='{ 2 25 3579557143683582521 2 }'

# gss-server itself would listen on all of the machine's addresses; here it gets its connections
# from a listener on the loopback address, as from inetd.
start_in_background "$REALM_DIR/inetd.log" foreign /usr/bin/python3 \
  "$top_srcdir/tests/interop/loopback_inetd.py" gss-server -verbose -inetd \
  -logfile "$REALM_DIR/gss-server.log" host@localhost
wait_until grep -q '^listening on ' "$REALM_DIR/inetd.log" ||
  bail_out "the listener does not start: $(cat "$REALM_DIR/inetd.log")"
port=$(sed -n 's/^listening on //p' "$REALM_DIR/inetd.log")

# client MECHANISM OPTION...
client() {
  mechanism=$1
  shift
  foreign gss-client -port "$port" -mech "$mechanism" "$@" localhost host@localhost 'a message'
}

for mechanism in "$credssp" "$negotiate"; do
  : >"$REALM_DIR/gss-server.log"
  expect 0 "gss-client, ticket, $mechanism" client "$mechanism"
  expect_line "  its signature is verified" 'Signature verified' "$REALM_DIR/output"
  expect_line "  both names are known" '"alice@EXAMPLE.TEST" to "host/localhost@EXAMPLE.TEST"' \
    "$REALM_DIR/output"
  expect_line "  the mechanism is ours" "Accepted connection using mechanism OID $mechanism" \
    "$REALM_DIR/gss-server.log"
  expect_line "  the server reads the message" 'Received message: "a message"' \
    "$REALM_DIR/gss-server.log"
  expect 0 "gss-client, several messages, $mechanism" client "$mechanism" -mcount 5 -ccount 2
  expect 0 "gss-client, password, $mechanism" \
    client "$mechanism" -user "$REALM_USER@$REALM" -pass "$REALM_PASSWORD"
  expect failure "gss-client, wrong password, $mechanism" \
    client "$mechanism" -user "$REALM_USER@$REALM" -pass "not $REALM_PASSWORD"
done

: >"$REALM_DIR/gss-server.log"
expect 0 'gss-client -d delegates a password by CredSSP' \
  client "$credssp" -d -user "$REALM_USER@$REALM" -pass "$REALM_PASSWORD"
expect_line '  the server sees the flag' 'GSS_C_DELEG_FLAG' "$REALM_DIR/gss-server.log"
expect failure 'gss-client -d with a ticket is against the policy' client "$credssp" -d

# NTLM alone: without a ticket, for a user of a domain.
(
  KRB5CCNAME=FILE:$REALM_DIR/no-ccache
  export KRB5CCNAME
  for mechanism in "$credssp" "$negotiate"; do
    client "$mechanism" -user "$REALM_NTLM_DOMAIN\\$REALM_USER" -pass "$REALM_PASSWORD" || exit 1
  done
) >"$REALM_DIR/ntlm-output" 2>&1
expect 0 'gss-client with NTLM inside, both mechanisms' test $? -eq 0
finish
