# gss_server.sh - MIT's gss-server. Read after checks.sh: ". $top_srcdir/tests/interop/gss_server.sh".
# shellcheck shell=sh disable=SC2034,SC2154 # of those who read this file

# start_gss_server: its port is then in $port. By itself it would listen on all of the machine's
# addresses; here it gets its connections from a listener on the loopback address, as from inetd.
start_gss_server() {
  start_in_background "$REALM_DIR/inetd.log" become_foreign /usr/bin/python3 \
    "$top_srcdir/tests/interop/loopback_inetd.py" gss-server -verbose -inetd \
    -logfile "$REALM_DIR/gss-server.log" host@localhost
  wait_until grep -q '^listening on ' "$REALM_DIR/inetd.log" ||
    bail_out "the listener does not start: $(cat "$REALM_DIR/inetd.log")"
  port=$(sed -n 's/^listening on //p' "$REALM_DIR/inetd.log")
}
