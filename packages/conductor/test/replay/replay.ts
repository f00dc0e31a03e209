import assert from 'node:assert/strict'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { createTransport, type Json, type JsonObject, MemoryBus, RemoteError, type RpcClient, type Serializer } from '@micronova/messaging'
import {
  adminContext,
  type CellMapping,
  type CellMappingList,
  type Instance,
  novaErrorCatalogue,
  novaRegistry,
  type Stores,
} from '@micronova/model'
import { createNovaSerializer } from '@micronova/rpcapi'
import { ConductorManager } from '../../src/index.js'
import { type RecordedInstance, type RecordedRequest, recordedConversation } from './recorded-conversation.js'
import { asRowOf, seedStores } from './seed.js'
import { shapeOf } from './shape.js'

const registry = novaRegistry()
const ctx = adminContext({ clock: systemClock, random: systemRandom })

/** Messages as they are on the wire; the context is the one that was recorded. */
const plain: Serializer<JsonObject> = {
  serializeEntity: (_ctx, value) => value as Json,
  deserializeEntity: (_ctx, value) => value,
  serializeContext: (context) => context,
  deserializeContext: (context) => context,
}

/**
 * Let a conductor over `stores` go through what the Python conductor went through in the recording `file`, and compare its answers:
 * results in their structure, failures in class, module, message, args and kwargs.
 */
export async function replay(file: string, stores: Stores): Promise<void> {
  const conversation = recordedConversation(file)
  await seedStores(conversation, stores, registry, ctx)
  const deps = { log: nullLogger, clock: systemClock, random: systemRandom }
  const bus = new MemoryBus(deps)
  const served = createTransport('memory://', { ...deps, bus, errors: novaErrorCatalogue })
  const manager = new ConductorManager({ stores, registry, host: 'controller1', log: nullLogger, cells: cellsOf(conversation) })
  const server = served.server({ topic: 'conductor', server: 'controller1' }, manager.endpoints, {
    serializer: createNovaSerializer({ registry }),
  })
  const called = createTransport('memory://', { ...deps, bus, errors: { toFailure: () => undefined, fromFailure: () => undefined } })
  await server.start(new AbortController().signal)
  try {
    for (const entry of conversation) {
      if (entry.kind === 'instance') await changeState(stores, entry)
      else await compareAnswers(called.client({ topic: 'conductor' }, { serializer: plain }), entry, stores)
    }
  } finally {
    await server.stop(AbortSignal.timeout(1000))
    await called.stop(AbortSignal.timeout(1000))
    await served.stop(AbortSignal.timeout(1000))
  }
}

/** Between two operations the API writes to the database by itself: the task state. */
async function changeState(stores: Stores, { primitive }: RecordedInstance): Promise<void> {
  const { uuid, task_state, vm_state } = registry.fromPrimitive(primitive) as Instance
  const stored = await stores.instances.getByUuid(ctx, uuid, [])
  stored.task_state = task_state
  stored.vm_state = vm_state
  await stores.instances.save(ctx, stored)
}

async function compareAnswers(client: RpcClient<JsonObject>, request: RecordedRequest, stores: Stores): Promise<void> {
  const { message, place, name } = request
  const { version, namespace } = message as { readonly version: string; readonly namespace?: string }
  const target = client.prepare({ topic: 'conductor', version, ...(namespace === undefined ? {} : { namespace }) })
  const { objinst, ...others } = message.args as JsonObject
  const args = objinst ? { ...others, objinst: await asRowOf(stores, registry, ctx, objinst as JsonObject) } : others
  const answer = await target.call(contextOf(message), String(message.method), args).then(
    (result) => ({ result, failure: null }),
    (err: unknown) => ({ result: null, failure: failureOf(err) }),
  )
  assert.deepEqual(answer.failure, request.failure, `${place} ${name}`)
  assert.deepEqual(shapeOf(answer.result), shapeOf(request.result), `${place} ${name}`)
}

function failureOf(err: unknown): JsonObject {
  if (!(err instanceof RemoteError)) throw err
  return { class: err.className, module: err.moduleName, message: err.remoteMessage, args: err.args, kwargs: err.kwargs }
}

/** The cells that the recorded conductor knew. */
function cellsOf(conversation: readonly (RecordedInstance | RecordedRequest)[]): CellMapping[] {
  const request = conversation.find(
    (entry): entry is RecordedRequest => entry.kind === 'request' && entry.name === 'CellMappingList.get_all',
  )
  return request ? (registry.fromPrimitive(request.result as Json) as CellMappingList).objects : []
}

function contextOf(message: JsonObject): JsonObject {
  const prefix = '_context_'
  const entries = Object.entries(message).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]))
}
