# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # the world is shared
# What the way of a health check finds out: full-size packets that get lost,
# and a service that answers outside of its tunnel alone.
# Needs failover.sh and checks.sh.

failover_probes() {
  heading "What checks find on the service's own path"
  check "full-size packets to a1 get lost: it leaves the rotation" \
    failover_full_size
  failover_show_said
  check "a1 serves at its own address only: 'both' says so" failover_own_address
  failover_show_said
}

# Small packets pass, and with them all that clients ask for here.
failover_full_size() {
  node_exec hop-a nft -f - <<END
table inet narrow {
  chain passing {
    type filter hook forward priority 0
    ip daddr $(failover_address a1) meta length > 1400 drop
  }
}
END
  CUT[a1]=yes
  failover_agrees_and_says 'full-size'
  node_exec hop-a nft delete table inet narrow
  unset 'CUT[a1]'
  wait_for 30 failover_settled
}

failover_own_address() {
  failover_write_configurations 0s both
  failover_reload
  wait_for 30 failover_settled
  failover_web_kill a1
  KILLED[a1]=yes
  failover_web_start a1 own
  failover_agrees_and_says 'direct.*culvert real doctor'
  failover_web_kill a1
  failover_write_configurations 0s
  failover_reload
  failover_back
}

# failover_agrees_and_says PATTERN: both directors took a1 out, and 'list' of
# both says why.
failover_agrees_and_says() {
  local director
  wait_for 30 failover_agree || {
    failover_disagreement
    return 1
  }
  for director in d1 d2; do
    failover_culvert "$director" list >"$LAB_STATE/said"
    # A sentence may go over several lines.
    tr -s '\n ' ' ' <"$LAB_STATE/said" | grep -qE "$1" || {
      say "culvert list on $director does not say '$1':"
      cat "$LAB_STATE/said"
      return 1
    }
  done
}

# What 'culvert list' on d2 said of a1, in the first service.
failover_show_said() {
  awk '/^  -> / { seen += $2 == "a1"; shown = seen == 1 && $2 == "a1" }
    /^[^ ]/ { shown = 0 }
    shown' "$LAB_STATE/said"
}
