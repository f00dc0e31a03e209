# Two further cells, each with a broker's vhost, a database, a conductor and a compute of its own. Sourced by cloud.sh and configure.sh.
# controller1 is the super-conductor then: it stands above the cells, and no compute is in the cell that it is in.
cell_names=(cell2 cell3)
declare -A cell_of=([cellcontroller2]=cell2 [compute4]=cell2 [cellcontroller3]=cell3 [compute5]=cell3)

# The vhost, and what the name of the database ends in.
cell_vhost() { # CELL
  echo "${name}_$1"
}

cell_transport_url() { # CELL
  echo "rabbit://$name:$secret@$ip:5672/$(cell_vhost "$1")"
}

# What the services of a host read first: those of a cell know nothing of what is above it.
nova_conf() { # HOST
  echo "$etc/nova/nova${cell_of[$1]:+-${cell_of[$1]}}.conf"
}

# That of the cloud, for one cell. The base is on standard input.
cell_conf() { # CELL
  sed -e "s#^transport_url = .*#transport_url = $(cell_transport_url "$1")#" -e '/^\[api_database\]/,+1d' \
    -e "s#^connection = $(database_url nova)\$#connection = $(database_url "nova_$1")#"
}

# Made once; a run that has no use for them finds hosts that are down.
cells() {
  local cell missing=
  for cell in "${cell_names[@]}"; do
    [ -e "$state/schemas.nova_$cell" ] || missing=yes
    schema "nova_$cell" cell_schema "$cell"
  done
  [ -n "$missing" ] || return 0
  # It knows those cells that were there when it looked first.
  stop_service nova-api
  start_service nova-api
}

cell_schema() { # CELL
  {
    echo "CREATE DATABASE IF NOT EXISTS ${name}_nova_$1 CHARACTER SET utf8;"
    echo "GRANT ALL ON ${name}_nova_$1.* TO '$name'@'%';"
  } | as_root mariadb &&
    vhost "$(cell_vhost "$1")" &&
    nova-manage --config-file "$etc/nova/nova-$1.conf" db sync --local_cell &&
    { grep -q " $1 " <<<"$(manage_nova cell_v2 list_cells)" || manage_nova cell_v2 create_cell --name "$1" \
      --transport-url "$(cell_transport_url "$1")" --database_connection "$(database_url "nova_$1")"; }
}

remove_cells() {
  local cell
  for cell in "${cell_names[@]}"; do
    grep -qx "$(cell_vhost "$cell")" <<<"$(rabbitmq list_vhosts)" || continue
    echo "DROP DATABASE IF EXISTS ${name}_nova_$cell;" | as_root mariadb
    rabbitmq delete_vhost "$(cell_vhost "$cell")" || true
  done
}
