# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The test of `culvert real doctor`: each cause alone, one line of a table.
# Needs doctor.sh and doctor-causes.sh.

# doctor_rows KIND: bpf, kernel or gue. Leaves nothing behind.
doctor_rows() {
  DOCTOR_KIND=$1
  heading "What the doctor finds ($(doctor_manner "$1"))"
  doctor_ready "$1" >"${TMPDIR:-/tmp}/doctor-$$" 2>&1 || {
    failed "[doctor] a real server that serves" "${TMPDIR:-/tmp}/doctor-$$"
    doctor_end
    return
  }
  passed "[doctor] a real server that serves, and of which nothing is found"
  printf '        %-20s %-5s %-17s %-6s %-6s %s\n' \
    CAUSE HARM 'NAMED ALONE' MENDED SERVES SECONDS
  local cause check harm mend
  while read -r cause check harm mend <&3; do
    doctor_row "$cause" "$check" "$harm" "$mend"
  done 3< <(doctor_causes "$1")
  doctor_end
}

doctor_manner() {
  case $1 in
    bpf) echo "Culvert's decapsulator" ;;
    kernel) echo "the kernel's tunnels" ;;
    gue) echo "the kernel's tunnels in UDP" ;;
  esac
}

doctor_ready() {
  doctor_lab_up
  doctor_pass
  case $1 in
    bpf | kernel) doctor_up "$1" && doctor_direct "$DOCTOR_DIRECTOR" ;;
    gue)
      doctor_up kernel --encapsulation gue
      doctor_direct "$DOCTOR_DIRECTOR" gue
      ;;
  esac
  doctor_serve "${DOCTOR_SERVING[@]}"
  wait_for 10 doctor_serves tcp udp tcp6 || { cat "$LAB_STATE/asked" && false; }
  doctor_finds_nothing
}

doctor_end() {
  rm -f "${TMPDIR:-/tmp}/doctor-$$"
  stop_director
  lab_down
}

# doctor_row CAUSE CHECK HARM MEND: one line, and one check that counts.
doctor_row() {
  local begin=$EPOCHREALTIME log=$LAB_STATE/row status=0
  DOCTOR_CELLS=('-' '-' '-' '-')
  # Not in a condition: that would switch errexit off inside.
  set +e
  (
    set -e
    trap 'printf "%s\n" "${DOCTOR_CELLS[@]}" >"$LAB_STATE/cells"' EXIT
    doctor_breaks "$1" "$2" "$3"
    doctor_mends "$1" "$3" "$4"
    if is_function "restore_$1"; then
      "restore_$1"
      doctor_serves_all
    fi
  ) >"$log" 2>&1
  status=$?
  set -e
  mapfile -t DOCTOR_CELLS <"$LAB_STATE/cells"
  local line
  line=$(printf '%-20s %-5s %-17s %-6s %-6s %4.1f' "$1" "${DOCTOR_CELLS[@]}" \
    "$(seconds_between "$EPOCHREALTIME" "$begin")")
  if ((status == 0)); then
    passed "$line"
  else
    failed "$line" "$log"
    doctor_start_over
  fi
}

# What one cause has left behind is not to be found by the next.
doctor_start_over() {
  doctor_end
  doctor_ready "$DOCTOR_KIND" >"${TMPDIR:-/tmp}/doctor-$$" 2>&1
}

seconds_between() { awk -v a="$1" -v b="$2" 'BEGIN { print a - b }'; }

is_function() { declare -F "$1" >/dev/null; }

# doctor_breaks CAUSE CHECK HARM
doctor_breaks() {
  "break_$1"
  # What is known of neighbours lasts for a while.
  wait_for 10 doctor_is_harmed "$3" || {
    say "nobody suffers: $3"
    return 1
  }
  DOCTOR_CELLS[0]=$3
  DOCTOR_CELLS[1]=$(doctor_named "$1")
  expect "the checks that fail" "$2" "${DOCTOR_CELLS[1]}" || {
    jq -r '.[] | select(.verdict == "failed") | .found, .why' \
      "$LAB_STATE/report"
    return 1
  }
}

# doctor_named CAUSE: the names of the checks that fail.
doctor_named() {
  local options=()
  ! is_function "doctor_options_$1" ||
    read -ra options < <("doctor_options_$1")
  doctor_examines "${options[@]}" >"$LAB_STATE/report" || (($? == 1))
  jq -r '[.[] | select(.verdict == "failed") | .name] | join(",")' \
    "$LAB_STATE/report"
}

# doctor_mends CAUSE HARM MEND
doctor_mends() {
  local options=()
  ! is_function "doctor_options_$1" ||
    read -ra options < <("doctor_options_$1")
  if [[ $3 == fix ]]; then
    doctor_finds_nothing --fix "${options[@]}"
  else
    "mend_$1"
    doctor_finds_nothing "${options[@]}"
  fi
  DOCTOR_CELLS[2]=$3
  doctor_serves_all
  # What clients have asked for has just been answered.
  [[ tcp,udp,tcp6 == *"$2"* ]] || refute doctor_is_harmed "$2"
  DOCTOR_CELLS[3]=yes
}

doctor_finds_nothing() {
  doctor_examines "$@" >"$LAB_STATE/report" || {
    jq -r '.[] | select(.verdict == "failed") | .name, .found, .why' \
      "$LAB_STATE/report"
    return 1
  }
}

# After cleaning up: the next cause is alone again.
doctor_serves_all() {
  wait_for 5 doctor_serves tcp udp tcp6 || { cat "$LAB_STATE/asked" && false; }
}
