import { ImageMetaProps } from '@micronova/model'
import { VersionedObjectError } from '@micronova/versionedobjects'
import type { Command } from 'commander'
import type { Manage, ManageCommand } from '../command.js'
import { mappedInstance } from '../mapped-instance.js'

/** The guest of any other may run, with hardware that its record would no longer have. */
const settableStates: readonly (string | null)[] = ['stopped', 'shelved', 'shelved_offloaded']

/** Lists, which no property of this form holds: they come of several others. */
const composed: readonly string[] = ['hw_numa_cpus', 'hw_numa_mem', 'traits_required']

/** Changes the image properties that an instance remembers; its next start has them. */
export const imagePropertySet: ManageCommand = {
  name: 'set',
  summary: 'Set image properties of an instance that is stopped, shelved or offloaded.',
  statuses:
    '0 done, 1 it failed, 2 there is no such instance, 3 its state does not allow it, 4 a property is not NAME=VALUE, 5 there is no such property, 6 it cannot have this value.',
  declare(command: Command) {
    command
      .argument('<instance_uuid>', 'the instance')
      .option('--property <image_property>', 'NAME=VALUE; may be repeated', (one: string, before: readonly string[] = []) => [
        ...before,
        one,
      ])
  },
  async run(manage: Manage, { property: given = [] }: { readonly property?: readonly string[] }, uuid: string) {
    const { ctx, print } = manage
    const found = await mappedInstance(manage, uuid, ['system_metadata'])
    if (found === null) return 2
    const { cell, instance } = found
    if (!settableStates.includes(instance.vm_state)) {
      print(`Instance ${uuid} is ${instance.vm_state}: it must be stopped, shelved or shelved_offloaded.`)
      return 3
    }
    if (given.length === 0 || given.some((one) => !one.includes('='))) {
      print('--property should use the format key=value')
      return 4
    }
    const properties = Object.fromEntries(given.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]))
    for (const [name, value] of Object.entries(properties)) {
      const flaw = flawOf(name, value)
      if (flaw === null) continue
      print(flaw.text)
      return flaw.status
    }
    const added = Object.fromEntries(Object.entries(properties).map(([name, value]) => [`image_${name}`, value]))
    instance.system_metadata = { ...instance.system_metadata, ...added }
    await cell.stores.instances.save(ctx, instance)
    return 0
  },
}

function flawOf(name: string, value: string): { readonly status: 5 | 6; readonly text: string } | null {
  if (!(name in ImageMetaProps.fields)) return { status: 5, text: `Invalid image property name ${name}.` }
  if (composed.includes(name)) return null
  try {
    new ImageMetaProps({ [name]: value })
    return null
  } catch (err) {
    if (!(err instanceof VersionedObjectError)) throw err
    return { status: 6, text: `Image property ${name}: ${err.message}` }
  }
}
