# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # for those who source it
# A real server that is broken in one way after the other: its lab. The causes
# are in doctor-causes.sh, the test of the doctor in doctor-rows.sh.
# Needs checks.sh, namespaces.sh and culvert.sh; root.
#
#                     ┌── .1  director        10.0.0.0/24, 2001:db8:a::/64
#   client ── router ─┤
#      .7         .9  ├── .2  real, eth0      packets come in their tunnel
#                     └──     real, eth1 .2   answers leave: 10.9.0.0/24,
#                                             2001:db8:9::/64, router .9

# How long an answer may take; of those that do not come there are many.
DOCTOR_SECONDS=$((1 + PATIENCE / 5))
DOCTOR_PY=(/usr/bin/python3 -IS "$ROOT/scripts/lib/doctor.py")
DOCTOR_CLIENT=198.51.100.7
DOCTOR_CLIENT6=2001:db8:c::7
DOCTOR_DIRECTOR=10.0.0.1
DOCTOR_OTHER_DIRECTOR=10.0.0.3
DOCTOR_END=10.0.0.2
DOCTOR_VIP=203.0.113.80
DOCTOR_VIP6=2001:db8:f::80
# What the real server is to listen on.
DOCTOR_SERVING=(tcp "$DOCTOR_VIP" 80 udp "$DOCTOR_VIP" 53
  tcp "$DOCTOR_VIP6" 80 udp "$DOCTOR_VIP6" 53)

# doctor_lab_up: the nodes, not set up yet.
doctor_lab_up() {
  local NODES=(client router director real)
  use_lab "$(random_id)"
  mkdir -p "$LAB_STATE"
  add_namespaces
  doctor_connect
  doctor_commands client | ip -netns "$(namespace_of client)" -batch -
  doctor_commands router | ip -netns "$(namespace_of router)" -batch -
  doctor_commands director | ip -netns "$(namespace_of director)" -batch -
  doctor_commands real | ip -netns "$(namespace_of real)" -batch -
  doctor_settings
  mount_bpffs
}

doctor_connect() {
  local near far
  while read -r near far; do
    ip link add "${near#*.}" netns "$(namespace_of "${near%.*}")" type veth \
      peer name "${far#*.}" netns "$(namespace_of "${far%.*}")"
  done <<END
client.eth0 router.to-client
director.eth0 router.to-director
real.eth0 router.to-real
real.eth1 router.back
END
  ip -netns "$(namespace_of router)" link add segment type bridge
}

# doctor_commands NODE: for `ip -batch`.
doctor_commands() {
  echo link set lo up
  case $1 in
    client)
      echo link set eth0 up
      echo address add "$DOCTOR_CLIENT/24" dev eth0
      echo address add "$DOCTOR_CLIENT6/64" dev eth0 nodad
      echo route add default via 198.51.100.9
      echo route add default via 2001:db8:c::9
      ;;
    router)
      echo link set to-director master segment up
      echo link set to-real master segment up
      echo link set segment up
      echo link set to-client up
      echo link set back up
      echo address add 198.51.100.9/24 dev to-client
      echo address add 2001:db8:c::9/64 dev to-client nodad
      echo address add 10.0.0.9/24 dev segment
      echo address add 2001:db8:a::9/64 dev segment nodad
      echo address add 10.9.0.9/24 dev back
      echo address add 2001:db8:9::9/64 dev back nodad
      echo route add "$DOCTOR_VIP" via "$DOCTOR_DIRECTOR"
      echo route add "$DOCTOR_VIP6" via 2001:db8:a::1
      ;;
    director)
      echo link set eth0 up
      echo address add "$DOCTOR_DIRECTOR/24" dev eth0
      echo address add "$DOCTOR_OTHER_DIRECTOR/24" dev eth0
      echo address add 2001:db8:a::1/64 dev eth0 nodad
      echo route add default via 10.0.0.9
      echo route add default via 2001:db8:a::9
      ;;
    real)
      echo link set eth0 up
      echo link set eth1 up
      echo address add "$DOCTOR_END/24" dev eth0
      echo address add 2001:db8:a::2/64 dev eth0 nodad
      echo address add 10.9.0.2/24 dev eth1
      echo address add 2001:db8:9::2/64 dev eth1 nodad
      echo route add default via 10.9.0.9
      echo route add default via 2001:db8:9::9
      ;;
  esac
}

# The router filters nothing; checksums are finished before they meet XDP, at
# the router's end of eth1 too, which has a program that passes everything.
doctor_settings() {
  local name
  for name in all default to-client segment back; do
    node_exec router sysctl -qw "net.ipv4.conf.$name.rp_filter=0"
  done
  node_exec router sysctl -qw net.ipv4.ip_forward=1 \
    net.ipv6.conf.all.forwarding=1
  for name in all default eth0 eth1; do
    node_exec real sysctl -qw "net.ipv4.conf.$name.rp_filter=0"
  done
  node_exec real sysctl -qw net.ipv4.conf.eth0.promote_secondaries=1
  node_exec client ethtool --offload eth0 tx off tso off gso off gro off \
    >/dev/null
  node_exec director ethtool --offload eth0 gro off >/dev/null
  node_exec real ethtool --offload eth1 tx off >/dev/null
}

doctor_pass() {
  node_exec router "$CULVERT" pass attach back --bpffs "$LAB_STATE/bpf"
}

# --- Programs

# doctor_serve [KIND ADDRESS PORT]...: what answers on the real server.
doctor_serve() {
  rm -f "$LAB_STATE/serving"
  node_exec real "${DOCTOR_PY[@]}" serve "$LAB_STATE/serving" "$@" \
    >"$LAB_STATE/serve.log" 2>&1 </dev/null &
  disown
  wait_for 5 test -s "$LAB_STATE/serving" || {
    cat "$LAB_STATE/serve.log"
    return 1
  }
}

doctor_serve_nothing() {
  local process
  process=$(cat "$LAB_STATE/serving")
  kill "$process"
  wait_for 5 process_ended "$process"
}

# doctor_serve_instead KIND ADDRESS PORT...
doctor_serve_instead() {
  doctor_serve_nothing
  doctor_serve "$@"
}

# doctor_direct SOURCE [ENCAPSULATION]: a director that sends from SOURCE.
doctor_direct() {
  stop_director
  cat >"$LAB_STATE/culvert.yaml" <<END
director: { interface: eth0, engine: userspace, source: $1 }
servers:
  real: { address: $DOCTOR_END, encapsulation: ${2:-ipip} }
services:
  web: { address: $DOCTOR_VIP, port: 80, protocol: tcp, servers: [real] }
  dns: { address: $DOCTOR_VIP, port: 53, protocol: udp, servers: [real] }
  web6:
    { address: "$DOCTOR_VIP6", port: 80, protocol: tcp, servers: [real] }
END
  run_director
}

# doctor_up KIND [OPTION...]: the real server.
doctor_up() {
  local kind=$1
  shift
  bounded_culvert real real up --interface eth0 --decapsulate "$kind" \
    --vip "$DOCTOR_VIP" --vip "$DOCTOR_VIP6" --director "$DOCTOR_DIRECTOR" \
    --service 80 --service 53/udp "$@" \
    --state-directory "$LAB_STATE/real" --bpffs "$LAB_STATE/bpf"
}

# doctor_examines OPTION...: its report as JSON.
doctor_examines() {
  bounded_culvert real real doctor --json \
    --client "$DOCTOR_CLIENT" --client "$DOCTOR_CLIENT6" "$@" \
    --state-directory "$LAB_STATE/real"
}

# --- Whether it serves

# doctor_asked WHAT...: the answers of kinds of traffic; fails without one.
doctor_asked() {
  local kind places=()
  for kind in "$@"; do
    case $kind in
      tcp) places+=(tcp "$DOCTOR_VIP" 80) ;;
      udp) places+=(udp "$DOCTOR_VIP" 53) ;;
      tcp6) places+=(tcp "$DOCTOR_VIP6" 80) ;;
      *) die "nobody knows how to ask for $kind" ;;
    esac
  done
  node_exec client "${DOCTOR_PY[@]}" ask "$DOCTOR_SECONDS" "${places[@]}"
}

doctor_serves() {
  doctor_asked "${@:-tcp}" >"$LAB_STATE/asked" 2>&1
}

# doctor_is_harmed HARM: whether clients, neighbours or strangers suffer.
doctor_is_harmed() {
  case $1 in
    tcp | udp | tcp6) ! doctor_asked "$1" >"$LAB_STATE/asked" 2>&1 ;;
    arp) [[ $(doctor_neighbour) == answered ]] ;;
    stranger) [[ $(doctor_stranger) == answered ]] ;;
    mss) (($(doctor_asked tcp | awk '{ print $5 }') > 1440)) ;;
    *) die "nobody knows the harm $1" ;;
  esac
}

# Whether the real server tells neighbours that the VIP is there.
doctor_neighbour() {
  local device answer
  for device in segment back; do
    answer=$(node_exec router "${DOCTOR_PY[@]}" arp "$device" "$DOCTOR_VIP" \
      "$DOCTOR_SECONDS")
    [[ $answer != answered ]] || break
  done
  echo "$answer"
}

# Whether the real server takes a tunnel's packet from the router.
doctor_stranger() {
  node_exec router "${DOCTOR_PY[@]}" sneak 10.0.0.9 "$DOCTOR_END" \
    "$DOCTOR_VIP" 53 "$DOCTOR_SECONDS"
}
