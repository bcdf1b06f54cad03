# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A test that others wrote: the kernel's own ipvs.sh, as Debian ships it with
# the kernel's source, with the director's commands replaced. Its topology, its
# client and its real server stay as they are.
# Needs terminal.sh, checks.sh and packages.sh; where it runs, root and IPVS.

SELFTEST_CACHE=${CULVERT_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/culvert/vm}
SELFTEST_PACKAGE=linux-source-6.1
SELFTEST_NAME=tools/testing/selftests/netfilter/ipvs.sh

# selftest_file: prints the path of the test, fetched once.
selftest_file() {
  local file=$SELFTEST_CACHE/ipvs.sh
  [[ -s $file ]] || fetch_selftest "$file" || return
  printf '%s\n' "$file"
}

# The package is 140 MB, and one file of it is wanted.
fetch_selftest() {
  local directory
  directory=$(mktemp -d)
  (cd "$directory" && apt-get download -qq "$SELFTEST_PACKAGE" 2>/dev/null) ||
    { apt-get update -qq && cd "$directory" &&
      apt-get download -qq "$SELFTEST_PACKAGE" 2>/dev/null; } ||
    die "cannot download $SELFTEST_PACKAGE"
  mkdir -p "$SELFTEST_CACHE"
  # tar stops reading once it has the file, and who writes to it is told.
  dpkg-deb --fsys-tarfile "$directory"/*.deb 2>/dev/null |
    tar -xO "./usr/src/$SELFTEST_PACKAGE.tar.xz" 2>/dev/null |
    xz -dc -T0 2>/dev/null |
    tar -xO --occurrence=1 "$SELFTEST_PACKAGE/$SELFTEST_NAME" >"$1.new" || true
  rm -rf "$directory"
  grep -q '^test_tun()' "$1.new" || die "$SELFTEST_PACKAGE has no $SELFTEST_NAME"
  mv "$1.new" "$1"
}

# kernel_selftest FILE: direct routing and tunnelling; returns when both went
# well. Translation of addresses, the third part, is no direct server return.
kernel_selftest() {
  local status=0
  SELFTEST_STATE=$(mktemp -d)
  mkdir "$SELFTEST_STATE/commands" "$SELFTEST_STATE/bpf"
  # Here, where it outlives each of the test's 'ip netns exec'.
  mount -t bpf culvert-selftest "$SELFTEST_STATE/bpf"
  cp "$ROOT/scripts/lib/ipvsadm" "$SELFTEST_STATE/commands"
  without_translation "$1" >"$SELFTEST_STATE/ipvs.sh"
  export SELFTEST_STATE CULVERT PATIENCE
  # Without an answer it would wait for its server for ever.
  PATH=$SELFTEST_STATE/commands:$PATH timeout "$((20 * PATIENCE))" \
    bash "$SELFTEST_STATE/ipvs.sh" || status=$?
  cat "$SELFTEST_STATE/director.log"
  "$SELFTEST_STATE/commands/ipvsadm" -C
  umount "$SELFTEST_STATE/bpf"
  rm -rf "$SELFTEST_STATE"
  return "$status"
}

# without_translation FILE: the test, its third part left out.
without_translation() {
  sed -E '/^run_tests\(\)/,/^\}/s/^(\s*)test_nat$/\1true/' "$1"
}
