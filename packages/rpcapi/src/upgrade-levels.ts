import { defineOptions, opt, type Section } from '@micronova/config'
import { isVersion } from '@micronova/messaging'
import type { RpcContract } from './contract.js'
import { baseContract } from './contracts/base.js'
import { computeContract } from './contracts/compute.js'
import { conductorContract } from './contracts/conductor.js'
import { schedulerContract } from './contracts/scheduler.js'
import { RpcapiError } from './errors.js'

/** What may be sent to services of an older release while a cloud is being upgraded. */
export const upgradeLevelOptions = defineOptions('upgrade_levels', {
  baseapi: opt.string({ help: 'Newest version, or release, of the messages that every service answers.' }),
  compute: opt.string({
    help: 'Newest version, or release, of the messages to nova-compute; auto: what the oldest nova-compute understands.',
  }),
  conductor: opt.string({ help: 'Newest version, or release, of the messages to nova-conductor.' }),
  scheduler: opt.string({ help: 'Newest version, or release, of the messages to nova-scheduler.' }),
})

export type UpgradeLevels = Section<typeof upgradeLevelOptions>

/** `[upgrade_levels] compute`: the cap follows from the versions in the table of services. */
export const AUTOMATIC_LEVEL = 'auto'

/** No caps: every peer is of this release. */
export const noUpgradeLevels: UpgradeLevels = { baseapi: null, compute: null, conductor: null, scheduler: null }

/** @throws RpcapiError `bad_upgrade_level` for a level that is neither a release of its API nor a version */
export function checkUpgradeLevels(levels: UpgradeLevels): void {
  check('baseapi', baseContract('compute'), levels.baseapi)
  check('conductor', conductorContract, levels.conductor)
  check('scheduler', schedulerContract, levels.scheduler)
  if (levels.compute !== AUTOMATIC_LEVEL) check('compute', computeContract, levels.compute)
}

function check(name: string, { aliases }: Pick<RpcContract, 'aliases'>, level: string | null): void {
  if (level === null || level in aliases || isVersion(level)) return
  const releases = Object.keys(aliases)
  const known = releases.length === 0 ? '' : ` (releases: ${releases.join(', ')})`
  throw new RpcapiError('bad_upgrade_level', `[upgrade_levels] ${name}: '${level}' is neither a release of this API nor a version${known}`)
}
