import { cachedNetworkInfo } from '../../src/network/network-api.js'
import { type Cell, cellHosts as hosts } from './cell.js'
import { nodeUuid, type Server } from './cell-servers.js'
import { currentInstance } from './compute-fixture.js'

const moving: readonly (string | null)[] = [
  'finished',
  'migrating',
  'post-migrating',
  'pre-migrating',
  'confirming',
  'reverting',
  'preparing',
  'running',
]

/** Everything that is held for `server` and should not be, or should be and is not, as the database has it. Empty: all is well. */
export async function leaks(cell: Cell, server: Server): Promise<readonly string[]> {
  const found = [
    ...(await guestLeaks(cell, server)),
    ...(await allocationLeaks(cell, server)),
    ...(await portLeaks(cell, server)),
    ...(await volumeLeaks(cell, server)),
  ]
  return [...found, ...(await usageLeaks(cell))]
}

/** Where the database has it, if it is not deleted. */
async function placeOf(cell: Cell, { uuid }: Server) {
  const instance = await currentInstance(cell, uuid)
  const migrations = await cell.stores.migrations.listByFilters(cell.ctx, { instance_uuid: uuid })
  const moves = instance.deleted ? [] : migrations.filter(({ status }) => moving.includes(status))
  const isKept = instance.vm_state === 'shelved_offloaded'
  return { instance, host: instance.deleted ? null : instance.host, moves, migrations, isKept: isKept && !instance.deleted }
}

/** A task state that nobody will end. */
export async function strandedStates(cell: Cell, server: Server): Promise<readonly string[]> {
  const { instance } = await placeOf(cell, server)
  if (instance.deleted || instance.task_state === null) return []
  const isElsewhere =
    instance.task_state === 'scheduling' &&
    [...cell.compute1.sent, ...cell.compute2.sent].some(({ method }) => method === 'build_instances')
  return isElsewhere ? [] : [`the instance is ${instance.vm_state} and ${instance.task_state}, and nobody works on it`]
}

async function guestLeaks(cell: Cell, server: Server): Promise<string[]> {
  const { instance, host, moves, migrations } = await placeOf(cell, server)
  const found: string[] = []
  for (const name of hosts) {
    if (!(await cell[name].driver.guestExists(server.uuid)) || name === host) continue
    if (moves.some(({ source_compute, dest_compute }) => name === source_compute || name === dest_compute)) continue
    // An operator may bring it back; it goes with the instance.
    if (!instance.deleted && instance.vm_state === 'error' && migrations.some(({ status }) => status === 'error')) continue
    found.push(`a guest is on ${name}, the instance on ${host}`)
  }
  return found
}

async function allocationLeaks(cell: Cell, server: Server): Promise<string[]> {
  const { instance, host, moves, migrations } = await placeOf(cell, server)
  const { consumers } = cell.placement.state
  const held = (uuid: string) =>
    Object.keys(consumers.get(uuid)?.allocations ?? {}).map(
      (provider) => hosts.find((name) => nodeUuid(cell, name) === provider) ?? provider,
    )
  const found: string[] = []
  const own = held(server.uuid)
  const wanted = host === null ? [] : [host]
  if (moves.length === 0 && String(own) !== String(wanted)) found.push(`the instance is on ${host} and has allocations of ${own}`)
  // So is what it needs for that.
  const isKeptForRepair = (status: string | null) => !instance.deleted && instance.vm_state === 'error' && status === 'error'
  for (const { uuid, status } of migrations)
    if (isKeptForRepair(status)) continue
    else if (held(uuid).length > 0 && (instance.deleted || !moving.includes(status)))
      found.push(`a migration that is ${status} has allocations of ${held(uuid)}`)
  return found
}

async function portLeaks(cell: Cell, server: Server): Promise<string[]> {
  const { instance, host, moves, isKept } = await placeOf(cell, server)
  const found: string[] = []
  const own = [...cell.neutron.ports.values()].filter(({ device_id }) => device_id === server.uuid)
  if (!cell.neutron.ports.has(server.portId) && !cell.lost.has(server.portId)) found.push("the user's port is gone")
  for (const { id, device_id } of cell.neutron.ports.values())
    if (device_id !== server.uuid && id !== server.portId) found.push(`port ${id} is nobody's`)
  if (host === null && !isKept) return own.length === 0 ? found : [...found, `${own.length} ports belong to an instance without a host`]
  const cached = cachedNetworkInfo(instance).map(({ id }) => id)
  const have = own.map(({ id }) => id)
  if (String([...cached].sort()) !== String([...have].sort())) found.push(`the info cache has the ports ${cached}, Neutron ${have}`)
  for (const port of own) {
    const bound = port['binding:host_id'] ?? ''
    if (moves.length === 0 && !isKept && bound !== host) found.push(`port ${port.id} is bound to ${bound}, the instance is on ${host}`)
    const others = (cell.neutron.bindings.get(port.id) ?? []).filter((binding) => binding.host !== bound)
    if (moves.length === 0 && others.length > 0)
      found.push(`port ${port.id} has a binding to ${others.map((binding) => binding.host)} left`)
  }
  return found
}

async function volumeLeaks(cell: Cell, server: Server): Promise<string[]> {
  const { instance } = await placeOf(cell, server)
  const mappings = instance.deleted ? [] : await cell.stores.blockDeviceMappings.listByInstanceUuid(cell.ctx, server.uuid)
  const wanted = mappings.flatMap((mapping) => (mapping.volume_id && mapping.objIsSet('attachment_id') ? [mapping.attachment_id] : []))
  const there = [...cell.cinder.attachments.keys()]
  const extra = there.filter((id) => !wanted.includes(id))
  const found = extra.length === 0 ? [] : [`Cinder has the attachments ${extra}, which no mapping has`]
  // A build that failed has given them back: a new one gets new ones.
  const missing =
    instance.deleted || instance.host === null ? [] : wanted.filter((id) => id !== null && !there.includes(id) && !cell.lost.has(id))
  return missing.length === 0 ? found : [...found, `the mappings have the attachments ${missing}, which Cinder has not`]
}

/** What the trackers have counted, against a new count. */
async function usageLeaks(cell: Cell): Promise<string[]> {
  const found: string[] = []
  for (const host of hosts) {
    const before = cell[host].tracker.nodes.get(host)?.vcpus_used
    await cell[host].tracker.updateAvailableResource(cell.ctx, host)
    const after = cell[host].tracker.nodes.get(host)?.vcpus_used
    if (before !== after) found.push(`${before} CPUs were counted as used on ${host}, ${after} are`)
  }
  return found
}
