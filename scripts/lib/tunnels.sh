# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# `culvert tunnel` with the kernel's drivers: every kind, plain, in Foo over UDP
# and in GUE, made, compared with what ip(8) makes of the same, carrying
# packets, changed and removed; and a thousand at once.
# Needs checks.sh, terminal.sh and culvert.sh; root, and a kernel with the
# drivers. One process at a time: it works in namespaces of fixed names.
#
#   tunnel-a                            tunnel-b
#     192.0.2.N, 2001:db8:a::N ───────  198.51.100.N, 2001:db8:b::N
#     10.9.N.1 ── in every tunnel N ──  10.9.N.2

TUNNEL_NAMESPACES=(tunnel-a tunnel-b tunnel-c)
# How many at once, and how many seconds that may take, made and removed. An
# emulated machine beside a busy lab takes four times as long as alone.
TUNNEL_COUNT=1000
TUNNEL_SECONDS=$((PATIENCE > 1 ? 30 : 10))

# NUMBER NAME KIND ENCAP MTU lines. What the MTU of 1500 leaves: less the outer
# header, UDP (8) or UDP and GUE (12), GRE (4), and the inner Ethernet (14).
tunnel_table() {
  cat <<'END'
1 ipip ipip none 1480
2 ipip-fou ipip fou 1472
3 ipip-gue ipip gue 1468
4 sit sit none 1480
5 sit-fou sit fou 1472
6 sit-gue sit gue 1468
7 gre gre none 1476
8 gre-fou gre fou 1468
9 gre-gue gre gue 1464
10 gretap gretap none 1462
11 gretap-fou gretap fou 1454
12 gretap-gue gretap gue 1450
13 ip6tnl ip6tnl none 1460
14 ip6tnl-fou ip6tnl fou 1452
15 ip6tnl-gue ip6tnl gue 1448
16 ip6gre ip6gre none 1456
17 ip6gre-fou ip6gre fou 1448
18 ip6gre-gue ip6gre gue 1444
19 ip6gretap ip6gretap none 1442
20 ip6gretap-fou ip6gretap fou 1434
21 ip6gretap-gue ip6gretap gue 1430
END
}

# tunnels: leaves nothing behind.
tunnels() {
  local number name kind encap mtu
  heading "Tunnels from the command line"
  check "[tunnel] two hosts with a network between them" tunnels_up
  while read -r number name kind encap mtu; do
    check "[tunnel] add $name: MTU $mtu, marked, again without change" \
      tunnel_add "$number" "$name" "$kind" "$encap" "$mtu"
  done < <(tunnel_table)
  check "[tunnel] what list prints, apply takes without a change" tunnels_stay
  check "[tunnel] the plan, typed into ip, makes the same" tunnels_as_typed
  check "[tunnel] apply makes the same" tunnels_applied
  check "[tunnel] every one carries packets, there and back" tunnels_carry
  check "[tunnel] change every one while it stands" tunnels_change
  check "[tunnel] a whole file or nothing of it" tunnels_whole
  check "[tunnel] what others made stays" tunnels_of_others
  check "[tunnel] remove leaves nothing" tunnels_remove
  thousand_tunnels
  check "[tunnel] a missing driver is named, and nothing is left" \
    tunnels_without_driver
  tunnels_down
}

# thousand_tunnels: with the seconds that it took.
thousand_tunnels() {
  local log
  log=$(mktemp)
  TUNNEL_LOG=$log check "[tunnel] $TUNNEL_COUNT made and removed at once" \
    tunnels_by_thousand
  [[ ! -s $log ]] || sed 's/^/        /' "$log"
  rm -f "$log"
  check "[tunnel] interrupted, there are all or none" tunnels_interrupted
  check "[tunnel] killed, the same again completes them" tunnels_killed
}

# --- Two hosts

# in_tunnel_ns NAMESPACE COMMAND...
in_tunnel_ns() {
  nsenter --net="/run/netns/$1" -- "${@:2}"
}

# tunnel_command NAMESPACE ARGUMENT...: culvert tunnel there.
tunnel_command() {
  "$CULVERT" tunnel "${@:2}" --netns "$1"
}

tunnels_up() {
  local namespace
  for namespace in "${TUNNEL_NAMESPACES[@]}"; do
    ip netns add "$namespace"
    in_tunnel_ns "$namespace" sysctl -qw net.ipv6.conf.default.accept_dad=0
  done
  ip -n tunnel-a link add eth0 type veth peer name eth0 netns tunnel-b
  ip -n tunnel-c link add eth0 type veth peer name eth9 netns tunnel-b
  ip -n tunnel-b link set eth9 up
  tunnel_host tunnel-a a b 192.0.2 198.51.100
  tunnel_host tunnel-b b a 198.51.100 192.0.2
  # A host like the first, to compare with.
  tunnel_host tunnel-c a b 192.0.2 198.51.100
}

# tunnel_host NAMESPACE LETTER OTHER LOCAL REMOTE: the ends of all tunnels.
tunnel_host() {
  local number
  {
    echo "link set lo up"
    echo "link set eth0 up"
    while read -r number _; do
      echo "address add $4.$number/32 dev eth0"
      echo "address add 2001:db8:$2::$number/128 dev eth0 nodad"
    done < <(tunnel_table)
    echo "route add $5.0/24 dev eth0"
    echo "route add 2001:db8:$3::/64 dev eth0"
  } | ip -n "$1" -batch -
}

tunnels_down() {
  local namespace
  for namespace in "${TUNNEL_NAMESPACES[@]}"; do
    ip netns delete "$namespace" 2>/dev/null || true
  done
}

# tunnel_state NAMESPACE: all that tunnels could have changed there. The
# numbers of links, and the addresses that the kernel makes, are by chance;
# ip(8), unless it is told, lets ipip carry MPLS as well.
tunnel_state() {
  local hide='s/^[0-9]+: //; s/link\/ether [0-9a-f:]+//; s/fe80::[0-9a-f:]+//'
  hide+='; s/permaddr [0-9a-f:]+//; s/ipip any remote/ipip ipip remote/'
  {
    ip -n "$1" -d link
    ip -n "$1" address
    ip -n "$1" route show table all
    ip -n "$1" -6 route show table all
    ip -n "$1" fou show
  } | sed -E "$hide" | grep -v -e valid_lft -e '^ *$' -e '^local fe80' \
    -e '^anycast fe80' | sort
}

# --- Making

# tunnel_ends NUMBER KIND: the options for the two ends.
tunnel_ends() {
  case $2 in
    ip6*) echo "--local 2001:db8:a::$1 --remote 2001:db8:b::$1" ;;
    *) echo "--local 192.0.2.$1 --remote 198.51.100.$1" ;;
  esac
}

# tunnel_add NUMBER NAME KIND ENCAP MTU. GRE in Foo over UDP has a port of its
# own; a port for GUE takes everything else.
tunnel_add() {
  local port=() options=() shown
  if [[ $4 == fou && $3 == *gre* ]]; then port=(--port 6081); fi
  read -ra options < <(tunnel_ends "$1" "$3")
  options+=(--kind "$3" --encap "$4" "${port[@]}" --address "10.9.$1.1/30"
    --route "10.8.$1.0/24")
  tunnel_command tunnel-a add "$2" "${options[@]}"
  shown=$(ip -n tunnel-a -d link show "$2")
  say "$shown"
  grep -qw "mtu $5" <<<"$shown"
  grep -qw "alias culvert" <<<"$shown"
  grep -qE " $3 (any )?(remote|mode)?" <<<"$shown"
  if [[ $4 == none ]]; then
    refute grep -q "encap $4" <<<"$shown"
  else
    grep -qw "encap $4" <<<"$shown"
  fi
  ip -n tunnel-a route show dev "$2" | grep "10.8.$1.0/24 proto 197"
  tunnel_command tunnel-a add "$2" "${options[@]}" 2>&1 | grep "nothing to do"
}

tunnels_stay() {
  tunnel_state tunnel-a >"$TMPDIR/tunnels.a"
  tunnel_command tunnel-a list --json >"$TMPDIR/tunnels.json"
  expect "tunnels listed" 21 \
    "$(jq 'map(select(.owner == "tunnel")) | length' "$TMPDIR/tunnels.json")"
  tunnel_command tunnel-a apply "$TMPDIR/tunnels.json" --prune 2>&1 |
    grep "nothing to do"
  tunnel_command tunnel-a list --json |
    tunnel_command tunnel-a apply - --plan 2>&1 | grep "nothing to do"
  tunnel_state tunnel-a | diff "$TMPDIR/tunnels.a" -
}

# What people could type, in a namespace of the same addresses.
tunnels_as_typed() {
  tunnel_command tunnel-c apply "$TMPDIR/tunnels.json" --plan |
    sed 's/^ip //' >"$TMPDIR/tunnels.typed"
  in_tunnel_ns tunnel-c ip -batch "$TMPDIR/tunnels.typed"
  tunnel_state tunnel-c >"$TMPDIR/tunnels.c"
  tunnel_same
  tunnel_command tunnel-c list --json |
    tunnel_command tunnel-c apply - --plan 2>&1 | grep "nothing to do"
  tunnel_command tunnel-c remove --all --quiet
}

# The uplinks differ in their peers' namespaces alone.
tunnel_same() {
  diff <(grep -v -e eth -e veth -e tunnel-b "$TMPDIR/tunnels.a") \
    <(grep -v -e eth -e veth -e tunnel-b "$TMPDIR/tunnels.c")
}

tunnels_applied() {
  tunnel_command tunnel-c apply "$TMPDIR/tunnels.json" --quiet
  tunnel_state tunnel-c >"$TMPDIR/tunnels.c"
  tunnel_same
}

# The other end of each: ends and addresses the other way round.
tunnels_carry() {
  local number name
  jq 'map(select(.owner == "tunnel") | . + {local: .remote, remote: .local}
    | .addresses |= map(sub("[.]1/"; ".2/")) | .routes = [])' \
    "$TMPDIR/tunnels.json" >"$TMPDIR/tunnels.b.json"
  tunnel_command tunnel-b apply "$TMPDIR/tunnels.b.json" --quiet
  while read -r number name _; do
    wait_for 2 in_tunnel_ns tunnel-a ping -c 1 -W 1 -s 1372 -M "do" \
      "10.9.$number.2" || { say "$name carries nothing" && return 1; }
  done < <(tunnel_table)
}

# --- Changing

# In place: the link keeps its number.
tunnels_change() {
  local number name before after
  while read -r number name _; do
    before=$(tunnel_index "$name")
    tunnel_change "$number" "$name"
    after=$(tunnel_index "$name")
    expect "the number of $name" "$before" "$after"
  done < <(tunnel_table | awk 'NR % 3 == 1')
  jq 'map(if .owner == "tunnel" then .ttl = 99 else . end)' \
    <(tunnel_command tunnel-a list --json) |
    tunnel_command tunnel-a apply - --quiet 2>&1 | grep "21 tunnels changed"
  expect "tunnels of TTL 99" 21 \
    "$(ip -n tunnel-a -d link | grep -cE '(ttl|hoplimit) 99')"
  tunnels_modes
}

tunnel_index() {
  ip -n tunnel-a -o link show "$1" | cut -d : -f 1
}

tunnel_change() {
  local shown
  tunnel_command tunnel-a change "$2" --ttl 32 --tos 0x10 --encap gue \
    --add-address "10.7.$1.1/30" --remove-address "10.9.$1.1/30" \
    --add-route "10.6.$1.0/24 metric 50" --remove-route "10.8.$1.0/24"
  shown=$(ip -n tunnel-a -d link show "$2")
  say "$shown"
  grep -qE '(ttl|hoplimit) 32' <<<"$shown"
  grep -qw 'encap gue' <<<"$shown"
  ip -n tunnel-a address show "$2" | grep "10.7.$1.1/30"
  expect "the address that was removed" '' \
    "$(ip -n tunnel-a address show "$2" to "10.9.$1.0/24")"
  ip -n tunnel-a route show dev "$2" | grep "10.6.$1.0/24 .*metric 50"
}

# ip6tnl takes another mode where it stands; sit is made anew.
tunnels_modes() {
  tunnel_command tunnel-a change ip6tnl --mode ipip6
  ip -n tunnel-a -d link show ip6tnl | grep "ip6tnl ipip6"
  tunnel_command tunnel-a change sit --mode ip6ip --remove-address 10.7.4.1/30 \
    --remove-route "10.6.4.0/24 metric 50"
  ip -n tunnel-a -d link show sit | grep "sit ip6ip"
}

# The last one is refused by the kernel: its router is nowhere.
tunnels_whole() {
  tunnel_state tunnel-a >"$TMPDIR/tunnels.a"
  jq 'map(if .owner == "tunnel" then .ttl = 7 else . end)
    | . + [{name: "new", kind: "gre", local: "192.0.2.99", key: 7,
      remote: "198.51.100.99", routes: ["10.5.0.0/16 via 10.5.0.1"]}]' \
    <(tunnel_command tunnel-a list --json) >"$TMPDIR/tunnels.bad.json"
  refute tunnel_command tunnel-a apply "$TMPDIR/tunnels.bad.json" --quiet
  tunnel_state tunnel-a | diff "$TMPDIR/tunnels.a" -
}

tunnels_of_others() {
  ip -n tunnel-a link add mine type ipip local 192.0.2.1 remote 198.51.100.77
  refute tunnel_command tunnel-a remove mine
  refute tunnel_command tunnel-a change mine --ttl 7
  echo '[]' | tunnel_command tunnel-a apply - --plan --prune |
    refute grep mine
  ip -n tunnel-a link delete mine
}

tunnels_remove() {
  tunnel_command tunnel-a remove ipip gre-fou
  refute ip -n tunnel-a link show gre-fou
  tunnel_command tunnel-a remove --all --quiet
  tunnel_command tunnel-a list --tsv | refute grep -w tunnel
  # The drivers leave devices of their own behind, which are down.
  tunnel_state tunnel-a | grep -vE '(tunl|gre|gretap|erspan|sit|ip6tnl)0' \
    >"$TMPDIR/tunnels.after"
  refute grep -qE '10\.[6-9]\.|culvert' "$TMPDIR/tunnels.after"
  expect "open ports" '' "$(ip -n tunnel-a fou show)"
}

# The kernel finds no program to load a module with, and says that there is no
# such driver.
tunnels_without_driver() {
  local log
  MODULE_LOADER=$(</proc/sys/kernel/modprobe)
  trap 'echo "$MODULE_LOADER" >/proc/sys/kernel/modprobe
    modprobe -a ip_gre fou fou6' EXIT
  echo /bin/false >/proc/sys/kernel/modprobe
  modprobe -r ip_gre fou6 fou
  log=$(tunnel_command tunnel-a add lost --kind gre --local 192.0.2.1 \
    --remote 198.51.100.1 2>&1) && return 1
  grep "no gre driver: load it with 'modprobe ip_gre'" <<<"$log"
  log=$(tunnel_command tunnel-a add lost --kind ipip --local 192.0.2.1 \
    --remote 198.51.100.1 --encap gue 2>&1) && return 1
  grep "no fou driver: load it with 'modprobe fou'" <<<"$log"
  refute ip -n tunnel-a link show lost
}

# --- A thousand

# tunnels_file COUNT: tunnels with an address each.
tunnels_file() {
  jq -n --argjson count "$1" '[range($count) | {name: "many\(.)",
    kind: "ipip", local: "192.0.2.1",
    remote: "10.\(32 + . / 250 | floor).0.\(. % 250 + 1)",
    addresses: ["10.16.\(. / 64 | floor).\(. % 64 * 4 + 1)/30"], mtu: 1480}]'
}

# many_tunnels: how many of them there are.
many_tunnels() {
  ip -n tunnel-a -o link show type ipip | grep -c many || true
}

# seconds_since START: with two decimals; START is of EPOCHREALTIME.
seconds_since() {
  awk -v start="$1" -v now="$EPOCHREALTIME" \
    'BEGIN { printf "%.2f", now - start }'
}

tunnels_by_thousand() {
  local start made removed
  tunnels_file "$TUNNEL_COUNT" >"$TMPDIR/many.json"
  start=$EPOCHREALTIME
  tunnel_command tunnel-a apply "$TMPDIR/many.json" --quiet
  made=$(seconds_since "$start")
  expect "tunnels" "$TUNNEL_COUNT" "$(many_tunnels)"
  start=$EPOCHREALTIME
  tunnel_command tunnel-a apply "$TMPDIR/many.json" 2>&1 | grep "nothing to do"
  say "looked at again in $(seconds_since "$start") s" >>"$TUNNEL_LOG"
  start=$EPOCHREALTIME
  tunnel_command tunnel-a remove --all --quiet
  removed=$(seconds_since "$start")
  expect "tunnels left" 0 "$(many_tunnels)"
  say "made in $made s, removed in $removed s" >>"$TUNNEL_LOG"
  awk -v made="$made" -v removed="$removed" -v limit="$TUNNEL_SECONDS" \
    'BEGIN { exit !(made < limit && removed < limit) }'
}

# Stopped when it has begun, it takes back what it did; stopped too late, it
# has done everything.
tunnels_interrupted() {
  local count
  start_many_and_send TERM
  count=$(many_tunnels)
  [[ $count == 0 || $count == "$TUNNEL_COUNT" ]] ||
    expect "tunnels" "0 or $TUNNEL_COUNT" "$count"
  tunnel_command tunnel-a remove --all --quiet
}

# Whatever it left is Culvert's, and can be completed and removed.
tunnels_killed() {
  start_many_and_send KILL
  say "$(many_tunnels) were there"
  expect "links that nobody owns" '' "$(ip -n tunnel-a -o link show type ipip |
    grep many | grep -v 'alias culvert' || true)"
  tunnel_command tunnel-a apply "$TMPDIR/many.json" --quiet
  expect "tunnels" "$TUNNEL_COUNT" "$(many_tunnels)"
  expect "addresses" "$TUNNEL_COUNT" \
    "$(ip -n tunnel-a -o -4 address show | grep -c many)"
  tunnel_command tunnel-a remove --all --quiet
  expect "tunnels left" 0 "$(many_tunnels)"
}

start_many_and_send() {
  # Not by a function: the signal is for the program, not for a shell.
  "$CULVERT" tunnel apply "$TMPDIR/many.json" --quiet --netns tunnel-a &
  local process=$!
  wait_for 10 some_tunnels
  kill -s "$1" "$process" 2>/dev/null || true
  wait "$process" || true
}

some_tunnels() { (($(many_tunnels) > 0)); }
