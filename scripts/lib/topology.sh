# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # for those who source it
# The lab's nodes, addresses and routes: the one description that the network
# namespaces of scripts/lab and the virtual machines of the Vagrantfile share.
# Everything here runs *inside* a node; how nodes come about is elsewhere.

topology_drawing() {
  cat <<'END'
   198.51.100.0/24               192.0.2.0/24
 ┌────────┐      ┌────────────────────┐      ┌──────────┐
 │ client ├──────┤ .1   router     .1 ├──────┤ director │
 │    .10 │      │ .1              .1 │      │ .10      │
 └────────┘      └──┬──────────────┬──┘      └──────────┘
     10.1.0.0/24    │              │   10.0.12.0/30
         ┌──────────┤              │ .2
      .11│       .12│           ┌──┴──┐      router: 203.0.113.80/32
     ┌───┴──┐   ┌───┴──┐        │ hop │       goes to the director,
     │  a1  │   │  a2  │        └──┬──┘       which does not hold it;
     └──────┘   └──────┘           │ .1       the real servers do.
           site A                  │ 10.2.0.0/24
                                .11│         MTU 1500 at the client,
                                ┌──┴───┐     1600 on all other links:
                                │  b1  │     a full packet fits its
                                └──────┘     encapsulation.
                                 site B
  VIP 203.0.113.80: requests take client, router, director, tunnel;
  replies take real server, router, client.
END
}

VIP=203.0.113.80
CLIENT=198.51.100.10
DIRECTOR=192.0.2.10
NODES=(client router director a1 a2 hop b1)
REALS=(a1 a2 b1)

# NODE INTERFACE ADDRESS MTU
topology_interfaces() {
  cat <<'END'
client   eth0         198.51.100.10/24 1500
router   to-client    198.51.100.1/24  1500
router   to-director  192.0.2.1/24     1600
router   site-a       10.1.0.1/24      1600
router   to-hop       10.0.12.1/30     1600
director eth0         192.0.2.10/24    1600
a1       eth0         10.1.0.11/24     1600
a2       eth0         10.1.0.12/24     1600
hop      to-router    10.0.12.2/30     1600
hop      site-b       10.2.0.1/24      1600
b1       eth0         10.2.0.11/24     1600
END
}

# NODE DESTINATION GATEWAY. No default routes: a virtual machine has its own.
topology_routes() {
  cat <<'END'
client   203.0.113.80/32  198.51.100.1
client   192.0.2.0/24     198.51.100.1
client   10.0.0.0/8       198.51.100.1
router   203.0.113.80/32  192.0.2.10
router   10.2.0.0/24      10.0.12.2
director 198.51.100.0/24  192.0.2.1
director 10.0.0.0/8       192.0.2.1
a1       198.51.100.0/24  10.1.0.1
a1       192.0.2.0/24     10.1.0.1
a1       10.0.0.0/8       10.1.0.1
a2       198.51.100.0/24  10.1.0.1
a2       192.0.2.0/24     10.1.0.1
a2       10.0.0.0/8       10.1.0.1
hop      198.51.100.0/24  10.0.12.1
hop      192.0.2.0/24     10.0.12.1
hop      10.0.0.0/8       10.0.12.1
b1       198.51.100.0/24  10.2.0.1
b1       192.0.2.0/24     10.2.0.1
b1       10.0.0.0/8       10.2.0.1
END
}

# node_address NODE: the address of a node with one interface, without /24.
node_address() {
  topology_interfaces | awk -v node="$1" '$1 == node { sub("/.*", "", $3)
    print $3; exit }'
}

# device_of ADDRESS/LENGTH NAME: the device that holds the address already (a
# virtual machine's, whose name its kernel chose), or else the one named NAME.
device_of() {
  local device
  device=$(ip -json -4 address show to "${1%/*}" | jq -r \
    '.[] | select(.ifname) | .ifname' | head -n 1)
  printf '%s\n' "${device:-$2}"
}

# configure_node NODE: gives the node we are in what the tables say.
# Can be repeated.
configure_node() {
  configure_forwarding "$1"
  configure_interfaces "$1"
  configure_routes "$1"
}

configure_forwarding() {
  case $1 in
    router | hop)
      sysctl -qw net.ipv4.ip_forward=1
      # Replies carry the VIP as their source, whose route here points at the
      # director: a strict filter, some distributions' default, drops them.
      sysctl -qw net.ipv4.conf.all.rp_filter=0
      sysctl -qw net.ipv4.conf.default.rp_filter=0
      ;;
    # A new namespace takes its settings from the host, which may forward.
    *) sysctl -qw net.ipv4.ip_forward=0 ;;
  esac
}

configure_interfaces() {
  local node interface address mtu device
  ip link set lo up
  while read -r node interface address mtu; do
    [[ $node == "$1" ]] || continue
    device=$(device_of "$address" "$interface")
    ip link set "$device" mtu "$mtu" up
    ip address replace "$address" dev "$device"
    [[ $node != router && $node != hop ]] ||
      sysctl -qw "net.ipv4.conf.$device.rp_filter=0"
  done < <(topology_interfaces)
}

configure_routes() {
  local node destination gateway
  while read -r node destination gateway; do
    [[ $node == "$1" ]] || continue
    ip route replace "$destination" via "$gateway"
  done < <(topology_routes)
}
