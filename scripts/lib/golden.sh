# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The frames of Tests/Golden, which scapy wrote: that they are up to date, that
# `culvert replay` makes the same ones, and that tshark dissects them. What the
# unit tests compare are these frames.

GOLDEN=$ROOT/Tests/Golden

golden_frames() {
  heading "Frames that other tools wrote and read"
  check "the committed frames are what make-golden.py writes" golden_is_current
  golden_replays userspace
  golden_replays kernel
  local kind
  while read -r kind; do
    check "tshark finds every header of $kind, and nothing wrong" \
      golden_tool frames dissect "$kind"
  done < <(golden_tool frames kinds)
}

# golden_tool NAME WORD...: leaves no compiled Python behind.
golden_tool() {
  PYTHONDONTWRITEBYTECODE=1 "$GOLDEN/$1.py" "${@:2}"
}

golden_is_current() {
  local fresh file status=0
  fresh=$(mktemp -d)
  golden_tool make-golden "$fresh"
  for file in "$fresh"/*; do
    cmp "$file" "$GOLDEN/${file##*/}" || status=1
  done
  rm -rf "$fresh"
  ((status == 0)) || say "run Tests/Golden/make-golden.py Tests/Golden"
  return "$status"
}

golden_replays() {
  check "culvert replay writes the same frames, $1 engine" golden_replay "$1"
}

# Packets to servers leave untagged there: "tagged" is the unit tests' own.
golden_replay() {
  if [[ $1 == kernel ]] && needs_rootless; then
    skip "needs root"
  fi
  local work key status=0
  work=$(mktemp -d)
  for key in plain range other; do
    golden_tool frames capture "$key" "$work"
    "$CULVERT" replay --config "$GOLDEN/$key.yaml" --engine "$1" \
      --read "$work/arriving.pcap" --write "$work/sent.pcap"
    cmp "$work/leaving.pcap" "$work/sent.pcap" || status=1
  done
  rm -rf "$work"
  return "$status"
}
