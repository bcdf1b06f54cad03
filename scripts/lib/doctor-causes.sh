# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What makes a real server lose packets: one function breaks it in one way.
# Needs doctor.sh.

# CAUSE CHECK HARM MEND: the function `break_CAUSE`, the check that has to name
# it, who suffers, and whether --fix mends it or a person has to. Where there
# is a function `restore_CAUSE`, it cleans up at the end; `mend_CAUSE` is what
# a person does, and `doctor_options_CAUSE` what the doctor is asked besides.
doctor_causes() {
  case $1 in
    bpf) cat <<'END'
decapsulator_gone    decapsulator       tcp      fix
loopback_down        loopback           tcp6     fix
ipv6_off             ipv6               tcp6     fix
other_allow_list     allow-list         tcp      fix
unknown_director     director           tcp      fix
other_address        endpoint           tcp      fix
vip_gone             virtual-address    tcp      fix
vip_duplicate        duplicate-address  tcp6     fix
vip_on_interface     exposed-address    arp      fix
arp_answered         arp                arp      fix
nothing_listens      listening          tcp      person
own_address_only     listening          tcp      fix
udp_wildcard         udp-source         udp      fix
rule_refuses         rules              tcp      fix
rule_shadows         rules              tcp      fix
no_return_route      return-route       tcp      fix
strict_filter        rp-filter          tcp      fix
strict_for_all       rp-filter          tcp      fix
nft_port             firewall           tcp      fix
nft_policy           firewall           tcp      fix
nft_answers          firewall           tcp      fix
nft_unreadable       firewall           tcp      fix
iptables_legacy      firewall           tcp      fix
large_segments       segment-size       mss      fix
unfinished_checksums checksums          tcp      fix
open_list            open-tunnel        stranger fix
END
      ;;
    kernel) cat <<'END'
device_gone          decapsulator       tcp      fix
device_other_kind    tunnel-kind        tcp      fix
device_other_end     tunnel-kind        tcp      fix
device_down          tunnel-up          tcp      fix
other_address        endpoint           tcp      fix
vip_gone             virtual-address    tcp      fix
strict_device        rp-filter          tcp      fix
no_device_address    rp-filter          tcp      fix
nft_protocol         firewall           tcp      fix
legacy_protocol      firewall           tcp      fix
fallback_up          fallback           stranger fix
open_device          open-tunnel        stranger fix
connections_full     conntrack          tcp      fix
END
      ;;
    gue) cat <<'END'
port_closed          port               tcp      fix
nft_udp_port         firewall           tcp      fix
END
      ;;
  esac
}

on_real() { node_exec real "$@"; }
real_ip() { ip -netns "$(namespace_of real)" "$@"; }
router_ip() { ip -netns "$(namespace_of router)" "$@"; }

# --- What takes packets out of tunnels

# The pins keep it attached, and nothing else.
break_decapsulator_gone() { rm -r "$LAB_STATE"/bpf/culvert_real_eth0_*; }

break_loopback_down() { real_ip link set lo down; }

# Addresses that were there do not come back by themselves.
break_ipv6_off() { on_real sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1; }
restore_ipv6_off() {
  real_ip address replace 2001:db8:a::2/64 dev eth0 nodad
}

# A second real server on the same interface takes the place of the first one.
break_other_allow_list() {
  bounded_culvert real real up --interface eth0 --decapsulate bpf \
    --vip "$DOCTOR_VIP" --director "$DOCTOR_OTHER_DIRECTOR" \
    --state-directory "$LAB_STATE/other" --bpffs "$LAB_STATE/bpf"
}
restore_other_allow_list() { rm -r "$LAB_STATE/other"; }

break_unknown_director() { doctor_direct "$DOCTOR_OTHER_DIRECTOR"; }
doctor_options_unknown_director() {
  echo "--director $DOCTOR_OTHER_DIRECTOR"
}
restore_unknown_director() {
  doctor_direct "$DOCTOR_DIRECTOR"
  bounded_culvert real real down --state-directory "$LAB_STATE/real"
  doctor_up "$DOCTOR_KIND"
}

break_device_gone() { real_ip link delete culvert0; }
break_device_down() { real_ip link set culvert0 down; }

# With the address, so that nothing else is missing.
break_device_other_kind() {
  real_ip link delete culvert0
  replace_device gre "$DOCTOR_DIRECTOR"
}

break_device_other_end() {
  real_ip link delete culvert0
  replace_device sit "$DOCTOR_OTHER_DIRECTOR" mode any
}

# replace_device KIND REMOTE [OPTION...]
replace_device() {
  real_ip link add culvert0 type "$1" local "$DOCTOR_END" remote "$2" "${@:3}"
  real_ip link set culvert0 up alias culvert
  real_ip address add "$DOCTOR_VIP/32" dev culvert0 scope host
  on_real sysctl -qw net.ipv4.conf.culvert0.rp_filter=2
}

break_port_closed() { real_ip fou del port 6080; }

# --- Addresses

break_other_address() {
  real_ip address add 10.0.0.22/24 dev eth0
  real_ip address delete "$DOCTOR_END/24" dev eth0
  router_ip neighbour flush dev segment
  ip -netns "$(namespace_of director)" neighbour flush dev eth0
}
restore_other_address() { real_ip address delete 10.0.0.22/24 dev eth0; }

break_vip_gone() {
  real_ip address delete "$DOCTOR_VIP/32" dev "$(vip_device)"
}
vip_device() {
  if [[ $DOCTOR_KIND == bpf ]]; then echo lo; else echo culvert0; fi
}

# Somebody has it on eth1 with the search for duplicates, and there is one.
break_vip_duplicate() {
  router_ip address add "$DOCTOR_VIP6/128" dev back nodad
  real_ip address delete "$DOCTOR_VIP6/128" dev lo
  real_ip address add "$DOCTOR_VIP6/128" dev eth1
  wait_for 5 vip_is_duplicate
  router_ip address delete "$DOCTOR_VIP6/128" dev back
}
vip_is_duplicate() {
  real_ip address show dev eth1 | grep "$DOCTOR_VIP6" | grep -q dadfailed
}

break_vip_on_interface() {
  real_ip address add "$DOCTOR_VIP/32" dev eth1
}

break_arp_answered() { on_real sysctl -qw net.ipv4.conf.eth0.arp_ignore=0; }

# --- Programs

break_nothing_listens() {
  doctor_serve_instead udp "$DOCTOR_VIP" 53 udp "$DOCTOR_VIP6" 53 \
    tcp "$DOCTOR_VIP6" 80
}
mend_nothing_listens() { doctor_serve_instead "${DOCTOR_SERVING[@]}"; }

break_own_address_only() {
  doctor_serve_instead tcp "$DOCTOR_END" 80 udp "$DOCTOR_VIP" 53 \
    udp "$DOCTOR_VIP6" 53 tcp "$DOCTOR_VIP6" 80
}
restore_own_address_only() {
  on_real nft delete table ip culvert_redirect
  doctor_serve_instead "${DOCTOR_SERVING[@]}"
}

break_udp_wildcard() {
  doctor_serve_instead tcp "$DOCTOR_VIP" 80 udp 0.0.0.0 53 \
    udp "$DOCTOR_VIP6" 53 tcp "$DOCTOR_VIP6" 80
}
restore_udp_wildcard() { restore_own_address_only; }

# --- Rules, routes and the reverse path filter

break_rule_refuses() {
  real_ip rule add priority 100 from "$DOCTOR_VIP" prohibit
}

# A table with a way to nowhere: nobody is at that address.
break_rule_shadows() {
  real_ip route add default via 10.9.0.77 table 99
  real_ip rule add priority 100 from "$DOCTOR_VIP" lookup 99
}
restore_rule_shadows() { real_ip route flush table 99; }

break_no_return_route() {
  real_ip route flush table 197
  real_ip route delete default
}
restore_no_return_route() { real_ip route add default via 10.9.0.9; }

break_strict_filter() { on_real sysctl -qw net.ipv4.conf.eth0.rp_filter=1; }
restore_strict_filter() { on_real sysctl -qw net.ipv4.conf.eth0.rp_filter=0; }

break_strict_for_all() { on_real sysctl -qw net.ipv4.conf.all.rp_filter=1; }
restore_strict_for_all() {
  on_real sysctl -qw net.ipv4.conf.all.rp_filter=0 \
    net.ipv4.conf.eth0.rp_filter=0
}

break_strict_device() {
  on_real sysctl -qw net.ipv4.conf.culvert0.rp_filter=1
}

break_no_device_address() {
  real_ip address delete "$DOCTOR_VIP/32" dev culvert0
  real_ip address add "$DOCTOR_VIP/32" dev lo scope host
}
restore_no_device_address() {
  real_ip address delete "$DOCTOR_VIP/32" dev lo
}

# --- Firewalls

# doctor_filter HOOK POLICY RULE
doctor_filter() {
  on_real nft -f - <<END
table inet filter {
  chain $1 {
    type filter hook $1 priority 0; policy $2
    $3
  }
}
END
}
no_filter() { on_real nft delete table inet filter; }

break_nft_port() { doctor_filter input accept 'tcp dport { 80, 443 } drop'; }
restore_nft_port() { no_filter; }

break_nft_policy() {
  doctor_filter input drop 'meta l4proto { icmp, icmpv6, udp } accept
    ip6 daddr '"$DOCTOR_VIP6"' accept'
}
restore_nft_policy() { no_filter; }

break_nft_answers() {
  doctor_filter output accept \
    "ip saddr $DOCTOR_VIP tcp sport 80 counter reject"
}
restore_nft_answers() { no_filter; }

# As firewalls are made for hosts that are no real servers: only the kernel can
# tell whether a packet matches.
break_nft_unreadable() {
  doctor_filter prerouting accept 'iifname "eth0" tcp dport 80
    fib saddr . iif oif missing drop'
}
restore_nft_unreadable() { no_filter; }

break_nft_protocol() { doctor_filter input accept 'ip protocol 4 drop'; }
restore_nft_protocol() { no_filter; }

break_nft_udp_port() { doctor_filter input accept 'udp dport 6080 drop'; }
restore_nft_udp_port() { no_filter; }

break_iptables_legacy() {
  on_real iptables-legacy -A INPUT -p tcp --dport 80 -j DROP
}
restore_iptables_legacy() { on_real iptables-legacy -F; }

break_legacy_protocol() { on_real iptables-legacy -A INPUT -p 4 -j DROP; }
restore_legacy_protocol() { on_real iptables-legacy -F; }

# --- Sizes and checksums

# Answers then take the main table's routes, which tell clients no size.
break_large_segments() { real_ip route flush table 197; }

# With a router that forwards by XDP instead of one that lets everything pass.
break_unfinished_checksums() {
  node_exec router "$CULVERT" pass detach back --bpffs "$LAB_STATE/bpf"
  node_exec client "$CULVERT" pass attach eth0 --bpffs "$LAB_STATE/bpf"
  xdp_router >"$LAB_STATE/router.o"
  router_ip link set dev back xdp obj "$LAB_STATE/router.o" sec xdp
  doctor_serves tcp
  on_real ethtool -K eth1 tx on >/dev/null
}
restore_unfinished_checksums() {
  router_ip link set dev back xdp off
  node_exec client "$CULVERT" pass detach eth0 --bpffs "$LAB_STATE/bpf"
  doctor_pass
}

# xdp_router: an object that sends IPv4 packets for the client on to it.
xdp_router() {
  local compiler address number
  compiler=$(dirname "$(readlink -f "$(command -v swiftc)")")/clang
  address=$(ip -json -netns "$(namespace_of client)" link show eth0 |
    jq -r '.[0].address | "0x" + gsub(":"; ", 0x")')
  number=$(router_ip -json link show to-client | jq '.[0].ifindex')
  "$compiler" -target bpfel -O2 -c -x c -o - \
    "-DADDRESS=$address" "-DNUMBER=$number" - <<'END'
struct context { unsigned data, data_end; };
static long (*redirect)(unsigned, unsigned long) = (void *)23;
__attribute__((section("xdp"), used)) int route(struct context *context) {
  unsigned char *frame = (void *)(long)context->data;
  static const unsigned char address[] = {ADDRESS};
  if (frame + 34 > (unsigned char *)(long)context->data_end) return 2;
  // IPv4 to 198.51.100.0/24.
  if (frame[12] != 8 || frame[13] || frame[30] != 198 || frame[31] != 51)
    return 2;
  for (int i = 0; i < 6; i++) frame[i] = address[i];
  return redirect(NUMBER, 0);
}
END
}

# --- Open to the world

break_open_list() {
  bounded_culvert real real up --interface eth0 --decapsulate bpf \
    --vip "$DOCTOR_VIP" --vip "$DOCTOR_VIP6" --director 0.0.0.0/1 \
    --state-directory "$LAB_STATE/other" --bpffs "$LAB_STATE/bpf"
}
restore_open_list() { restore_other_allow_list; }

# A new namespace's tunl0 filters as the machine's default says.
break_fallback_up() {
  on_real sysctl -qw net.ipv4.conf.tunl0.rp_filter=0
  real_ip link set tunl0 up
}

break_open_device() {
  real_ip link add open type ipip local "$DOCTOR_END"
  real_ip link set open up
}
restore_open_device() { real_ip link delete open; }

# The limit is the machine's: only where that is ours alone.
break_connections_full() {
  on_real nft add table ip tracked
  on_real nft 'add chain ip tracked in { type filter hook input priority 0; }'
  on_real nft add rule ip tracked in ct state new counter
  doctor_serves tcp
  sysctl -n net.netfilter.nf_conntrack_max >"$LAB_STATE/limit"
  sysctl -qw net.netfilter.nf_conntrack_max=1
}
restore_connections_full() {
  on_real nft delete table ip tracked
  sysctl -qw "net.netfilter.nf_conntrack_max=$(<"$LAB_STATE/limit")"
}
