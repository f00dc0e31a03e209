import type { Endpoint } from '@micronova/messaging'

/**
 * What every service answers in the namespace `baseapi`: ping, and where its backdoor listens.
 *
 * @param serviceName `compute`, `conductor` ...
 * @param backdoorPort or the path of its socket, as upstream; null: there is none
 * @see nova 26.2.2, `baserpc.py`, `BaseRPCAPI`
 */
export function baseEndpoint<C>(serviceName: string, backdoorPort: number | string | null = null): Endpoint<C> {
  return {
    target: { namespace: 'baseapi', version: '1.1' },
    methods: {
      ping: { parameters: [{ name: 'arg' }], run: async (_ctx, args) => ({ service: serviceName, arg: args.arg }) },
      get_backdoor_port: { parameters: [], run: async () => backdoorPort },
    },
  }
}
