import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CallOptions, type JsonObject, parseJson, type RpcClient, type Target } from '@micronova/messaging'
import { UsageError } from '../usage-error.js'
import { type RpcOptions, readArguments, runRpc } from './rpc.js'

interface Sent {
  readonly kind: 'call' | 'cast'
  readonly target: CallOptions
  readonly method: string
  readonly args: Readonly<Record<string, unknown>>
  readonly context: JsonObject
}

/** What `runRpc` sends, and what it makes of `result`. */
async function sent(kind: 'call' | 'cast', topic: string, method: string, options: Partial<RpcOptions> = {}, result: unknown = null) {
  const messages: Sent[] = []
  const clientTo = (target: Target): RpcClient<unknown> => ({
    prepare: clientTo,
    canSendVersion: () => true,
    async call<R>(context: unknown, name: string, args: Sent['args']) {
      messages.push({ kind: 'call', target, method: name, args, context: context as JsonObject })
      return result as R
    },
    async cast(context, name, args) {
      messages.push({ kind: 'cast', target, method: name, args, context: context as JsonObject })
    },
  })
  const reached = { transport: { client: <C>(target: Target) => clientTo(target) as RpcClient<C> }, close: async () => {} }
  const text = await runRpc(reached, kind, topic, method, { x: 1 }, { timeoutSeconds: 60, ...options })
  return { text, message: messages[0]! }
}

test('a result is indented JSON with a line end, empty lists and objects in one piece', async () => {
  const result = parseJson('{"a": [1, {"b": "c"}], "none": [], "nothing": {}, "big": 1180591620717411303424, "null": null}')
  const { text } = await sent('call', 'compute', 'ping', {}, result)
  assert.equal(
    text,
    `{
  "a": [
    1,
    {
      "b": "c"
    }
  ],
  "none": [],
  "nothing": {},
  "big": 1180591620717411303424,
  "null": null
}
`,
  )
})

test('a scalar result is a line, and a cast prints nothing', async () => {
  assert.equal((await sent('call', 'compute', 'ping', {}, 'a "text"')).text, '"a \\"text\\""\n')
  assert.equal((await sent('call', 'compute', 'ping')).text, 'null\n')
  assert.equal((await sent('cast', 'compute', 'ping')).text, '')
})

test('namespace and version are those with which a Nova peer would send the method', async () => {
  const of = async (topic: string, method: string, options?: Partial<RpcOptions>) => {
    const { namespace, version } = (await sent('call', topic, method, options)).message.target
    return [namespace, version]
  }
  assert.deepEqual(await of('compute', 'ping'), ['baseapi', '1.0'])
  assert.deepEqual(await of('conductor', 'object_action'), [undefined, '3.0'])
  assert.deepEqual(await of('conductor', 'build_instances'), ['compute_task', '1.19'])
  assert.deepEqual(await of('compute', 'stop_instance'), [undefined, '6.0'])
  assert.deepEqual(await of('compute', 'no_such_method'), [undefined, '6.0'])
  assert.deepEqual(await of('nonesuch', 'method'), [undefined, undefined])
  assert.deepEqual(await of('compute', 'stop_instance', { version: '5.0', namespace: 'mine' }), ['mine', '5.0'])
})

test("the request is an administrator's and goes where it was told to", async () => {
  const { message } = await sent('cast', 'compute', 'stop_instance', { server: 'host1', fanout: true, timeoutSeconds: 7 })
  assert.equal(message.kind, 'cast')
  assert.deepEqual([message.target.server, message.target.fanout, message.target.timeoutSeconds], ['host1', true, 7])
  assert.deepEqual(message.args, { x: 1 })
  assert.equal(message.context.is_admin, true)
  assert.match(String(message.context.request_id), /^req-/)
})

test('arguments are a JSON object', () => {
  assert.deepEqual(readArguments(undefined), {})
  assert.deepEqual(readArguments('{"a": 1180591620717411303424}'), { a: 2n ** 70n })
  for (const text of ['{', '[1]', '1', 'null', '"a"']) assert.throws(() => readArguments(text), UsageError)
})
