# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # for those who source it
# What every script says and how it waits.

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  BOLD=$'\e[1m' GREEN=$'\e[32m' RED=$'\e[31m' YELLOW=$'\e[33m' PLAIN=$'\e[0m'
else
  BOLD='' GREEN='' RED='' YELLOW='' PLAIN=''
fi

heading() { printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }
say() { printf '%s\n' "$*"; }

# Ends the script (or the subshell) with one sentence on standard error.
die() {
  printf '%s%s:%s %s\n' "$RED" "${0##*/}" "$PLAIN" "$*" >&2
  exit 1
}

# Every deadline is multiplied by this; an emulated machine asks for patience.
PATIENCE=${CULVERT_PATIENCE:-1}

# wait_for SECONDS COMMAND...: polls until COMMAND succeeds.
# Status 1 when the deadline passes first; says nothing.
wait_for() {
  local deadline=$((SECONDS + $1 * PATIENCE))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS <= deadline)) || return 1
    sleep 0.05 # how often to look, not how long to wait
  done
}

# is_number TEXT...: whether every argument is a whole number.
is_number() {
  local text
  for text in "$@"; do
    [[ $text =~ ^[0-9]+$ ]] || return 1
  done
}
