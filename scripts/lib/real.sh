# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What `culvert real` leaves behind, and what it does when it is killed: a host
# in a network namespace of its own, looked at before and after.
# Needs terminal.sh, checks.sh and namespaces.sh; root, strace and $CULVERT.

# The system calls by which this program changes anything: netlink, settings
# and files, pins and programs, other programs. Reading uses some of them too;
# a kill more does no harm.
REAL_CALLS=(sendto write bpf rename renameat2 unlink rmdir mkdir symlink clone3)

REAL_VIP=203.0.113.80
REAL_VIP6=2001:db8:f::80

# real_scene: a host `real` with two interfaces, addresses and routes of both
# IP versions, and rules and filters of somebody else's. It has a default
# route, routes to networks, one with two next hops and one to nowhere.
real_scene() {
  use_lab "$(random_id)"
  mkdir -p "$LAB_STATE/bpf" "$LAB_STATE/units"
  # shellcheck disable=SC2034 # for add_namespaces
  local NODES=(real far)
  add_namespaces
  remember mount "$LAB_STATE/bpf"
  mount -t bpf culvert-lab "$LAB_STATE/bpf"
  real_scene_links | ip -batch -
  real_scene_commands | ip -netns "$(namespace_of real)" -batch -
  real_far_commands | ip -netns "$(namespace_of far)" -batch -
  node_exec real nft -f - <<'END'
table inet somebody {
  chain incoming {
    type filter hook input priority 0; policy accept;
    tcp dport 22 accept
  }
}
END
  wait_for 5 real_is_settled
}

real_scene_links() {
  local number
  for number in 0 1; do
    echo link add "eth$number" netns "$(namespace_of real)" type veth \
      peer name "far$number" netns "$(namespace_of far)"
  done
}

# The other end: the directors, the clients and all routers in one.
real_far_commands() {
  local number
  echo link set lo up
  for number in 0 1; do
    echo link set "far$number" addrgenmode none up
    echo address add "10.0.$number.1/24" dev "far$number"
    echo address add "2001:db8:$number::1/64" dev "far$number" nodad
  done
  echo route add "$REAL_VIP" via 10.0.0.2
  echo route add "$REAL_VIP6" via 2001:db8:0::2
}

real_scene_commands() {
  local number
  echo link set lo up
  for number in 0 1; do
    echo link set "eth$number" addrgenmode none up
    echo address add "10.0.$number.2/24" dev "eth$number"
    echo address add "2001:db8:$number::2/64" dev "eth$number" nodad
  done
  echo route add default via 10.0.0.1
  echo route add 10.8.0.0/16 via 10.0.1.7 metric 20
  echo route add 10.9.0.0/16 nexthop via 10.0.0.7 nexthop via 10.0.1.7
  echo route add blackhole 10.66.0.0/16
  echo route add default via 2001:db8:0::1
  echo route add 2001:db8:8::/48 via 2001:db8:1::7
  echo rule add from 10.0.1.2 lookup 100
  echo route add default via 10.0.1.1 table 100
}

# The kernel finds out on its own time that links carry packets, and adds its
# routes then.
real_is_settled() {
  (($(node_exec real ip -brief link show up | grep -c ' UP ') == 2))
}

# real_snapshot: everything that could have been changed, without counters.
# Not the journal of /proc/sys: what the kernel computes itself when it is read
# (random numbers, times) is left out by name.
real_snapshot() {
  local namespace
  namespace=$(namespace_of real)
  ip -n "$namespace" -d link show
  ip -n "$namespace" address show
  ip -n "$namespace" rule show
  ip -n "$namespace" -6 rule show
  ip -n "$namespace" route show table all
  ip -n "$namespace" -6 route show table all
  ip -n "$namespace" fou show 2>/dev/null || true
  node_exec real nft list ruleset
  node_exec real bash -c 'cd /proc/sys/net && grep -rs "" . || true' |
    grep -vE '^\./(netfilter/nf_conntrack_count|.*/stable_secret)' | sort
  (cd "$LAB_STATE/units" && find . -printf '%p %l\n' | sort)
  (cd "$LAB_STATE/bpf" && find . -not -name '*.debug' | sort)
}

# real_run [STRACE OPTION...] -- COMMAND...: `culvert real COMMAND...` there,
# under strace where options are given.
real_run() {
  local trace=() command
  while [[ $1 != -- ]]; do
    trace+=("$1")
    shift
  done
  shift
  command=$1
  shift
  ((${#trace[@]} == 0)) || trace=(strace -qq -o /dev/null "${trace[@]}")
  node_exec real timeout "$((20 * PATIENCE))" "${trace[@]}" \
    "$CULVERT" real "$command" "$@" "${REAL_STATE[@]}" \
    >"$LAB_STATE/$command.log" 2>&1
}

# scene_up, scene_down [STRACE OPTION...]: with the options in REAL_OPTIONS.
scene_up() {
  real_run "$@" -- up "${REAL_OPTIONS[@]}" --boot \
    --unit-directory "$LAB_STATE/units" --bpffs "$LAB_STATE/bpf"
}
scene_down() {
  real_run "$@" -- down --unit-directory "$LAB_STATE/units" \
    --bpffs "$LAB_STATE/bpf"
}
real_status() { real_run -- status --bpffs "$LAB_STATE/bpf"; }

# kill_at SIGNAL CALL NUMBER: strace's words for a signal at that call.
kill_at() { printf '%s\n' -e "inject=$2:signal=$1:when=$3"; }

# real_expect_before: the host is as it was.
real_expect_before() {
  real_snapshot >"$LAB_STATE/now"
  diff "$LAB_STATE/before" "$LAB_STATE/now" || {
    cat "$LAB_STATE"/*.log
    return 1
  }
}

# Fills REAL_OPTIONS from words: DECAPSULATION ENCAPSULATION.
real_use() {
  REAL_STATE=(--state-directory "$LAB_STATE/state")
  REAL_OPTIONS=(--interface eth0 --encapsulation "$2"
    --vip "$REAL_VIP" --vip 203.0.113.81 --vip "$REAL_VIP6")
  [[ $2 == l2 ]] || REAL_OPTIONS+=(--decapsulate "$1"
    --director 10.0.0.1 --director 2001:db8:0::1)
}

# --- Checks

# real_restores: up and down leave nothing; doing each twice changes nothing.
real_restores() {
  real_snapshot >"$LAB_STATE/before"
  scene_up
  real_status || { cat "$LAB_STATE/status.log" && return 1; }
  real_snapshot >"$LAB_STATE/during"
  refute cmp -s "$LAB_STATE/before" "$LAB_STATE/during"
  scene_up
  grep -q '^already a real server' "$LAB_STATE/up.log"
  real_snapshot | diff "$LAB_STATE/during" -
  scene_down
  real_expect_before
  scene_down
  grep -q 'nothing to undo' "$LAB_STATE/down.log"
}

# Of the calls every one is tried, or every so many.
REAL_STRIDE=${REAL_STRIDE:-1}

# real_up_survives SIGNAL: ends up at the first call that could change
# something, at the second and so on until it comes through; after each, down
# brings back what was. After TERM there must be the old state or the new one.
real_up_survives() {
  local call number
  REAL_KILLS=0
  for call in "${REAL_CALLS[@]}"; do
    for ((number = 1; ; number += REAL_STRIDE)); do
      # shellcheck disable=SC2046 # words
      if scene_up $(kill_at "$1" "$call" "$number"); then break; fi
      REAL_KILLS=$((REAL_KILLS + 1))
      [[ $1 == KILL ]] || real_is_whole || real_tell up "$1" "$call" "$number"
      real_undone || real_tell up "$1" "$call" "$number"
    done
    real_undone
  done
  say "$REAL_KILLS tried"
}

# real_down_survives SIGNAL: the same for down, which then runs once more.
real_down_survives() {
  local call number
  REAL_KILLS=0
  for call in "${REAL_CALLS[@]}"; do
    for ((number = 1; ; number += REAL_STRIDE)); do
      scene_up
      # shellcheck disable=SC2046 # words
      if scene_down $(kill_at "$1" "$call" "$number"); then break; fi
      REAL_KILLS=$((REAL_KILLS + 1))
      [[ $1 == KILL ]] || real_is_whole ||
        real_tell down "$1" "$call" "$number"
      real_undone || real_tell down "$1" "$call" "$number"
    done
    real_expect_before
  done
  say "$REAL_KILLS tried"
}

real_undone() { scene_down && real_expect_before; }

real_tell() {
  say "$1 ended by $2 at $3 number $4 leaves something, see above"
  return 1
}

# After a signal that can be heard: nothing of it, or all.
real_is_whole() {
  if [[ -e $LAB_STATE/state/real.json ]]; then
    real_status || { cat "$LAB_STATE"/*.log && return 1; }
  else
    real_expect_before
  fi
}

# real_tells_segments IPV4 IPV6: what clients are told, in bytes; they have
# 12 bytes less for timestamps.
real_tells_segments() {
  local server
  scene_up
  node_exec real /usr/bin/python3 -IS "$ROOT/scripts/lib/segments.py" serve \
    "$REAL_VIP" "$REAL_VIP6" >"$LAB_STATE/serve" &
  server=$!
  wait_for 5 grep -q ready "$LAB_STATE/serve"
  expect "segments" "$*" "$(node_exec far /usr/bin/python3 -IS \
    "$ROOT/scripts/lib/segments.py" ask "$REAL_VIP" "$REAL_VIP6")"
  kill "$server"
  scene_down
}

# real_checks DECAPSULATION ENCAPSULATION MSS4 MSS6: all of them, on a host
# made for it.
real_checks() {
  local name="$2 by $1" what signal
  [[ $1 != - ]] || name=$2
  heading "A real server, $name"
  real_scene
  real_use "$1" "$2"
  check "[real] $name: down restores the host" real_restores
  check "[real] $name: clients are told an MSS of $3, or $4 over IPv6" \
    real_tells_segments "$3" "$4"
  check "[real] $name: systemd accepts the unit" real_unit_is_good
  for signal in KILL TERM; do
    for what in up down; do
      real_check_ends "$name" "$what" "$signal"
    done
  done
  lab_down
}

# real_check_ends NAME up|down SIGNAL: one line, that says how many calls.
real_check_ends() {
  local sentence="$1: $2 ends by SIG$3 at any call" log=$LAB_STATE/ends
  local status=0
  set +e
  (
    set -e
    "real_$2_survives" "$3"
  ) >"$log" 2>&1
  status=$?
  set -e
  if ((status == 0)); then
    passed "[real] $sentence ($(tail -n 1 "$log"))"
  else
    failed "[real] $sentence" "$log"
  fi
}

# The unit of a real server that comes back at boot.
real_unit_is_good() {
  command -v systemd-analyze >/dev/null || skip "there is no systemd-analyze"
  scene_up
  systemd-analyze verify --man=no "$LAB_STATE/units/culvert-real.service"
  expect "enabled by" "$LAB_STATE/units/culvert-real.service" "$(readlink \
    "$LAB_STATE/units/multi-user.target.wants/culvert-real.service")"
  scene_down
}

# real_intrusion KIND SOURCE ADDRESS: whether the host answers.
real_intrusion() {
  node_exec far /usr/bin/python3 -IS "$ROOT/scripts/lib/intrude.py" \
    "$1" "$2" 10.0.0.2 "$3" "$PATIENCE"
}

# real_keeps_others_out ENCAPSULATION: what the kernel's tunnels let in by
# themselves: packets for others than the virtual addresses, and, through the
# open port, anything from anybody. Without the filter they do answer.
real_keeps_others_out() {
  local kind=ipip director=10.0.0.1 stranger=10.0.0.99
  ip -n "$(namespace_of far)" address add "$stranger/24" dev far0
  scene_up
  [[ $1 == ipip ]] || kind=fou
  expect "for a virtual address" answered \
    "$(real_intrusion "$kind" "$director" "$REAL_VIP")"
  expect "for another address" silence \
    "$(real_intrusion "$kind" "$director" 10.0.1.2)"
  [[ $1 == ipip ]] || expect "a stranger, without IP inside" silence \
    "$(real_intrusion bare "$stranger" 10.0.0.2)"
  node_exec real nft delete table inet culvert
  expect "for another address, unfiltered" answered \
    "$(real_intrusion "$kind" "$director" 10.0.1.2)"
  [[ $1 == ipip ]] || expect "a stranger, unfiltered" answered \
    "$(real_intrusion bare "$stranger" 10.0.0.2)"
  scene_down
}

# real_kernel_checks: the kernel's tunnels. A slow machine kills a few only:
# by the calls that make tunnels, and neither pins nor units.
real_kernel_checks() {
  local encapsulation REAL_STRIDE=${REAL_KERNEL_STRIDE:-25}
  local REAL_CALLS=(sendto write rename clone3)
  for encapsulation in ipip gue; do
    heading "A real server, $encapsulation by the kernel"
    real_scene
    real_use kernel "$encapsulation"
    check "[real] $encapsulation by the kernel: down restores the host" \
      real_restores
    check "[real] $encapsulation by the kernel: others are kept out" \
      real_keeps_others_out "$encapsulation"
    real_check_ends "$encapsulation by the kernel" up KILL
    # The one that has a port besides.
    [[ $encapsulation == ipip ]] ||
      real_check_ends "$encapsulation by the kernel" down KILL
    lab_down
  done
}
