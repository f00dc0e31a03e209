import { UndoFailed } from '@micronova/lifecycle'
import { type Instance, isNovaError, type NovaError, type NovaErrorKind, novaError } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'

/** What becomes of a build that failed. */
export type BuildVerdict =
  /** The instance is deleted, or being deleted. */
  | { readonly kind: 'disappeared' }
  /** It would fail everywhere: ERROR. */
  | { readonly kind: 'aborted'; readonly error: NovaError }
  /** Another host may do better. `byPolicy`: this host is fine but must not have it, so it does not count as a failed build. */
  | { readonly kind: 'rescheduled'; readonly error: NovaError; readonly reason: string; readonly byPolicy: boolean }

const networkKinds: readonly NovaErrorKind[] = [
  'ExternalNetworkAttachForbidden',
  'VirtualInterfaceCreateException',
  'VirtualInterfaceMacAddressException',
  'FixedIpInvalidOnHost',
  'UnableToAutoAllocateNetwork',
  'NetworksWithQoSPolicyNotSupported',
]

const requestKinds: readonly NovaErrorKind[] = [
  'Base64Exception',
  'FlavorDiskTooSmall',
  'FlavorMemoryTooSmall',
  'ImageNotActive',
  'ImageUnacceptable',
  'InvalidDiskInfo',
  'InvalidDiskFormat',
  'CertificateValidationFailed',
  'VolumeEncryptionNotSupported',
  'InvalidInput',
  'RequestedVRamTooHigh',
]

/**
 * Judge the failure of a build.
 *
 * @param guestRan the guest had been made when it failed: such a build does not go to another host
 * @see nova 26.2.2, `compute/manager.py`, `_build_and_run_instance`
 */
export function judgeBuildFailure(instance: Instance, err: unknown, guestRan: boolean): BuildVerdict {
  if (err instanceof UndoFailed) return judgeUndoFailure(instance, err)
  if (isDisappeared(err)) return { kind: 'disappeared' }
  if (isNovaError(err, 'BuildAbortException')) return { kind: 'aborted', error: err }
  if (isNovaError(err, 'NoMoreFixedIps'))
    return aborted(instance, err, `Failed to allocate the network(s) with error ${err.message}, not rescheduling.`)
  if (isAny(err, networkKinds)) return aborted(instance, err, 'Failed to allocate the network(s), not rescheduling.')
  if (guestRan || isAny(err, requestKinds)) return aborted(instance, err)
  return rescheduled(instance, err)
}

/** The host is not as it was before: nothing more is tried on it or elsewhere until someone has looked. */
function judgeUndoFailure(instance: Instance, { failure, cause }: UndoFailed): BuildVerdict {
  return isDisappeared(failure) || isDisappeared(cause) ? { kind: 'disappeared' } : aborted(instance, failure)
}

function aborted(instance: Instance, cause: unknown, reason?: string): BuildVerdict {
  return { kind: 'aborted', error: abortedBecause(instance, cause, reason) }
}

function rescheduled(instance: Instance, cause: unknown): BuildVerdict {
  const byPolicy = isNovaError(cause, 'GroupAffinityViolation')
  const reason = messageOf(cause)
  const kind = byPolicy ? 'RescheduledByPolicyException' : 'RescheduledException'
  return { kind: 'rescheduled', error: novaError(kind, { instance_uuid: instance.uuid, reason }, { cause }), reason, byPolicy }
}

/** @param reason default: the message of `cause` */
export function abortedBecause(instance: Instance, cause: unknown, reason = messageOf(cause)): NovaError {
  return novaError('BuildAbortException', { instance_uuid: instance.uuid, reason }, { cause })
}

/** The instance was deleted under the build, or is about to be. */
export function isDisappeared(err: unknown): boolean {
  return isNovaError(err, 'InstanceNotFound') || isNovaError(err, 'UnexpectedDeletingTaskStateError')
}

function isAny(err: unknown, kinds: readonly NovaErrorKind[]): boolean {
  return kinds.some((kind) => isNovaError(err, kind))
}
