# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # for those who source it
# A third lab: two directors side by side, two sites with two real servers
# each, both IP versions on every link.
# Needs namespaces.sh and matrix-lab.sh, and LAB_ID set by use_lab.
#
#                         ┌─ d1 kernel engine        ┌─ a1
#          1         2, 3 ├─ d2 userspace engine   5 ├─ a2
#   client ── router ─────┤                          │
#                       4 ├─ hop-a ── site A ────────┘
#                       6 └─ hop-b ── site B ────────┬─ b1
#                                                  7 └─ b2
#
# Node N of link L is 10.66.L.N and 2001:db8:66:L::N. The router divides the
# flows to the virtual addresses between the directors, by both addresses and
# ports; real servers answer straight to the client.

FAILOVER_NODES=(client router d1 d2 hop-a hop-b a1 a2 b1 b2)
FAILOVER_REALS=(a1 a2 b1 b2)
FAILOVER_VIPS=(203.0.113.80 2001:db8:f::80)
FAILOVER_CLIENTS=(10.66.1.10 2001:db8:66:1::10)

# NODE INTERFACE NODE INTERFACE: the cables.
failover_cables() {
  cat <<'END'
client eth0 router to-client
d1     eth0 router to-d1
d2     eth0 router to-d2
hop-a  eth0 router to-a
hop-b  eth0 router to-b
a1     eth0 hop-a  port-a1
a2     eth0 hop-a  port-a2
b1     eth0 hop-b  port-b1
b2     eth0 hop-b  port-b2
END
}

# NODE INTERFACE LINK NUMBER MTU. A site is a bridge of its hop: a port that
# goes down cuts a server off, and takes no address or route with it.
failover_interfaces() {
  cat <<'END'
client eth0      1 10 1500
router to-client 1 1  1500
router to-d1     2 1  1600
d1     eth0      2 10 1600
router to-d2     3 1  1600
d2     eth0      3 10 1600
router to-a      4 1  1600
hop-a  eth0      4 2  1600
hop-a  site      5 1  1600
a1     eth0      5 11 1600
a2     eth0      5 12 1600
router to-b      6 1  1600
hop-b  eth0      6 2  1600
hop-b  site      7 1  1600
b1     eth0      7 11 1600
b2     eth0      7 12 1600
END
}

# NODE DESTINATION GATEWAY: a link, or everything; the gateway as LINK.NUMBER.
failover_routes() {
  cat <<'END'
client default 1.1
router 5       4.2
router 7       6.2
d1     default 2.1
d2     default 3.1
hop-a  default 4.1
hop-b  default 6.1
a1     default 5.1
a2     default 5.1
b1     default 7.1
b2     default 7.1
END
}

# failover_address NODE: the IPv4 address of its eth0.
failover_address() {
  failover_interfaces | awk -v node="$1" '$1 == node && $2 == "eth0" {
    print "10.66." $3 "." $4 }'
}

failover_lab_up() {
  local NODES=("${FAILOVER_NODES[@]}") node
  mkdir -p "$LAB_STATE"
  add_namespaces
  for node in "${FAILOVER_NODES[@]}"; do failover_settings "$node"; done
  failover_connect
  for node in "${FAILOVER_NODES[@]}"; do
    failover_node_commands "$node" |
      ip -netns "$(namespace_of "$node")" -batch -
  done
  mount_bpffs
  failover_route_to d1 d2
}

# Before there are interfaces, which take these from `default`.
failover_settings() {
  local forwards=0
  [[ $1 != router && $1 != hop-* ]] || forwards=1
  node_exec "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 \
    net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.lo.disable_ipv6=0 \
    net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.accept_ra=0 \
    net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
    "net.ipv4.ip_forward=$forwards" \
    "net.ipv6.conf.all.forwarding=$forwards" \
    net.ipv4.fib_multipath_hash_policy=1 net.ipv6.fib_multipath_hash_policy=1
}

failover_connect() {
  local near near_name far far_name site
  while read -r near near_name far far_name; do
    ip link add "$near_name" netns "$(namespace_of "$near")" type veth \
      peer name "$far_name" netns "$(namespace_of "$far")"
    matrix_tame "$near" "$near_name"
    matrix_tame "$far" "$far_name"
  done < <(failover_cables)
  for site in a b; do node_exec "hop-$site" ip link add site type bridge; done
}

failover_node_commands() {
  local node interface link number mtu
  echo link set lo up
  while read -r node interface link number mtu; do
    [[ $node == "$1" ]] || continue
    echo link set "$interface" mtu "$mtu" up
    echo address add "10.66.$link.$number/24" dev "$interface"
    echo address add "2001:db8:66:$link::$number/64" dev "$interface" nodad
  done < <(failover_interfaces)
  while read -r node _ node interface; do
    [[ $node != "$1" || $interface != port-* ]] ||
      echo link set "$interface" mtu 1600 master site up
  done < <(failover_cables)
  failover_route_commands "$1"
}

failover_route_commands() {
  local node destination gateway six
  while read -r node destination gateway; do
    [[ $node == "$1" ]] || continue
    six=2001:db8:66:${gateway%.*}::${gateway#*.}
    if [[ $destination == default ]]; then
      echo route add default via "10.66.$gateway"
      echo route add default via "$six"
    else
      echo route add "10.66.$destination.0/24" via "10.66.$gateway"
      echo route add "2001:db8:66:$destination::/64" via "$six"
    fi
  done < <(failover_routes)
}

# failover_route_to DIRECTOR...: the router's routes to the virtual addresses.
failover_route_to() {
  local director link four=() six=()
  for director in "$@"; do
    link=$((${director#d} + 1))
    four+=(nexthop via "10.66.$link.10")
    six+=(nexthop via "2001:db8:66:$link::10")
  done
  node_exec router ip route replace "${FAILOVER_VIPS[0]}" "${four[@]}"
  node_exec router ip route replace "${FAILOVER_VIPS[1]}" "${six[@]}"
}

# failover_port NODE up|down: the node's end of its site.
failover_port() {
  node_exec "hop-${1:0:1}" ip link set "port-$1" "$2"
}

# --- Real servers

# IPIP to site A, GRE to site B.
failover_encapsulation() {
  if [[ $1 == b* ]]; then echo gre; else echo ipip; fi
}

failover_real_up() {
  local director vip options=()
  for vip in "${FAILOVER_VIPS[@]}"; do options+=(--vip "$vip"); done
  for director in d1 d2; do
    options+=(--director "$(failover_address "$director")")
  done
  bounded_culvert "$1" real up "${options[@]}" --interface eth0 \
    --encapsulation "$(failover_encapsulation "$1")" --decapsulate bpf \
    --state-directory "$LAB_STATE/real-$1" --bpffs "$LAB_STATE/bpf"
}

failover_reals() {
  local node
  for node in "${FAILOVER_REALS[@]}"; do
    failover_real_up "$node"
    failover_web_start "$node"
  done
}

# failover_web_start NODE [own]: answers every request with its name, at the
# virtual addresses and its own one, or at its own alone.
failover_web_start() {
  local directory=$LAB_STATE/web-$1 own
  own=$(failover_address "$1")
  mkdir -p "$directory"
  failover_web_configuration "$@" >"$directory/nginx.conf"
  node_exec "$1" nginx -e "$directory/error.log" -p "$directory/" \
    -c "$directory/nginx.conf"
  wait_for 10 failover_web_answers "$1" "$own"
}

failover_web_configuration() {
  local listens
  listens="listen $(failover_address "$1"):80;"
  [[ ${2:-} == own ]] ||
    listens+=" listen ${FAILOVER_VIPS[0]}:80; listen [${FAILOVER_VIPS[1]}]:80;"
  cat <<END
user root;
master_process off;
pid nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  keepalive_requests 1000000;
  keepalive_timeout 1h;
  server {
    $listens
    location / { return 200 "$1\n"; }
  }
}
END
}

failover_web_answers() {
  [[ $(node_exec "$1" curl -s --max-time "$((2 * PATIENCE))" \
    "http://$2/") == "$1" ]]
}

# failover_web_kill NODE: its connections end with it.
failover_web_kill() {
  local process
  process=$(cat "$LAB_STATE/web-$1/nginx.pid")
  kill -KILL "$process"
  wait_for 5 process_ended "$process"
}
