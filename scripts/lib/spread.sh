# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# How requests spread over the real servers: expected and measured.
# Needs culvert.sh and traffic.sh. All files are in the lab's state:
# slots ("NODE SLOTS"), predicted and answered ("PORT SERVER").

# measure_spread COUNT: asks where each request would go, then sends them.
measure_spread() {
  local first
  first=$(fresh_ports "$1")
  all_slots >"$LAB_STATE/slots"
  predictions "$1" "$first" >"$LAB_STATE/predicted"
  answers "$1" "$first" >"$LAB_STATE/answered"
}

# predictions COUNT FIRST-PORT: what `answers` should print.
predictions() {
  local port
  for ((port = $2; port < $2 + $1; port++)); do
    director_culvert where "$CLIENT:$port" "$VIP:80" --json
  done | jq --raw-output .server |
    paste -d ' ' <(seq "$2" "$(($2 + $1 - 1))") -
}

# sent_as_predicted COUNT: connection requests that nobody answers go into the
# tunnel to the server that 'where' names.
sent_as_predicted() {
  local first node
  first=$(fresh_ports "$1")
  predictions "$1" "$first" >"$LAB_STATE/predicted"
  knock "$1" "$first"
  wait_for 10 tunnelled "$1"
  for node in "${REALS[@]}"; do
    expect "packets to $node" "$(grep -c " $node\$" "$LAB_STATE/predicted")" \
      "$(packets "tunnelled_to_$node")"
  done
}

# tunnelled COUNT: so many packets went into tunnels.
tunnelled() {
  local node sum=0
  for node in "${REALS[@]}"; do
    sum=$((sum + $(packets "tunnelled_to_$node")))
  done
  ((sum >= $1))
}

# print_spread: a row per real server.
print_spread() {
  local node
  printf '  %-12s %16s %18s %18s\n' 'real server' 'share of slots' \
    'where says' 'answered'
  for node in "${REALS[@]}"; do
    printf '  %-12s %16s %18s %18s\n' "$node" "$(share_of_slots "$node")" \
      "$(share_of_requests predicted "$node")" \
      "$(share_of_requests answered "$node")"
  done
}

share_of_slots() {
  awk -v node="$1" '{ all += $2 } $1 == node { own = $2 }
    END { printf "%.1f %%", all ? 100 * own / all : 0 }' "$LAB_STATE/slots"
}

share_of_requests() {
  awk -v node="$2" '$2 == node { own++ }
    END { printf "%d = %4.1f %%", own, NR ? 100 * own / NR : 0 }' \
    "$LAB_STATE/$1"
}

# Every single request was answered by the server that was predicted.
answered_as_predicted() {
  local count=$1
  expect "answers" "$count" "$(grep -vc -- ' -$' "$LAB_STATE/answered")"
  diff "$LAB_STATE/predicted" "$LAB_STATE/answered"
}

# Pearson's chi-square of the answers against the shares of slots; for three
# servers (two degrees of freedom) 27.6 is exceeded once in a million.
spread_fits_slots() {
  awk 'NR == FNR { slots[$1] = $2; all += $2; next }
    { count[$2]++; total++ }
    END {
      for (node in slots) {
        expected = total * slots[node] / all
        if (expected) sum += (count[node] - expected) ^ 2 / expected
        if (!expected && count[node]) sum = 1e9
      }
      printf "chi-square %.2f over %d requests\n", sum, total
      exit !(total && sum < 27.6)
    }' "$LAB_STATE/slots" "$LAB_STATE/answered"
}
