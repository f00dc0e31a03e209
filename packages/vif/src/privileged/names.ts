import { arg } from '@micronova/privsep/privileged'

/**
 * A network device. The kernel allows more; no name here can be an option of `ip`, a path out of a folder of /proc/sys, or one of the
 * two folders there that stand for all devices at once.
 */
export const deviceName = arg.text('a name of a network device', /^(?!(?:all|default)$)[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/)

/** A bridge or a port of Open vSwitch, which need not be a network device. */
export const switchName = arg.text('a name of a bridge or port of Open vSwitch', /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/)

/** Limits of IPv4 and of a network device. */
export const mtu = arg.integer(68, 65_535)

export const uuid = arg.text('a UUID', /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/)

export const macAddress = arg.text('a MAC address', /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/)
