#!/bin/sh
### BEGIN INIT INFO
# Provides:          @NAME@
# Required-Start:    $network $local_fs $remote_fs $syslog
# Required-Stop:     $remote_fs
# Should-Start:      @AFTER@
# Should-Stop:       @AFTER@
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: @TITLE@
# Description:       @SUMMARY@.
### END INIT INFO

@INCLUDE settings.sh@
DESC="@TITLE@"
PIDFILE=/var/run/nova/$NAME.pid

[ -x "$DAEMON" ] || exit 0

# On a machine under systemd this hands start, stop and the like over to systemctl.
# shellcheck source=/dev/null
if [ -r /lib/lsb/init-functions ]; then . /lib/lsb/init-functions; fi

@INCLUDE directories.sh@

say() {
  echo "$DESC: $1"
}

under_upstart() {
  [ -x /sbin/initctl ] && /sbin/initctl version 2>/dev/null | grep -q upstart
}

# How the service is, in the status codes of the LSB: 0 running, 1 gone but for its pid file, 3 not running, 4 unknown.
# The number in a pid file may have passed to another program since, so the command line is asked for ours.
service_status() {
  [ -e "$PIDFILE" ] || return 3
  [ -r "$PIDFILE" ] || return 4
  pid=
  read -r pid <"$PIDFILE" || :
  case $pid in '' | *[!0-9]*) return 4 ;; esac
  [ -r "/proc/$pid/cmdline" ] || return 1
  { tr '\0' '\n' <"/proc/$pid/cmdline" | grep -Fqx -e "$DAEMON"; } 2>/dev/null || return 1
}

# 0 also if it runs already.
start_service() {
  if service_status; then
    say "is running already, as process $pid"
    return 0
  fi
  rm -f "$PIDFILE"
  make_directories
  # DAEMON_ARGS is a list of words.
  # shellcheck disable=SC2086
  start-stop-daemon --start --quiet --background --chuid "$SYSTEM_USER:$SYSTEM_GROUP" --make-pidfile --pidfile "$PIDFILE" \
    --chdir /var/lib/nova --startas "$DAEMON" -- $DAEMON_ARGS || return 1
  sleep 1 # a program that cannot use its configuration ends before
  if service_status; then
    say started
    return 0
  fi
  rm -f "$PIDFILE"
  say "ended at once; $SCRIPTNAME systemd-start, run as $SYSTEM_USER, prints why" >&2
  return 1
}

# 0 also if it did not run. The user is asked for besides the pid file: nothing else may come to harm.
stop_service() {
  if ! service_status; then
    rm -f "$PIDFILE"
    say 'was not running'
    return 0
  fi
  start-stop-daemon --stop --quiet --retry=TERM/30/KILL/5 --pidfile "$PIDFILE" --user "$SYSTEM_USER"
  if service_status; then
    say "is still running, as process $pid" >&2
    return 1
  fi
  rm -f "$PIDFILE"
  say stopped
}

case "$1" in
  start)
    if under_upstart; then exit 1; fi
    start_service
    ;;
  stop)
    if under_upstart; then exit 0; fi
    stop_service
    ;;
  restart | force-reload)
    if under_upstart; then exit 1; fi
    stop_service && start_service
    ;;
  status)
    service_status
    status=$?
    case $status in
      0) say "is running, as process $pid" ;;
      1) say 'is not running, and has left its pid file' ;;
      3) say 'is not running' ;;
      *) say "cannot be found out about: $PIDFILE is not readable or holds no number" ;;
    esac
    exit $status
    ;;
  systemd-start)
    if [ "$(id -u)" = 0 ]; then make_directories; fi
    # shellcheck disable=SC2086
    exec "$DAEMON" $DAEMON_ARGS
    ;;
  show-args)
    # shellcheck disable=SC2086
    echo "$DAEMON" $DAEMON_ARGS
    ;;
  *)
    echo "Usage: $SCRIPTNAME {start|stop|status|restart|force-reload|systemd-start|show-args}" >&2
    exit 3
    ;;
esac
