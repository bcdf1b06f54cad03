# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The two directors of the failover lab, and what they say of themselves.
# Needs failover-lab.sh, culvert.sh and checks.sh.
#
# The world is what was done to it, and nothing else: who was killed, cut off,
# drained or given another weight. What the directors should make of it follows
# from that.

# Of the check below: milliseconds, and rounds that must fail.
FAILOVER_INTERVAL=500
FAILOVER_TIMEOUT=300
FAILOVER_FALL=2

# failover_configuration ENGINE SLOW-START [PATH]: both IP versions have a
# service. That of IPv4 has a pool for each site, the nearer first. That of
# IPv6 has one pool that spans the sites, with one server in reserve.
failover_configuration() {
  local node
  printf 'director:\n  interface: eth0\n  engine: %s\nservers:\n' "$1"
  for node in "${FAILOVER_REALS[@]}"; do
    printf '  %s: { address: %s, site: %s, encapsulation: %s }\n' "$node" \
      "$(failover_address "$node")" "$(site_of "$node")" \
      "$(failover_encapsulation "$node")"
  done
  cat <<END
checks:
  web:
    type: http
    target: /
    path: ${3:-tunnel}
    interval: ${FAILOVER_INTERVAL}ms
    timeout: ${FAILOVER_TIMEOUT}ms
    rise: 1
    fall: $FAILOVER_FALL
services:
  web-4:
    address: ${FAILOVER_VIPS[0]}
    port: 80
    check: web
    idle-timeout: 2s
    slow-start: $2
    pools:
      - { name: near, threshold: 30%, servers: [$(failover_members a1 a2)] }
      - { name: far, servers: [$(failover_members b1 b2)] }
  web-6:
    address: "${FAILOVER_VIPS[1]}"
    port: 80
    check: web
    idle-timeout: 2s
    slow-start: $2
    pools:
      - name: first
        threshold: 50%
        recovery: 60%
        servers: [$(failover_members a1 a2 b1)]
      - { name: reserve, servers: [$(failover_members b2)] }
END
}

# With slow start, the weight begins at a tenth.
failover_members() {
  local list
  list=$(printf '{ name: %s, weight: 10 }, ' "$@")
  printf '%s\n' "${list%, }"
}

failover_engine() {
  if [[ $1 == d1 ]]; then echo kernel; else echo userspace; fi
}

failover_culvert() {
  local director=$1
  shift
  bounded_culvert "$director" "$@" \
    --state-directory "$LAB_STATE/$director" --bpffs "$LAB_STATE/bpf"
}

# failover_tell DIRECTOR COMMAND...: the same, by its socket alone.
failover_tell() {
  bounded_culvert "$@" --state-directory "$LAB_STATE/$1"
}

# failover_directors: starts both, on the configuration there is by default.
failover_directors() {
  local director
  node_exec router "$CULVERT" pass attach to-d1 --bpffs "$LAB_STATE/bpf"
  failover_write_configurations 0s
  for director in d1 d2; do failover_launch "$director"; done
  for director in d1 d2; do failover_await "$director"; done
}

# failover_write_configurations SLOW-START [PATH]
failover_write_configurations() {
  local director
  for director in d1 d2; do
    failover_configuration "$(failover_engine "$director")" "$@" \
      >"$LAB_STATE/$director.yaml"
  done
}

# failover_launch DIRECTOR: starts it, and does not wait. It is no child of
# this shell, which would report one that a scene kills; and where process
# numbers come round again, bash may wait for any child that it still has.
failover_launch() {
  local log=$LAB_STATE/$1.log
  [[ ! -e $log ]] || cat "$log" >>"$LAB_STATE/$1.previous.log"
  (
    nsenter --net="/run/netns/$(namespace_of "$1")" -- \
      "$CULVERT" run --config "$LAB_STATE/$1.yaml" \
      --state-directory "$LAB_STATE/$1" --bpffs "$LAB_STATE/bpf" \
      >"$log" 2>&1 </dev/null &
    printf '%s\n' "$!" >"$LAB_STATE/$1.pid"
  )
}

failover_pid() { cat "$LAB_STATE/$1.pid"; }

# failover_await DIRECTOR: until it forwards.
failover_await() {
  wait_for 30 failover_forwards_or_ended "$1"
  failover_forwards "$1" || {
    say "$1 does not forward; the end of its log:"
    tail -n 20 "$LAB_STATE/$1.log"
    return 1
  }
}

failover_forwards() {
  ! process_ended "$(failover_pid "$1")" &&
    grep -qi forwarding "$LAB_STATE/$1.log"
}

failover_forwards_or_ended() {
  process_ended "$(failover_pid "$1")" || failover_forwards "$1"
}

failover_reload() {
  kill -HUP "$(failover_pid d1)" "$(failover_pid d2)"
}

# failover_ended: the directors that are not there any more, with their last
# words.
failover_ended() {
  local director
  for director in d1 d2; do
    ! process_ended "$(failover_pid "$director")" || {
      say "$director has ended:"
      tail -n 5 "$LAB_STATE/$director.log"
    }
  done
}

# failover_revive: starts those again.
failover_revive() {
  local director
  for director in d1 d2; do
    ! process_ended "$(failover_pid "$director")" || {
      failover_launch "$director"
      failover_await "$director"
    }
  done
}

failover_stop_directors() {
  local director
  for director in d1 d2; do
    kill "$(failover_pid "$director")"
    wait_for 15 process_ended "$(failover_pid "$director")"
  done
}

# --- What they make of the world

# failover_view DIRECTOR: a line for each service, "NAME TABLE UNSETTLED
# SERVER=PERCENT..." of those that own slots.
failover_view() {
  failover_culvert "$1" list --json --interval 0 | jq --raw-output '
    .services | sort_by(.name)[] | [.name, .table, .unsettled,
      (.servers | sort_by(.name)[] | select(.slots > 0)
        | "\(.name)=\(.slots * 100 / 65537 | round)")] | join(" ")'
}

# failover_look: both views, into files; fails if a director does not answer.
failover_look() {
  local director
  for director in d1 d2; do
    failover_view "$director" >"$LAB_STATE/view-$director" || return 1
  done
}

# failover_agree: both have the same tables, those that the world asks for.
failover_agree() {
  failover_look || return 1
  cmp -s <(cut -d ' ' -f 1,2,4- "$LAB_STATE/view-d1") \
    <(cut -d ' ' -f 1,2,4- "$LAB_STATE/view-d2") || return 1
  failover_expected | cmp -s - <(failover_owners <"$LAB_STATE/view-d1")
}

# Of IPv6 without shares, which a short pool divides with the next.
failover_owners() {
  cut -d ' ' -f 1,4- | sed '/^web-6/s/=[0-9]*//g'
}

# failover_settled: and no flow is on anybody but the owner of its slot.
failover_settled() {
  failover_agree || return 1
  ! cut -d ' ' -f 3 "$LAB_STATE"/view-d? | grep -qvx 0
}

# failover_expected: what the world asks for, as failover_owners prints it.
failover_expected() {
  local near first
  read -ra near <<<"$(failover_up a1 a2)"
  read -ra first <<<"$(failover_up a1 a2 b1)"
  ((${#near[@]} > 0)) || read -ra near <<<"$(failover_up b1 b2)"
  # Two of three are enough, one is not.
  ((${#first[@]} > 1)) || first+=("$(failover_up b2)")
  say "web-4 $(failover_shares "${near[@]}")" | sed 's/ $//'
  say "web-6 ${first[*]}" | sed 's/ *$//'
}

# failover_up NODE...: those of them that should take new flows.
failover_up() {
  local node up=()
  for node in "$@"; do
    [[ -n ${KILLED[$node]:-}${CUT[$node]:-}${DRAINED[$node]:-} ]] ||
      up+=("$node")
  done
  say "${up[*]}"
}

# failover_shares NODE...: "NODE=PERCENT..." by their weights.
failover_shares() {
  local node all=0 shares=()
  for node in "$@"; do all=$((all + ${WEIGHT[$node]:-10})); done
  for node in "$@"; do
    shares+=("$node=$(((200 * ${WEIGHT[$node]:-10} + all) / (2 * all)))")
  done
  say "${shares[*]}"
}
