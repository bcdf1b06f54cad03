# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Without root the lab lives in a user namespace of its own: network
# namespaces work there, BPF does not, so the userspace engine only.
# Needs terminal.sh and namespaces.sh.

UNSHARE=(unshare --user --map-root-user --net --mount --)

# Called first thing by whoever is not root; replaces the process.
# rootless_exec COMMAND...: runs COMMAND in a user namespace that ends with it.
rootless_exec() {
  refuse_without_user_namespaces
  rootless_note >&2
  CULVERT_LAB_ROOTLESS=1 exec "${UNSHARE[@]}" bash -euc "$ROOTLESS_ENTER" \
    rootless "$@"
}

# `ip netns` keeps its names in /run/netns, which only root may make.
# shellcheck disable=SC2016 # expanded by the shell in the user namespace
ROOTLESS_ENTER='mount -t tmpfs tmpfs /run; exec "$@"'

is_rootless() { [[ -n ${CULVERT_LAB_ROOTLESS:-} ]]; }
needs_rootless() { ((EUID != 0)); }

# Asked inside the user namespace, whose own network it tries.
no_tunnel_devices() {
  ! ip link add probe0 type ipip local 192.0.2.1 remote 192.0.2.2 2>/dev/null
}

refuse_without_user_namespaces() {
  "${UNSHARE[@]}" true 2>/dev/null ||
    die "needs root here, or user namespaces, which this host refuses"
}

rootless_note() {
  say "not root: userspace engine only, in a user namespace; left out are" \
    "the kernel engine, decapsulation by BPF and the virtual machine"
}

# rootless_keep: starts a process that keeps a user namespace between
# commands (`lab up` ends, the lab stays) and remembers it in the lab's state.
rootless_keep() {
  refuse_without_user_namespaces
  rootless_note >&2
  mkdir -p "$LAB_STATE"
  CULVERT_LAB_ROOTLESS=1 setsid "${UNSHARE[@]}" bash -euc "$ROOTLESS_ENTER" \
    rootless sleep infinity </dev/null >/dev/null 2>&1 &
  printf '%s\n' "$!" >"$LAB_STATE/keeper"
  wait_for 5 keeper_is_ready "$!" || die "the user namespace did not start"
}

# The keeper has mounted its /run once it has become `sleep`.
keeper_is_ready() { [[ $(cat "/proc/$1/comm") == sleep ]]; }

# use_keeper: finds the kept user namespace's process, KEEPER.
use_keeper() {
  KEEPER=$(cat "$LAB_STATE/keeper" 2>/dev/null) || KEEPER=none
  keeper_is_ready "$KEEPER" 2>/dev/null
}

# rootless_rejoin COMMAND...: runs COMMAND in the kept user namespace.
rootless_rejoin() {
  CULVERT_LAB_ROOTLESS=1 nsenter --user --net --mount --target "$KEEPER" \
    --preserve-credentials --wd="$PWD" -- "$@"
}

# rootless_release: ends the keeper; the namespaces go with it.
rootless_release() {
  kill "$KEEPER"
  rm -rf "$LAB_STATE"
}
