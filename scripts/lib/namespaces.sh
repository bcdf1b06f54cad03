# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The lab as network namespaces: makes them, enters them, removes them.
# Needs terminal.sh, packages.sh and topology.sh, and LAB_ID set by use_lab.

# NODE INTERFACE NODE INTERFACE: the cables.
lab_cables() {
  cat <<'END'
client   eth0      router to-client
director eth0      router to-director
a1       eth0      router port-a1
a2       eth0      router port-a2
hop      to-router router to-hop
b1       eth0      hop    site-b
END
}

# use_lab ID: names the lab that the other functions work on.
use_lab() {
  [[ $1 =~ ^[A-Za-z0-9]{1,16}$ ]] ||
    die "'$1' cannot be a lab's id: letters and digits, at most 16"
  LAB_ID=$1
  LAB_STATE=${TMPDIR:-/tmp}/culvert-lab-$LAB_ID
}

# A fresh id; unique since mktemp made the file.
random_id() {
  local file
  file=$(mktemp "${TMPDIR:-/tmp}/culvert-lab-id-XXXXXX")
  rm -f "$file"
  printf '%s\n' "${file##*-}"
}

namespace_of() { printf 'culvert-%s-%s\n' "$LAB_ID" "$1"; }

# node_exec NODE COMMAND...: runs COMMAND in the node. Not `ip netns exec`,
# which mounts a new /sys and so hides the BPF file system.
node_exec() {
  local node=$1
  shift
  nsenter --net="/run/netns/$(namespace_of "$node")" -- "$@"
}

# remember KIND NAME: what `lab_down` has to remove; written before it is made,
# so that a half-made lab goes away too.
remember() { printf '%s %s\n' "$1" "$2" >>"$LAB_STATE/made"; }

refuse_existing_lab() {
  [[ ! -e $LAB_STATE/made ]] ||
    die "lab $LAB_ID exists: scripts/lab --id $LAB_ID down removes it"
}

lab_up() {
  refuse_existing_lab
  require_packages "${LAB_NEEDS[@]}"
  mkdir -p "$LAB_STATE"
  add_namespaces
  add_cables
  configure_nodes
  tame_offloads
  mount_bpffs
}

add_namespaces() {
  local node
  for node in "${NODES[@]}"; do
    remember netns "$(namespace_of "$node")"
    ip netns add "$(namespace_of "$node")"
  done
}

# Site A is one segment: a bridge inside the router.
add_cables() {
  local near near_name far far_name
  while read -r near near_name far far_name; do
    ip link add "$near_name" netns "$(namespace_of "$near")" type veth \
      peer name "$far_name" netns "$(namespace_of "$far")"
  done < <(lab_cables)
  node_exec router ip link add site-a type bridge
  for near in port-a1 port-a2; do
    node_exec router ip link set "$near" mtu 1600 master site-a up
  done
}

configure_nodes() {
  local node library
  library=$(dirname "${BASH_SOURCE[0]}")/topology.sh
  for node in "${NODES[@]}"; do
    # shellcheck disable=SC2016 # expanded by the shell in the node
    node_exec "$node" bash -euc 'source "$1"; configure_node "$2"' \
      configure "$library" "$node"
  done
}

# A veth pair hands packets over as the sender left them: checksums not yet
# computed, several segments in one. A network card would have finished them;
# XDP and AF_PACKET see what no wire ever carries. So the client finishes its
# packets itself, and nobody merges them on the way.
tame_offloads() {
  local place
  node_exec client ethtool --offload eth0 tx off tso off gso off gro off \
    >/dev/null
  for place in "router to-client" "router to-director" "director eth0" \
    "a1 eth0" "a2 eth0" "b1 eth0"; do
    # shellcheck disable=SC2086 # two words
    set -- $place
    node_exec "$1" ethtool --offload "$2" gro off tso off gso off >/dev/null
  done
}

# Where the kernel engine pins its tables; a user namespace may not have one.
mount_bpffs() {
  mkdir -p "$LAB_STATE/bpf"
  [[ -z ${CULVERT_LAB_ROOTLESS:-} ]] || return 0
  remember mount "$LAB_STATE/bpf"
  mount -t bpf culvert-lab "$LAB_STATE/bpf"
}

# lab_down: removes the lab, whole or half-made; nothing to do is fine.
lab_down() {
  local kind name
  [[ -e $LAB_STATE/made ]] || return 0
  while read -r kind name; do
    [[ $kind != netns ]] || end_processes "$name"
  done <"$LAB_STATE/made"
  while read -r kind name; do
    case $kind in
      mount) ! mountpoint -q "$name" || umount "$name" ;;
      netns) [[ ! -e /run/netns/$name ]] || ip netns delete "$name" ;;
    esac
  done <"$LAB_STATE/made"
  rm -rf "$LAB_STATE"
}

# lab_cleanup: for EXIT traps; a second Ctrl-C does not leave half a lab.
lab_cleanup() {
  trap '' HUP INT TERM
  lab_down
}

# end_processes NAMESPACE: asks the processes inside it, and only them, to
# end; after 5 seconds insists.
end_processes() {
  [[ -e /run/netns/$1 ]] || return 0
  signal_processes "$1" TERM
  wait_for 5 is_deserted "$1" || signal_processes "$1" KILL
  wait_for 5 is_deserted "$1" || say "processes in $1 do not end" >&2
}

is_deserted() { [[ -z $(ip netns pids "$1") ]]; }

signal_processes() {
  local process
  for process in $(ip netns pids "$1"); do
    # A lab taken down from inside one of its nodes does not end itself.
    ((process == $$)) || kill -"$2" "$process" 2>/dev/null || true
  done
}

lab_status() {
  [[ -e $LAB_STATE/made ]] || die "there is no lab $LAB_ID; scripts/lab up"
  topology_drawing
  local node
  heading "lab $LAB_ID, state in $LAB_STATE"
  for node in "${NODES[@]}"; do
    printf '%-9s %s\n' "$node" "$(node_processes "$node")"
  done
}

# node_processes NODE: the names of the programs that run in it.
node_processes() {
  local process names=()
  for process in $(ip netns pids "$(namespace_of "$1")"); do
    names+=("$(cat "/proc/$process/comm" 2>/dev/null)")
  done
  printf '%s\n' "${names[*]:--}"
}
