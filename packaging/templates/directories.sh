# Makes a directory unless it is there, and gives it to its owner. A link is given away itself, never what it points
# to: /var/lock is open to everyone, and this runs as root.
own_directory() { # PATH MODE OWNER:GROUP
  [ -d "$1" ] || mkdir -m "$2" "$1"
  chown -h "$3" "$1"
}

make_directories() {
  for directory in /var/lock/nova /var/run/nova /var/cache/nova /var/lib/nova; do
    own_directory "$directory" 0755 "$SYSTEM_USER:$SYSTEM_GROUP"
  done
  own_directory /var/log/nova 0750 "$SYSTEM_USER:adm"
}
