# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Checks of `culvert check server` and `culvert check arp` in a lab whose
# director forwards and whose real servers answer. They leave it as it was.
# Needs culvert.sh, web.sh, e2e.sh and checks.sh.

# e2e_probes ENGINE
e2e_probes() {
  check "[$1] check server: answered, at both sizes" probe_answered
  check "[$1] check server: nobody listens" probe_refused
  check "[$1] check server: no decapsulator" probe_not_decapsulated
  check "[$1] check server: the host is gone" probe_host_gone
  check "[$1] check server: no route" probe_unrouted
  check "[$1] check server: names the size that passes" probe_too_long
  check "[$1] check server: and finds it in a black hole" probe_black_hole
  check "[$1] check server: refuses what it does not know" probe_unknown
  check "[$1] check arp: nobody" claims_nobody
  check "[$1] check arp: one host" claims_one
  check "[$1] check arp: a real server, and two of them" claims_two
}

# e2e_probes_essentials ENGINE: what a slow machine has the time for.
e2e_probes_essentials() {
  check "[$1] check server: answered, at both sizes" probe_answered
  check "[$1] check server: nobody listens" probe_refused
  check "[$1] check server: no decapsulator" probe_not_decapsulated
}

# probe NODE OPTION...: what `check server` says of it, as JSON; its status is
# kept in PROBE_STATUS.
probe() {
  PROBE_STATUS=0
  PROBE=$(director_culvert check server "$@" --json) || PROBE_STATUS=$?
  say "$PROBE"
}

# probe_stages SMALL [FULL]: what the last probe found of its one service.
probe_stages() {
  expect "how far the small probe came" "$1" \
    "$(jq -r '.services[0].small.stage' <<<"$PROBE")"
  expect "how far the full one came" "${2:-null}" \
    "$(jq -r '.services[0].full.stage' <<<"$PROBE")"
}

# The path carries 1600 bytes; IPIP takes 20 of them, GRE 24.
probe_answered() {
  local node size
  for node in "${REALS[@]}"; do
    probe "$node"
    probe_stages answered answered
    expect "status" 0 "$PROBE_STATUS"
    size=1580
    [[ $node != b1 ]] || size=1576
    expect "full size" "$size" "$(jq '.services[0].full.bytes' <<<"$PROBE")"
  done
  director_culvert check server a1 | grep 'answered, small and full size'
}

probe_refused() {
  stop_web a1
  probe a1
  start_web a1
  probe_stages decapsulated
  expect "status" 1 "$PROBE_STATUS"
  grep -q 'nobody listens' <<<"$PROBE"
}

probe_not_decapsulated() {
  stop_web a1
  real_down a1
  probe a1
  real_up a1
  start_web a1
  probe_stages arrived
  expect "status" 1 "$PROBE_STATUS"
  grep -q 'real up' <<<"$PROBE"
}

probe_host_gone() {
  node_exec a1 ip link set eth0 down
  probe a1
  node_exec a1 ip link set eth0 up
  configure_routes_of a1
  probe_stages routed
  expect "status" 1 "$PROBE_STATUS"
  wait_for 10 probe a1
}

probe_unrouted() {
  node_exec director ip route add unreachable 10.2.0.11/32
  probe b1
  node_exec director ip route delete unreachable 10.2.0.11/32
  probe_stages unrouted
  expect "status" 1 "$PROBE_STATUS"
}

# The router says so, and the director's kernel remembers: it is to forget.
probe_too_long() {
  node_exec router ip link set port-a1 mtu 1400
  probe a1
  node_exec router ip link set port-a1 mtu 1600
  node_exec director ip route flush cache
  expect_largest_of_1400
}

# Nobody says so.
probe_black_hole() {
  node_exec router nft -f - <<END
table ip hole {
  chain passing {
    type filter hook forward priority 0
    ip daddr $(node_address a1) ip length > 1400 drop
  }
}
END
  probe a1
  node_exec router nft delete table ip hole
  expect_largest_of_1400
}

expect_largest_of_1400() {
  probe_stages answered routed
  expect "status" 1 "$PROBE_STATUS"
  expect "largest" 1380 "$(jq '.services[0].largest' <<<"$PROBE")"
}

# For the lab of matrix.sh: every server of every service, by TCP and UDP.
probe_combinations() {
  local node number encapsulation
  while read -r number encapsulation _; do
    for node in $(serving "$encapsulation"); do
      probe "$node-$number"
      expect "status" 0 "$PROBE_STATUS"
      expect "how far the full ones came" answered \
        "$(jq -r '[.services[].full.stage] | unique | .[]' <<<"$PROBE")"
    done
  done < <(combinations)
}

probe_unknown() {
  fails_with 1 'there are: a1, a2, b1' director_culvert check server a7
  fails_with 1 'it is in: web' director_culvert check server a1 --service no
}

# Routes go with the interface that they use.
configure_routes_of() {
  # shellcheck disable=SC2016 # expanded by the shell in the node
  node_exec "$1" bash -euc 'source "$1"; configure_node "$2"' configure \
    "$ROOT/scripts/lib/topology.sh" "$1"
}

# claims: who answers at site A, seen from the router, which is on that link.
claims() {
  CLAIMS_STATUS=0
  CLAIMS=$(bounded_culvert router check arp "$VIP" --interface site-a --json \
    "$@") || CLAIMS_STATUS=$?
  say "$CLAIMS"
}

# expect_claims STATUS COUNT
expect_claims() {
  expect "status" "$1" "$CLAIMS_STATUS"
  expect "claimants" "$2" "$(jq '.claimants | length' <<<"$CLAIMS")"
}

claims_nobody() {
  claims
  expect_claims 1 0
}

claims_one() {
  node_exec router ip address add "$VIP/32" dev site-a
  claims
  node_exec router ip address delete "$VIP/32" dev site-a
  expect_claims 0 1
  expect "this host" true "$(jq '.claimants[0].isThisHost' <<<"$CLAIMS")"
}

claims_two() {
  node_exec a1 sysctl -qw net.ipv4.conf.eth0.arp_ignore=0
  claims --config "$LAB_STATE/culvert.yaml"
  expect_claims 1 1
  expect "server" a1 "$(jq -r '.claimants[0].server' <<<"$CLAIMS")"
  node_exec a2 sysctl -qw net.ipv4.conf.eth0.arp_ignore=0
  claims --config "$LAB_STATE/culvert.yaml"
  node_exec a1 sysctl -qw net.ipv4.conf.eth0.arp_ignore=1
  node_exec a2 sysctl -qw net.ipv4.conf.eth0.arp_ignore=1
  expect_claims 1 2
}

# tunnel_checks: `culvert tunnel check` through each kind of the kernel's
# tunnels, in namespaces of its own. For a kernel that has the drivers.
tunnel_checks() {
  local kind
  while read -r kind _; do
    check "[tunnel check] $kind: answered; arrived" tunnel_check "$kind"
  done < <(probed_tunnels)
}

# NAME OUTER INNER MTU WORDS: what `ip link add type` is given, between links
# of 1500 bytes.
probed_tunnels() {
  cat <<'END'
ipip    4 4 1480 ipip
gre     4 4 1476 gre
sit     4 6 1480 sit
fou     4 4 1472 ipip encap fou encap-sport auto encap-dport 6080
gue     4 4 1468 ipip encap gue encap-sport auto encap-dport 6080
ip6tnl  6 4 1460 ip6tnl mode any encaplimit none
ip6gre  6 4 1456 ip6gre encaplimit none
END
}

# outer_end FAMILY NUMBER, inner_end FAMILY NUMBER
outer_end() { [[ $1 == 4 ]] && echo "192.0.2.$2" || echo "2001:db8::$2"; }
inner_end() { [[ $1 == 4 ]] && echo "10.9.0.$2" || echo "fd00:9::$2"; }

tunnel_check() {
  local outer inner mtu words check status=0
  read -r _ outer inner mtu words < <(probed_tunnels | grep "^$1 ")
  trap 'ip netns delete probe1; ip netns delete probe2' EXIT
  ip netns add probe1
  ip netns add probe2
  ip link add eth0 netns probe1 type veth peer name eth0 netns probe2
  # shellcheck disable=SC2086 # several words
  tunnel_check_end 1 2 "$outer" "$inner" "$mtu" $words
  # shellcheck disable=SC2086 # several words
  tunnel_check_end 2 1 "$outer" "$inner" "$mtu" $words
  check=$("$CULVERT" tunnel check tunnel0 --netns probe1 --json)
  expect "full size" "$mtu answered" \
    "$(jq -r '.full | "\(.bytes) \(.stage)"' <<<"$check")"
  ip -netns probe2 link delete tunnel0
  check=$("$CULVERT" tunnel check tunnel0 --netns probe1 --json) || status=$?
  say "$check"
  expect "status" 1 "$status"
  expect "stage" arrived "$(jq -r .stage <<<"$check")"
}

# tunnel_check_end OWN OTHER OUTER INNER MTU WORDS...
tunnel_check_end() {
  local own=$1 other=$2 outer=$3 inner=$4 mtu=$5 length=24 inside=30
  shift 5
  [[ $outer == 4 ]] || length=64
  [[ $inner == 4 ]] || inside=126
  ip -netns "probe$own" link set lo up
  ip -netns "probe$own" link set eth0 up
  ip -netns "probe$own" address add "$(outer_end "$outer" "$own")/$length" \
    dev eth0 nodad
  [[ $* != *encap\ * ]] || open_tunnel_port "$own" "$*"
  ip -netns "probe$own" link add tunnel0 type "$1" \
    local "$(outer_end "$outer" "$own")" \
    remote "$(outer_end "$outer" "$other")" "${@:2}"
  ip -netns "probe$own" link set tunnel0 mtu "$mtu" up
  ip -netns "probe$own" address add "$(inner_end "$inner" "$own")/$inside" \
    dev tunnel0 nodad
}

# open_tunnel_port NUMBER WORDS: where FOU, or GUE, arrives.
open_tunnel_port() {
  if [[ $2 == *gue* ]]; then
    ip -netns "probe$1" fou add port 6080 gue
  else
    ip -netns "probe$1" fou add port 6080 ipproto 4
  fi
}
