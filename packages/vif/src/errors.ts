export type VifErrorCode =
  | 'no_matching_plugin'
  | 'plug_failed'
  | 'unplug_failed'
  | 'missing_port_profile'
  | 'wrong_port_profile'
  | 'unsupported_vif'
  | 'missing_bridge_interface'
  | 'pci_device_not_found'
  | 'representor_not_found'

/** Root of everything this package throws. Switch on `code`; do not parse `message`. A plug that failed half way is finished by the next one. */
export class VifError extends Error {
  override readonly name = 'VifError'
  readonly code: VifErrorCode

  constructor(code: VifErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
