# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Every library, in the order they need each other.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
for library in terminal checks packages topology namespaces rootless web \
  culvert traffic spread probes e2e matrix-lab matrix tunnels receivers real \
  selftest doctor doctor-causes doctor-rows golden \
  failover-lab failover-directors failover-events failover failover-probes; do
  # shellcheck source=/dev/null
  source "$ROOT/scripts/lib/$library.sh"
done
unset library
