/** Root of the errors that are the host's own affair. What an instance's user shall see is a `NovaError`. */
export class VirtDriverError extends Error {
  override readonly name = 'VirtDriverError'
  /** `missing_option`, `unknown_driver`: the service cannot start. `unknown_node`: not a node of this driver. `bad_state_file`: see `cause`. */
  readonly code: 'missing_option' | 'unknown_driver' | 'unknown_node' | 'bad_state_file'
  constructor(code: VirtDriverError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
