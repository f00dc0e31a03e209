import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallOptions, JsonObject, RpcClient, Target, Transport } from '@micronova/messaging'
import { novaRegistry, type RequestContext } from '@micronova/model'
import {
  contextOnlySerializer,
  createBaseApi,
  createComputeApi,
  createComputeTaskApi,
  createNovaSerializer,
  createSchedulerApi,
} from '@micronova/rpcapi'
import { readFixtureLines } from '@micronova/testing'

const serializer = createNovaSerializer({ registry: novaRegistry() })

interface Line {
  readonly seq: number
  readonly sender: string
  readonly exchange: string
  readonly routing_key: string
  readonly message: JsonObject
}
type Sent = Omit<Line, 'seq' | 'sender'>

/** A transport that keeps what is sent, as messages of the recording have it. */
function recordingTransport(sent: Sent[]): Pick<Transport, 'client'> {
  const clientOf = (target: Target, wire: typeof serializer, options: CallOptions): RpcClient<RequestContext> => {
    const send = (ctx: RequestContext, method: string, args: Readonly<Record<string, unknown>>, isCall: boolean) => {
      const { topic, server, fanout, namespace, version } = { ...target, ...options }
      const values: JsonObject = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, wire.serializeEntity(ctx, value)]))
      const call: JsonObject = isCall ? { _timeout: options.callMonitorTimeoutSeconds ?? null } : {}
      const message = { method, args: values, version: version!, ...(namespace ? { namespace } : {}), ...call }
      const address = fanout ? [`${topic}_fanout`, ''] : ['nova', server ? `${topic}.${server}` : topic!]
      sent.push({ exchange: address[0]!, routing_key: address[1]!, message })
    }
    return {
      prepare: (prepared) => clientOf(target, wire, prepared),
      canSendVersion: () => true,
      async call<R>(ctx: RequestContext, method: string, args: Readonly<Record<string, unknown>>) {
        send(ctx, method, args, true)
        return undefined as R
      },
      async cast(ctx, method, args) {
        send(ctx, method, args, false)
      },
    }
  }
  return {
    client<C>(target: Target, options: { readonly serializer: unknown }): RpcClient<C> {
      const client: unknown = clientOf(target, options.serializer as typeof serializer, {})
      return client as RpcClient<C>
    },
  }
}

type AnyStub = (ctx: RequestContext, args: Readonly<Record<string, unknown>>) => Promise<unknown>
type AnyApi = Readonly<Record<string, AnyStub>>

function apiFor({ routing_key, exchange, message }: Line, sent: Sent[]): AnyApi {
  const transport = recordingTransport(sent)
  const choose = () => {
    if (message.namespace === 'baseapi') return createBaseApi(routing_key, { transport, serializer: contextOnlySerializer })
    if (message.namespace === 'compute_task') return createComputeTaskApi({ transport, serializer })
    if (routing_key === 'scheduler' || exchange === 'scheduler_fanout') return createSchedulerApi({ transport, serializer })
    return createComputeApi({ transport, serializer })
  }
  const api: unknown = choose()
  return api as AnyApi
}

const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Does the same call with our stub: its arguments have the names that the message gives them. */
async function sendAlike(line: Line): Promise<Sent | undefined> {
  const { message, routing_key } = line
  const sent: Sent[] = []
  const ctx = serializer.deserializeContext({})
  const values = (await serializer.deserializeEntity(ctx, message.args!)) as Record<string, unknown>
  const args = Object.fromEntries(Object.entries(values).map(([name, value]) => [camelCase(name), value]))
  const isCast = !('_msg_id' in message)
  const host = routing_key.startsWith('compute.') ? { host: routing_key.slice('compute.'.length) } : {}
  await apiFor(line, sent)[camelCase(String(message.method))]!(ctx, { ...host, doCast: isCast, cast: isCast, ...args })
  return sent[0]
}

/** Not sent by Nova's own clients: the scenario calls what does not exist or calls it wrongly. */
const isDeliberatelyWrong = (line: Line) => line.sender === 'test-client'

function recordedRequests(file: string): Line[] {
  const lines = readFixtureLines(`wire/${file}`).map((line) => JSON.parse(line) as Line)
  return lines.filter(
    (line) => 'method' in line.message && !String(line.message.method).startsWith('object_') && !isDeliberatelyWrong(line),
  )
}

/** Lists of changed fields are Python sets. */
function comparable(value: unknown, key = ''): unknown {
  if (key === 'nova_object.changes') return [...(value as string[])].sort()
  if (Array.isArray(value)) return value.map((item) => comparable(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, comparable(item, name)]))
}

const files = [
  '01-compute-startup.jsonl',
  '02-compute-restart.jsonl',
  '03-boot.jsonl',
  '04-stop-start-reboot.jsonl',
  '05-pause-suspend-resume.jsonl',
  '06-resize-confirm.jsonl',
  '06b-resize-revert.jsonl',
  '07-snapshot.jsonl',
  '08-delete.jsonl',
  '09b-boot-fails.jsonl',
  '09c-boot-rescheduled.jsonl',
  '10-notifications.jsonl',
  '11-console-and-actions.jsonl',
  '12-interface-attach.jsonl',
  '15-cold-migrate.jsonl',
  '16-live-migrate.jsonl',
]

for (const file of files) {
  test(`our stubs send each request between services in ${file} as it was recorded`, async () => {
    const requests = recordedRequests(file)
    assert.ok(requests.length > 0)
    for (const line of requests) {
      const { exchange, routing_key, message } = line
      const { method, args, version, namespace, _timeout } = message
      const call = '_msg_id' in message ? { _timeout: _timeout! } : {}
      const expected = { method, args, version, ...(namespace ? { namespace } : {}), ...call }
      assert.deepEqual(
        comparable(await sendAlike(line)),
        comparable({ exchange, routing_key, message: expected }),
        `${file} ${line.seq} ${String(method)}`,
      )
    }
  })
}
