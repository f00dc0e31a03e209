import { type NovaError, type NovaErrorKind, novaError } from '@micronova/model'

/** Root of what this package throws itself. Switch on `code`; do not parse `message`. */
export class RpcapiError extends Error {
  override readonly name = 'RpcapiError'
  /**
   * - `legacy_form`: the version cap leaves only a form of a message that is known but not spoken. Nothing was sent.
   * - `bad_upgrade_level`: an option of `[upgrade_levels]` has no meaning. Nothing was opened.
   */
  readonly code: 'legacy_form' | 'bad_upgrade_level'

  constructor(code: RpcapiError['code'], message: string) {
    super(message)
    this.code = code
  }
}

export function legacyForm(method: string, version: string): RpcapiError {
  return new RpcapiError(
    'legacy_form',
    `${method} ${version} takes dicts in place of objects, which is not spoken: raise its cap in [upgrade_levels]`,
  )
}

/** Nova's error for a peer that is too old. */
export function refused(error: {
  readonly kind: NovaErrorKind
  readonly message?: string
  readonly kwargs?: Readonly<Record<string, string>>
}): NovaError {
  return novaError(error.kind, error.kwargs ?? {}, error.message ?? {})
}

/** @see nova 26.2.2, `compute/rpcapi.py`, `_compute_host` */
export function noHost(instanceUuid: string | undefined): NovaError {
  return novaError('NovaException', {}, instanceUuid ? `Unable to find host for Instance ${instanceUuid}` : 'No compute host specified')
}
