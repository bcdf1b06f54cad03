# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A web server per real server, with nothing outside the lab's state.
# "/" answers with the server's name; "/large" is 256 MiB of zeros, sent at
# the rate that the query says ("?rate=2m", bytes per second).
# Needs namespaces.sh.

# start_web NODE: listens on the VIP, so run `real_up` first.
start_web() {
  local directory=$LAB_STATE/web-$1
  mkdir -p "$directory"
  truncate -s 256M "$directory/large"
  web_configuration "$1" >"$directory/nginx.conf"
  node_exec "$1" nginx -e "$directory/error.log" -p "$directory/" \
    -c "$directory/nginx.conf"
  wait_for 10 web_answers "$1" ||
    die "nginx in $1 does not answer, see $directory/error.log"
}

# The connection stays within the node.
web_answers() {
  local answer
  answer=$(node_exec "$1" curl -s --max-time "$((2 * PATIENCE))" "http://$VIP/")
  [[ $answer == "$1" ]]
}

# One process and no change of user: works in a user namespace too.
web_configuration() {
  cat <<END
user root;
master_process off;
pid nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  default_type text/plain;
  add_header X-Server $1;
  server {
    listen $VIP:80 backlog=1024;
    root .;
    location = / { return 200 "$1\n"; }
    location = /large {
      set \$rate 1m;
      if (\$arg_rate) { set \$rate \$arg_rate; }
      limit_rate \$rate;
    }
  }
}
END
}

# stop_web NODE: also when it does not run.
stop_web() {
  local pid_file=$LAB_STATE/web-$1/nginx.pid process
  process=$(cat "$pid_file" 2>/dev/null) || return 0
  kill "$process" 2>/dev/null || return 0
  wait_for 5 process_ended "$process"
}

# A process that its parent has not yet buried has ended too.
process_ended() {
  [[ ! -e /proc/$1 ]] || grep -q '^State:.Z' "/proc/$1/status"
}
