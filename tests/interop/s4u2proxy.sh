#!/bin/sh
# Constrained delegation (S4U2Self and S4U2Proxy of MS-SFU) through SPNEGO: MIT's, ours in its
# place, and ours under its own OID give the same. The KDC is Heimdal's: MIT's can do it with a
# database in LDAP only.
. "${top_srcdir:?}/tests/realm/checks.sh"
. "$top_srcdir/tests/interop/sides.sh"

port_attempts=20

# find_program PACKAGE PATH: prints where the program is: on the system, or where bootstrap has
# unpacked its package.
find_program() {
  for found in "$2" "$unpacked_programs/$1$2"; do
    [ ! -x "$found" ] || break
  done
  printf '%s\n' "$found"
}
kdc=$(find_program heimdal-kdc /usr/lib/heimdal-servers/kdc)
kadmin=$(find_program heimdal-clients /usr/bin/kadmin.heimdal)
for program in "$kdc" "$kadmin"; do
  [ -x "$program" ] || bail_out "there is no $program: ./bootstrap check unpacks Heimdal's KDC"
done
pac_plugin=$top_builddir/tests/interop/.libs/heimdal_pac.so
[ -f "$pac_plugin" ] ||
  bail_out "there is no $pac_plugin: configure found no Heimdal (Debian package heimdal-multidev)"

# The realm is another one of the same name and users.
heimdal=$REALM_DIR/heimdal
mkdir "$heimdal" "$heimdal/plugins"
ln -s "$pac_plugin" "$heimdal/plugins/heimdal_pac.so"
of_mit=$KRB5_CONFIG
KRB5_CONFIG=$heimdal/krb5.conf
KRB5_KTNAME=FILE:$heimdal/keytab
KRB5CCNAME=FILE:$heimdal/ccache
export KRB5_CONFIG KRB5_KTNAME KRB5CCNAME

# write_realm PORT: what clients and the KDC read.
write_realm() {
  sed "s|kdc = .*|kdc = 127.0.0.1:$1|" "$of_mit"
  cat <<END
[libdefaults]
  plugin_dir = $heimdal/plugins
[kdc]
  database = {
    dbname = $heimdal/database
    log_file = $heimdal/database.log
    mkey_file = $heimdal/no-master-key
    acl_file = $heimdal/no-acl
  }
  ports = $1/tcp
  addresses = 127.0.0.1
[logging]
  kdc = FILE:$heimdal/kdc.log
END
}

# HTTP/localhost may act for its users before ldap/localhost, whether they logged on to it by
# Kerberos (constrained-delegation) or not (trusted-for-delegation).
make_database() {
  {
    echo "init --realm-max-ticket-life=unlimited --realm-max-renewable-life=unlimited $REALM"
    printf 'add --use-defaults --password=%s %s\n' "$REALM_PASSWORD" "$REALM_USER" \
      "$REALM_SECOND_PASSWORD" "$REALM_SECOND_USER"
    for service in HTTP ldap host; do
      echo "add --use-defaults --random-key $service/localhost"
      echo "ext_keytab --keytab=$heimdal/keytab $service/localhost"
    done
    echo "modify --constrained-delegation=ldap/localhost@$REALM HTTP/localhost"
    echo 'modify --attributes=+trusted-for-delegation HTTP/localhost'
  } | "$kadmin" --local --config-file="$KRB5_CONFIG"
}

# shellcheck disable=SC2317 # called by wait_until
is_ready() {
  grep -q 'listening on ' "$heimdal/kdc.log" || ! kill -0 "$started"
}

start_kdc() {
  attempt=0
  while [ "$attempt" -lt "$port_attempts" ]; do
    write_realm "$(free_port)" >"$KRB5_CONFIG"
    if [ "$attempt" -eq 0 ]; then
      make_database >"$heimdal/kadmin.log" 2>&1 || bail_out "kadmin: $(cat "$heimdal/kadmin.log")"
    fi
    : >"$heimdal/kdc.log"
    start_in_background "$heimdal/kdc.out" "$kdc" --config-file="$KRB5_CONFIG"
    wait_until is_ready || break
    ! grep -q 'listening on ' "$heimdal/kdc.log" || return 0
    attempt=$((attempt + 1))
  done
  bail_out "Heimdal's KDC does not start: $(cat "$heimdal/kdc.out" "$heimdal/kdc.log")"
}

# shellcheck disable=SC2317 # called by expect
get_ticket() {
  printf '%s\n' "$REALM_PASSWORD" | kinit -f "$REALM_USER@$REALM"
}
start_kdc
expect 0 "a user's ticket of Heimdal's KDC" get_ticket

# delegate NAME SIDE MECHANISM: what is seen goes to $heimdal/NAME.seen, what is said of errors to
# $heimdal/NAME.errors.
# shellcheck disable=SC2317 # called by expect
delegate() (
  client=$2
  as_client /usr/bin/python3 "$top_srcdir/tests/interop/python_s4u2proxy.py" "$3" \
    >"$heimdal/$1.seen" 2>"$heimdal/$1.errors"
  status=$?
  cat "$heimdal/$1.seen" "$heimdal/$1.errors"
  exit "$status"
)

# expect_delegation USER NAME SEEN
expect_delegation() {
  expect_line "  $1: the service has credentials" "^$1 is: $2@" "$3"
  expect_line '    which reach what is allowed' "^$1 reaches ldap as: $2@" "$3"
  expect_line '    and nothing else' "^$1 does not reach host: " "$3"
}

# try NAME SIDE MECHANISM DESCRIPTION
try() {
  forget_traces
  expect 0 "$4" delegate "$1" "$2" "$3"
  expect_delegation 'absent user' "$REALM_SECOND_USER" "$heimdal/$1.seen"
  expect_delegation client "$REALM_USER" "$heimdal/$1.seen"
  expect_line '  a service that only accepts has none' '^an acceptor alone gets: None' \
    "$heimdal/$1.seen"
  expect_line '  the error says why' "^(host: .*KDC can't fulfill requested option" \
    "$heimdal/$1.errors"
  expect_line '  all was tried' '^done$' "$heimdal/$1.seen"
}

try mit mit spnego "MIT's SPNEGO"
expect_no_line '  was not ours' 'negotiate: ' "$client_trace"
try ours ours spnego 'ours as the interposer'
expect_line '  was ours' 'negotiate: acceptor: Kerberos' "$client_trace"
expect 0 '  and no difference is seen' diff "$heimdal/mit.seen" "$heimdal/ours.seen"
try own ours negotiate 'ours under its own OID'
expect_line '  was ours' 'negotiate: acceptor: Kerberos' "$client_trace"
expect 0 '  and no difference is seen' diff "$heimdal/mit.seen" "$heimdal/own.seen"
finish
