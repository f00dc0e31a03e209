import type { OptionLimits, OptionTypeName } from '../declare.js'
import { convertHostAddress, convertHostDomain, convertHostname, convertIpAddress } from './address.js'
import { convertBoolean } from './boolean.js'
import type { Conversion, Converter } from './conversion.js'
import { convertDict, convertList } from './list.js'
import { convertFloat, convertInteger, convertPort } from './number.js'
import { convertString } from './string.js'
import { convertUri } from './uri.js'

export type { Conversion } from './conversion.js'
export { choiceText } from './string.js'

const converters: Readonly<Record<OptionTypeName, Converter>> = {
  String: convertString,
  Integer: convertInteger,
  Float: convertFloat,
  Boolean: convertBoolean,
  Port: convertPort,
  HostAddress: convertHostAddress,
  HostDomain: convertHostDomain,
  Hostname: convertHostname,
  IPAddress: convertIpAddress,
  URI: convertUri,
  List: (text, limits) => convertList(text, limits, (item) => convert(item, limits.item?.type ?? 'String', limits.item ?? {})),
  Dict: convertDict,
  MultiString: convertString,
  MultiDict: convertDict,
}

/** The value that `text`, one occurrence of an option of this type, stands for. */
export function convert(text: string, type: OptionTypeName, limits: OptionLimits): Conversion {
  return converters[type](text, limits)
}

/** True for the types whose value is the list of all occurrences. */
export function isMulti(type: OptionTypeName): boolean {
  return type === 'MultiString' || type === 'MultiDict'
}
