# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # for those who source it
# A second lab, for every way that a packet can take: both families on every
# link, a real server on the director's link and one behind a router.
# Needs terminal.sh and namespaces.sh, and LAB_ID set by use_lab.
#
#   client ── edge ── router ─┬─ director    link 2: one segment, MTU 1600
#          1       3          ├─ r1
#                             └── r2         link 4
#
# Node N of link L is 10.66.L.N and 2001:db8:66:L::N. Virtual addresses are
# 203.0.113.N and 2001:db8:f::N. Requests go to the director, replies from the
# real server by the router to the client.

MATRIX_NODES=(client edge router director r1 r2)
MATRIX_CLIENT4=10.66.1.10
MATRIX_CLIENT6=2001:db8:66:1::10
MATRIX_RANGES=(203.0.113.64/28 2001:db8:f::1:0/112)
# Where the director's outer sources are from, a flow each.
MATRIX_SOURCES=(10.66.9.0/28 2001:db8:66:9::/124)

# NODE INTERFACE NODE INTERFACE: the cables.
matrix_cables() {
  cat <<'END'
client   eth0    edge   to-client
edge     to-core router to-edge
director eth0    router port-director
r1       eth0    router port-r1
r2       eth0    router to-r2
END
}

# NODE INTERFACE LINK NUMBER MTU
matrix_interfaces() {
  cat <<'END'
client   eth0     1 10 1500
edge     to-client 1 1 1500
edge     to-core  3 2  1600
router   to-edge  3 1  1600
router   segment  2 1  1600
director eth0     2 10 1600
r1       eth0     2 11 1600
router   to-r2    4 1  1600
r2       eth0     4 12 1600
END
}

# NODE DESTINATION GATEWAY, for both families: a link, the virtual addresses
# (vip), or everything; the gateway as LINK.NUMBER.
matrix_routes() {
  cat <<'END'
client   default 1.1
edge     default 3.1
router   1       3.2
router   vip     2.10
director default 2.1
r1       default 2.1
r2       default 4.1
END
}

matrix_up() {
  local NODES=("${MATRIX_NODES[@]}")
  refuse_existing_lab
  require_packages "${LAB_NEEDS[@]}"
  mkdir -p "$LAB_STATE"
  add_namespaces
  matrix_settings
  matrix_connect
  matrix_configure
  mount_bpffs
}

# Before there are interfaces, which take these from `default`. Nobody waits
# for duplicates of addresses.
matrix_settings() {
  local node forwards
  for node in "${MATRIX_NODES[@]}"; do
    forwards=0
    [[ $node != edge && $node != router ]] || forwards=1
    node_exec "$node" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 \
      net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.lo.disable_ipv6=0 \
      net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.accept_ra=0 \
      net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
      "net.ipv4.ip_forward=$forwards" \
      "net.ipv6.conf.all.forwarding=$forwards" net.ipv4.icmp_ratelimit=0 \
      net.ipv6.icmp.ratelimit=0
  done
}

# Every host finishes its packets itself, as network cards do, and nobody
# merges them or keeps a VLAN's tag beside the frame, where XDP does not see it.
matrix_connect() {
  local near near_name far far_name
  while read -r near near_name far far_name; do
    ip link add "$near_name" netns "$(namespace_of "$near")" type veth \
      peer name "$far_name" netns "$(namespace_of "$far")"
    matrix_tame "$near" "$near_name"
    matrix_tame "$far" "$far_name"
  done < <(matrix_cables)
  node_exec router ip link add segment type bridge
}

matrix_tame() {
  node_exec "$1" ethtool --offload "$2" tx off tso off gso off gro off \
    txvlan off rxvlan off >/dev/null
}

matrix_configure() {
  local node
  for node in "${MATRIX_NODES[@]}"; do
    {
      echo link set lo up
      matrix_interface_commands "$node"
      [[ $node != router ]] || matrix_segment_commands
      matrix_route_commands "$node"
    } >"$LAB_STATE/$node.batch"
    node_exec "$node" ip -batch "$LAB_STATE/$node.batch"
  done
}

matrix_interface_commands() {
  local node interface link number mtu
  while read -r node interface link number mtu; do
    [[ $node == "$1" ]] || continue
    echo link set "$interface" mtu "$mtu" up
    echo address add "10.66.$link.$number/24" dev "$interface"
    echo address add "2001:db8:66:$link::$number/64" dev "$interface" nodad
  done < <(matrix_interfaces)
}

matrix_segment_commands() {
  local port
  for port in port-director port-r1; do
    echo link set "$port" mtu 1600 master segment up
  done
}

matrix_route_commands() {
  local node destination gateway four six
  while read -r node destination gateway; do
    [[ $node == "$1" ]] || continue
    case $destination in
      default) four=default six=default ;;
      vip) four=203.0.113.0/24 six=2001:db8:f::/64 ;;
      *) four=10.66.$destination.0/24 six=2001:db8:66:$destination::/64 ;;
    esac
    echo route add "$four" via "10.66.$gateway"
    echo route add "$six" via "2001:db8:66:${gateway%.*}::${gateway#*.}"
  done < <(matrix_routes)
}

# matrix_mtu MTU NODE INTERFACE...: of links, at both ends.
matrix_mtu() {
  local mtu=$1
  shift
  while (($# > 0)); do
    node_exec "$1" ip link set "$2" mtu "$mtu"
    shift 2
  done
}

# What hosts have learnt about paths so far, which would hide the next lesson.
forget_paths() {
  local node
  for node in client r1 r2; do
    node_exec "$node" ip -4 route flush cache
    node_exec "$node" ip -6 route flush cache
  done
}
