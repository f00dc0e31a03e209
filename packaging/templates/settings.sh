PATH=/sbin:/usr/sbin:/bin:/usr/bin
NAME=@NAME@
DAEMON=/usr/bin/$NAME
SCRIPTNAME=/etc/init.d/$NAME
SYSTEM_USER=nova
SYSTEM_GROUP=nova
CONFIG_FILE=/etc/nova/nova.conf
DAEMON_ARGS=
USE_SYSLOG=no
USE_LOGFILE=yes
NO_OPENSTACK_CONFIG_FILE_DAEMON_ARG=
NO_OPENSTACK_LOGFILE_DAEMON_ARG=

# The administrator's changes to the above.
for defaults in /etc/default/openstack "/etc/default/$NAME"; do
  # shellcheck source=/dev/null
  if [ -r "$defaults" ]; then . "$defaults"; fi
done

# glibc keeps freed memory apart for each thread; one thread of these programs is busy, so two such places are enough.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"

if [ -z "$NO_OPENSTACK_CONFIG_FILE_DAEMON_ARG" ]; then
  DAEMON_ARGS="$DAEMON_ARGS --config-file=$CONFIG_FILE"
  if [ -e "/etc/nova/$NAME.conf" ]; then DAEMON_ARGS="$DAEMON_ARGS --config-file=/etc/nova/$NAME.conf"; fi
fi
if [ "$USE_SYSLOG" = yes ]; then DAEMON_ARGS="$DAEMON_ARGS --use-syslog"; fi
if [ "$USE_LOGFILE" != no ] && [ -z "$NO_OPENSTACK_LOGFILE_DAEMON_ARG" ]; then
  DAEMON_ARGS="$DAEMON_ARGS --log-file=/var/log/nova/$NAME.log"
fi
