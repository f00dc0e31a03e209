import { novaError } from '@micronova/model'

/** Where a guest's root disk is if nobody says otherwise; `/dev/sda` after upstream takes the digit off. */
const defaultRoot = '/dev/sda1'

/** `/dev/`, then what names the kind of disk (`sd`, `vd`, `xvd`, `hd`), then its letters, then a partition. */
const devicePattern = /^(\/dev\/x?[a-z]?d?)([a-z]+)[0-9]*$/

export interface NextDeviceName {
  /** Names in use, with or without `/dev/`. */
  readonly used: readonly string[]
  /** Gives the kind of disk. Null: the default. */
  readonly rootDeviceName: string | null
  /** `[compute] max_disk_devices_to_attach`; below 0 there is no limit. */
  readonly maxDevices: number
  /** What the user asked for: its letters are taken, its kind of disk is the root disk's. Null or absent: whatever is free. */
  readonly wanted?: string | null
}

/**
 * The first free device name of a guest, or that which is wanted: `/dev/vdb` beside the root disk `/dev/vda`.
 *
 * @throws NovaError `TooManyDiskDevices`, `InvalidDevicePath`, `DevicePathInUse`
 * @see nova 26.2.2, `compute/utils.py`, `get_next_device_name`
 */
export function nextDeviceName({ used, rootDeviceName, maxDevices, wanted = null }: NextDeviceName): string {
  const asked = wanted === null ? null : lettersOf(wanted)
  const letters = new Set(used.map(deviceLetters))
  if (maxDevices >= 0 && letters.size + 1 > maxDevices) throw novaError('TooManyDiskDevices', { maximum: maxDevices })
  const prefix = devicePrefix(rootDeviceName ?? defaultRoot)
  if (asked !== null && letters.has(asked)) throw novaError('DevicePathInUse', { path: wanted })
  return `${prefix}${asked ?? firstFree(letters)}`
}

function lettersOf(path: string): string {
  const letters = devicePattern.exec(path)?.[2]
  if (letters === undefined) throw novaError('InvalidDevicePath', { path })
  return letters
}

/** `/dev/vd` of `/dev/vda` or `vda1`. */
function devicePrefix(rootDeviceName: string): string {
  const path = `/dev/${withoutDev(rootDeviceName)}`
  const prefix = devicePattern.exec(path)?.[1]
  if (prefix === undefined) throw novaError('InvalidDevicePath', { path: rootDeviceName })
  return prefix
}

/** `b` of `/dev/vdb`, `a` of `sda1`. */
export function deviceLetters(name: string): string {
  return withoutDev(name)
    .replace(/^(?:x?v|s|h)d/, '')
    .replace(/\d+/g, '')
}

function withoutDev(name: string): string {
  return name.replace(/^\/dev\//, '')
}

function firstFree(taken: ReadonlySet<string>): string {
  for (let index = 0; ; index++) {
    const letters = lettersAt(index)
    if (!taken.has(letters)) return letters
  }
}

/** 0 is `a`, 25 `z`, 26 `aa`. */
export function lettersAt(index: number): string {
  const last = String.fromCharCode(97 + (index % 26))
  return index < 26 ? last : `${lettersAt(Math.floor(index / 26) - 1)}${last}`
}
