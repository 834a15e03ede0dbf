# checks.sh - what the shell tests share; they read it with ". $top_srcdir/tests/realm/checks.sh".
# They run inside with-realm. Each check prints a line; finish prints the counts in Check's form.
# shellcheck shell=sh disable=SC2034 # used by those who read this file

set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${REALM_DIR:?}"

# A server gets ready within so many waits of 50 ms, on a machine that is busy with other tests.
ready_waits=200

# Scripts in Python leave nothing in the source directory.
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

gss_sspi=$top_builddir/tools/gss-sspi
checks=0
failures=0
started_processes=

# start_in_background LOG COMMAND... starts a program that ends with the test; $started is its id.
start_in_background() {
  background_log=$1
  shift
  # Emptied here: who waits for a line of it must not see one of the program before.
  : >"$background_log"
  "$@" </dev/null >"$background_log" 2>&1 &
  started=$!
  started_processes="$started_processes $started"
}

# end_started ID: ends a program that start_in_background started, and waits for it.
end_started() {
  kill "$1" 2>/dev/null
  wait "$1" 2>/dev/null
  return 0
}

# shellcheck disable=SC2317,SC2329 # called by the trap
end_all() {
  for process in $started_processes; do
    end_started "$process"
  done
}
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# wait_until COMMAND...: false when it does not come true in time.
wait_until() {
  waits=0
  until "$@" 2>/dev/null; do
    waits=$((waits + 1))
    [ "$waits" -lt "$ready_waits" ] || return 1
    sleep 0.05
  done
}

# start_server LOG ARGUMENT...: gss-sspi serve on a free port, which is then in $port.
start_server() {
  server_log=$1
  shift
  start_in_background "$server_log" "$gss_sspi" serve "$@" 0
  if ! wait_until grep -q '^listening on ' "$server_log"; then
    bail_out "gss-sspi serve $* does not start: $(cat "$server_log")"
  fi
  port=$(sed -n 's/^listening on .*://p' "$server_log")
}

# foreign COMMAND...: runs a program that is not ours and loads our plugin. In a build with
# AddressSanitizer its runtime must come first, and leaks of other people's programs are not ours.
foreign() (
  become_foreign "$@"
)

# become_foreign COMMAND...: the same in place of this shell. For start_in_background: what it ends
# has to be the program, and not a shell that waits for the program.
become_foreign() {
  if [ -n "${SANITIZER_PRELOAD-}" ]; then
    ASAN_OPTIONS=detect_leaks=0:${ASAN_OPTIONS-}
    LD_PRELOAD=$SANITIZER_PRELOAD
    export ASAN_OPTIONS LD_PRELOAD
  fi
  exec "$@"
}

passed() {
  checks=$((checks + 1))
  printf 'ok: %s\n' "$1"
}

failed() {
  checks=$((checks + 1))
  failures=$((failures + 1))
  printf 'FAILED: %s\n' "$1"
}

# expect STATUS DESCRIPTION COMMAND...: the command ends with this status ("failure": any but 0). Its
# output stays in $REALM_DIR/output, and is shown when the check fails.
expect() {
  expected=$1
  description=$2
  shift 2
  status=0
  "$@" >"$REALM_DIR/output" 2>&1 || status=$?
  if [ "$status" = "$expected" ] || { [ "$expected" = failure ] && [ "$status" -ne 0 ] &&
    [ "$status" -lt 126 ]; }; then
    passed "$description"
  else
    failed "$description (status $status)"
    tail -n 40 "$REALM_DIR/output" | sed 's/^/    /'
  fi
}

# expect_line DESCRIPTION PATTERN FILE: a line of the file matches the basic regular expression.
expect_line() {
  if wait_until grep -q -e "$2" "$3"; then
    passed "$1"
  else
    failed "$1 (no line like: $2)"
    tail -n 40 "$3" | sed 's/^/    /'
  fi
}

# expect_no_line DESCRIPTION PATTERN FILE
expect_no_line() {
  if grep -q -e "$2" "$3"; then
    failed "$1 (a line like: $2)"
    tail -n 40 "$3" | sed 's/^/    /'
  else
    passed "$1"
  fi
}

# A port that nobody listened on a moment ago; for servers that cannot choose one themselves.
free_port() {
  while :; do
    candidate=$((12000 + $(od -An -N2 -tu2 /dev/urandom) % 8000))
    if ! is_listening "$candidate"; then
      echo "$candidate"
      return
    fi
  done
}

# is_listening PORT: somebody listens on this TCP port of the machine.
is_listening() {
  awk -v port="$(printf '%04X' "$1")" '
    $4 == "0A" && substr($2, length($2) - 3) == port { found = 1 }
    END { exit !found }' /proc/net/tcp
}

print_counts() {
  printf '%d%%: Checks: %d, Failures: %d, Errors: 0\n' \
    $((checks > 0 ? (checks - failures) * 100 / checks : 0)) "$checks" "$failures"
}

# The test cannot go on: counts as one failed check.
bail_out() {
  failed "$1"
  print_counts
  exit 1
}

finish() {
  print_counts
  [ "$checks" -gt 0 ] && [ "$failures" -eq 0 ]
  exit
}
