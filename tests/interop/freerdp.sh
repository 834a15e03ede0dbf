#!/bin/sh
# FreeRDP 2's client against gss-sspi serve --rdp, and gss-sspi connect --rdp against its server.
. "${top_srcdir:?}/tests/realm/checks.sh"

HOME=$REALM_DIR/home # FreeRDP writes certificates below it
unset XDG_CONFIG_HOME
export HOME
mkdir -p "$HOME"

# An X display of our own: Xvfb chooses the number, and writes it to descriptor 4. Without -noreset it
# would be away for a moment after its last client has gone.
mkfifo "$REALM_DIR/display"
# shellcheck disable=SC2016 # the inner shell expands it
start_in_background "$REALM_DIR/xvfb.log" sh -c \
  'exec Xvfb -displayfd 4 -screen 0 800x600x24 -nolisten tcp -noreset 4>"$1"' sh "$REALM_DIR/display"
read -r display <"$REALM_DIR/display" || bail_out "Xvfb: $(cat "$REALM_DIR/xvfb.log")"
export DISPLAY=":$display"

start_server "$REALM_DIR/server.log" --rdp

# freerdp_client PASSWORD: 124 when it hangs. gss-sspi ends the connection after CredSSP, so it always
# ends with an error: after a logon that was accepted, that the connection ended.
# shellcheck disable=SC2317 # called by expect
freerdp_client() {
  timeout 60 xfreerdp "/v:localhost:$port" "/u:$REALM_USER" "/d:$REALM_NTLM_DOMAIN" "/p:$1" \
    /sec:nla /cert:ignore +auth-only
}
accepted=147
refused=134
expect "$accepted" 'xfreerdp, right password' freerdp_client "$REALM_PASSWORD"
expect_line '  it is past the logon' 'ERRCONNECT_CONNECT_TRANSPORT_FAILED' "$REALM_DIR/output"
expect_line '  the server saw the logon, and its credentials' \
  '^logon .*client=[^ ]*alice .*delegated=yes' "$REALM_DIR/server.log"
expect_no_line '  and refused nothing' '^refused ' "$REALM_DIR/server.log"
expect "$refused" 'xfreerdp, wrong password' freerdp_client wrong
expect_line '  it is told so' 'STATUS_LOGON_FAILURE' "$REALM_DIR/output"
expect_line '  the server refused it' '^refused ' "$REALM_DIR/server.log"
expect 0 '  and accepted one logon only' test "$(grep -c '^logon ' "$REALM_DIR/server.log")" -eq 1

# FreeRDP 2's server knows NTLM only, and without SPNEGO around it.
sed 's/^  gss-sspi = {/&\n    packages = ntlm/' "$KRB5_CONFIG" >"$REALM_DIR/ntlm-only.conf"
KRB5_CONFIG=$REALM_DIR/ntlm-only.conf
export KRB5_CONFIG
winpr-hash -u "$REALM_USER" -d "$REALM_NTLM_DOMAIN" -p "$REALM_PASSWORD" -v 1 -f sam \
  >"$REALM_DIR/SAM"
shadow_port=$(free_port)
start_in_background "$REALM_DIR/shadow.log" freerdp-shadow-cli "/port:$shadow_port" \
  /bind-address:127.0.0.1 /sec:nla +auth "/sam-file:$REALM_DIR/SAM"
wait_until is_listening "$shadow_port" ||
  bail_out "freerdp-shadow-cli does not listen: $(cat "$REALM_DIR/shadow.log")"

# connect PASSWORD OPTION...
# shellcheck disable=SC2317 # called by expect
connect() {
  password=$1
  shift
  printf '%s\n' "$password" | "$gss_sspi" connect --rdp --password-fd 0 \
    -u "$REALM_NTLM_DOMAIN\\$REALM_USER" "$@" "localhost:$shadow_port"
}
expect 0 'gss-sspi connect --rdp to freerdp-shadow-cli, right password' connect "$REALM_PASSWORD"
expect_line '  with NTLM inside' 'inner mechanism  *NTLM' "$REALM_DIR/output"
expect 0 '  and with delegation' connect "$REALM_PASSWORD" --delegate
expect_line '  which was done' 'delegated  *yes' "$REALM_DIR/output"
expect 1 '  wrong password' connect wrong
expect_line '  with an error that names it' '^gss-sspi: ' "$REALM_DIR/output"
finish
