#!/usr/bin/env bash
# Writes the configuration of every service of the cloud into $state/etc. Safe to repeat.
set -euo pipefail
# shellcheck source=settings.sh
. "$(dirname "$0")/settings.sh"
etc=$state/etc
# shellcheck source=cells.sh
. "$here/cells.sh"

# How a service checks the tokens that it is given.
token_check() { # USER
  cat <<END
[keystone_authtoken]
www_authenticate_uri = $identity_url
$(credentials "$1")
END
}

# How a service calls others.
credentials() { # USER
  cat <<END
auth_type = password
auth_url = $identity_url
project_domain_name = Default
user_domain_name = Default
project_name = service
username = $1
password = $secret
region_name = $region
END
}

write() { # PATH, text on standard input
  mkdir -p "$(dirname "$etc/$1")"
  (umask 077 && cat >"$etc/$1")
}

# Debian's pipelines are readable for their services alone.
for paste in glance/glance-api-paste.ini neutron/api-paste.ini nova/api-paste.ini; do
  as_root cat "/etc/$paste" | write "$paste"
done
write cinder/api-paste.ini </usr/share/cinder-common/api-paste.ini

write keystone/keystone.conf <<END
[DEFAULT]
log_file = $state/log/keystone.log
[database]
connection = $(database_url keystone)
[cache]
enabled = true
backend = dogpile.cache.memory
[token]
provider = fernet
expiration = 86400
[fernet_tokens]
key_repository = $state/keystone/fernet-keys
[credential]
key_repository = $state/keystone/credential-keys
END

write placement/placement.conf <<END
[DEFAULT]
log_file = $state/log/placement.log
[placement_database]
connection = $(database_url placement)
[api]
auth_strategy = keystone
$(token_check placement)
END

write glance/glance-api.conf <<END
[DEFAULT]
log_file = $state/log/glance.log
enabled_backends =
[database]
connection = $(database_url glance)
[glance_store]
stores = file
default_store = file
filesystem_store_datadir = $state/glance/images/
[paste_deploy]
flavor = keystone
config_file = $etc/glance/glance-api-paste.ini
$(token_check glance)
END

write neutron/neutron.conf <<END
[DEFAULT]
bind_host = $ip
bind_port = ${port[neutron]}
host = $controller
core_plugin = ml2
service_plugins =
auth_strategy = keystone
api_paste_config = $etc/neutron/api-paste.ini
transport_url = $transport_url
api_workers = 1
rpc_workers = 0
rpc_state_report_workers = 0
log_file = $state/log/neutron.log
state_path = $state/neutron
[oslo_concurrency]
lock_path = $state/neutron/lock
[database]
connection = $(database_url neutron)
$(token_check neutron)
[nova]
$(credentials nova)
END
write neutron/ml2.ini <<END
[ml2]
type_drivers = local
tenant_network_types = local
mechanism_drivers = interop
extension_drivers = port_security
END

# Cinder lets an attachment of a server go only where a service vouches for the request.
write cinder/cinder.conf <<END
[DEFAULT]
host = $controller
transport_url = $transport_url
state_path = $state/cinder
log_file = $state/log/cinder.log
api_paste_config = $etc/cinder/api-paste.ini
resource_query_filters_file = /etc/cinder/resource_filters.json
image_conversion_dir = $state/cinder/conversion
auth_strategy = keystone
glance_api_servers = http://$ip:${port[glance]}
enabled_backends = interop
quota_volumes = -1
quota_snapshots = -1
quota_gigabytes = -1
[interop]
volume_driver = micronova_interop_cinder.InteropVolumeDriver
volume_backend_name = interop
[oslo_concurrency]
lock_path = $state/cinder/lock
[database]
connection = $(database_url cinder)
# MariaDB's 151 connections are for every cloud on this machine.
max_pool_size = 2
[nova]
$(credentials nova)
$(token_check cinder)
service_token_roles = service
service_token_roles_required = true
END

# A second back end, run where a scenario moves a volume there.
write cinder/other.conf <<END
[DEFAULT]
enabled_backends = other
# Seconds: the scheduler hears of it by these reports.
backend_stats_polling_interval = 5
[other]
volume_driver = micronova_interop_cinder.InteropVolumeDriver
volume_backend_name = other
END

# Reports come often, so that a scenario which waits for a service to be up or down does not wait long.
write nova/nova.conf <<END
[DEFAULT]
host = $controller
my_ip = $ip
transport_url = $transport_url
state_path = $state/nova
instances_path = $state/nova/instances
report_interval = 3
service_down_time = 12
allow_resize_to_same_host = true
# There are no agents that would plug anything.
vif_plugging_is_fatal = false
vif_plugging_timeout = 0
enabled_apis = osapi_compute
[api]
auth_strategy = keystone
[api_database]
connection = $(database_url nova_api)
[database]
connection = $(database_url nova)
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = -1
[filter_scheduler]
available_filters = nova.scheduler.filters.all_filters
enabled_filters = ComputeFilter,ComputeCapabilitiesFilter,ImagePropertiesFilter,ServerGroupAntiAffinityFilter,ServerGroupAffinityFilter,AggregateInstanceExtraSpecsFilter
[quota]
instances = -1
cores = -1
ram = -1
server_groups = -1
server_group_members = -1
injected_files = -1
[glance]
api_servers = http://$ip:${port[glance]}
[oslo_concurrency]
lock_path = $state/nova/lock
[vnc]
enabled = true
novncproxy_host = $ip
novncproxy_port = ${port[nova-novncproxy]}
novncproxy_base_url = http://$ip:${port[nova-novncproxy]}/vnc_auto.html
server_listen = $ip
server_proxyclient_address = $ip
[spice]
enabled = true
[serial_console]
enabled = true
[mks]
enabled = true
[rdp]
enabled = true
[placement]
$(credentials placement)
[neutron]
$(credentials neutron)
[cinder]
$(credentials nova)
[service_user]
send_service_user_token = true
$(credentials nova)
$(token_check nova)
END

for cell in "${cell_names[@]}"; do
  cell_conf "$cell" <"$etc/nova/nova.conf" | write "nova/nova-$cell.conf"
done

for host in "$controller" controller2 compute1 compute2 compute3 "${!cell_of[@]}"; do
  mkdir -p "$state/hosts/$host/instances" "$state/hosts/$host/lock"
  write "nova/$host.conf" <<END
[DEFAULT]
host = $host
state_path = $state/hosts/$host
instances_path = $state/hosts/$host/instances
compute_driver = fake.FakeDriver
[oslo_concurrency]
lock_path = $state/hosts/$host/lock
END
done
# Here shelved servers stay until a user offloads them; on the other hosts they leave at once.
sed -i '/^compute_driver/a shelved_offload_time = -1' "$etc/nova/compute2.conf"

# Nova lets nobody do it unless it is told to. A server that may not stay on its host has to leave its cell, which has no other.
write nova/cells.conf <<END
[DEFAULT]
allow_resize_to_same_host = false
[oslo_policy]
policy_file = $etc/nova/cells-policy.yaml
END
write nova/cells-policy.yaml <<END
"compute:servers:resize:cross_cell": "@"
END
write nova/reclaim.conf <<END
[DEFAULT]
reclaim_instance_interval = 3600
END
