/** What keeps a cloud from starting, in one sentence for its user. Nothing was changed. */
export class CloudError extends Error {
  override readonly name = 'CloudError'
  readonly code: 'state_folder_in_use' | 'state_folder_unusable' | 'control_unavailable'
  /** Of `state_folder_in_use`: who has it. */
  readonly pid: number | null

  constructor(code: CloudError['code'], message: string, { pid, cause }: { readonly pid?: number; readonly cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.pid = pid ?? null
  }
}
