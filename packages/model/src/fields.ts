import { f as common, type FieldType, fieldMaker, pythonText, valueError } from '@micronova/versionedobjects'
import { networkInfoType, vifType } from './network-model.js'

/** Upper case: `VCPU`, `CUSTOM_GOLD`. */
const resourceClassType: FieldType<string> = {
  name: 'ResourceClass',
  coerce(value) {
    const text = typeof value === 'string' ? value.toUpperCase() : ''
    if (!/^[A-Z0-9_]+$/.test(text)) throw valueError(`Malformed Resource Class ${pythonText(value)}`)
    return text
  },
  stringify: (value) => value,
}

/** Text that begins with an address; upstream does not look at what follows. */
function addressType(name: string, pattern: string): FieldType<string> {
  const start = new RegExp(`^(?:${pattern})`)
  return {
    name,
    coerce(value) {
      const text = pythonText(value)
      if (!start.test(text)) throw valueError(`Value must match ${pattern}`)
      return text
    },
    stringify: (value) => value,
  }
}

/** Declares fields of Nova's objects: those of every project, and Nova's own. */
export const f = {
  ...common,
  resourceClass: fieldMaker(resourceClassType),
  usbAddress: fieldMaker(addressType('USBAddress', '[a-f0-9]+:[a-f0-9]+')),
  scsiAddress: fieldMaker(addressType('SCSIAddress', '[a-f0-9]+:[a-f0-9]+:[a-f0-9]+:[a-f0-9]+')),
  ideAddress: fieldMaker(addressType('IDEAddress', '[0-1]:[0-1]')),
  xenAddress: fieldMaker(addressType('XenAddress', '(00[0-9]{2}00)|[1-9][0-9]+')),
  networkModel: fieldMaker(networkInfoType),
  networkVif: fieldMaker(vifType),
} as const
