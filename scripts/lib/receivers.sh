# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Real servers that `culvert real up` makes of the kernel's tunnels, behind the
# director: every encapsulation over every pair of IP versions, with requests
# of TCP and UDP that the real server answers straight to the client.
# Needs checks.sh, namespaces.sh and culvert.sh; root, and a kernel with the
# drivers.
#
#   client ─┬─ director   .1    one segment, whose bridge is in the client's
#        .9 ├─ ipip-4     .11   node; N is 10.0.0.N and 2001:db8:a::N. Clients'
#           ├─ ipip-6     .12   addresses are behind .9, and so are the real
#           └─ …                servers' answers to them.

# Debian's python without what it looks for first: files come slowly there.
RECEIVERS_PY=(/usr/bin/python3 -IS "$ROOT/scripts/lib/receivers.py")
RECEIVER_CLIENTS=(198.51.100.7 2001:db8:c::7)
# By IP version.
declare -A RECEIVER_VIP=([4]=203.0.113.80 [6]=2001:db8:f::80)
RECEIVER_SOURCES=(10.0.0.1 2001:db8:a::1)
# Addresses that the director has as well, and nobody listens to.
RECEIVER_STRANGERS=(10.0.0.2 2001:db8:a::2)

# NUMBER NAME ENCAPSULATION INNER-VERSIONS KINDS: the devices that receive,
# over IPv4 and IPv6, as `ip link` names them; l2 needs none. Over IPv4 the
# device depends on what is inside: ipip, sit, or sit for both.
receiver_table() {
  cat <<'END'
11 ipip-4  ipip    4   ipip,ip6tnl
12 ipip-6  ipip    6   sit,ip6tnl
13 gre     gre     4,6 gre,ip6gre
14 gre-key gre+key 4,6 gre,ip6gre
15 fou-4   fou     4   ipip,ip6tnl
16 fou-6   fou     6   sit,ip6tnl
17 gue-4   gue     4   ipip,ip6tnl
18 gue-6   gue     6   sit,ip6tnl
19 gue-46  gue     4,6 sit,ip6tnl
20 l2      l2      4,6 -
END
}

# "PORT NAME ENCAPSULATION INNER OUTER ADDRESS" lines: each combination has a
# port of its own.
receiver_cases() {
  local port=8000 name encapsulation versions inner outer
  while read -r _ name encapsulation versions _; do
    for inner in ${versions//,/ }; do
      for outer in 4 6; do
        [[ $encapsulation != l2 || $inner == "$outer" ]] || continue
        port=$((port + 1))
        echo "$port $name $encapsulation $inner $outer ${RECEIVER_VIP[$inner]}"
      done
    done
  done < <(receiver_table)
}

# receivers: leaves nothing behind.
receivers() {
  local engine NODES name encapsulation versions kinds
  heading "The kernel's tunnels behind the director (inner in outer IP version)"
  use_lab "$(random_id)"
  mapfile -t NODES < <(receiver_nodes)
  check "[receive] a client, a director and real servers" receivers_up
  while read -r _ name encapsulation versions _; do
    check "[receive] $name: real up" \
      receiver_real_up "$name" "$encapsulation" "$versions"
  done < <(receiver_table)
  check "[receive] they serve" receivers_serve
  for engine in kernel userspace; do receivers_answer "$engine"; done
  check "[receive] to a director they do not know, they are silent" \
    receivers_ignore_strangers
  check "[receive] no neighbour is told of the virtual addresses" \
    receivers_are_discreet
  while read -r _ name _ _ kinds; do
    check "[receive] $name: received by $kinds; real down leaves nothing" \
      receiver_real_down "$name" "$kinds"
  done < <(receiver_table)
  lab_down
}

# receivers_answer ENGINE: one line a combination.
receivers_answer() {
  local verdict sentence
  check "[$1] the director forwards" \
    receivers_director "$1" "${RECEIVER_SOURCES[@]}"
  check "[$1] every combination is asked" receivers_ask "$((3 * PATIENCE))"
  while read -r verdict sentence; do
    if [[ $verdict == ok ]]; then
      passed "[$1] $sentence"
    else
      failed "[$1] $sentence"
    fi
  done <"$LAB_STATE/answers"
  check "[$1] the director ends" stop_director
}

# --- The segment

receivers_load_drivers() {
  modprobe -a veth bridge nf_tables fou fou6 ipip sit ip6_tunnel ip_gre ip6_gre
}

receiver_nodes() {
  printf '%s\n' client director
  receiver_table | awk '{ print $2 }'
}

receivers_up() {
  receivers_load_drivers
  mkdir -p "$LAB_STATE"
  add_namespaces
  receivers_connect
  receiver_client_commands | receiver_batch client
  { receiver_host_commands 1 && receiver_stranger_commands; } |
    receiver_batch director
  local number name
  while read -r number name _; do
    receiver_host_commands "$number" | receiver_batch "$name"
  done < <(receiver_table)
  mount_bpffs
  receiver_cases >"$LAB_STATE/cases"
}

# receiver_batch NODE: runs the commands of `ip` that come in.
receiver_batch() { ip -netns "$(namespace_of "$1")" -batch -; }

# Clients' packets are finished before they meet XDP, and never merged.
receivers_connect() {
  local name
  for name in "${NODES[@]:1}"; do
    echo link add "to-$name" netns "$(namespace_of client)" type veth \
      peer name eth0 netns "$(namespace_of "$name")"
  done | ip -batch -
  node_exec client ethtool --offload to-director tx off tso off gso off \
    gro off >/dev/null
  node_exec director ethtool --offload eth0 gro off >/dev/null
}

receiver_client_commands() {
  local name
  echo link set lo up
  echo link add segment type bridge
  for name in "${NODES[@]:1}"; do
    echo link set "to-$name" master segment up
  done
  echo link set segment up
  echo address add 10.0.0.9/24 dev segment
  echo address add 2001:db8:a::9/64 dev segment nodad
  echo address add "${RECEIVER_CLIENTS[0]}/32" dev lo
  echo address add "${RECEIVER_CLIENTS[1]}/128" dev lo nodad
  echo route add "${RECEIVER_VIP[4]}" via 10.0.0.1 \
    src "${RECEIVER_CLIENTS[0]}"
  echo route add "${RECEIVER_VIP[6]}" via 2001:db8:a::1 \
    src "${RECEIVER_CLIENTS[1]}"
}

# receiver_host_commands NUMBER: for a host other than the client.
receiver_host_commands() {
  echo link set lo up
  echo link set eth0 up
  echo address add "10.0.0.$1/24" dev eth0
  echo address add "2001:db8:a::$1/64" dev eth0 nodad
  # The director needs it too: a strict filter ignores ARP from nowhere.
  echo route add default via 10.0.0.9
  echo route add default via 2001:db8:a::9
}

receiver_stranger_commands() {
  echo address add "${RECEIVER_STRANGERS[0]}/24" dev eth0
  echo address add "${RECEIVER_STRANGERS[1]}/64" dev eth0 nodad
}

# --- Real servers

# receiver_real_up NAME ENCAPSULATION VERSIONS: "gre+key" is gre with key 7.
receiver_real_up() {
  local version options=(--encapsulation "${2%+key}")
  for version in ${3//,/ }; do
    options+=(--vip "${RECEIVER_VIP[$version]}")
  done
  [[ $2 != *+key ]] || options+=(--key 7)
  [[ $2 == l2 ]] || options+=(--decapsulate kernel
    --director "${RECEIVER_SOURCES[0]}" --director "${RECEIVER_SOURCES[1]}")
  bounded_culvert "$1" real up --interface eth0 "${options[@]}" \
    --state-directory "$LAB_STATE/real-$1"
  bounded_culvert "$1" real status --state-directory "$LAB_STATE/real-$1"
  receiver_filter "$2" | node_exec "$1" nft -f -
}

# receiver_filter ENCAPSULATION: lets nothing in at eth0 but that. A device of
# ipip with fou, for one, would take plain ipip too.
receiver_filter() {
  cat <<END
table inet wire {
  chain incoming {
    type filter hook prerouting priority raw; policy drop
    iifname != "eth0" accept
    meta l4proto icmpv6 accept
    $(receiver_frames "$1") accept
  }
}
END
}

# receiver_frames ENCAPSULATION: its frames, for nft.
receiver_frames() {
  case $1 in
    ipip) echo 'meta l4proto { 4, 41 }' ;;
    gre) echo 'meta l4proto gre @th,0,16 0' ;;
    gre+key) echo 'meta l4proto gre @th,0,16 0x2000 @th,32,32 7' ;;
    # After 8 bytes of UDP, GUE's variant: two bits.
    fou) echo 'udp dport 6080 @th,64,2 1' ;;
    gue) echo 'udp dport 6080 @th,64,8 0 @th,72,8 { 4, 41 }' ;;
    l2) echo 'meta l4proto { tcp, udp }' ;;
  esac
}

# One process for all of them: a slow machine starts each in seconds.
receivers_serve() {
  node_exec client "${RECEIVERS_PY[@]}" serve \
    "/run/netns/$(namespace_of '')" "$LAB_STATE/cases" "$LAB_STATE/serving" \
    >"$LAB_STATE/serve.log" 2>&1 </dev/null &
  disown
  wait_for 5 test -e "$LAB_STATE/serving" || {
    cat "$LAB_STATE/serve.log"
    return 1
  }
}

# receiver_real_down NAME KINDS: once each device has received; no device, no
# open port and no address may stay.
receiver_real_down() {
  local node
  node=$(namespace_of "$1")
  expect "devices that received" "$2" "$(receiver_kinds "$node")"
  bounded_culvert "$1" real down --state-directory "$LAB_STATE/real-$1"
  expect "devices left" '' "$(ip -n "$node" -brief link | grep culvert || true)"
  expect "ports left" '' "$(ip -n "$node" fou show)"
  refute grep -F -e "${RECEIVER_VIP[4]}" -e "${RECEIVER_VIP[6]}" \
    <<<"$(ip -n "$node" address)"
}

# receiver_kinds NAMESPACE: of the tunnel devices that have received packets.
receiver_kinds() {
  ip -n "$1" -details -statistics -json link show | jq -r '
    [.[] | select(.ifname | startswith("culvert"))
      | select(.stats64.rx.packets > 0) | .linkinfo.info_kind]
    | join(",") | if . == "" then "-" else . end'
}

# --- The director and the client

# receivers_director ENGINE SOURCE SOURCE
receivers_director() {
  receiver_configuration "$@" >"$LAB_STATE/culvert.yaml"
  [[ $1 != kernel ]] || node_exec client "$CULVERT" pass attach to-director \
    --bpffs "$LAB_STATE/bpf"
  run_director
}

# receiver_configuration ENGINE SOURCE SOURCE: every combination in one file.
receiver_configuration() {
  local number name encapsulation port outer address protocol
  printf 'director:\n  interface: eth0\n  engine: %s\n' "$1"
  printf '  source: [%s, "%s"]\nservers:\n' "$2" "$3"
  while read -r number name encapsulation _; do
    [[ $encapsulation != gre+key ]] || encapsulation='gre, key: 7'
    printf '  %s-over-%d: { address: "%s", encapsulation: %s }\n' \
      "$name" 4 "10.0.0.$number" "$encapsulation" \
      "$name" 6 "2001:db8:a::$number" "$encapsulation"
  done < <(receiver_table)
  printf 'services:\n'
  while read -r port name _ _ outer address; do
    for protocol in tcp udp; do
      printf '  %s-%d: { address: "%s", port: %d, protocol: %s, ' \
        "$protocol" "$port" "$address" "$port" "$protocol"
      printf 'servers: [%s-over-%d] }\n' "$name" "$outer"
    done
  done < <(receiver_cases)
}

# receivers_ask SECONDS: asks everybody at once, leaves lines in answers.
receivers_ask() {
  : >"$LAB_STATE/answers"
  node_exec client "${RECEIVERS_PY[@]}" ask "$LAB_STATE/cases" "$1" \
    >"$LAB_STATE/answers"
  expect "questions" "$((2 * $(wc -l <"$LAB_STATE/cases")))" \
    "$(wc -l <"$LAB_STATE/answers")"
}

# Without a tunnel there is no outer source to know.
receivers_ignore_strangers() {
  receivers_director userspace "${RECEIVER_STRANGERS[@]}"
  receivers_ask 5
  stop_director
  expect "answers without a tunnel" 4 \
    "$(grep -c '^ok l2 ' "$LAB_STATE/answers")"
  refute grep '^ok' <<<"$(grep -v '^ok l2 ' "$LAB_STATE/answers")"
}

# The director is not there to hide who else would answer. That somebody is
# heard here at all, an address of the segment shows.
receivers_are_discreet() {
  local address
  for address in "${RECEIVER_VIP[@]}"; do
    ip -n "$(namespace_of client)" route replace "$address" dev segment
  done
  for address in 10.0.0.11 2001:db8:a::11; do
    expect "who answers for $address" 'somebody' "$(who_answers "$address")"
  done
  for address in "${RECEIVER_VIP[@]}"; do
    expect "who answers for $address" 'nobody' "$(who_answers "$address")"
  done
}

# who_answers ADDRESS: whether a neighbour tells the client its link-layer
# address. What nobody answers for is FAILED, and forgotten after a while.
who_answers() {
  local asked
  asked=$(node_exec client ping -n -c 1 -W 1 "$1" || true)
  [[ $asked == *"1 packets transmitted"* ]] || { echo unasked && return; }
  wait_for 10 is_answered_or_not "$1" || { echo undecided && return; }
  if neighbour_of_client "$1" | grep -q lladdr; then
    echo somebody
  else
    echo nobody
  fi
}

is_answered_or_not() { ! neighbour_of_client "$1" | grep -qw INCOMPLETE; }

neighbour_of_client() {
  ip -n "$(namespace_of client)" neighbour show to "$1" dev segment
}
