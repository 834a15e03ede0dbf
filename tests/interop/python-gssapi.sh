#!/bin/sh
# python3-gssapi, which loads libgssapi with dlopen, completes contexts through the plugin.
. "${top_srcdir:?}/tests/realm/checks.sh"
. "$top_srcdir/tests/interop/sides.sh"

for mechanism in credssp negotiate; do
  for inner in kerberos ntlm; do
    expect 0 "python3-gssapi: $mechanism with $inner" \
      foreign /usr/bin/python3 "$top_srcdir/tests/interop/python_gssapi.py" "$mechanism" "$inner"
    expect_line '  both sides are done' '^complete$' "$REALM_DIR/output"
  done
done

# see_spnego SIDE INNER: what python3-gssapi sees of SPNEGO goes to $REALM_DIR/SIDE.seen.
# shellcheck disable=SC2317 # called by expect
see_spnego() (
  client=$1
  [ "$2" = kerberos ] || KRB5CCNAME=FILE:$REALM_DIR/no-tickets
  as_client /usr/bin/python3 "$top_srcdir/tests/interop/python_spnego.py" "$2" >"$REALM_DIR/$1.seen"
)

# Left out, because ours is better, is what is checked on its own: exported credentials, which MIT's
# SPNEGO does not take back, and the error of channel bindings with NTLM inside.
# shellcheck disable=SC2317 # called by expect
same_is_seen() {
  for side in mit ours; do
    sed -e '/^credentials after export: /d' -e '/^channel bindings: different /d' \
      "$REALM_DIR/$side.seen" >"$REALM_DIR/$side.compared"
  done
  diff "$REALM_DIR/mit.compared" "$REALM_DIR/ours.compared"
}

bad_bindings=4 # GSS_S_BAD_BINDINGS, without its shift
for inner in kerberos ntlm; do
  forget_traces
  expect 0 "python3-gssapi: MIT's SPNEGO with $inner" see_spnego mit "$inner"
  expect_no_line '  was not ours' 'negotiate: ' "$client_trace"
  expect 0 "python3-gssapi: the interposer with $inner" see_spnego ours "$inner"
  expect_line '  was ours' 'negotiate: acceptor: ' "$client_trace"
  expect_line '  both sides are done' '^done$' "$REALM_DIR/ours.seen"
  expect 0 '  and no difference is seen' same_is_seen
  for bindings in equal "only the initiator's" "only the acceptor's"; do
    expect_line "  channel bindings, $bindings" "^channel bindings: $bindings pass" \
      "$REALM_DIR/ours.seen"
  done
  expect_line '  channel bindings, different' "^channel bindings: different error $bad_bindings" \
    "$REALM_DIR/ours.seen"
  for end in initiator acceptor; do
    expect_line "  the $end's context is exported" "^export: $end True" "$REALM_DIR/ours.seen"
  done
done
expect 0 'python3-gssapi: credentials are exported' see_spnego ours kerberos
expect_line '  which MIT cannot do' '^credentials after export: initiate' "$REALM_DIR/ours.seen"
expect_line '  the ticket was delegated' '^delegated credentials reach: alice@' \
  "$REALM_DIR/ours.seen"
expect_line '  a user was impersonated' "^impersonated logs on: $REALM_SECOND_USER@" \
  "$REALM_DIR/ours.seen"
finish
