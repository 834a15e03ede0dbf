#!/bin/sh
# The table of SPNEGO peers (test_spnego_table.c): lays out what its cells need beside the realm.
. "${top_srcdir:?}/tests/realm/checks.sh"

# Three ways to have our plugin: not at all, under its own OIDs, in SPNEGO's place too.
grep -v "$REALM_MODULE" "$GSS_MECH_CONFIG" >"$REALM_DIR/mech-mit.conf"
grep -v '<interposer>' "$GSS_MECH_CONFIG" >"$REALM_DIR/mech-beside.conf"
{
  cat "$REALM_DIR/mech-beside.conf"
  echo "negotiate_spnego 2.25.3579557143683582521.3 $REALM_MODULE <interposer>"
} >"$REALM_DIR/mech-interposed.conf"

# A realm whose KDC does not answer: nobody listens on port 1 of loopback.
sed 's/kdc = .*/kdc = 127.0.0.1:1/' "$KRB5_CONFIG" >"$REALM_DIR/krb5-no-kdc.conf"
cp "$REALM_DIR/ccache" "$REALM_DIR/ccache-tgt"

# A keytab that lacks the key of the service that is asked for.
expect 0 'a keytab of another service' kadmin.local -r "$REALM" \
  -q "ktadd -k $REALM_DIR/keytab-http -norandkey HTTP/localhost"

# Heimdal looks for a line with the server's host as domain. The first line is still the others' default.
{
  cat "$NTLM_USER_FILE"
  echo "LOCALHOST:$REALM_USER:$REALM_PASSWORD"
} >"$REALM_DIR/ntlm-heimdal.users"

# options FILE LINE: options that stand before those of krb5.conf.
options() {
  printf '[appdefaults]\n gss-sspi = {\n  %s\n }\n' "$2" >"$REALM_DIR/$1"
}
options not-ntlm.conf 'packages = !ntlm'
options only-kerberos.conf 'packages = kerberos'
options bindings-0.conf 'channel_bindings = none'
options bindings-1.conf 'channel_bindings = when_supplied'
options bindings-2.conf 'channel_bindings = required'

# An anonymous ticket (RFC 8062) takes PKINIT: a second KDC of the same realm hands it out and goes.
pkinit_port=$(free_port)
expect 0 'a certificate for the KDC' openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
  -keyout "$REALM_DIR/kdc.key" -out "$REALM_DIR/kdc.pem" -subj /CN=localhost \
  -addext keyUsage=digitalSignature -addext subjectAltName=DNS:localhost -addext extendedKeyUsage=1.3.6.1.5.2.3.5
sed "s|_listen = .*|_listen = 127.0.0.1:$pkinit_port|
  s|database_name|pkinit_identity = FILE:$REALM_DIR/kdc.pem,$REALM_DIR/kdc.key\\
    pkinit_anchors = FILE:$REALM_DIR/kdc.pem\\
    &|" "$KRB5_KDC_PROFILE" >"$REALM_DIR/kdc-pkinit.conf"
sed "s|kdc = .*|kdc = 127.0.0.1:$pkinit_port\\
    pkinit_anchors = FILE:$REALM_DIR/kdc.pem\\
    pkinit_kdc_hostname = localhost|" "$KRB5_CONFIG" >"$REALM_DIR/krb5-pkinit.conf"
expect 0 'the anonymous principal' kadmin.local -r "$REALM" -q 'addprinc -randkey WELLKNOWN/ANONYMOUS'
start_in_background "$REALM_DIR/kdc-pkinit.log" env KRB5_KDC_PROFILE="$REALM_DIR/kdc-pkinit.conf" \
  krb5kdc -n -r "$REALM" -P "$REALM_DIR/kdc-pkinit.pid"
wait_until test -s "$REALM_DIR/kdc-pkinit.pid"
expect 0 'an anonymous ticket (Debian package krb5-pkinit)' \
  env KRB5_CONFIG="$REALM_DIR/krb5-pkinit.conf" kinit -n -c "FILE:$REALM_DIR/ccache-anonymous"
end_started "$started"
[ "$failures" -eq 0 ] || finish

: "${SPNEGO_PEER:=$top_builddir/tests/interop/spnego_peer}"
: "${SPNEGO_PEER_HEIMDAL:=$top_builddir/tests/interop/spnego_peer_heimdal}"
export SPNEGO_PEER SPNEGO_PEER_HEIMDAL
# Looking for leaks takes its time: the table says which peers do (see spnego_cell.h).
export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0"
expect 0 'a peer with Heimdal (Debian package heimdal-multidev)' test -x "$SPNEGO_PEER_HEIMDAL"

# Two at a time: most of a cell is waiting for processes. Each prints when it is done.
# run_table OUTPUT PROGRAM [ARGUMENT...]
run_table() {
  output=$1
  program=$2
  shift 2
  "$top_builddir/tests/interop/$program" "$@" >"$REALM_DIR/table-$output.out" 2>&1
}
run_table 0 test_spnego_table 0 2 &
first=$!
expect 0 'NTLM excluded' run_table 2 test_spnego_exclusion
expect 0 'channel bindings' run_table 3 test_spnego_bindings
expect 0 'the table, second half' run_table 1 test_spnego_table 1 2
expect 0 'the table, first half' wait "$first"
cat "$REALM_DIR"/table-*.out
finish
