import type { Endpoint } from '../transport.js'

/** What a server answers besides its own endpoints where `rpc_ping_enabled` is set. @see oslo.messaging 14.0.3, `rpc/dispatcher.py` */
export const pingEndpoint: Endpoint<unknown> = {
  target: {},
  methods: { oslo_rpc_server_ping: { parameters: [], run: async () => 'pong' } },
}
