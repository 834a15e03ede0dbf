#!/bin/sh
# Registering the plugin does not change what MIT's own SPNEGO offers.
. "${top_srcdir:?}/tests/realm/checks.sh"

helper=$top_builddir/tests/interop/spnego_offer
grep -v "$REALM_MODULE" "$GSS_MECH_CONFIG" >"$REALM_DIR/mech-without.conf"

# offer NAME CONFIG: the mechanisms that a default initiator and acceptor offer.
# shellcheck disable=SC2317 # called by expect
offer() {
  GSS_MECH_CONFIG=$2 "$helper" >"$REALM_DIR/offer-$1"
}
expect 0 'an offer without the plugin' offer without "$REALM_DIR/mech-without.conf"
expect 0 'an offer with the plugin' offer with "$GSS_MECH_CONFIG"
expect_line 'the offer is of Kerberos' '^initiator .*{ 1 2 840 113554 1 2 2 }' "$REALM_DIR/offer-with"
expect_line 'and of NTLM' '{ 1 3 6 1 4 1 311 2 2 10 }' "$REALM_DIR/offer-with"
expect 0 'both offers are the same' diff "$REALM_DIR/offer-without" "$REALM_DIR/offer-with"
finish
