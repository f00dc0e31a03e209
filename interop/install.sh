#!/usr/bin/env bash
# install.sh missing: which Debian packages of the cloud are not there, one a line.
# install.sh install: installs them. Nothing is started: there may be no init system, and cloud.sh starts what it needs.
set -euo pipefail

# cinder-volume would bring an iSCSI target along and nova-consoleproxy pages for browsers; what they run is in python3-cinder, python3-nova.
# nova-compute-ironic stands in for a hypervisor's package, so that no libvirt and no QEMU come along.
packages=(
  rabbitmq-server mariadb-server mariadb-client
  keystone placement-api glance-api neutron-api neutron-rpc-server neutron-common
  nova-api nova-conductor nova-scheduler nova-compute nova-compute-ironic
  python3-cinder cinder-common python3-websockify
  uwsgi-core uwsgi-plugin-python3 python3-pymysql
)

missing() {
  local name
  for name in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || true)" = installed ] || echo "$name"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_packages() {
  local wanted
  mapfile -t wanted < <(missing)
  [ "${#wanted[@]}" -gt 0 ] || return 0
  [ -e /usr/sbin/policy-rc.d ] ||
    { printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null && as_root chmod +x /usr/sbin/policy-rc.d; }
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
}

case "${1:-}" in
  missing) missing ;;
  install) install_packages ;;
  *)
    echo "usage: install.sh missing|install" >&2
    exit 2
    ;;
esac
