#!/bin/sh
# curl --negotiate against Apache with mod_auth_gssapi, both unmodified; and a client in SSPI, through
# libsspi-gss.
. "${top_srcdir:?}/tests/realm/checks.sh"
. "$top_srcdir/tests/interop/sides.sh"

PATH=$PATH:/usr/sbin
# A free port may be taken by somebody else before Apache listens on it; then another one is tried.
port_attempts=20

# Apache does not serve as root, and after it has changed its user itself it could no longer read
# the realm and the module. Where root tests, it runs as nobody, who may read and write all files.
if [ "$(id -u)" -eq 0 ]; then
  not_as_root='setpriv --reuid=65534 --regid=65534 --clear-groups
    --inh-caps=+dac_override --ambient-caps=+dac_override'
else
  not_as_root=
fi

site=$REALM_DIR/site
tickets=$REALM_DIR/delegated
mkdir -p "$site/cgi" "$tickets"
chmod 777 "$tickets"
for page in page local kerberos ntlm bound; do
  echo 'the page' >"$site/$page"
done
cat >"$site/cgi/ticket" <<'END'
#!/bin/sh
printf 'Content-Type: text/plain\n\n'
echo "cache $KRB5CCNAME"
kvno host/localhost 2>&1
klist 2>&1
END
chmod +x "$site/cgi/ticket"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$REALM_DIR/site.key" -out "$REALM_DIR/site.crt" \
  2>"$REALM_DIR/openssl.log" || bail_out "openssl: $(cat "$REALM_DIR/openssl.log")"

# write_location PATH OPTION...: the module's options are not inherited, each place has them all.
write_location() {
  echo "<Location $1>"
  shift
  printf '  %s\n' "$@"
  cat <<END
  AuthType GSSAPI
  AuthName "a realm"
  GssapiConnectionBound On
  GssapiPublishMech On
  GssapiDelegCcacheDir $tickets
  GssapiNameAttributes json
  Require valid-user
  Header always set X-User "expr=%{REMOTE_USER}"
  Header always set X-Mechanism "%{GSS_MECH}e"
  Header always set X-Attributes "%{GSS_NAME_ATTRS_JSON}e"
</Location>
END
}

# write_site_config DIRECTORY PORT HTTPS_PORT
write_site_config() {
  for module in mpm_worker authn_core authz_core authz_user auth_gssapi env headers alias cgi \
    ssl; do
    echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
  done
  cat <<END
ServerRoot "$1"
DefaultRuntimeDir "$1"
PidFile "$1/pid"
ErrorLog "$1/error.log"
LogLevel info
ServerName localhost
Listen 127.0.0.1:$2
Listen 127.0.0.1:$3
StartServers 1
ServerLimit 1
ThreadsPerChild 8
MaxRequestWorkers 8
MaxKeepAliveRequests 0
PassEnv KRB5_CONFIG
DocumentRoot "$site"
ScriptAlias /cgi/ "$site/cgi/"
<VirtualHost 127.0.0.1:$3>
  SSLEngine On
  SSLCertificateFile "$REALM_DIR/site.crt"
  SSLCertificateKeyFile "$REALM_DIR/site.key"
</VirtualHost>
END
  write_location /
  # GSS_NAME is right in the first request of a connection; later the module reads freed memory.
  write_location /local 'GssapiLocalName On' 'Header always set X-Name "%{GSS_NAME}e"'
  write_location /kerberos 'GssapiAllowedMech krb5'
  write_location /ntlm 'GssapiAllowedMech ntlmssp'
  write_location /bound 'GssapiCredStore channel_bindings:required'
}

# shellcheck disable=SC2317 # called by wait_until
is_serving() {
  [ -s "$apache_directory/pid" ] || ! kill -0 "$started"
}

# start_apache: with SPNEGO as $server says. Its ports are then in $port and $https_port, its log is
# $apache_directory/error.log.
start_apache() {
  apache_directory=$(mktemp -d -p "$REALM_DIR")
  chmod 777 "$apache_directory"
  attempt=0
  while [ "$attempt" -lt "$port_attempts" ]; do
    port=$(free_port)
    https_port=$(free_port)
    write_site_config "$apache_directory" "$port" "$https_port" >"$apache_directory/conf"
    # shellcheck disable=SC2086 # several words
    start_in_background "$apache_directory/output.log" become_server \
      $not_as_root apache2 -DFOREGROUND -f "$apache_directory/conf"
    wait_until is_serving || break
    [ ! -s "$apache_directory/pid" ] || return 0
    attempt=$((attempt + 1))
  done
  bail_out "apache2 does not start: $(cat "$apache_directory"/*.log)"
}

# request OPTION... URL...: as_client, with the head of each answer before its body.
# shellcheck disable=SC2317 # called by expect
request() {
  as_client curl -q -sS -i --max-time 60 --noproxy '*' --cacert "$REALM_DIR/site.crt" \
    -w 'status %{http_code}, %{num_connects} new connections\n' "$@"
}

# expect_page DESCRIPTION USER MECHANISM OPTION... URL: the server knows the user of the request.
expect_page() {
  described=$1
  user=$2
  mechanism=$3
  shift 3
  forget_traces
  expect 0 "$described" request --negotiate -u : "$@"
  expect_line '  it is answered' '^status 200' "$REALM_DIR/output"
  expect_line "  to $user" "^X-User: $user.\$" "$REALM_DIR/output"
  expect_line "  known by $mechanism" "^X-Mechanism: Negotiate/$mechanism.\$" "$REALM_DIR/output"
}

# expect_refusal DESCRIPTION OPTION... URL
expect_refusal() {
  described=$1
  shift
  forget_traces
  expect 0 "$described" request "$@"
  expect_line '  it is refused' '^status 401' "$REALM_DIR/output"
  expect_no_line '  for no user' '^X-User: .*alice' "$REALM_DIR/output"
}

# expect_count DESCRIPTION NUMBER PATTERN: so many lines of the output match.
expect_count() {
  found=$(grep -c -e "$3" "$REALM_DIR/output")
  if [ "$found" -eq "$2" ]; then
    passed "$1"
  else
    failed "$1 ($found and not $2 lines like: $3)"
    tail -n 100 "$REALM_DIR/output" | sed 's/^/    /'
  fi
}

# try_pages USER MECHANISM OURS: OURS is what our trace calls the mechanism.
try_pages() {
  expect_page "$sides, $2" "$1" "$2" "$http/page"
  expect_ours_inside "$3"
  expect_page "$sides, $2: HTTPS" "$1" "$2" "$https/page"
  expect_ours_inside "$3"
}

# try_connections USER MECHANISM: many requests over one connection, and over several at once.
# Kerberos authenticates each request, NTLM the connection.
try_connections() {
  expect 0 "$sides, $2: six requests" request --negotiate -u : "$http/page" "$http/page" \
    "$http/page" "$http/page" "$http/cgi/ticket" "$http/page"
  expect_count '  all are answered' 6 '^status 200'
  expect_count '  over one connection' 1 '^status 200, 1 new'
  expect_count '  the user is known each time' 6 "^X-User: $1.\$"
  # shellcheck disable=SC2046 # several words
  expect 0 "$sides, $2: twenty requests at once" request --negotiate -u : \
    --parallel --parallel-immediate --parallel-max 6 $(yes "$http/page" | head -n 20)
  expect_count '  all are answered' 20 '^status 200'
  expect_count '  the user is known each time' 20 "^X-User: $1.\$"
}

try_kerberos() {
  try_pages 'alice@EXAMPLE.TEST' krb5 Kerberos
  expect_line '  the attributes of the name are known' '^X-Attributes: .*urn:mspac:' \
    "$REALM_DIR/output"
  try_connections 'alice@EXAMPLE.TEST' krb5
  expect_page "$sides: a local name" alice krb5 "$http/local"
  expect_line '  and the full one' '^X-Name: alice@EXAMPLE.TEST' "$REALM_DIR/output"
  expect_page "$sides: Kerberos is allowed alone" 'alice@EXAMPLE.TEST' krb5 "$http/kerberos"
  expect_page "$sides: NTLM is allowed alone" "$ntlm_user" NTLM "$http/ntlm"

  rm -f "$tickets"/*
  expect_page "$sides: the ticket is delegated" 'alice@EXAMPLE.TEST' krb5 \
    --delegation always "$http/cgi/ticket"
  expect_line '  the server can use it' '^host/localhost@EXAMPLE.TEST: kvno = ' "$REALM_DIR/output"
  expect_line '  in the name of the user' '^Default principal: alice@EXAMPLE.TEST' \
    "$REALM_DIR/output"
  rm -f "$tickets"/*
  expect_page "$sides: the ticket is not delegated" 'alice@EXAMPLE.TEST' krb5 "$http/cgi/ticket"
  expect_no_line '  and the server has none' '^Default principal' "$REALM_DIR/output"
}

# There is no ticket here. What is changed of the environment is put back in the end.
try_ntlm() {
  KRB5CCNAME=FILE:$REALM_DIR/no-tickets
  try_pages "$ntlm_user" NTLM NTLM
  try_connections "$ntlm_user" NTLM
  expect_page "$sides: NTLM is allowed alone, no ticket" "$ntlm_user" NTLM "$http/ntlm"
  expect_refusal "$sides: NTLM is not allowed" --negotiate -u : "$http/kerberos"
  NTLM_USER_FILE=$REALM_DIR/wrong.users
  expect_refusal "$sides: NTLM with a wrong password" --negotiate -u : "$http/page"
  NTLM_USER_FILE=$REALM_DIR/no-users
  expect_refusal "$sides: no credentials" --negotiate -u : "$http/page"
  NTLM_USER_FILE=$REALM_DIR/ntlm.users
  KRB5CCNAME=FILE:$REALM_DIR/ccache
}

# sspi_client PATH [PASSWORD]: by the ticket, or as alice.
# shellcheck disable=SC2317 # called by expect
sspi_client() (
  path=$1
  shift
  if [ $# -eq 1 ]; then
    SSPI_SAMPLE_PASSWORD=$1
    export SSPI_SAMPLE_PASSWORD
    set -- "$REALM_NTLM_DOMAIN" "$REALM_USER"
  fi
  exec "$top_builddir/tests/interop/sspi_http" "$package" "$port" "$path" HTTP/localhost "$@"
)

# expect_sspi_page DESCRIPTION USER MECHANISM PATH [PASSWORD]
expect_sspi_page() {
  described="Apache with $server, SSPI's $package: $1"
  user=$2
  mechanism=$3
  shift 3
  expect 0 "$described" sspi_client "$@"
  expect_line "  to $user" "^X-User: $user.\$" "$REALM_DIR/output"
  expect_line "  known by $mechanism" "^X-Mechanism: Negotiate/$mechanism.\$" "$REALM_DIR/output"
}

# The plain mechanisms' tokens are good for a server that takes Negotiate, too.
try_sspi() {
  for package in Negotiate Kerberos; do
    expect_sspi_page 'ticket' 'alice@EXAMPLE.TEST' krb5 /page
    expect_sspi_page 'password' 'alice@EXAMPLE.TEST' krb5 /kerberos "$REALM_PASSWORD"
  done
  package=NTLM
  expect_sspi_page 'password' "$ntlm_user" NTLM /ntlm "$REALM_PASSWORD"
  expect failure '  wrong password' sspi_client /ntlm wrong
  expect_line '  it is refused' '^HTTP/1.1 401' "$REALM_DIR/output"
}

ntlm_user="$REALM_NTLM_DOMAIN.$REALM_USER" # between them is a backslash, or any character
sed 's/:[^:]*$/:wrong/' "$NTLM_USER_FILE" >"$REALM_DIR/wrong.users"
# curl cannot load AddressSanitizer's runtime: it waits for ever for a lock of the C library's. In a
# build with sanitizers only the server is ours.
if [ -n "${SANITIZER_PRELOAD-}" ]; then
  clients=mit
else
  clients='mit ours'
fi
for server in mit ours; do
  start_apache
  http=http://localhost:$port
  https=https://localhost:$https_port
  for client in $clients; do
    sides="curl with $client, Apache with $server"
    try_kerberos
    try_ntlm
  done
  try_sspi
  expect_refusal "Apache with $server: nothing" "$http/page"
  expect_refusal "Apache with $server: a wrong token" \
    -H 'Authorization: Negotiate AAAA' "$http/page"
  expect_no_line "Apache with $server has lost no process" 'exit signal' \
    "$apache_directory/error.log"
done

# Neither curl 7.88 nor mod_auth_gssapi 1.6.4 gives channel bindings to GSS-API. The policy, which is
# for servers that do, lets Apache serve; where its credentials demand channel bindings, it refuses.
sed 's/^  gss-sspi = {/&\n    channel_bindings = required/' "$KRB5_CONFIG" \
  >"$REALM_DIR/required.conf"
clients_krb5_config=$KRB5_CONFIG
KRB5_CONFIG=$REALM_DIR/required.conf
start_apache
KRB5_CONFIG=$clients_krb5_config
https=https://localhost:$https_port
for client in $clients; do
  sides="curl with $client, Apache under the policy of channel bindings"
  expect_page "$sides" 'alice@EXAMPLE.TEST' krb5 "$https/page"
  expect_ours_inside Kerberos
  expect_refusal "$sides, demanded by its credentials" --negotiate -u : "$https/bound"
  expect_line '  for want of channel bindings' \
    'gss_accept_sec_context() failed.*[Cc]hannel bindings' "$apache_directory/error.log"
done
finish
