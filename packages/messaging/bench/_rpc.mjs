// The same ping-pong over this package.
// argv: server URL NAME | client URL NAME IN_FLIGHT SECONDS | casts URL NAME COUNT
import { systemClock as clock, systemRandom as random } from '@micronova/lifecycle'
import { nullLogger as log } from '@micronova/log'
import { createTransport } from '@micronova/messaging'
import { measureCalls, measureCasts } from './_load.mjs'
import { args, context } from './_payload.mjs'

const errors = { toFailure: () => undefined, fromFailure: () => undefined }
export const serializer = {
  serializeEntity: (_, value) => value,
  deserializeEntity: (_, value) => value,
  serializeContext: (ctx) => ctx,
  deserializeContext: (ctx) => ctx,
}
const endpoints = [
  {
    target: { version: '6.1' },
    methods: { ping_instance: { parameters: [{ name: 'instance' }, { name: 'arg' }], run: async (_, { instance }) => instance } },
  },
]

/** A started server and a call to it, over one bus. */
export async function openRpc(url, name) {
  const transport = createTransport(
    url,
    { log, clock, random, errors },
    { controlExchange: name, rabbit: { autoDelete: true, transientQueuesTtlSeconds: 60 } },
  )
  const client = transport.client({ topic: name, version: '6.0' }, { serializer })
  return {
    serve: () => transport.server({ topic: name, server: 'bench' }, endpoints, { serializer }).start(AbortSignal.timeout(10_000)),
    call: () => client.call(context, 'ping_instance', args),
    cast: () => client.cast(context, 'ping_instance', args),
    stop: () => transport.stop(AbortSignal.timeout(1000)),
  }
}

if (process.send !== undefined && process.argv[2] !== undefined) {
  const [role, url, name, amount, seconds] = process.argv.slice(2)
  const { serve, call, cast } = await openRpc(url, name)
  if (role === 'server') {
    await serve()
    process.send('ready')
  } else {
    await call()
    process.send(role === 'client' ? await measureCalls(call, Number(amount), Number(seconds)) : await measureCasts(cast, Number(amount)))
    process.exit(0)
  }
}
