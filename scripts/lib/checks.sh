# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# One line per check, counted: "ok", "FAILED" with the end of its output,
# or "skip: reason".

PASSED=0 FAILED=0 SKIPPED=0

passed() {
  PASSED=$((PASSED + 1))
  printf '%sok%s      %s\n' "$GREEN" "$PLAIN" "$1"
}

# failed SENTENCE [LOG]: the last lines of LOG follow, indented.
failed() {
  FAILED=$((FAILED + 1))
  printf '%sFAILED%s  %s\n' "$RED" "$PLAIN" "$1"
  [[ ! -s ${2:-} ]] || tail -n 25 "$2" | sed 's/^/        /'
}

skipped() {
  SKIPPED=$((SKIPPED + 1))
  printf '%sskip%s    %s: %s\n' "$YELLOW" "$PLAIN" "$1" "$2"
}

# For use inside a check: ends it as skipped.
skip() {
  say "$*"
  exit 77
}

# check SENTENCE COMMAND...: runs COMMAND in a subshell of its own with
# errexit. Status 77 skips, the last line of output being the reason.
check() {
  local sentence=$1 status=0 log
  shift
  log=$(mktemp)
  # Not `( … ) || status=$?`: that would switch errexit off inside.
  set +e
  (
    set -e
    "$@"
  ) >"$log" 2>&1
  status=$?
  set -e
  case $status in
    0) passed "$sentence" ;;
    77) skipped "$sentence" "$(tail -n 1 "$log")" ;;
    *) failed "$sentence" "$log" ;;
  esac
  rm -f "$log"
}

# The closing line, in the form that test runners use; status 1 if any failed.
summary() {
  local skips=''
  ((SKIPPED == 0)) || skips=", $SKIPPED skipped"
  printf '%d passed, %d failed%s\n' "$PASSED" "$FAILED" "$skips"
  ((FAILED == 0))
}

# add_counts FILE: adds the counts of another script's closing line.
add_counts() {
  local line
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$1" | tail -n 1) || return 1
  [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)? ]]
  PASSED=$((PASSED + BASH_REMATCH[1]))
  FAILED=$((FAILED + BASH_REMATCH[2]))
  SKIPPED=$((SKIPPED + ${BASH_REMATCH[4]:-0}))
}

# expect WHAT EXPECTED ACTUAL: an equality that explains itself.
expect() {
  [[ $2 == "$3" ]] && return
  say "$1: expected '$2', got '$3'"
  return 1
}

# refute COMMAND...: fails if COMMAND succeeds, which `! COMMAND` on a line of
# its own does not: errexit passes over it.
refute() {
  if "$@"; then
    say "unexpectedly true: $*"
    return 1
  fi
}
