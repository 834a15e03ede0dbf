#!/bin/sh
# OpenSSL's TLS at the other end: CredSSP inside it is made by python_credssp.py, from MS-CSSP and MIT's
# SPNEGO. What GnuTLS' sides never do to each other is done here: tickets, resumption, renegotiation,
# updates of keys, old versions of TLS.
. "${top_srcdir:?}/tests/realm/checks.sh"
. "$top_srcdir/tests/interop/sides.sh"
# shellcheck disable=SC2034 # read by sides.sh
client=mit server=mit
credssp=$top_srcdir/tests/interop/python_credssp.py
messages=$REALM_DIR/tls.messages # as OpenSSL saw them: "<<<" is what it received

for key in rsa:2048 ec:P-256 ed25519; do
  type=${key%%:*}
  # shellcheck disable=SC2046 # an option more, or none
  openssl req -x509 -newkey "$(test "$type" = ec && echo ec || echo "$key")" \
    $(test "$type" = ec && echo -pkeyopt ec_paramgen_curve:P-256) \
    -nodes -keyout "$REALM_DIR/$type.key" -out "$REALM_DIR/$type.crt" -days 2 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>"$REALM_DIR/req.log" ||
    bail_out "openssl req: $(cat "$REALM_DIR/req.log")"
done

# --- s_client against our server ---

sed "s|^  gss-sspi = {|&\\
    certificate = $REALM_DIR/ec.crt\\
    private_key = $REALM_DIR/ec.key|" "$KRB5_CONFIG" >"$REALM_DIR/certificate.conf"
KRB5_CONFIG=$REALM_DIR/certificate.conf
export KRB5_CONFIG
server_log=$REALM_DIR/server.log
start_server "$server_log"
our_port=$port

# client OPTION...: a logon and a message by s_client.
# shellcheck disable=SC2317 # called by expect
client() {
  as_client /usr/bin/python3 "$credssp" client "$messages" "$REALM_DIR/ec.crt" "$our_port" "$@" \
    -CAfile "$REALM_DIR/ec.crt" -verify_return_error
}

# s_client PORT OPTION...: a TLS session and nothing in it, for a second: tickets come after the handshake.
# shellcheck disable=SC2317 # called by expect
s_client() {
  to_port=$1
  shift
  sleep 1 | openssl s_client -connect "127.0.0.1:$to_port" "$@"
}

# count_lines PATTERN FILE NUMBER
# shellcheck disable=SC2317 # called by expect
count_lines() {
  found=$(grep -c -e "$1" "$2")
  [ "$found" -eq "$3" ] || {
    echo "$found lines like: $1"
    false
  }
}

for version in 1.2 1.3; do
  option=-tls$(echo "$version" | tr . _)
  expect 0 "s_client, TLS $version: a logon and a message" client "$option"
  expect_line '  with this version' "^logon .*client=alice@.* tls=TLS$version " "$server_log"
  expect_line "  TLS' messages are seen" '^<<< .*ServerHello' "$messages"
  expect_no_line '  and no session ticket is among them' 'NewSessionTicket' "$messages"
done
expect_no_line '  nothing was refused' '^refused ' "$server_log"

# The same is done to a server that resumes sessions, so that it is known what resumption looks like.
start_in_background "$REALM_DIR/s_server.log" openssl s_server -accept 127.0.0.1:0 -www \
  -cert "$REALM_DIR/ec.crt" -key "$REALM_DIR/ec.key"
wait_until grep -q '^ACCEPT .*:' "$REALM_DIR/s_server.log" ||
  bail_out "openssl s_server: $(cat "$REALM_DIR/s_server.log")"
other_port=$(sed -n 's/^ACCEPT .*://p' "$REALM_DIR/s_server.log")
for version in 1.2 1.3; do
  option=-tls$(echo "$version" | tr . _)
  for who in other our; do
    [ "$who" = other ] && to_port=$other_port || to_port=$our_port
    expect 0 "s_client, TLS $version, $who server: a session" \
      s_client "$to_port" "$option" -sess_out "$REALM_DIR/$who$option"
    expect_line '  is new' "^New, TLSv$version" "$REALM_DIR/output"
    if [ "$who$version" = our1.3 ]; then
      expect failure '  and there is nothing to resume it by' test -e "$REALM_DIR/our$option"
      continue
    fi
    expect 0 '  is offered again' s_client "$to_port" "$option" -sess_in "$REALM_DIR/$who$option"
    if [ "$who" = other ]; then
      expect_line '  and resumed' "^Reused, TLSv$version" "$REALM_DIR/output"
    else
      expect_line '  and not resumed' "^New, TLSv$version" "$REALM_DIR/output"
    fi
  done
  # One connection and five more.
  expect 0 "s_client, TLS $version: connects again and again" s_client "$our_port" "$option" -reconnect
  cp "$REALM_DIR/output" "$REALM_DIR/reconnect.log"
  expect 0 '  by a new session each time' count_lines '^New, TLS' "$REALM_DIR/reconnect.log" 6
done
expect 0 's_client, TLS 1.2, other server: connects again and again' \
  s_client "$other_port" -tls1_2 -reconnect
expect_line '  by the same session' '^Reused, ' "$REALM_DIR/output"

# Not while an answer is on its way: OpenSSL would not begin before it has read it.
for place in handshake binding message; do
  expect 3 "s_client, TLS 1.2: a second handshake at $place" client --at "$place" R -tls1_2
  expect_line '  it was asked for then' "^reached $place" "$REALM_DIR/output"
  expect 0 '  and begun' count_lines '^>>> .*ClientHello' "$messages" 2
  expect 0 '  and not answered' count_lines '^<<< .*ServerHello$' "$messages" 1
  expect_no_line '  nothing follows' '^done' "$REALM_DIR/output"
done
expect 0 '  refused before the end of the logon, with the reason' \
  count_lines '^refused .*wants to renegotiate' "$server_log" 2

expect 0 's_client, TLS 1.3: keys are updated all the time' client \
  --at handshake K --at logon k --at binding K --at message k -tls1_3
expect_line '  and a message was answered' '^done' "$REALM_DIR/output"
expect 0 '  by the client' count_lines '^>>> .*KeyUpdate' "$messages" 4
expect 0 '  and by the server, as often as it was asked to' \
  count_lines '^<<< .*KeyUpdate' "$messages" 2

# Without the security level, OpenSSL itself would not try.
for version in 1.0 1.1; do
  [ "$version" = 1.0 ] && option=-tls1 || option=-tls1_1
  before=$(grep -c '^refused .*TLS handshake' "$server_log")
  expect 1 "s_client, TLS $version: no session" \
    s_client "$our_port" "$option" -cipher ALL:@SECLEVEL=0
  expect_line '  the server says that it is the version' 'alert protocol version' "$REALM_DIR/output"
  expect 0 '  and who runs it is told' count_lines '^refused .*TLS handshake' "$server_log" \
    $((before + 1))
done
expect 0 's_client, TLS 1.2, with the same options: a session' \
  s_client "$our_port" -tls1_2 -cipher ALL:@SECLEVEL=0

# --- our client against s_server ---

# start_peer TYPE OPTION...: a CredSSP server with a key of that type, for one client.
start_peer() {
  type=$1
  shift
  start_in_background "$REALM_DIR/peer.log" become_server /usr/bin/python3 "$credssp" server \
    "$messages" "$REALM_DIR/$type.crt" "$@" -key "$REALM_DIR/$type.key"
  wait_until grep -q '^listening on ' "$REALM_DIR/peer.log" ||
    bail_out "s_server $*: $(cat "$REALM_DIR/peer.log")"
  port=$(sed -n 's/^listening on .*://p' "$REALM_DIR/peer.log")
}

# shellcheck disable=SC2317 # called by expect
connect() {
  timeout 60 "$gss_sspi" connect --message hello "localhost:$port"
}

for type in rsa ec ed25519; do
  for version in 1.2 1.3; do
    start_peer "$type" "-tls$(echo "$version" | tr . _)" -num_tickets 3
    expect 0 "s_server, TLS $version, $type: a logon" connect
    expect_line '  with this version' "TLS  *TLS$version" "$REALM_DIR/output"
    expect_line '  and a message' 'server answered  *welcome' "$REALM_DIR/output"
    expect 0 '  the server is content' wait "$started"
    [ "$version" = 1.2 ] ||
      expect 0 '  and has sent tickets' count_lines '^>>> .*NewSessionTicket' "$messages" 3
  done
done

start_peer ec --at handshake K --at logon k --at binding K --at message K -tls1_3
expect 0 's_server, TLS 1.3: keys are updated all the time' connect
expect 0 '  the server is content' wait "$started"
expect 0 '  with its updates' count_lines '^>>> .*KeyUpdate' "$messages" 4
expect_line "  and the client's" '^<<< .*KeyUpdate' "$messages"

for place in handshake logon message; do
  start_peer ec --at "$place" r -tls1_2
  expect 1 "s_server, TLS 1.2: asks for a second handshake at $place" connect
  expect_line '  which the client names as the reason' 'wants to renegotiate' "$REALM_DIR/output"
  expect 0 '  it was asked for' count_lines '^>>> .*HelloRequest' "$messages" 1
  expect 0 '  and not begun' count_lines '^<<< .*ClientHello' "$messages" 1
  # After the logon the message of the client may come before it has read of the handshake.
  [ "$place" = message ] || expect 3 '  the connection is over' wait "$started"
done
finish
