# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # for those who source it
# What is done to the failover lab: each event, what it needs beforehand, and
# how the world is put back.
# Needs failover-lab.sh and failover-directors.sh.

# The world: by server, what was done to it; nothing at first.
declare -A KILLED=() CUT=() DRAINED=() WEIGHT=()
# The slow start of the configuration in force, if any, and what is withdrawn.
SLOW='' WITHDRAWN=''
# Whether a server fell.
FELL=''
# Directors that were started again and may not forward yet.
RESTARTED=()

FAILOVER_RAMP=3s

# NAME LABEL: every event; those of the second list go in pairs.
failover_events() {
  cat <<'END'
kill      kill a1
cut       cut off a1
restore   restore a1
drain     drain a2
weight    weigh a2 double
slow      slow-start a2
site-b    cut off site B
site-a    cut off site A
restart-1 restart d1
restart-2 restart d2
restart   restart both
withdraw  withdraw d1
return    return d1
END
}

FAILOVER_SINGLES=(kill cut restore drain weight slow site-b site-a
  restart-1 restart-2 withdraw return)
FAILOVER_PAIRED=(kill restore drain weight slow site-b site-a restart withdraw)
# Where not all pairs are asked for.
FAILOVER_CHOSEN=('kill restore' 'restore kill' 'kill drain' 'drain restart'
  'weight kill' 'slow restart' 'site-b site-a' 'site-a restore'
  'site-a restart' 'restart kill' 'kill withdraw' 'withdraw kill')

failover_label() {
  failover_events | sed -n "s/^$1  *//p"
}

# failover_mark WORD...: a line in the log, with the time of now.
# Opened for reading too: it does not wait for a recorder that has ended.
failover_mark() { printf '%s\n' "$*" 1<>"$LAB_STATE/record/marks"; }

# failover_prepare EVENT...: the world that they are done to. A server that
# is to come back has to be gone.
failover_prepare() {
  local event killed=''
  for event in "$@"; do
    case $event in
      kill) killed=yes ;;
      restore) [[ -n $killed ]] || failover_kill a1 ;;
      slow)
        SLOW=$FAILOVER_RAMP
        failover_write_configurations "$SLOW"
        failover_reload
        failover_kill a2
        ;;
      return) failover_withdraw ;;
    esac
  done
  wait_for 30 failover_settled
}

# failover_event NAME: does it, and returns without waiting for what follows.
failover_event() {
  failover_mark event "$1"
  case $1 in
    kill) failover_kill a1 ;;
    cut) failover_cut a1 ;;
    restore) failover_restore a1 ;;
    drain) failover_drain a2 ;;
    weight) failover_weigh a2 20 ;;
    slow) failover_restore a2 ;;
    site-b) failover_cut b1 b2 ;;
    site-a) failover_cut a1 a2 ;;
    restart) failover_restart d1 d2 ;;
    restart-1) failover_restart d1 ;;
    restart-2) failover_restart d2 ;;
    withdraw) failover_withdraw ;;
    return) failover_return ;;
  esac
}

failover_kill() {
  failover_mark down "$1"
  FELL=yes
  KILLED[$1]=yes
  failover_web_kill "$1"
}

failover_restore() {
  unset "KILLED[$1]"
  failover_web_start "$1"
  failover_mark back "$1"
}

failover_cut() {
  local node
  FELL=yes
  for node in "$@"; do
    failover_mark down "$node"
    CUT[$node]=yes
    failover_port "$node" down
  done
}

failover_connect_again() {
  local node
  for node in "$@"; do
    unset "CUT[$node]"
    failover_port "$node" up
    failover_mark back "$node"
  done
}

failover_drain() {
  DRAINED[$1]=yes
  failover_tell_both server drain "$1" --reason lab
}

failover_undrain() {
  unset "DRAINED[$1]"
  failover_tell_both server ready "$1"
}

# failover_weigh NODE WEIGHT|default
failover_weigh() {
  WEIGHT[$1]=$2
  [[ $2 != default ]] || unset "WEIGHT[$1]"
  failover_tell_both server weight "$1" "$2"
}

# failover_tell_both COMMAND...: both directors at the same time. One that was
# just started again is told once it listens.
failover_tell_both() {
  local director processes=() process status=0
  for director in d1 d2; do
    wait_for 10 failover_tell "$director" "$@" &
    processes+=("$!")
  done
  for process in "${processes[@]}"; do wait "$process" || status=$?; done
  return "$status"
}

# Killed and started again, without waiting until they forward.
failover_restart() {
  local director
  for director in "$@"; do
    kill -KILL "$(failover_pid "$director")"
    wait_for 5 process_ended "$(failover_pid "$director")"
    failover_launch "$director"
    RESTARTED+=("$director")
  done
}

failover_await_restarted() {
  local director
  for director in "${RESTARTED[@]}"; do
    failover_await "$director" || return
    failover_mark director "$director"
  done
  RESTARTED=()
}

failover_withdraw() {
  WITHDRAWN=d1
  failover_route_to d2
  failover_mark moved d1
}

failover_return() {
  WITHDRAWN=''
  failover_route_to d1 d2
  failover_mark moved d1
}

# A check wants more and more successes of a server that falls often, for five
# minutes; here that would be seconds in every scene. A director that begins
# anew does not know how often.
failover_forget_falls() {
  [[ -n $FELL ]] || return 0
  FELL=''
  failover_restart d1 d2
  failover_await_restarted
}

# failover_back: undoes everything that was done to the world.
failover_back() {
  local node
  failover_revive
  failover_forget_falls
  if [[ -n $SLOW ]]; then
    SLOW=''
    failover_write_configurations 0s
    failover_reload
  fi
  for node in "${!DRAINED[@]}"; do failover_undrain "$node"; done
  for node in "${!WEIGHT[@]}"; do failover_weigh "$node" default; done
  for node in "${!KILLED[@]}"; do failover_restore "$node"; done
  failover_connect_again "${!CUT[@]}"
  wait_for 40 failover_settled || return
  # A director may come back to flows when no slot is in transition.
  [[ -z $WITHDRAWN ]] || failover_return
}
