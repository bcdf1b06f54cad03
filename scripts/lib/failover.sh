# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The scenes of the failover lab: load, events, and a row of the table.
# Needs failover-lab.sh, failover-directors.sh and failover-events.sh.

# From a server's end to the verdict, in milliseconds: all rounds but the last
# come up to a tenth late, the first one just missed it.
FAILOVER_FALL_TIME=$(((FAILOVER_FALL - 1) * FAILOVER_INTERVAL * 11 / 10 +
  FAILOVER_TIMEOUT + FAILOVER_INTERVAL))

FAILOVER_COLUMNS='%-31s %8s %6s %4s %5s %6s %6s'
# Of each IP version, at a time: connections of wrk and of the recorder.
FAILOVER_LONG=8

# --- The load

# failover_record SECONDS SEED: the recorder, and what sees where SYNs go.
failover_record() {
  local directory=$LAB_STATE/record
  mkdir -p "$directory"
  mkfifo "$directory/marks"
  printf 'function delay() return 40 end\n' >"$directory/pace.lua"
  failover_watch_syns to-d1
  failover_watch_syns to-d2
  node_exec client timeout "$1" /usr/bin/python3 -IS \
    "$ROOT/scripts/lib/failover.py" "$directory" \
    --source "${FAILOVER_CLIENTS[0]}" --address "${FAILOVER_VIPS[0]}" \
    --source "${FAILOVER_CLIENTS[1]}" --address "${FAILOVER_VIPS[1]}" \
    --long "$FAILOVER_LONG" --seconds "$1" --seed "$2" \
    >"$directory/errors" 2>&1 </dev/null &
  disown
  wait_for 20 failover_answered 20
}

# failover_watch_syns INTERFACE: of the router, SYNs in IPIP and GRE over IPv4.
failover_watch_syns() {
  node_exec router tcpdump -i "$1" -Q in -U --immediate-mode -s 128 \
    -w "$LAB_STATE/record/syn-$1.pcap" \
    '(ip proto 4 and ip[53] & 2 != 0) or (ip proto 41 and ip[73] & 2 != 0) or
      (ip proto 47 and ip[22:2] = 0x0800 and ip[57] & 2 != 0) or
      (ip proto 47 and ip[22:2] = 0x86dd and ip[77] & 2 != 0)' \
    >"$LAB_STATE/record/tcpdump-$1.log" 2>&1 </dev/null &
  disown
  wait_for 10 grep -q listening "$LAB_STATE/record/tcpdump-$1.log"
}

# failover_divided: both directors send connections on.
failover_divided() {
  local director
  for director in d1 d2; do
    (($(stat --format %s "$LAB_STATE/record/syn-to-$director.pcap") > 1000)) ||
      return 1
  done
}

# failover_progress: ANSWERED WAITING HOLDING MARK, as failover.py writes it.
failover_progress() { cat "$LAB_STATE/record/progress"; }

# failover_answered COUNT [MARK]: since the mark, and nobody waits from before.
failover_answered() {
  local answered waiting mark
  read -r answered waiting _ mark < <(failover_progress)
  ((answered >= $1 && waiting == 0)) && [[ ${2:-$mark} == "$mark" ]]
}

failover_holds_nothing() {
  local holding mark
  read -r _ _ holding mark < <(failover_progress)
  [[ $holding == 0 && $mark == 'load off' ]]
}

failover_load_on() {
  rm -f "$LAB_STATE"/record/wrk-*
  failover_mark scene begin
  failover_mark load on
  failover_wrk_start
  wait_for 20 failover_loaded || true
}

# Without a server there is nothing to wait for.
failover_loaded() {
  local count
  count=$(node_exec client ss -Htn state established dport = :80 | grep -c .)
  ((count >= 4 * FAILOVER_LONG)) || failover_nobody_is_up
}

failover_nobody_is_up() { [[ -z $(failover_up "${FAILOVER_REALS[@]}") ]]; }

failover_load_off() {
  failover_wrk_stop
  failover_mark load off
  wait_for 20 failover_holds_nothing || true
}

# Bounded by itself; each connection rests between two requests.
failover_wrk_start() {
  local url version=4
  WRK=()
  for url in "http://${FAILOVER_VIPS[0]}/" "http://[${FAILOVER_VIPS[1]}]/"; do
    nsenter --net="/run/netns/$(namespace_of client)" -- \
      wrk -t 1 -c "$FAILOVER_LONG" -d 120s --timeout 20s \
      -s "$LAB_STATE/record/pace.lua" "$url" \
      >"$(mktemp "$LAB_STATE/record/wrk-$version-XXXX")" 2>&1 </dev/null &
    WRK+=("$!")
    version=6
  done
}

# Told to stop, it says what it has counted.
failover_wrk_stop() {
  local process
  kill -INT "${WRK[@]}" 2>/dev/null || true
  for process in "${WRK[@]}"; do wait "$process" || true; done
}

# --- A scene

failover_table() {
  local headings
  # shellcheck disable=SC2059 # a format
  headings=$(printf "$FAILOVER_COLUMNS" SCENE REQUESTS FAILED CUT OWN MOVED \
    STEADY)
  heading "        $headings"
}

# failover_scene EVENT...: one row, and the world as it was.
failover_scene() {
  local label
  label=$(failover_label "$1")
  [[ $# == 1 ]] || label+=", $(failover_label "$2")"
  if ! failover_prepare "$@"; then
    failover_disagreement >"$LAB_STATE/details"
    failed "$label: cannot begin" "$LAB_STATE/details"
  else
    failover_perform "$label" "$@"
  fi
  failover_back || failover_does_not_come_back "$label"
}

# failover_perform LABEL EVENT...: under load.
failover_perform() {
  local label=$1 event
  shift
  failover_load_on
  for event in "$@"; do
    failover_event "$event" || failover_mark broken "$event"
  done
  failover_until_steady
  [[ $* != drain ]] || failover_drain_to_zero
  failover_load_off
  failover_row "$label"
  [[ $* != drain ]] || failover_tell_drained
  [[ $* != slow ]] || failover_tell_ramp
}

# Steady, and some time after it.
failover_until_steady() {
  : >"$LAB_STATE/shares"
  failover_await_restarted || true
  wait_for 30 failover_agree_noting || return 0
  failover_mark steady
  failover_nobody_is_up || wait_for 20 failover_answered 60 steady || true
}

# Keeps the shares of a2, which may be on its way up.
failover_agree_noting() {
  local status=0
  failover_agree || status=1
  sed -n 's/^web-4 .* a2=\([0-9]*\).*/\1/p' "$LAB_STATE/view-d1" \
    >>"$LAB_STATE/shares"
  return "$status"
}

# failover_row LABEL [--interludes]: judges the scene, or all that was between
# scenes, and prints a row.
failover_row() {
  local fields row node servers=() details=$LAB_STATE/details
  for node in "${FAILOVER_REALS[@]}"; do
    servers+=(--server "$node=$(failover_address "$node")")
  done
  /usr/bin/python3 -IS "$ROOT/scripts/lib/failover_judge.py" \
    "$LAB_STATE/record" "${servers[@]}" \
    --fall "$FAILOVER_FALL_TIME" "${@:2}" \
    >"$LAB_STATE/verdict"
  read -ra fields <"$LAB_STATE/verdict"
  # shellcheck disable=SC2059 # a format
  row=$(printf "$FAILOVER_COLUMNS" "$1" "${fields[@]}")
  tail -n +2 "$LAB_STATE/verdict" >"$details"
  [[ ! -s $details ]] || failover_disagreement >>"$details"
  [[ -s $details ]] || failover_ended >"$details"
  if [[ -s $details ]]; then failed "$row" "$details"; else passed "$row"; fi
}

# What the directors have, and what they should.
failover_disagreement() {
  local director
  for director in d1 d2; do
    sed "s/^/$director /" "$LAB_STATE/view-$director"
    tail -n 4 "$LAB_STATE/$director.log" | cut -c 1-160
  done
  failover_expected | sed 's/^/expected /'
  failover_ended
}

failover_does_not_come_back() {
  failover_disagreement >"$LAB_STATE/details"
  failed "$1: and back" "$LAB_STATE/details"
}

# --- What two of the rows have to say besides

# Clients leave by themselves, a2's among them, and come back elsewhere. Both
# directors tell when the last flow is gone.
failover_drain_to_zero() {
  local director processes=() process
  DRAINED_AFTER=''
  for director in d1 d2; do
    failover_tell "$director" server drain a2 --wait --timeout 15s \
      >"$LAB_STATE/drain-$director.log" 2>&1 &
    processes+=("$!")
  done
  failover_wrk_stop
  failover_mark renew
  failover_wrk_start
  local since=${EPOCHREALTIME/[.,]/}
  for process in "${processes[@]}"; do wait "$process" || return 0; done
  DRAINED_AFTER=$(((${EPOCHREALTIME/[.,]/} - since) / 1000))
}

failover_tell_drained() {
  if [[ -n $DRAINED_AFTER ]]; then
    passed "a2 has no flow left $DRAINED_AFTER ms after its clients left"
  else
    failed "a2 is not drained" "$LAB_STATE/drain-d1.log"
  fi
}

# The share of a2 grows from less than a quarter, and never shrinks.
failover_tell_ramp() {
  local shares
  read -ra shares <<<"$(uniq "$LAB_STATE/shares" | tr '\n' ' ')"
  if ((${shares[0]:-99} < 25)) && sort --check=quiet -n "$LAB_STATE/shares"
  then
    passed "the share of a2, in percent: ${shares[*]}"
  else
    failed "the share of a2 does not grow slowly, in percent: ${shares[*]}"
  fi
}
