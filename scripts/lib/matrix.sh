# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Every encapsulation over and of both families, end to end: that requests are
# answered, that large packets get through or are told that they do not fit,
# and what the director answers by itself.
# Needs matrix-lab.sh, culvert.sh, e2e.sh, probes.sh and checks.sh.

# combinations: "NUMBER ENCAPSULATION OUTER INNER" lines. Number N has the
# virtual address N of the inner family, and all of them one director.
combinations() {
  local number=0 encapsulation outer inner
  for encapsulation in ipip gre gre+key fou gue l2; do
    for outer in 4 6; do
      for inner in 4 6; do
        [[ $encapsulation != l2 || $outer == "$inner" ]] || continue
        number=$((number + 1))
        printf '%d %s %s %s\n' "$number" "$encapsulation" "$outer" "$inner"
      done
    done
  done
}

# virtual_address NUMBER FAMILY
virtual_address() {
  if [[ $2 == 4 ]]; then echo "203.0.113.$1"; else echo "2001:db8:f::$1"; fi
}

virtual_addresses() {
  local number inner
  while read -r number _ _ inner; do
    virtual_address "$number" "$inner"
  done < <(combinations)
}

# client_address FAMILY
client_address() {
  if [[ $1 == 4 ]]; then echo "$MATRIX_CLIENT4"; else echo "$MATRIX_CLIENT6"; fi
}

# real_address NODE FAMILY
real_address() {
  local link=2 number=11
  [[ $1 == r1 ]] || link=4 number=12
  if [[ $2 == 4 ]]; then
    echo "10.66.$link.$number"
  else
    echo "2001:db8:66:$link::$number"
  fi
}

# serving ENCAPSULATION: only those on the director's link without a tunnel.
serving() { if [[ $1 == l2 ]]; then echo r1; else echo r1 r2; fi; }

# matrix_configuration ENGINE: all combinations in one file.
matrix_configuration() {
  local number encapsulation outer inner
  printf 'director:\n  interface: eth0\n  engine: %s\n' "$1"
  printf '  source: [%s, "%s"]\n' "${MATRIX_SOURCES[@]}"
  printf 'servers:\n'
  while read -r number encapsulation outer _; do
    matrix_servers "$number" "$encapsulation" "$outer"
  done < <(combinations)
  printf 'virtual-addresses:\n'
  virtual_addresses |
    sed 's/.*/  - { address: "&", unconfigured-ports: reset }/'
  printf 'services:\n'
  while read -r number encapsulation _ inner; do
    matrix_services "$number" "$encapsulation" "$inner"
  done < <(combinations)
  printf '  %s: { address: "%s", port: 8000-8009, servers: [r1-1, r2-4] }\n' \
    range-4 "${MATRIX_RANGES[0]}" range-6 "${MATRIX_RANGES[1]}"
}

matrix_servers() {
  local node words="encapsulation: $2"
  [[ $2 != gre+key ]] || words='encapsulation: gre, key: 42'
  # UDP over IPv6 without a checksum is the default, and the other way too.
  [[ $2 != gue ]] || words+=', udp-checksum: true'
  for node in $(serving "$2"); do
    printf '  %s-%d: { address: "%s", %s }\n' "$node" "$1" \
      "$(real_address "$node" "$3")" "$words"
  done
}

matrix_services() {
  local address members
  address=$(virtual_address "$1" "$3")
  members=$(serving "$2" | sed -E "s/r[0-9]/&-$1/g; s/ /, /g")
  printf '  %s-%d: { address: "%s", protocol: %s, port: %d, servers: [%s] }\n' \
    tcp "$1" "$address" tcp 80 "$members" udp "$1" "$address" udp 53 "$members"
}

# matrix_real NODE: takes every encapsulation at once, and serves everything.
matrix_real() {
  local addresses options=()
  mapfile -t addresses < <(virtual_addresses)
  mapfile -t options < <(
    printf -- '--vip\n%s\n' "${addresses[@]}" "${MATRIX_RANGES[@]}"
    printf -- '--director\n%s\n' "${MATRIX_SOURCES[@]}"
  )
  bounded_culvert "$1" real up "${options[@]}" \
    --interface eth0 --encapsulation gue --decapsulate bpf \
    --state-directory "$LAB_STATE/real-$1" --bpffs "$LAB_STATE/bpf"
  node_exec "$1" python3 "$ROOT/scripts/lib/matrix.py" serve "$1" \
    "$LAB_STATE/serving-$1" "${addresses[@]}" \
    >"$LAB_STATE/server-$1.log" 2>&1 </dev/null &
  disown
  wait_for 20 test -e "$LAB_STATE/serving-$1"
}

matrix_reals() {
  matrix_real r1
  matrix_real r2
}

# See add_pass_program.
matrix_director() {
  matrix_configuration "$1" >"$LAB_STATE/culvert.yaml"
  [[ $1 != kernel ]] ||
    node_exec router "$CULVERT" pass attach port-director \
      --bpffs "$LAB_STATE/bpf"
  run_director
}

matrix_client() {
  node_exec client timeout "$((60 * PATIENCE))" \
    python3 "$ROOT/scripts/lib/matrix.py" "$@"
}

# write_cases: for matrix.py, "NUMBER ADDRESS SOURCE".
write_cases() {
  local number inner
  while read -r number _ _ inner; do
    printf '%s %s %s\n' "$number" "$(virtual_address "$number" "$inner")" \
      "$(client_address "$inner")"
  done < <(combinations) >"$LAB_STATE/cases"
}

# e2e_matrix ENGINE: leaves no lab behind.
e2e_matrix() {
  local engine=$1
  heading "Every encapsulation, $engine engine"
  use_lab "$(random_id)"
  check "[$engine] the lab comes up" matrix_up
  check "[$engine] two real servers take every encapsulation" matrix_reals
  check "[$engine] the director forwards" matrix_director "$engine"
  matrix_requests "$engine"
  matrix_answers "$engine"
  matrix_sizes "$engine"
  check "[$engine] check server: answered, by every way" probe_combinations
  check "[$engine] the director ends" stop_director
  check "[$engine] real down leaves nothing" matrix_reals_down
  lab_down
}

matrix_reals_down() {
  local node
  for node in r1 r2; do
    real_down "$node"
    # Addresses, of both families, and the routes to ranges.
    refute node_exec "$node" sh -c '{ ip address; ip -4 route show table all
      ip -6 route show table all; } | grep -E "203.0.113|2001:db8:f:|xdp"'
  done
}

# --- Requests

MATRIX_PORT=20000

matrix_requests() {
  local number encapsulation outer inner
  check "[$1] requests to all virtual addresses at once" ask_everybody
  while read -r number encapsulation outer inner; do
    check "[$1] $encapsulation, ${inner}in$outer: TCP, UDP, fragments" \
      answered "$number"
  done < <(combinations)
  check "[$1] all addresses and ports of a range are served" range_is_served
  # The first of each encapsulation; 'where' takes its time.
  while read -r number encapsulation _ inner; do
    check "[$1] $encapsulation: TCP is answered by whom 'where' names" \
      answered_as_named "$number" "$inner"
  done < <(combinations | sort -u -k 2,2)
}

ask_everybody() {
  write_cases
  matrix_client ask "$LAB_STATE/cases" "$MATRIX_PORT" >"$LAB_STATE/answers"
}

range_is_served() {
  local address
  for address in 203.0.113.{64,70,79} '[2001:db8:f::1:'{0,1234,ffff}']'; do
    node_exec client curl -s --max-time "$((4 * PATIENCE))" \
      "http://$address:8000/" "http://$address:8009/" | grep -xE '(r[12]){2}'
  done
}

# answered NUMBER: by some server; the whole datagrams and the fragments of a
# flow by the same.
answered() {
  local web short long
  read -r _ web short long < <(grep "^$1 " "$LAB_STATE/answers")
  say "TCP: $web, UDP: $short, 8,000 bytes: $long"
  [[ $web == r[12] && $short == r[12] && $long == "$short" ]]
}

# answered_as_named NUMBER INNER
answered_as_named() {
  expect "who answered" "$(named "$1" "$2" $((MATRIX_PORT + 2 * $1)))" \
    "$(awk -v number="$1" '$1 == number { print $2 }' "$LAB_STATE/answers")"
}

# named NUMBER INNER CLIENT-PORT: the node that 'where' names.
named() {
  local client address
  client=$(client_address "$2") address=$(virtual_address "$1" "$2")
  [[ $2 == 4 ]] || client="[$client]" address="[$address]"
  director_culvert where "$client:$3" "$address:80" --json |
    jq -r '.server | split("-")[0]'
}

# --- What the director answers by itself

matrix_answers() {
  local address
  for address in 203.0.113.1 2001:db8:f::2; do
    check "[$1] $address answers pings, small and full" pings "$address"
    check "[$1] $address refuses TCP and UDP at another port" \
      matrix_client refused "$address"
  done
  check "[$1] a ping in a VLAN is answered in it" tagged_ping
  check "[$1] a datagram in a VLAN reaches a real server" tagged_datagram
}

pings() {
  node_exec client ping -n -c 1 -W "$((2 * PATIENCE))" -s 56 "$1"
  node_exec client ping -n -c 1 -W "$((2 * PATIENCE))" -s 1400 "$1"
}

tagged_ping() { from_segment tagged eth0 "$(director_hardware)" 203.0.113.1; }

# The question comes from the segment, in the client's name; the answer goes to
# the client.
tagged_datagram() {
  matrix_client hear "$LAB_STATE/hears" "$MATRIX_CLIENT4" 4007 \
    >"$LAB_STATE/heard" &
  wait_for 10 test -e "$LAB_STATE/hears"
  from_segment question eth0 "$(director_hardware)" 203.0.113.1 \
    "$MATRIX_CLIENT4" 4007
  wait_for 10 test -s "$LAB_STATE/heard"
  grep -E '^r[12] 8$' "$LAB_STATE/heard"
}

director_hardware() {
  node_exec director ip -json link show eth0 | jq -r '.[].address'
}

from_segment() {
  node_exec r1 /usr/bin/python3 "$ROOT/scripts/lib/matrix.py" "$@"
}

# --- Sizes

# Upwards the director itself tells that a packet does not fit; downwards the
# router tells the virtual address, hence the director, which has to find the
# real server that it is about.
matrix_sizes() {
  check "[$1] with room, 1 MB goes up everywhere" all_moved up
  matrix_mtu 1500 director eth0 router port-director router port-r1 \
    router segment r1 eth0 router to-r2 r2 eth0
  check "[$1] 1500 bytes to real servers: 1 MB goes up" told_and_moved
  check "[$1] 1500 bytes to real servers: 1 MB comes down" all_moved down
  matrix_mtu 1400 edge to-core router to-edge
  check "[$1] 1400 bytes to the client: 1 MB comes down" all_moved down
  check "[$1] 1400 bytes to the client: 1 MB goes up" all_moved up
  matrix_mtu 1500 edge to-core router to-edge
  check "[$1] 1400 bytes to r2, as the route says: 1 MB goes up" narrow_route
  check "[$1] a client deaf to ICMP is stuck, and packetTooBig tells" \
    stuck_without_icmp
}

# all_moved up|down: a full megabyte with every combination.
all_moved() {
  forget_paths
  matrix_client move "$1" "$LAB_STATE/cases" "$((15 * PATIENCE))" \
    >"$LAB_STATE/moved"
  name_the_short "$LAB_STATE/moved"
  refute grep -vq ' 1000000$' "$LAB_STATE/moved"
}

# name_the_short FILE: the combinations that did not move everything.
name_the_short() {
  join <(combinations | sort -k 1,1) <(sort -k 1,1 "$1") |
    awk '$5 != 1000000 { print $2, $4 "in" $3 ":", $5, "bytes" }'
}

# Behind a router, the director cannot see how narrow a link is: the route
# tells it.
narrow_route() {
  matrix_mtu 1400 router to-r2 r2 eth0
  node_exec director ip route add 10.66.4.0/24 via 10.66.2.1 mtu 1400
  node_exec director ip route add 2001:db8:66:4::/64 via 2001:db8:66:2::1 \
    mtu 1400
  wait_for 10 director_found_path 1400
  told_and_moved
}

# director_found_path MTU: the director's log says that it has a path with it.
director_found_path() {
  grep -q "mtu=$1 .*reachable" "$LAB_STATE/director.log"
}

told_and_moved() {
  local before
  before=$(packets_too_big)
  all_moved up
  more_too_big_than "$before"
}

packets_too_big() {
  director_culvert list --json |
    jq '[.. | objects | .packetTooBig? // empty | numbers] | add // 0'
}

more_too_big_than() {
  local now
  now=$(packets_too_big)
  say "packetTooBig: $1, then $now"
  ((now > $1))
}

stuck_without_icmp() {
  local before
  before=$(packets_too_big)
  forget_paths
  deafen_client
  matrix_client move up "$LAB_STATE/cases" 3 >"$LAB_STATE/moved"
  node_exec client nft delete table inet deaf
  grep -v ' 1000000$' "$LAB_STATE/moved"
  # Without a tunnel everything fits.
  expect "combinations that moved everything" 2 \
    "$(grep -c ' 1000000$' "$LAB_STATE/moved")"
  more_too_big_than "$before"
}

deafen_client() {
  node_exec client nft -f - <<'END'
table inet deaf {
  chain incoming {
    type filter hook input priority 0
    icmp type destination-unreachable drop
    icmpv6 type packet-too-big drop
  }
}
END
}
