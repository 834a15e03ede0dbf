#!/bin/sh
# sspi-gss(3) names every function that the library exports, and every flag and attribute that its headers
# have: what is not there yet, or makes no sense here, too.
. "${top_srcdir:?}/tests/realm/checks.sh"

page=$top_srcdir/man/sspi-gss.3
headers=$top_srcdir/sspi-shim/include/sspi-gss

# The exported functions, with A and W forms under the name that they have in common.
functions() {
  sed -n 's/^        \([A-Za-z]*\);$/\1/p' "$top_srcdir/sspi-shim/libsspi-gss.map" |
    awk '{ is[$0] = 1 }
      END {
        for (name in is) {
          plain = substr(name, 1, length(name) - 1)
          print is[plain "A"] && is[plain "W"] ? plain : name
        }
      }' | sort -u
}

# constants PATTERN
constants() {
  sed -n "s/^#define \\($1[A-Z0-9_]*\\) .*/\\1/p" "$headers"/*.h | sort -u
}

# expect_all NAME LEAST FILE: the page has every line of the file, which has LEAST lines at least.
expect_all() {
  expect 0 "there are $1" test "$(wc -l <"$3")" -ge "$2"
  : >"$REALM_DIR/absent"
  while read -r word; do
    grep -qw -e "$word" "$page" || echo "$word" >>"$REALM_DIR/absent"
  done <"$3"
  expect 0 "  the page has all" diff /dev/null "$REALM_DIR/absent"
}

functions >"$REALM_DIR/functions"
expect_all functions 50 "$REALM_DIR/functions"
constants ISC_REQ_ >"$REALM_DIR/initiator"
expect_all "an initiator's flags" 25 "$REALM_DIR/initiator"
constants ASC_REQ_ >"$REALM_DIR/acceptor"
expect_all "an acceptor's flags" 20 "$REALM_DIR/acceptor"
constants SECPKG_ATTR_ >"$REALM_DIR/attributes"
expect_all attributes 60 "$REALM_DIR/attributes"
finish
