#!/bin/sh
# What leaves and what enters mech_sspi.so: exactly the names of plugin.map, and no gss_* of the
# mechglue but by its version, which our own definitions cannot take.
# shellcheck source-path=SCRIPTDIR/../.. disable=SC2154 # the harness sets top_srcdir
. "$top_srcdir/tests/realm/checks.sh"

# Prints the names between "global:" and "local:".
names_of_map() {
  sed -n '/^global:/,/^local:/s/^ *\([a-z_]*\);$/\1/p' "$top_srcdir/mech/plugin/plugin.map" | LC_ALL=C sort
}

nm -D --defined-only "$REALM_MODULE" >"$REALM_DIR/defined" || bail_out 'nm does not read the plugin'
nm -D --undefined-only "$REALM_MODULE" >"$REALM_DIR/undefined" ||
  bail_out 'nm does not read the plugin'
names_of_map >"$REALM_DIR/wanted"
awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' "$REALM_DIR/defined" | LC_ALL=C sort >"$REALM_DIR/exported"

expect 0 'the map names what the mechglue looks up' grep -qx gss_init_sec_context "$REALM_DIR/wanted"
expect 0 'exactly the names of the map are exported' diff "$REALM_DIR/wanted" "$REALM_DIR/exported"
expect_no_line 'every exported name carries our version node' ' [^A] [a-z_]*$' "$REALM_DIR/defined"
expect_line 'the mechglue is called by its version' ' gss_init_sec_context@gssapi_krb5_2_MIT$' \
  "$REALM_DIR/undefined"
expect_no_line 'no gss_* is called without a version' ' gss[a-z]*_[a-z_]*$' "$REALM_DIR/undefined"

# What the mechglue looks up in a plugin and exports itself, it would take for the plugin's: a call for
# us would then come back to it with our handles.
libgssapi=$(ldd "$REALM_MODULE" | awk '$1 ~ /^libgssapi_krb5/ { print $3 }')
nm -D --defined-only "$libgssapi" | sed -n 's/.* T \(gssspi_[a-z_]*\)@.*/\1/p' >"$REALM_DIR/takeable"
expect_line 'libgssapi has such names' '^gssspi_set_cred_option$' "$REALM_DIR/takeable"
while read -r name; do
  expect_line "  $name is ours" "^$name\$" "$REALM_DIR/exported"
done <"$REALM_DIR/takeable"
finish
