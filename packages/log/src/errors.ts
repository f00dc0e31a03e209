/** Root of everything this package throws, all of it at set-up: a logger itself never throws. */
export class LogError extends Error {
  override readonly name = 'LogError'
  /** `bad_option`: an option's value; `bad_config_file`: the file of log_config_append; `cannot_open`: an output. */
  readonly code: 'bad_option' | 'bad_config_file' | 'cannot_open'

  constructor(code: LogError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** `ENOSPC: no space left on device, write` or whatever else a failure says about itself, on one line. */
export function reasonOf(err: unknown): string {
  return (err instanceof Error ? err.message : String(err)).split('\n', 1)[0] ?? ''
}
