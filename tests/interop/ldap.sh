#!/bin/sh
# ldapsearch against slapd, both unmodified: SASL's GSS-SPNEGO and GSSAPI, with security layers, and with
# channel bindings over TLS.
. "${top_srcdir:?}/tests/realm/checks.sh"
. "$top_srcdir/tests/interop/sides.sh"

# A free port may be taken by somebody else before slapd listens on it; then another one is tried.
port_attempts=20
# More than one SASL buffer (64 KiB) holds.
entries=600

# slapd is what the system has, or what bootstrap has unpacked. A copy runs: where AppArmor has a
# profile for /usr/sbin/slapd, that one could not read the realm.
unpacked=$top_builddir/tests/interop/slapd
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
cat >"$LDAPCONF" <<END
TLS_REQCERT never
SASL_NOCANON on
END

for name in slapd relay; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/O=$name/CN=localhost" \
    -addext subjectAltName=DNS:localhost -keyout "$REALM_DIR/$name.key" -out "$REALM_DIR/$name.crt" \
    2>"$REALM_DIR/openssl.log" || bail_out "openssl: $(cat "$REALM_DIR/openssl.log")"
done
cat "$REALM_DIR/slapd.crt" "$REALM_DIR/relay.crt" >"$REALM_DIR/certificates"

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

is_serving() {
  [ -s "$slapd_directory/pid" ] || ! kill -0 "$started"
}

# start_slapd: with SPNEGO as $server says. Its ports are then in $port and $tls_port, its log is
# $slapd_directory/log.
start_slapd() {
  slapd_directory=$REALM_DIR/slapd-$server
  mkdir -p "$slapd_directory/data"
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
