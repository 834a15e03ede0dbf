#!/bin/sh
# ldapsearch against slapd, both unmodified: SASL's GSS-SPNEGO and GSSAPI, with security layers, and
# with channel bindings over TLS.
. "${top_srcdir:?}/tests/realm/checks.sh"
. "$top_srcdir/tests/interop/sides.sh"

# A free port may be taken by somebody else before slapd listens on it; then another one is tried.
port_attempts=20
# More than one SASL buffer (64 KiB) holds.
entries=600

# slapd is what the system has, or what bootstrap has unpacked. A copy runs: where AppArmor has a
# profile for /usr/sbin/slapd, that one could not read the realm.
unpacked=$unpacked_programs/slapd
if [ -x /usr/sbin/slapd ]; then
  unpacked=
  schemas=/etc/ldap/schema
else
  [ -x "$unpacked/usr/sbin/slapd" ] || bail_out "there is no slapd: ./bootstrap check unpacks one"
  schemas=$unpacked/etc/ldap/schema
  for libraries in "$unpacked"/usr/lib/*/; do
    [ ! -e "${libraries}libslapi-2.5.so.0" ] || LD_LIBRARY_PATH=${libraries%/}
  done
  export LD_LIBRARY_PATH
fi
cp "$unpacked/usr/sbin/slapd" "$REALM_DIR/slapd"

HOME=$REALM_DIR # no settings of the user's
LDAPCONF=$REALM_DIR/ldap.conf
export HOME LDAPCONF
# Nobody looks at certificates: the man in the middle is to be found by channel bindings.
cat >"$LDAPCONF" <<END
TLS_REQCERT never
SASL_NOCANON on
END

for name in slapd relay; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj "/O=$name/CN=localhost" -keyout "$REALM_DIR/$name.key" -out "$REALM_DIR/$name.crt" \
    2>"$REALM_DIR/openssl.log" || bail_out "openssl: $(cat "$REALM_DIR/openssl.log")"
done

# write_slapd_config DIRECTORY
write_slapd_config() {
  cat <<END
include $schemas/core.schema
include $schemas/cosine.schema
modulepath $unpacked/usr/lib/ldap
moduleload back_mdb
pidfile $1/pid
sasl-host localhost
sasl-cbinding tls-endpoint
TLSCertificateFile $REALM_DIR/slapd.crt
TLSCertificateKeyFile $REALM_DIR/slapd.key
sizelimit unlimited
database mdb
suffix dc=example,dc=test
directory $1/data
access to * by users read
END
}

write_entries() {
  printf 'dn: dc=example,dc=test\nobjectClass: domain\ndc: example\n\n'
  awk -v entries="$entries" 'BEGIN {
    for (number = 1; number <= entries; number++)
      printf "dn: cn=%d,dc=example,dc=test\nobjectClass: device\ncn: %d\n" \
        "description: a text that makes the answer longer, for the sake of entry %d\n\n",
        number, number, number
  }'
}

# shellcheck disable=SC2317 # called by wait_until
is_serving() {
  [ -s "$slapd_directory/pid" ] || ! kill -0 "$started"
}

# start_slapd: with SPNEGO as $server says. Its ports are then in $port and $tls_port, its log is
# $slapd_directory/log.
start_slapd() {
  slapd_directory=$(mktemp -d -p "$REALM_DIR")
  mkdir "$slapd_directory/data"
  write_slapd_config "$slapd_directory" >"$slapd_directory/conf"
  write_entries | "$REALM_DIR/slapd" -T add -f "$slapd_directory/conf" \
    >"$slapd_directory/log" 2>&1 || bail_out "slapadd: $(cat "$slapd_directory/log")"
  attempt=0
  while [ "$attempt" -lt "$port_attempts" ]; do
    port=$(free_port)
    tls_port=$(free_port)
    start_in_background "$slapd_directory/log" become_server "$REALM_DIR/slapd" -d stats \
      -f "$slapd_directory/conf" -h "ldap://127.0.0.1:$port ldaps://127.0.0.1:$tls_port"
    wait_until is_serving || break
    [ ! -s "$slapd_directory/pid" ] || return 0
    attempt=$((attempt + 1))
  done
  bail_out "slapd does not start: $(cat "$slapd_directory/log")"
}

# ldap_whoami URL OPTION..., ldap_search URL OPTION...: as_client.
# shellcheck disable=SC2317 # called by expect
ldap_whoami() {
  url=$1
  shift
  as_client timeout 60 ldapwhoami -H "$url" "$@"
}

# shellcheck disable=SC2317 # called by expect
ldap_search() {
  url=$1
  shift
  as_client timeout 60 ldapsearch -LLL -H "$url" -b dc=example,dc=test "$@" '(objectClass=device)'
}

# expect_user DESCRIPTION USER SSF URL OPTION...: the server says who the client is; the strength of
# the security layer is SSF.
expect_user() {
  described=$1
  user=$2
  ssf=$3
  shift 3
  forget_traces
  expect 0 "$described" ldap_whoami "$@"
  expect_line "  of $user" "^dn:uid=$user,cn=.*,cn=auth" "$REALM_DIR/output"
  expect_line "  with a security layer of strength $ssf" "^SASL SSF: $ssf\$" "$REALM_DIR/output"
}

# expect_refusal DESCRIPTION URL OPTION...
expect_refusal() {
  described=$1
  shift
  forget_traces
  ldap_whoami "$@" -Y GSS-SPNEGO >"$REALM_DIR/output" 2>&1
  expect_line "$described: it is refused" '^ldap_sasl_interactive_bind: ' "$REALM_DIR/output"
  expect_no_line '  for no user' '^dn:' "$REALM_DIR/output"
}

# expect_entries URL OPTION...: a large answer comes through the security layer unchanged.
expect_entries() {
  expect 0 '  a search' ldap_search "$@"
  sed -n 's/^cn: //p' "$REALM_DIR/output" >"$REALM_DIR/found"
  seq "$entries" >"$REALM_DIR/wanted"
  expect 0 "  finds $entries entries" diff "$REALM_DIR/wanted" "$REALM_DIR/found"
}

# try_channel_bindings USER MECHANISM SSF: the binding is to the server's certificate. A client that
# gets to a man in the middle, and binds to the certificate it sees, is refused; one that binds to
# nothing is not.
try_channel_bindings() {
  LDAPSASL_CBINDING="tls-endpoint"
  export LDAPSASL_CBINDING
  expect_user "$sides, $2: TLS and channel bindings" "$1" "$3" "$tls" -Y GSS-SPNEGO
  expect_ours_inside "$2"
  expect_refusal "$sides, $2: a man in the middle" "$relay"
  LDAPSASL_CBINDING=none
  expect_user "$sides, $2: a man in the middle, without channel bindings" "$1" "$3" "$relay" \
    -Y GSS-SPNEGO
  unset LDAPSASL_CBINDING
}

try_kerberos() {
  expect_user "$sides: Kerberos" alice 256 "$ldap" -Y GSS-SPNEGO
  expect_ours_inside Kerberos
  expect_entries "$ldap" -Y GSS-SPNEGO
  expect_user "$sides: Kerberos without security layer" alice 0 "$ldap" -Y GSS-SPNEGO -O maxssf=0
  expect_ours_inside Kerberos
  expect_user "$sides: GSSAPI" alice 256 "$ldap" -Y GSSAPI
  expect_entries "$ldap" -Y GSSAPI
  expect_user "$sides: GSSAPI without security layer" alice 0 "$ldap" -Y GSSAPI -O maxssf=0
  try_channel_bindings alice Kerberos 256
}

# There is no ticket here. What is changed of the environment is put back in the end.
try_ntlm() {
  KRB5CCNAME=FILE:$REALM_DIR/no-tickets
  expect_user "$sides: NTLM" "$ntlm_user" 64 "$ldap" -Y GSS-SPNEGO
  expect_ours_inside NTLM
  expect_entries "$ldap" -Y GSS-SPNEGO
  try_channel_bindings "$ntlm_user" NTLM 64
  NTLM_USER_FILE=$REALM_DIR/wrong.users
  expect_refusal "$sides: NTLM with a wrong password" "$ldap"
  NTLM_USER_FILE=$REALM_DIR/no-users
  expect_refusal "$sides: no credentials" "$ldap"
  NTLM_USER_FILE=$REALM_DIR/ntlm.users
  KRB5CCNAME=FILE:$REALM_DIR/ccache
}

# start_relay: to $tls_port, with another certificate; $relay is its URL.
start_relay() {
  start_in_background "$REALM_DIR/relay.log" /usr/bin/python3 \
    "$top_srcdir/tests/interop/tls_relay.py" "$REALM_DIR/relay.crt" \
    "$REALM_DIR/relay.key" "$tls_port"
  wait_until grep -q '^listening on ' "$REALM_DIR/relay.log" ||
    bail_out "the relay does not start: $(cat "$REALM_DIR/relay.log")"
  relay=ldaps://localhost:$(sed -n 's/^listening on //p' "$REALM_DIR/relay.log")
}

# start_sides: a server, and what stands between it and its clients.
start_sides() {
  start_slapd
  ldap=ldap://localhost:$port
  tls=ldaps://localhost:$tls_port
  start_relay
}

# In a DN, the backslash of DOMAIN\user is written in hexadecimal.
ntlm_user="$(printf '%s' "$REALM_NTLM_DOMAIN" | tr '[:upper:]' '[:lower:]').5C$REALM_USER"
sed 's/:[^:]*$/:wrong/' "$NTLM_USER_FILE" >"$REALM_DIR/wrong.users"
for server in mit ours; do
  start_sides
  for client in mit ours; do
    sides="ldapsearch with $client, slapd with $server"
    try_kerberos
    try_ntlm
  done
done

# A server of ours that demands channel bindings refuses clients that send none, whatever they use.
sed 's/^  gss-sspi = {/&\n    channel_bindings = required/' "$KRB5_CONFIG" \
  >"$REALM_DIR/required.conf"
clients_krb5_config=$KRB5_CONFIG
KRB5_CONFIG=$REALM_DIR/required.conf
start_sides
KRB5_CONFIG=$clients_krb5_config
for client in mit ours; do
  sides="ldapsearch with $client, slapd demands channel bindings"
  expect_refusal "$sides: Kerberos without" "$tls"
  LDAPSASL_CBINDING="tls-endpoint"
  export LDAPSASL_CBINDING
  expect_user "$sides: Kerberos with" alice 256 "$tls" -Y GSS-SPNEGO
  KRB5CCNAME=FILE:$REALM_DIR/no-tickets
  expect_user "$sides: NTLM with" "$ntlm_user" 64 "$tls" -Y GSS-SPNEGO
  unset LDAPSASL_CBINDING
  expect_refusal "$sides: NTLM without" "$tls"
  KRB5CCNAME=FILE:$REALM_DIR/ccache
done
finish
