#!/usr/bin/env bash
# The interop cloud: Python's OpenStack Zed from Debian's packages, and our services in the place of Python's where asked.
#
#   cloud.sh up                      databases, configuration, Keystone, Placement, Glance, Cinder, Neutron, nova-api
#   cloud.sh start KIND PROGRAM HOST KIND python or ours; PROGRAM nova-conductor, nova-scheduler or nova-compute
#   cloud.sh stop KIND PROGRAM HOST  SIGTERM, and SIGKILL after 60 s
#   cloud.sh cells                   two further cells, unless they are there
#   cloud.sh down                    everything that this script started; RabbitMQ and MariaDB stay
#   cloud.sh destroy                 down, and databases, vhost and files removed
#   cloud.sh status | settings       what runs; where it is, as JSON
#
# No init system, no fixed ports (MICRONOVA_INTEROP_PORT_BASE), all files in MICRONOVA_INTEROP_DIR. The services run as the caller.
set -euo pipefail
# shellcheck source=settings.sh
. "$(dirname "$0")/settings.sh"
etc=$state/etc
# shellcheck source=cells.sh
. "$here/cells.sh"
export PYTHONPATH=$here/python

alive() { # NAME
  [ -s "$state/run/$1.pid" ] && kill -0 "$(cat "$state/run/$1.pid")" 2>/dev/null
}

ended() { # NAME
  ! alive "$1"
}

# Output goes to a file of its own; the descriptors of the caller are closed, so that it does not wait for a daemon.
launch() { # NAME COMMAND...
  local name=$1
  shift
  alive "$name" && return 0
  setsid "$@" >>"$state/log/$name.out" 2>&1 </dev/null 3>&- 9>&- &
  echo $! >"$state/run/$name.pid"
}

wsgi() { # NAME FILE PROCESSES THREADS [ARGUMENTS]
  launch "$1" uwsgi_python3 --http-socket "$ip:${port[$1]}" --plugins python3 --master --enable-threads --thunder-lock --lazy-apps \
    --buffer-size 65535 --add-header "Connection: close" --die-on-term --listen 100 --processes "$3" --threads "$4" --wsgi-file "$2" ${5:+--pyargv "$5"}
  wait_until 60 "$1" answers "${port[$1]}"
}

nova_service() { # KIND PROGRAM HOST
  local program=/usr/bin/$2
  [ "$1" = ours ] && program=$root/bin/$2
  [ -x "$program" ] || { echo "interop: there is no $program" >&2; return 1; }
  launch "$1-$2-$3" "$program" --config-file "$(nova_conf "$3")" --config-file "$etc/nova/$3.conf" ${EXTRA_CONFIG:+--config-file "$EXTRA_CONFIG"} \
    --log-file "$state/log/$1-$2-$3.log"
}

cinder_service() { # NAME PART [ARGUMENT...]
  local name=$1 part=$2
  shift 2
  launch "$name" /usr/bin/python3 -c "from cinder.cmd.$part import main; main()" --config-file "$etc/cinder/cinder.conf" "$@" --log-file "$state/log/$name.log"
}

start_service() { # NAME
  case $1 in
    keystone) OS_KEYSTONE_CONFIG_FILES=$etc/keystone/keystone.conf wsgi keystone /usr/bin/keystone-wsgi-public 2 2 ;;
    placement) OS_PLACEMENT_CONFIG_DIR=$etc/placement wsgi placement /usr/bin/placement-api 2 1 ;;
    glance) OS_GLANCE_CONFIG_DIR=$etc/glance wsgi glance /usr/bin/glance-wsgi-api 1 4 ;;
    neutron)
      launch neutron /usr/bin/neutron-server --config-file "$etc/neutron/neutron.conf" --config-file "$etc/neutron/ml2.ini"
      wait_until 90 neutron answers "${port[neutron]}"
      ;;
    cinder) wsgi cinder /usr/bin/cinder-wsgi 1 4 "--config-file $etc/cinder/cinder.conf" ;;
    cinder-scheduler) cinder_service "$1" scheduler ;;
    cinder-volume) cinder_service "$1" volume ;;
    cinder-volume-other) cinder_service "$1" volume --config-file "$etc/cinder/other.conf" ;;
    nova-api) OS_NOVA_CONFIG_DIR=$etc/nova OS_NOVA_CONFIG_FILES="api-paste.ini;nova.conf" wsgi nova-api /usr/bin/nova-api-wsgi 2 1 ;;
    # The same, but a deleted server is kept for a while.
    nova-api-reclaim) OS_NOVA_CONFIG_DIR=$etc/nova OS_NOVA_CONFIG_FILES="api-paste.ini;nova.conf;reclaim.conf" wsgi nova-api-reclaim /usr/bin/nova-api-wsgi 1 1 ;;
    nova-novncproxy)
      launch "$1" /usr/bin/python3 -c "from nova.cmd.novncproxy import main; main()" --config-file "$etc/nova/nova.conf" \
        --web "$state/nova" --log-file "$state/log/$1.log"
      wait_until 60 "$1" answers "${port[$1]}"
      ;;
    # The same, but users may move servers between cells.
    nova-api-cells) OS_NOVA_CONFIG_DIR=$etc/nova OS_NOVA_CONFIG_FILES="api-paste.ini;nova.conf;cells.conf" wsgi nova-api-cells /usr/bin/nova-api-wsgi 1 1 ;;
    *)
      echo "interop: no service is called $1" >&2
      return 2
      ;;
  esac
}

stop_service() { # NAME
  if alive "$1"; then
    kill -TERM "$(cat "$state/run/$1.pid")"
    wait_until 60 "the end of $1" ended "$1" || kill -KILL "$(cat "$state/run/$1.pid")"
  fi
  rm -f "$state/run/$1.pid"
}

broker_and_database() {
  if ! answers 5672; then
    as_root rabbitmq-server -detached
    wait_until 60 RabbitMQ answers 5672
  fi
  if ! answers 3306; then
    as_root install -d -o mysql -g mysql /run/mysqld
    # Of the usual 151 a cloud with three cells takes fifty, and there may be several clouds.
    as_root start-stop-daemon --start --oknodo --background --exec /usr/sbin/mariadbd -- --bind-address=$ip --max-connections=500
    wait_until 60 MariaDB answers 3306
  fi
}

# The node may have been started under this machine's name or under "localhost".
rabbitmq() {
  local node
  for node in "rabbit@$(hostname -s)" rabbit@localhost; do
    as_root rabbitmqctl -q -n "$node" "$@" 2>/dev/null && return 0
  done
  echo "interop: rabbitmqctl $1 failed" >&2
  return 1
}

# Lists are read to their end: a rabbitmqctl whose reader has gone fails.
vhost() { # VHOST
  local vhosts users
  vhosts=$(rabbitmq list_vhosts) users=$(rabbitmq list_users)
  grep -qx "$1" <<<"$vhosts" || rabbitmq add_vhost "$1"
  grep -q "^$name\b" <<<"$users" || rabbitmq add_user $name $secret
  rabbitmq set_permissions -p "$1" $name '.*' '.*' '.*'
}

databases() {
  local one
  for one in keystone placement glance neutron cinder nova_api nova_cell0 nova; do
    echo "CREATE DATABASE IF NOT EXISTS ${name}_$one CHARACTER SET utf8;"
    echo "GRANT ALL ON ${name}_$one.* TO '$name'@'%';"
  done | { echo "CREATE USER IF NOT EXISTS '$name'@'%' IDENTIFIED BY '$secret';" && cat; } | as_root mariadb
}

manage_nova() {
  nova-manage --config-file "$etc/nova/nova.conf" "$@"
}

nova_schema() {
  manage_nova api_db sync &&
    manage_nova cell_v2 map_cell0 --database_connection "$(database_url nova_cell0)" &&
    { grep -q ' cell1 ' <<<"$(manage_nova cell_v2 list_cells)" || manage_nova cell_v2 create_cell --name cell1; } &&
    manage_nova db sync
}

keystone_schema() {
  local manage="keystone-manage --config-file $etc/keystone/keystone.conf" user group
  user=$(id -un) group=$(id -gn)
  $manage db_sync &&
    $manage fernet_setup --keystone-user "$user" --keystone-group "$group" &&
    $manage credential_setup --keystone-user "$user" --keystone-group "$group" &&
    $manage bootstrap --bootstrap-password $secret --bootstrap-public-url "$identity_url" --bootstrap-internal-url "$identity_url" \
      --bootstrap-admin-url "$identity_url" --bootstrap-region-id $region
}

# Once for each database: it takes most of the time of a first start. A step that fails ends it.
schema() { # NAME COMMAND...
  local done_file=$state/schemas.$1
  shift
  [ -e "$done_file" ] && return
  "$@" >>"$state/log/schemas.out" 2>&1 || { tail -n 20 "$state/log/schemas.out" >&2; return 1; }
  touch "$done_file"
}

schemas() {
  schema keystone keystone_schema
  schema placement env "OS_PLACEMENT_CONFIG_DIR=$etc/placement" placement-manage --config-file "$etc/placement/placement.conf" db sync
  schema glance glance-manage --config-file "$etc/glance/glance-api.conf" db_sync
  schema cinder cinder-manage --config-file "$etc/cinder/cinder.conf" --log-file "$state/log/cinder.log" db sync
  schema nova nova_schema
  schema neutron neutron-db-manage --config-file "$etc/neutron/neutron.conf" --config-file "$etc/neutron/ml2.ini" upgrade head
}

discover_hosts() {
  manage_nova cell_v2 discover_hosts
}

settings() {
  cat <<END
{
  "stateDir": "$state",
  "identityUrl": "$identity_url",
  "region": "$region",
  "password": "$secret",
  "transportUrl": "$transport_url",
  "databaseUser": "$name",
  "cellDatabase": "${name}_nova",
  "ports": {
    "keystone": ${port[keystone]}, "placement": ${port[placement]}, "glance": ${port[glance]}, "neutron": ${port[neutron]}, "cinder": ${port[cinder]},
    "nova-api": ${port[nova-api]}, "nova-api-reclaim": ${port[nova-api-reclaim]}, "nova-api-cells": ${port[nova-api-cells]},
    "nova-novncproxy": ${port[nova-novncproxy]}
  }
}
END
}

up() {
  mkdir -p "$state"/{run,log,etc} "$state"/nova/{instances,lock} "$state"/keystone/{fernet-keys,credential-keys} \
    "$state/neutron/lock" "$state/glance/images" "$state"/cinder/{lock,conversion}
  chmod 700 "$state"
  broker_and_database
  "$here/configure.sh"
  vhost $name
  databases
  schemas
  local one
  # What is not waited for comes first.
  for one in cinder-scheduler cinder-volume keystone placement glance cinder neutron nova-api; do start_service "$one"; done
}

running() {
  local file
  for file in "$state"/run/*.pid; do
    [ -e "$file" ] || continue
    file=${file##*/}
    alive "${file%.pid}" && echo "${file%.pid}"
  done
  return 0
}

down() {
  local one
  for one in $(running | grep nova-) $(running | grep -v nova-); do stop_service "$one"; done
}

destroy() {
  down
  local one
  for one in keystone placement glance neutron cinder nova_api nova_cell0 nova; do echo "DROP DATABASE IF EXISTS ${name}_$one;"; done |
    { cat && echo "DROP USER IF EXISTS '$name'@'%';"; } | as_root mariadb
  remove_cells
  rabbitmq delete_vhost $name || true
  rabbitmq delete_user $name || true
  rm -rf "$state"
}

# Read as a whole before it runs: the file may be changed meanwhile.
{
  case "${1:-}" in
    up | down | destroy | settings | cells) "$1" ;;
    status) running ;;
    discover) discover_hosts ;;
    start) nova_service "$2" "$3" "$4" ;;
    stop) stop_service "$2-$3-$4" ;;
    start-service) start_service "$2" ;;
    stop-service) stop_service "$2" ;;
    *)
      sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2
      exit 2
      ;;
  esac
  exit
}
