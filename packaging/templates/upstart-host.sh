
# Images are looked into through network block devices; a container has no modules of its own to load.
if ! running-in-container >/dev/null 2>&1; then
  modprobe nbd || echo 'the module nbd cannot be loaded' >&2
fi

for libvirt in libvirt-bin libvirtd; do
  if status "$libvirt" >/dev/null 2>&1; then
    start wait-for-state WAIT_FOR="$libvirt" WAIT_STATE=running WAITER=@NAME@
  fi
done

# The cleanup of Open vSwitch must not come after the ports of instances. It may not have been asked for yet, or have
# failed for want of Open vSwitch: so it is pushed, with a delay that grows by a second each time.
if status neutron-ovs-cleanup >/dev/null 2>&1; then
  tries=0
  until status neutron-ovs-cleanup | grep -q '/running'; do
    if [ "$tries" -ge "$MAX_STATUS_CHECK_RETRIES" ]; then
      echo "neutron-ovs-cleanup does not run after $tries tries; going on without it" >&2
      break
    fi
    tries=$((tries + 1))
    start neutron-ovs-cleanup || :
    sleep "$tries"
  done
fi
