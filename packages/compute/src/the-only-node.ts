import { novaError } from '@micronova/model'
import type { ComputeParts } from './parts.js'

/** The node of a driver that has one, where nobody says which. @throws NovaError: it has none */
export async function theOnlyNode({ driver }: Pick<ComputeParts, 'driver'>): Promise<string> {
  const [node] = await driver.availableNodes()
  if (node === undefined) throw novaError('NovaException', {}, 'the virt driver has no compute node')
  return node
}
