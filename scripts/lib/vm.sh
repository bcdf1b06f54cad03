# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A stock Debian kernel in an emulated machine that shares this host's files:
# it has the tunnel drivers that a small kernel lacks, and no KVM is needed.
# Needs terminal.sh and packages.sh.

VM_CACHE=${CULVERT_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/culvert/vm}
VIRTME_VERSION=1.42

# vm_kernel: prints the directory with an unpacked kernel, fetched if needed.
vm_kernel() {
  local kernel
  kernel=$(find "$VM_CACHE" -maxdepth 2 -name ready -printf '%h\n' 2>/dev/null |
    sort -V | tail -n 1)
  [[ -n $kernel ]] || kernel=$(fetch_kernel)
  printf '%s\n' "$kernel"
}

# Unpacked, not installed: this host keeps the kernel it has.
fetch_kernel() {
  local package directory
  package=$(kernel_package)
  [[ -n $package ]] || { apt-get update -qq && package=$(kernel_package); }
  [[ -n $package ]] || die "apt knows no linux-image-amd64"
  directory=$VM_CACHE/$package
  rm -rf "$directory"
  mkdir -p "$directory"
  (cd "$directory" && apt-get download -qq "$package" 2>/dev/null) ||
    die "cannot download $package"
  dpkg -x "$directory"/*.deb "$directory"
  rm "$directory"/*.deb
  depmod --basedir "$directory" "$(kernel_version "$directory")"
  touch "$directory/ready"
  printf '%s\n' "$directory"
}

# linux-image-amd64 only names the newest real package.
kernel_package() {
  apt-cache depends linux-image-amd64 2>/dev/null |
    awk '/Depends: linux-image/ { print $2; exit }'
}

kernel_version() { basename "$1"/lib/modules/*; }

# vm_tool: prints the path of vng, installed into a virtual environment.
vm_tool() {
  if [[ ! -x $VM_CACHE/venv/bin/vng ]]; then
    python3 -m venv "$VM_CACHE/venv" >&2
    "$VM_CACHE/venv/bin/pip" install --quiet --disable-pip-version-check \
      "virtme-ng==$VIRTME_VERSION" >&2
  fi
  printf '%s\n' "$VM_CACHE/venv/bin/vng"
}

# vm_run SECONDS DIRECTORY COMMAND: boots, runs COMMAND in a shell in DIRECTORY
# (the one place where the guest writes to the host), and returns its status;
# 124 when the time is over.
vm_run() {
  local kernel tool
  kernel=$(vm_kernel) && tool=$(vm_tool) || return
  PATH=$VM_CACHE/venv/bin:$PATH timeout --kill-after=10 "$1" "$tool" \
    --disable-kvm --disable-microvm --force-9p --cpus 2 --memory 2G \
    --run "$kernel/boot/vmlinuz-$(kernel_version "$kernel")" \
    --rwdir="$2" --exec "$3" </dev/null
}
