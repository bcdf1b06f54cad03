# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Culvert in the lab: its configuration, the director, the real servers.
# Needs topology.sh and namespaces.sh.

# use_culvert: finds the binary, $CULVERT or the release build, and exports it.
use_culvert() {
  [[ -n ${CULVERT:-} ]] ||
    CULVERT=$(cd "$ROOT" && swift build -c release --show-bin-path)/culvert
  [[ -x $CULVERT ]] || die "no program at $CULVERT: build it with" \
    "'swift build -c release', or say where one is in CULVERT"
  export CULVERT
}

# swift_tidily WORD...: swift WORD... with temporary files of its own. The
# compiler's driver in Swift 6.3 leaves a directory behind in every run.
swift_tidily() {
  local directory status=0
  directory=$(mktemp -d)
  TMPDIR=$directory swift "$@" </dev/null || status=$?
  rm -rf "$directory" || true
  return "$status"
}

# build_culvert: the release build, with SwiftPM's own progress.
build_culvert() { (cd "$ROOT" && swift_tidily build -c release); }

encapsulation_of() { if [[ $1 == b* ]]; then echo gre; else echo ipip; fi; }
site_of() { if [[ $1 == b* ]]; then echo B; else echo A; fi; }

# write_configuration ENGINE NODE[:STATE]...: the director's file, with the
# given real servers; STATE is up, drain or down.
write_configuration() {
  local engine=$1 member name state
  shift
  {
    printf 'director:\n  interface: %s\n  engine: %s\n  source: %s\n' \
      eth0 "$engine" "$DIRECTOR"
    printf 'servers:\n'
    for member in "$@"; do
      name=${member%%:*} state=up
      [[ $member != *:* ]] || state=${member#*:}
      printf '  %s: { address: %s, site: %s, encapsulation: %s, state: %s }\n' \
        "$name" "$(node_address "$name")" "$(site_of "$name")" \
        "$(encapsulation_of "$name")" "$state"
    done
    printf 'services:\n  web:\n    address: %s\n    port: 80\n' "$VIP"
    printf '    protocol: tcp\n    servers:\n'
    printf '      - %s\n' "${@%%:*}"
  } >"$LAB_STATE/culvert.yaml"
}

# bounded_culvert NODE COMMAND...: a culvert command that ends by itself.
bounded_culvert() {
  local node=$1
  shift
  node_exec "$node" timeout "$((20 * PATIENCE))" "$CULVERT" "$@"
}

# director_culvert COMMAND OPTION...: a culvert command beside the director.
director_culvert() {
  bounded_culvert director "$@" \
    --state-directory "$LAB_STATE/director" --bpffs "$LAB_STATE/bpf"
}

# start_director ENGINE [NODE[:STATE]...]: with every real server by default.
start_director() {
  local engine=$1
  shift
  (($# > 0)) || set -- "${REALS[@]}"
  write_configuration "$engine" "$@"
  [[ $engine != kernel ]] || add_pass_program
  run_director
}

# A native XDP_TX frame reaches the other end of a veth pair only when that
# end has an XDP program too, be it one that passes everything; without it the
# frames vanish, and the sender's statistics say they were sent.
add_pass_program() {
  node_exec router "$CULVERT" pass attach to-director --bpffs "$LAB_STATE/bpf"
}

# run_director: starts it on the configuration there is, and returns when it
# forwards. Its log is kept per start; the newest is director.log.
run_director() {
  mkdir -p "$LAB_STATE/director"
  launch_director
  wait_for 30 director_forwards_or_ended
  director_forwards || {
    tail -n 20 "$LAB_STATE/director.log" >&2
    die "the director does not forward; its log is above"
  }
}

launch_director() {
  local log=$LAB_STATE/director.log
  [[ ! -e $log ]] || mv "$log" "$LAB_STATE/director.previous.log"
  nsenter --net="/run/netns/$(namespace_of director)" -- \
    "$CULVERT" run --config "$LAB_STATE/culvert.yaml" \
    --state-directory "$LAB_STATE/director" --bpffs "$LAB_STATE/bpf" \
    >"$log" 2>&1 </dev/null &
  printf '%s\n' "$!" >"$LAB_STATE/director.pid"
  # The shell is not to report a director that a check kills.
  disown
}

director_pid() { cat "$LAB_STATE/director.pid"; }
director_ended() { process_ended "$(director_pid)"; }
director_forwards() {
  ! director_ended && grep -qi forwarding "$LAB_STATE/director.log"
}
director_forwards_or_ended() { director_ended || director_forwards; }

reload_director() { kill -HUP "$(director_pid)"; }

# stop_director: asks it to end, and fails if it has not in 15 seconds.
stop_director() {
  [[ -e $LAB_STATE/director.pid ]] || return 0
  kill "$(director_pid)" 2>/dev/null || true
  wait_for 15 director_ended || die "the director ignores SIGTERM"
}

kill_director() {
  kill -KILL "$(director_pid)"
  wait_for 5 director_ended
}

# real_up NODE: the node decapsulates, holds the VIP, answers from it.
# $DECAPSULATE says how: bpf (default) or kernel, with a tunnel device.
real_up() {
  bounded_culvert "$1" real up --vip "$VIP" --director "$DIRECTOR" \
    --encapsulation "$(encapsulation_of "$1")" --interface eth0 \
    --decapsulate "${DECAPSULATE:-bpf}" \
    --state-directory "$LAB_STATE/real-$1" --bpffs "$LAB_STATE/bpf"
}

real_down() {
  bounded_culvert "$1" real down \
    --state-directory "$LAB_STATE/real-$1" --bpffs "$LAB_STATE/bpf"
}

# start_servers: every real server, with its web server.
start_servers() {
  local node
  for node in "${REALS[@]}"; do
    real_up "$node" >>"$LAB_STATE/real-up.log" 2>&1 || {
      cat "$LAB_STATE/real-up.log" >&2
      die "$node does not become a real server"
    }
    start_web "$node"
  done
}

# member_slots NODE: how many of the service's slots it owns; 0 if none.
# all_slots: "NODE SLOTS" lines.
all_slots() {
  director_culvert list --json | jq -r '.. | objects | select(has("slots"))
    | select(.slots | type == "number") | "\(.name // .server) \(.slots)"'
}

member_slots() {
  all_slots | awk -v node="$1" '$1 == node { slots = $2 }
    END { print slots + 0 }'
}

owns_slots() { (($(member_slots "$1") > 0)); }
owns_no_slots() { [[ $(member_slots "$1") == 0 ]]; }

# predicted_server PORT: who answers a connection from the client's PORT.
predicted_server() {
  director_culvert where "$CLIENT:$1" "$VIP:80" --json | jq -r .server
}
