#!/bin/sh
# The example of man/gss-sspi.conf.5, cut out of the page: Kerberos' own programs read it, and the policy
# in force is the one that it shows.
. "${top_srcdir:?}/tests/realm/checks.sh"

page=$top_srcdir/man/gss-sspi.conf.5
example=$REALM_DIR/example.conf

# The lines between .nf and .fi of the section EXAMPLE, with roff's escapes resolved.
sed -n '/^\.SH EXAMPLE/,/^\.SH SEE/p' "$page" | sed -n '/^\.nf/,/^\.fi/p' |
  sed -e '/^\./d' -e 's/\\(dq/"/g' -e 's/\\-/-/g' -e 's/\\e/\\/g' >"$example"
expect_line 'the page has an example' '^\[appdefaults\]' "$example"

# The example is the first file: what the realm's file says comes after it.
KRB5_CONFIG=$example:$KRB5_CONFIG
export KRB5_CONFIG
expect 0 'klist reads it' klist
expect_line '  and the ticket' 'krbtgt/EXAMPLE.TEST' "$REALM_DIR/output"
KRB5_CONFIG=$example expect 0 'klist reads it alone' klist

expect 0 'status' "$gss_sspi" status
cp "$REALM_DIR/output" "$REALM_DIR/status"

# Each option of the example is in force, with its value.
options=0
while IFS='=' read -r name value; do
  name=$(printf '%s' "$name" | tr -d ' ')
  value=$(printf '%s' "$value" | sed -e 's/^ *//' -e 's/ *$//' -e 's/^"\(.*\)"$/\1/' -e 's/[*.[]/\\&/g')
  case $name in
  '' | \[* | gss-sspi | \}) continue ;;
  esac
  options=$((options + 1))
  expect_line "  $name" "^  $name = *$value\$" "$REALM_DIR/status"
done <"$example"
expect 0 'all of its options were looked for' test "$options" -eq "$(grep -c ' = [^{]' "$example")"
expect 0 '  and there are some' test "$options" -ge 3
finish
