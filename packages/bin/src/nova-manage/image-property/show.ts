import type { Command } from 'commander'
import type { Manage, ManageCommand } from '../command.js'
import { mappedInstance } from '../mapped-instance.js'

/** Prints one property of the image as the instance remembers it. */
export const imagePropertyShow: ManageCommand = {
  name: 'show',
  summary: 'Print the value of an image property of an instance.',
  statuses: '0 done, 1 it failed, 2 there is no such instance, 3 it has no such property.',
  declare(command: Command) {
    command.argument('<instance_uuid>', 'the instance').argument('<image_property>', 'name of the property, such as hw_machine_type')
  },
  async run(manage: Manage, _options: object, uuid: string, property: string) {
    const found = await mappedInstance(manage, uuid, ['system_metadata'])
    if (found === null) return 2
    const value = found.instance.system_metadata[`image_${property}`]
    manage.print(value || `Image property ${property} not found for instance ${uuid}.`)
    return value ? 0 : 3
  },
}
