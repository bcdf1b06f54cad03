# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # for those who source it
# Debian 12 packages: COMMAND-OR-FILE:PACKAGE. What is there already is left
# alone, wherever it came from.

BUILD_NEEDS=(
  pkg-config:pkg-config
  /usr/include/libmnl/libmnl.h:libmnl-dev
  /usr/include/bpf/bpf.h:libbpf-dev
  /usr/include/libelf.h:libelf-dev
  /usr/include/openssl/ssl.h:libssl-dev
)
LAB_NEEDS=(
  ip:iproute2 ping:iputils-ping ethtool:ethtool nft:nftables sysctl:procps
  nginx:nginx-light
  curl:curl openssl:openssl jq:jq python3:python3 tcpdump:tcpdump wrk:wrk
  /usr/lib/python3/dist-packages/scapy/__init__.py:python3-scapy
)
REAL_NEEDS=(strace:strace systemd-analyze:systemd)
# iptables-legacy, that is.
DOCTOR_NEEDS=(iptables-legacy:iptables)
VM_NEEDS=(
  qemu-system-x86_64:qemu-system-x86 depmod:kmod udevadm:udev
  nc:netcat-traditional xz:xz-utils
  # The guest's first file system: Debian's kernel has 9p as a module.
  busybox:busybox-static
  /usr/lib/python3/dist-packages/venv:python3-venv
)
GOLDEN_NEEDS=(
  tshark:tshark
  /usr/lib/python3/dist-packages/scapy/__init__.py:python3-scapy
)
LINT_NEEDS=(shellcheck:shellcheck jq:jq git:git)

# Super-user tools are used from the lab's own user namespace too.
export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# missing_packages COMMAND-OR-FILE:PACKAGE...: prints the packages to install.
missing_packages() {
  local need
  for need in "$@"; do
    case ${need%%:*} in
      */venv) python3 -c 'import ensurepip' 2>/dev/null ;;
      /*) [[ -e ${need%%:*} ]] ;;
      *) command -v "${need%%:*}" >/dev/null ;;
    esac || printf '%s\n' "${need#*:}"
  done
}

# require_packages COMMAND-OR-FILE:PACKAGE...: installs what is missing as
# root; says what to type otherwise.
require_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} > 0)) || return 0
  if ((EUID != 0)) || [[ -n ${CULVERT_LAB_ROOTLESS:-} ]]; then
    die "needs packages: sudo apt-get install ${missing[*]}"
  fi
  say "installing ${missing[*]}"
  apt-get update -qq
  # nginx-light would start a server of its own on port 80.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends "${missing[@]}" >/dev/null
}
