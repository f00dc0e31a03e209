import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ClientError } from '@micronova/clients'
import { RemoteError } from '@micronova/messaging'
import { type Cell, cell } from './cell.js'
import { leaks, strandedStates } from './cell-leaks.js'
import { confirmResize, newServer, type Server, terminate } from './cell-servers.js'
import { currentInstance } from './compute-fixture.js'
import type { PeerCall, Trouble } from './peer-calls.js'

export type Act = (cell: Cell, server: Server) => Promise<unknown>

/** One way in which a peer fails. */
interface Kind {
  readonly says: string
  /** It is the conductor that fails. */
  readonly ofConductor?: true
  applies(call: PeerCall): boolean
  trouble(cell: Cell, server: Server): Trouble
}

const rejecting = (err: () => unknown) => () => {
  throw err()
}
const isRest = ({ name }: PeerCall) => /^(neutron|placement|cinder|glance)\./.test(name)
/** Requests for one thing, which may be gone. */
const isForOne = ({ name }: PeerCall) =>
  /^neutron\.(show|update|delete|activate)Port|^cinder\.\w+Attachment$|^placement\.\w+Allocations$/.test(name) && !/create|post/.test(name)
const dbError = { class: 'DBError', module: 'oslo_db.exception', message: 'no such table', tb: [], args: [], kwargs: {} }

const kinds: readonly Kind[] = [
  {
    says: 'the conductor answers with an error of its database',
    ofConductor: true,
    applies: (call) => !isRest(call),
    trouble: () => ({ before: rejecting(() => new RemoteError(dbError)) }),
  },
  {
    says: 'the instance is deleted meanwhile',
    ofConductor: true,
    applies: (call) => !isRest(call) && call.name !== 'actions.finishEvent',
    trouble: (cell, server) => ({ before: () => deleteElsewhere(cell, server) }),
  },
  {
    says: 'the other service answers 500',
    applies: isRest,
    trouble: () => ({ before: rejecting(() => new ClientError('server_error', 'HTTP 500', { status: 500 })) }),
  },
  {
    says: 'what it asks the other service for is gone',
    applies: isForOne,
    trouble: (cell) => ({ before: (call) => remove(cell, call) }),
  },
  {
    says: 'the other service does what it is asked and does not answer',
    applies: isRest,
    trouble: () => ({ after: rejecting(() => new ClientError('timeout', 'no answer')) }),
  },
]

/** As the API deletes an instance whose host it takes to be down: the record goes, and so do its volumes and ports. */
async function deleteElsewhere({ stores, ctx, cinder, neutron }: Cell, { uuid, portId }: Server): Promise<void> {
  const instance = await currentInstance({ stores, ctx }, uuid)
  if (!instance.deleted) await stores.instances.destroy(ctx, instance)
  for (const mapping of await stores.blockDeviceMappings.listByInstanceUuid(ctx, uuid))
    await stores.blockDeviceMappings.destroy(ctx, mapping)
  cinder.attachments.clear()
  for (const { id, device_id } of [...neutron.ports.values()]) {
    if (device_id !== uuid) continue
    if (id === portId) await neutron.updatePort(ctx, id, { device_id: '', device_owner: '', 'binding:host_id': null })
    else await neutron.deletePort(ctx, id)
  }
}

function remove({ neutron, cinder, placement, lost }: Cell, { args }: PeerCall): void {
  const id = String(args[1])
  for (const things of [neutron.ports, cinder.attachments, placement.state.consumers]) things.delete(id)
  lost.add(id)
}

export interface TroubleCase {
  /** What is done to a new server before. */
  readonly before: readonly Act[]
  readonly act: Act
  /** What upstream leaves, too, and what nothing here could know of. */
  readonly tolerated?: RegExp
  /** The act asks nothing but the conductor. */
  readonly asksConductorAlone?: boolean
  /** The act ends by a call that fails: who called then cleans up. */
  readonly callerCleansUp?: boolean
}

/**
 * Each request of an operation to a peer fails in turn, in each way. Whatever fails: the operation ends, no task state stays, after
 * the next periodic tasks everything is held as the database says, and the instance can be deleted with all that it has.
 */
export function testTroubles(name: string, testCase: TroubleCase): void {
  for (const kind of kinds.filter(({ ofConductor }) => ofConductor || !testCase.asksConductorAlone))
    test(`${name} leaks nothing where ${kind.says}, whenever it happens`, async (t) => {
      const calls = (await attempt(t, testCase, () => undefined)).calls
      const found: string[] = []
      let tried = 0
      for (const [index, call] of calls.entries()) {
        if (!kind.applies(call)) continue
        tried++
        found.push(...(await troubleAt(t, testCase, kind, index)))
      }
      assert.deepEqual(found, [])
      assert.ok(tried > 0, 'it asks no such service')
    })
}

async function troubleAt(t: TestContext, testCase: TroubleCase, kind: Kind, index: number): Promise<string[]> {
  const { made, server, hit, failure } = await attempt(t, testCase, (world, own) => kind.trouble(world, own), kind, index)
  if (failure !== undefined && testCase.callerCleansUp) return []
  const problems = (when: string, all: readonly string[]) =>
    all.map((text) => `${hit} (${index}), ${when}: ${text}`).filter((text) => !testCase.tolerated?.test(text))
  const found = problems('at once', await strandedStates(made, server))
  await made.mend()
  found.push(...problems('after a while', await leaks(made, server)))
  const instance = await currentInstance(made, server.uuid)
  if (instance.deleted || instance.host === null) return found
  // As the API deletes it.
  if (instance.vm_state === 'resized') await confirmResize(made, server).catch(() => {})
  await made.quiet()
  await terminate(made, server)
  await made.quiet()
  await made.mend()
  if (!(await currentInstance(made, server.uuid)).deleted) found.push(`${hit} (${index}): it cannot be deleted`)
  found.push(...problems('after a delete', await leaks(made, server)))
  return found
}

async function attempt(
  t: TestContext,
  { before, act }: TroubleCase,
  trouble: (cell: Cell, server: Server) => Trouble | undefined,
  kind?: Kind,
  index?: number,
) {
  const made = await cell(t)
  const server = await newServer(made)
  for (const earlier of before) {
    await earlier(made, server)
    await made.quiet()
  }
  let hit = ''
  let failure: unknown
  made.peers.trouble((call, at) => {
    if (at !== index || kind === undefined || !kind.applies(call)) return undefined
    hit = call.name
    return trouble(made, server)
  })
  try {
    await act(made, server)
  } catch (err) {
    failure = err
  }
  await made.quiet()
  const calls = [...made.peers.log]
  made.peers.heal()
  return { made, server, calls, hit, failure }
}
