import * as enums from '../enums.js'
import { novaError } from '../errors/nova-error.js'
import type { Flavor, ImageMeta } from '../objects/index.js'
import { boolFromString } from '../python-values.js'
import { parseCpuSpec } from './cpu-spec.js'

/** What a flavor and an image together ask of the CPUs, memory and firmware of a host. @see nova 26.2.2, `virt/hardware.py` */

export function extraSpecsOf(flavor: Flavor): Readonly<Record<string, string>> {
  return flavor.objIsSet('extra_specs') ? flavor.extra_specs : {}
}

/** A property of the image; undefined without it, and without an image. */
export function imageProperty(image: ImageMeta | null, name: string): unknown {
  if (image === null || !image.objIsSet('properties')) return undefined
  const { properties } = image
  const known = Object.hasOwn(properties.objFields, name) ? (name as keyof typeof properties.objFields & string) : undefined
  return known !== undefined && properties.objIsSet(known) ? properties.objGet(known) : undefined
}

function both(key: string, flavor: Flavor, image: ImageMeta | null, prefix = 'hw'): [string | undefined, unknown] {
  return [extraSpecsOf(flavor)[`${prefix}:${key}`], imageProperty(image, `${prefix}_${key}`)]
}

/** Either has it, or both have the same. @throws NovaError `FlavorImageConflict` */
function oneOfBoth(key: string, flavor: Flavor, image: ImageMeta | null, prefix = 'hw'): string | null {
  const [ofFlavor, ofImage] = both(key, flavor, image, prefix)
  if (ofImage && ofFlavor && ofImage !== ofFlavor)
    throw novaError(
      'FlavorImageConflict',
      {},
      `Flavor ${flavor.name} has ${prefix}:${key} extra spec explicitly set to ${ofFlavor}, conflicting with image ` +
        `${imageName(image)} which has ${prefix}_${key} explicitly set to ${String(ofImage)}.`,
    )
  const value = ofFlavor || ofImage
  return value === undefined || value === null ? null : String(value)
}

const imageName = (image: ImageMeta | null) => (image?.objIsSet('name') ? image.name : '')

const pythonTuple = (values: readonly string[]) => `(${values.map((value) => `'${value}'`).join(', ')})`

/** @throws NovaError `InvalidCPUAllocationPolicy`, `ImageCPUPinningForbidden` */
export function cpuPolicy(flavor: Flavor, image: ImageMeta | null): string | null {
  const [ofFlavor, ofImage] = both('cpu_policy', flavor, image)
  const available = enums.CPUAllocationPolicy.validValues
  if (ofFlavor && !available.some((policy) => policy === ofFlavor))
    throw novaError('InvalidCPUAllocationPolicy', {
      source: 'flavor extra specs',
      requested: ofFlavor,
      available: pythonTuple(available),
    })
  const forbidden = ofFlavor === 'mixed' ? ['dedicated'] : ofFlavor === 'shared' ? ['mixed', 'dedicated'] : []
  if (forbidden.includes(String(ofImage))) throw novaError('ImageCPUPinningForbidden')
  return ofFlavor || (ofImage ? String(ofImage) : null)
}

/** @throws NovaError `InvalidCPUThreadAllocationPolicy`, `ImageCPUThreadPolicyForbidden` */
export function cpuThreadPolicy(flavor: Flavor, image: ImageMeta | null): string | null {
  const [ofFlavor, ofImage] = both('cpu_thread_policy', flavor, image)
  const available = enums.CPUThreadAllocationPolicy.validValues
  if (ofFlavor && !available.some((policy) => policy === ofFlavor))
    throw novaError('InvalidCPUThreadAllocationPolicy', {
      source: 'flavor extra specs',
      requested: ofFlavor,
      available: pythonTuple(available),
    })
  if (ofFlavor === undefined || ofFlavor === 'prefer') return ofFlavor || (ofImage ? String(ofImage) : null)
  if (ofImage && ofImage !== ofFlavor) throw novaError('ImageCPUThreadPolicyForbidden')
  return ofFlavor
}

/** @throws NovaError `InvalidEmulatorThreadsPolicy` */
export function emulatorThreadsPolicy(flavor: Flavor): string | null {
  const requested = extraSpecsOf(flavor)['hw:emulator_threads_policy']
  if (!requested) return null
  const available = enums.CPUEmulatorThreadsPolicy.validValues
  if (!available.some((policy) => policy === requested))
    throw novaError('InvalidEmulatorThreadsPolicy', { requested, available: pythonTuple(available) })
  return requested
}

/** The guest's CPUs that get one of their own, in a flavor with both kinds. @throws NovaError `InvalidMixedInstanceDedicatedMask` */
export function dedicatedCpus(flavor: Flavor): ReadonlySet<number> | null {
  const mask = extraSpecsOf(flavor)['hw:cpu_dedicated_mask']
  if (!mask) return null
  const dedicated = maskedCpus(mask, flavor.vcpus)
  const shared = range(flavor.vcpus).filter((cpu) => !dedicated.has(cpu))
  if (dedicated.size === 0 || shared.length === 0) throw novaError('InvalidMixedInstanceDedicatedMask')
  if ([...dedicated].some((cpu) => cpu < 0 || cpu >= flavor.vcpus))
    throw novaError(
      'InvalidMixedInstanceDedicatedMask',
      {},
      'Mixed instance dedicated vCPU(s) mask is not a subset of vCPUs in the flavor. See "hw:cpu_dedicated_mask"',
    )
  return dedicated
}

/** @throws NovaError `RealtimeMaskNotFoundOrInvalid` */
export function realtimeCpus(flavor: Flavor, image: ImageMeta | null): ReadonlySet<number> | null {
  if (!boolFromString(extraSpecsOf(flavor)['hw:cpu_realtime'])) return null
  const [ofFlavor, ofImage] = both('cpu_realtime_mask', flavor, image)
  const mask = ofImage || ofFlavor
  const realtime = mask ? maskedCpus(String(mask), flavor.vcpus) : new Set(range(flavor.vcpus))
  const isSubset = [...realtime].every((cpu) => cpu >= 0 && cpu < flavor.vcpus)
  const isAll = isSubset && realtime.size === flavor.vcpus
  if (realtime.size === 0 || (isAll && emulatorThreadsPolicy(flavor) === null)) throw novaError('RealtimeMaskNotFoundOrInvalid')
  if (!isSubset)
    throw novaError(
      'RealtimeMaskNotFoundOrInvalid',
      {},
      'Realtime policy vCPU(s) mask is configured with RT vCPUs that are not a subset of the vCPUs in the flavor. See ' +
        'hw:cpu_realtime_mask or hw_cpu_realtime_mask',
    )
  return realtime
}

const range = (end: number) => Array.from({ length: end }, (_, index) => index)

function maskedCpus(mask: string, vcpus: number): Set<number> {
  return parseCpuSpec(mask.trim().startsWith('^') ? `0-${vcpus - 1},${mask}` : mask)
}

/** @throws NovaError `ImagePCINUMAPolicyForbidden`, `InvalidPCINUMAAffinity` */
export function pciNumaPolicy(flavor: Flavor, image: ImageMeta | null): string | null {
  const [ofFlavor, ofImage] = both('pci_numa_affinity_policy', flavor, image)
  if (ofFlavor && ofImage && ofFlavor !== ofImage) throw novaError('ImagePCINUMAPolicyForbidden')
  const policy = ofFlavor || (ofImage ? String(ofImage) : null)
  if (policy && !enums.PCINUMAAffinityPolicy.validValues.some((valid) => valid === policy))
    throw novaError('InvalidPCINUMAAffinity', { policy })
  return policy
}

/** The version of the emulated TPM that is wanted. @throws NovaError `FlavorImageConflict`, `Invalid` */
export function tpmVersion(flavor: Flavor, image: ImageMeta | null): string | null {
  const version = oneOfBoth('tpm_version', flavor, image)
  if (version === null) return null
  refuseUnless(enums.TPMVersion.validValues, version, 'Invalid TPM version')
  const model = oneOfBoth('tpm_model', flavor, image)
  if (model !== null) refuseUnless(enums.TPMModel.validValues, model, 'Invalid TPM model')
  if (model === 'tpm-crb' && version !== '2.0') throw novaError('Invalid', {}, 'TPM model CRB is only valid with TPM version 2.0.')
  return version
}

/** @throws NovaError `FlavorImageConflict`, `Invalid` */
export function secureBootPolicy(flavor: Flavor, image: ImageMeta | null): string | null {
  const policy = oneOfBoth('secure_boot', flavor, image, 'os')
  if (policy !== null) refuseUnless(enums.SecureBoot.validValues, policy, 'Invalid secure boot policy')
  return policy
}

function refuseUnless(valid: readonly string[], value: string, what: string): void {
  if (!valid.includes(value)) throw novaError('Invalid', {}, `${what} '${value}'. Allowed values: ${valid.join(', ')}.`)
}

/** @throws NovaError `FlavorImageConflict`, `InvalidMachineType` */
export function wantsMemoryEncryption(flavor: Flavor, image: ImageMeta | null): boolean {
  const [text, ofImage] = both('mem_encryption', flavor, image)
  const ofFlavor = text === undefined ? undefined : boolFromString(text)
  if (!ofFlavor && !ofImage) return false
  if (ofFlavor !== undefined && ofImage !== undefined && ofFlavor !== ofImage)
    throw conflictOfBooleans(flavor, image, 'hw:mem_encryption', 'hw_mem_encryption', text, ofImage)
  if (imageProperty(image, 'hw_firmware_type') !== 'uefi') {
    const requesters = [
      ofFlavor ? `hw:mem_encryption extra spec in ${flavor.name} flavor` : '',
      ofImage ? `hw_mem_encryption property of image ${image?.objIsSet('id') ? image.id : ''}` : '',
    ]
    const who = requesters.filter((requester) => requester !== '').join(' and ')
    throw novaError(
      'FlavorImageConflict',
      {},
      `Memory encryption requested by ${who} but image ${imageName(image)} doesn't have 'hw_firmware_type' property set to 'uefi'`,
    )
  }
  const machineType = imageProperty(image, 'hw_machine_type')
  if (typeof machineType === 'string' && !machineType.includes('q35'))
    throw novaError('InvalidMachineType', {
      mtype: machineType,
      image_id: image?.objIsSet('id') ? image.id : '',
      image_name: imageName(image),
      reason: 'q35 type is required for SEV to work',
    })
  return true
}

/** @throws NovaError `FlavorImageConflict` */
export function wantsEphemeralEncryption(flavor: Flavor, image: ImageMeta | null): boolean {
  const [text, ofImage] = both('ephemeral_encryption', flavor, image)
  const ofFlavor = text === undefined ? undefined : boolFromString(text)
  if (ofFlavor !== undefined && ofImage !== undefined && ofFlavor !== ofImage)
    throw conflictOfBooleans(flavor, image, 'hw:ephemeral_encryption', 'hw_eph_encryption', text, ofImage)
  return ofFlavor || ofImage === true
}

/** @throws NovaError `FlavorImageConflict`, `Invalid` */
export function ephemeralEncryptionFormat(flavor: Flavor, image: ImageMeta | null): string | null {
  const format = oneOfBoth('ephemeral_encryption_format', flavor, image)
  if (!format) return null
  const valid: readonly string[] = enums.BlockDeviceEncryptionFormatType.validValues
  if (!valid.includes(format))
    throw novaError('Invalid', {}, `Invalid ephemeral encryption format ${format}. Allowed values: ${valid.join(', ')}`)
  return format
}

function conflictOfBooleans(flavor: Flavor, image: ImageMeta | null, spec: string, property: string, text: unknown, ofImage: unknown) {
  const value = typeof ofImage === 'boolean' ? (ofImage ? 'True' : 'False') : String(ofImage)
  return novaError(
    'FlavorImageConflict',
    {},
    `Flavor ${flavor.name} has ${spec} extra spec explicitly set to ${String(text)}, conflicting with image ${imageName(image)} which ` +
      `has ${property} property explicitly set to ${value}`,
  )
}

/** Labels of the persistent memory that a flavor wants, one for each namespace. */
export function persistentMemoryLabels(flavor: Flavor): readonly string[] {
  return (extraSpecsOf(flavor)['hw:pmem'] ?? '')
    .split(',')
    .map((label) => label.trim())
    .filter((label) => label !== '')
}
