import type { RpcServer } from '@micronova/messaging'

/** The bus hands messages on in turns of the event loop: nobody works, and for some turns nobody began to. */
export async function untilQuiet(servers: readonly RpcServer[]): Promise<void> {
  for (let idleTurns = 0; idleTurns < 20; idleTurns++) {
    if (servers.some(({ inHand }) => inHand.length > 0)) idleTurns = 0
    await new Promise((resolve) => setImmediate(resolve))
  }
}
