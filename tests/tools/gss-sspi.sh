#!/bin/sh
# The program gss-sspi: logons with each package, errors, and a server that bad clients cannot stop.
. "${top_srcdir:?}/tests/realm/checks.sh"

# connect_as USER PASSWORD ARGUMENT...
# shellcheck disable=SC2317 # called by expect
connect_as() {
  user=$1
  password=$2
  shift 2
  printf '%s\n' "$password" | "$gss_sspi" connect -u "$user" --password-fd 0 "$@"
}

# send_octets PORT HEX: sends them, and reads until the server closes the connection.
send_octets() {
  /usr/bin/python3 -c '
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20) as connection:
    try:
        connection.sendall(bytes.fromhex(sys.argv[2]))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    except ConnectionError:
        pass
' "$1" "$2"
}

expect 0 '--help' "$gss_sspi" --help
expect_line '  tells how to connect' 'gss-sspi connect' "$REALM_DIR/output"
expect 0 '--version' "$gss_sspi" --version
expect_line '  tells it' '^gss-sspi [0-9]' "$REALM_DIR/output"
expect 2 'no command' "$gss_sspi"
expect 2 'an unknown command' "$gss_sspi" nonsense
expect 2 'connect without a host' "$gss_sspi" connect
expect 2 'connect with an unknown option' "$gss_sspi" connect --nonsense localhost
expect 2 'connect with a bad port' "$gss_sspi" connect localhost:65536
expect 2 'connect --rdp with another package' "$gss_sspi" connect --rdp --package NTLM localhost
expect 2 'serve without a port' "$gss_sspi" serve
expect 2 'status with an argument' "$gss_sspi" status more
expect 1 'an unknown package' "$gss_sspi" connect --package Nonsense localhost
expect_line '  is named' 'SEC_E_SECPKG_NOT_FOUND' "$REALM_DIR/output"
expect 1 'nobody listens' "$gss_sspi" connect --package Kerberos \
  "127.0.0.1:$(free_port)"
expect_line '  is said' 'Connection refused' "$REALM_DIR/output"

expect 0 'status' "$gss_sspi" status
for line in 'CredSSP  *ready' 'Negotiate  *ready' 'Kerberos  *ready' 'NTLM  *ready' \
  'minimum_version = 5' 'AllowFreshCredentials = .*TERMSRV'; do
  expect_line "  $line" "$line" "$REALM_DIR/output"
done
grep -v "$REALM_MODULE" "$GSS_MECH_CONFIG" >"$REALM_DIR/mech-without.conf"
expect 1 'status without registration' \
  env GSS_MECH_CONFIG="$REALM_DIR/mech-without.conf" "$gss_sspi" status
expect_line '  says what to do' '/etc/gss/mech.d' "$REALM_DIR/output"
sed "s|$REALM_MODULE|/nonexistent/mech_sspi.so|" "$GSS_MECH_CONFIG" >"$REALM_DIR/mech-wrong.conf"
expect 1 'status with a module that is not there' \
  env GSS_MECH_CONFIG="$REALM_DIR/mech-wrong.conf" "$gss_sspi" status
expect_line '  says which' '/nonexistent/mech_sspi.so' "$REALM_DIR/output"

start_server "$REALM_DIR/second.log" --package Negotiate
second_port=$port
start_server "$REALM_DIR/credssp.log" --second-hop "localhost:$second_port"
expect 0 'CredSSP with Kerberos, delegating' \
  connect_as "$REALM_USER@$REALM" "$REALM_PASSWORD" --delegate "localhost:$port"
expect_line '  the user' '^logged on as alice@EXAMPLE.TEST' "$REALM_DIR/output"
expect_line '  the version' 'CredSSP version  *6' "$REALM_DIR/output"
expect_line '  TLS' 'TLS  *TLS1.[23], TLS_' "$REALM_DIR/output"
expect_line '  the inner mechanism' 'inner mechanism  *Kerberos' "$REALM_DIR/output"
expect_line '  delegated' 'delegated  *yes' "$REALM_DIR/output"
expect_line '  the cost' 'took  *[1-9][0-9]* round trips\{0,1\}, [1-9]' "$REALM_DIR/output"
expect_line '  the answer over the session' 'server answered  *you are alice@EXAMPLE.TEST' \
  "$REALM_DIR/output"
expect_line '  the second hop' 'second hop to localhost: you are alice@EXAMPLE.TEST' \
  "$REALM_DIR/output"
expect_line '  the second server saw her' '^logon .*client=alice@EXAMPLE.TEST package=Negotiate' \
  "$REALM_DIR/second.log"
sed 's/^  gss-sspi = {/&\n    packages = ntlm/' "$KRB5_CONFIG" >"$REALM_DIR/ntlm-only.conf"
# shellcheck disable=SC2317 # called by expect
connect_by_ntlm() (
  KRB5_CONFIG=$REALM_DIR/ntlm-only.conf
  export KRB5_CONFIG
  connect_as "$@"
)
expect 0 'CredSSP with NTLM, delegating' \
  connect_by_ntlm "$REALM_NTLM_DOMAIN\\$REALM_USER" "$REALM_PASSWORD" --delegate "localhost:$port"
expect_line '  the inner mechanism' 'inner mechanism  *NTLM' "$REALM_DIR/output"
expect_line '  the second hop' 'second hop to localhost: you are .*alice' "$REALM_DIR/output"

start_server "$REALM_DIR/plain.log"
expect 0 'CredSSP with the own ticket' "$gss_sspi" connect "localhost:$port"
expect_line '  not delegated' 'delegated  *no' "$REALM_DIR/output"
expect_line '  as the server sees it' '^logon .*client=alice@.* delegated=no' "$REALM_DIR/plain.log"
expect 1 'wrong password' connect_as "$REALM_USER@$REALM" wrong "localhost:$port"
expect_line '  is a refused logon' 'SEC_E_LOGON_DENIED' "$REALM_DIR/output"
expect 1 'wrong password with NTLM' connect_by_ntlm "$REALM_NTLM_DOMAIN\\$REALM_USER" wrong "localhost:$port"
expect_line '  is a refused logon' 'SEC_E_LOGON_DENIED' "$REALM_DIR/output"
expect_line '  and the server says so' '^refused ' "$REALM_DIR/plain.log"
expect 1 'delegating the own ticket' "$gss_sspi" connect --delegate "localhost:$port"
expect_line '  is against the policy' 'SEC_E_DELEGATION_POLICY' "$REALM_DIR/output"

expect 0 'the password is asked for on the terminal, without echo' \
  /usr/bin/python3 "$top_srcdir/tests/tools/password_prompt.py" "$REALM_PASSWORD" \
  "$gss_sspi" connect -u "$REALM_USER@$REALM" "localhost:$port"
expect_line '  and used' '^logged on as alice@EXAMPLE.TEST' "$REALM_DIR/output"
expect 1 'without a terminal there is no prompt' \
  setsid -w "$gss_sspi" connect -u "$REALM_USER@$REALM" "localhost:$port"
expect_line '  but advice' 'use --password-fd' "$REALM_DIR/output"

for octets in 00 474554202f20485454502f312e310d0a0d0a 16030100ff 1603010004ffffffff 60ff ff; do
  expect 0 "bad client sends $octets" send_octets "$port" "$octets"
done
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  send_octets "$port" 16030100 &
done
expect 0 'a logon among bad clients' "$gss_sspi" connect "localhost:$port"

for package in Negotiate Kerberos NTLM; do
  start_server "$REALM_DIR/$package.log" --package "$package"
  if [ "$package" = NTLM ]; then
    expect 0 'NTLM' connect_as "$REALM_NTLM_DOMAIN\\$REALM_USER" "$REALM_PASSWORD" \
      --package NTLM "localhost:$port"
  else
    expect 0 "$package with the ticket" "$gss_sspi" connect --package "$package" \
      "localhost:$port"
  fi
  expect_line '  the answer over the session' 'server answered  *you are .*alice' \
    "$REALM_DIR/output"
  for octets in ffffffff 00000000 00000004deadbeef 7fffffff00; do
    expect 0 "$package: bad client sends $octets" send_octets "$port" "$octets"
  done
  expect 1 "$package: wrong password" connect_as "$REALM_NTLM_DOMAIN\\$REALM_USER" wrong \
    --package "$package" "localhost:$port"
done

expect 1 'Kerberos to an unknown target' \
  "$gss_sspi" connect --package Kerberos --target nobody/nowhere "localhost:$port"
expect_line '  is named' 'SEC_E_TARGET_UNKNOWN' "$REALM_DIR/output"

start_server "$REALM_DIR/rdp.log" --rdp
expect 0 'RDP with Kerberos' "$gss_sspi" connect --rdp "localhost:$port"
expect_line '  the target' 'target  *TERMSRV/localhost' "$REALM_DIR/output"
expect 0 'bad RDP client' send_octets "$port" 0300000b06e00000000000
expect_line '  is told what is wrong' '^refused .*does not offer CredSSP' "$REALM_DIR/rdp.log"
expect 0 'a client that is no RDP client' send_octets "$port" 16030100ff
expect 0 'RDP after bad clients' connect_as "$REALM_NTLM_DOMAIN\\$REALM_USER" "$REALM_PASSWORD" \
  --rdp "localhost:$port"

start_in_background "$REALM_DIR/once.log" "$gss_sspi" serve --once 0
once=$started
wait_until grep -q '^listening on ' "$REALM_DIR/once.log"
port=$(sed -n 's/^listening on .*://p' "$REALM_DIR/once.log")
expect 0 'serve --once serves' "$gss_sspi" connect "localhost:$port"
wait "$once"
expect 0 '  and ends' test $? -eq 0
finish
