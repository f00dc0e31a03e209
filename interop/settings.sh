# What cloud.sh and configure.sh agree on. All of it is throw-away and listens on 127.0.0.1 alone.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
ip=127.0.0.1
# Added to the usual ports, so that another OpenStack on this machine is not met. Another number makes another cloud.
port_base=${MICRONOVA_INTEROP_PORT_BASE:-20000}
name=micronova_interop # of the vhost, of the database user, prefix of the databases
[ "$port_base" = 20000 ] || name=${name}_$port_base
state=${MICRONOVA_INTEROP_DIR:-/var/tmp/${name//_/-}}
secret=interop         # every password; nothing outside this machine can use it
region=RegionOne

declare -A port=(
  [keystone]=$((port_base + 5000))
  ["nova-api"]=$((port_base + 8774))
  ["nova-api-reclaim"]=$((port_base + 8784))
  ["nova-novncproxy"]=$((port_base + 6080))
  ["nova-api-cells"]=$((port_base + 8794))
  [placement]=$((port_base + 8778))
  [glance]=$((port_base + 9292))
  [neutron]=$((port_base + 9696))
  [cinder]=$((port_base + 8776))
)

identity_url=http://$ip:${port[keystone]}/v3
transport_url=rabbit://$name:$secret@$ip:5672/$name
controller=controller1

database_url() { # KEYSTONE|PLACEMENT|...
  echo "mysql+pymysql://$name:$secret@$ip/${name}_$1?charset=utf8"
}

answers() { # PORT
  (exec 3<>"/dev/tcp/$ip/$1") 2>/dev/null
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Up to SECONDS until the command succeeds.
wait_until() { # SECONDS WHAT COMMAND...
  local seconds=$1 what=$2
  shift 2
  for ((i = 0; i < seconds * 5; i++)); do
    "$@" && return 0
    sleep 0.2
  done
  echo "interop: $what is not there after $seconds s; logs are in $state/log" >&2
  return 1
}
