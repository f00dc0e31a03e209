import { arg, call, type RpcContract, returns } from '../contract.js'

/**
 * What every service answers in the namespace `baseapi`, whatever its topic. Values are plain: no objects.
 *
 * @see nova 26.2.2, `baserpc.py`
 */
export const baseMethods = {
  ping: call('any', { arg: arg<unknown>() }, returns<{ readonly service: string; readonly arg: unknown }>(), {
    forms: [{ version: '1.0' }],
  }),
  get_backdoor_port: call('host', {}, returns<number | string | null>(), { forms: [{ version: '1.1' }] }),
} as const

export function baseContract(topic: string): RpcContract<typeof baseMethods> {
  return { topic, namespace: 'baseapi', version: '1.0', aliases: {}, methods: baseMethods }
}
