# rdp_server.sh - FreeRDP's server in the realm's directory. Read after checks.sh:
# ". $top_srcdir/tests/interop/rdp_server.sh".
# shellcheck shell=sh disable=SC2034 # used by those who read this file

HOME=$REALM_DIR/home # FreeRDP writes certificates below it
unset XDG_CONFIG_HOME
export HOME
shadow_directory=$HOME/.config/freerdp/shadow
mkdir -p "$shadow_directory"

# An X display of our own: Xvfb chooses the number, and writes it to descriptor 4. Without -noreset it
# would be away for a moment after its last client has gone.
mkfifo "$REALM_DIR/display"
# shellcheck disable=SC2016 # the inner shell expands it
start_in_background "$REALM_DIR/xvfb.log" sh -c \
  'exec Xvfb -displayfd 4 -screen 0 800x600x24 -nolisten tcp -noreset 4>"$1"' sh "$REALM_DIR/display"
read -r display <"$REALM_DIR/display" || bail_out "Xvfb: $(cat "$REALM_DIR/xvfb.log")"
export DISPLAY=":$display"

# make_certificate NAME ALGORITHM [OPTION...]: NAME.crt and NAME.key in the realm's directory.
make_certificate() {
  file=$REALM_DIR/$1
  shift
  openssl req -x509 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$file.key" -out "$file.crt" -newkey "$@" 2>"$REALM_DIR/openssl.log" ||
    bail_out "openssl: $(cat "$REALM_DIR/openssl.log")"
}
winpr-hash -u "$REALM_USER" -d "$REALM_NTLM_DOMAIN" -p "$REALM_PASSWORD" -v 1 -f sam \
  >"$REALM_DIR/SAM"

# start_shadow KEY [NAME=VALUE...]: with this certificate and environment; it is then at $shadow_port.
start_shadow() {
  cp "$REALM_DIR/$1.crt" "$shadow_directory/shadow.crt"
  cp "$REALM_DIR/$1.key" "$shadow_directory/shadow.key"
  shadow_log=$REALM_DIR/shadow-$1.log
  shift
  shadow_port=$(free_port)
  start_in_background "$shadow_log" env "$@" freerdp-shadow-cli "/port:$shadow_port" \
    /bind-address:127.0.0.1 /sec:nla +auth "/sam-file:$REALM_DIR/SAM"
  wait_until is_listening "$shadow_port" ||
    bail_out "freerdp-shadow-cli does not listen: $(cat "$shadow_log")"
}
