# sides.sh - for tests of a client and a server that are not ours. On each side SPNEGO is either MIT's
# or, by the interposer line, ours. Read after checks.sh, with ". $top_srcdir/tests/interop/sides.sh".
#
# $client and $server say which side has what: "ours" or "mit".
# shellcheck shell=sh

grep -v "$REALM_MODULE" "$GSS_MECH_CONFIG" >"$REALM_DIR/mit.conf"
{
  grep -v '<interposer>' "$GSS_MECH_CONFIG"
  printf 'negotiate_spnego 2.25.3579557143683582521.3 %s <interposer>\n' "$REALM_MODULE"
} >"$REALM_DIR/ours.conf"
client=ours
server=ours
client_trace=$REALM_DIR/client.trace
server_trace=$REALM_DIR/server.trace

# become SIDE TRACE COMMAND...: a program that is not ours, in place of this shell. Only a side that
# loads our plugin needs what become_foreign does for it.
become() {
  side=$1
  GSS_MECH_CONFIG=$REALM_DIR/$1.conf
  GSS_SSPI_TRACE=$2
  export GSS_MECH_CONFIG GSS_SSPI_TRACE
  shift 2
  [ "$side" = mit ] || become_foreign "$@"
  exec "$@"
}

# as_client COMMAND...: runs a program that is not ours on the client's side.
as_client() (
  become "$client" "$client_trace" "$@"
)

# become_server COMMAND...: the server, for start_in_background.
become_server() {
  become "$server" "$server_trace" "$@"
}

# forget_traces: what expect_ours_inside looks at begins here.
forget_traces() {
  : >"$client_trace"
  : >"$server_trace"
}

# expect_ours_inside MECHANISM: since forget_traces, SPNEGO was ours where it should be, and nowhere
# else, and MECHANISM was inside.
expect_ours_inside() {
  if [ "$client" = ours ]; then
    expect_line "  the client's SPNEGO is ours, with $1" "negotiate: initiator: $1" "$client_trace"
  else
    expect_no_line "  the client's SPNEGO is MIT's" 'negotiate: initiator' "$client_trace"
  fi
  if [ "$server" = ours ]; then
    expect_line "  the server's SPNEGO is ours, with $1" "negotiate: acceptor: $1" "$server_trace"
  else
    expect_no_line "  the server's SPNEGO is MIT's" 'negotiate: acceptor' "$server_trace"
  fi
}
