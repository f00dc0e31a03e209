import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ControlTransport, controlSocket } from '@micronova/cloud'
import type { Clock } from '@micronova/lifecycle'
import type { JsonObject } from '@micronova/messaging'
import { novaErrorCatalogue } from '@micronova/model'
import { type Check, failed, ok, skipped, warning } from './check.js'
import { ping } from './checks/conductor.js'
import { database } from './checks/database.js'
import { hypervisor } from './checks/hypervisor.js'
import { nodeVersion } from './checks/node-version.js'
import { openFiles } from './checks/open-files.js'
import { stateFolder } from './checks/state-folder.js'
import { temporaryFolder } from './checks/temporary-folder.js'

export interface StateDirChecksDeps {
  readonly clock: Clock
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Default of `service_down_time`; the all-in-one and its database have one clock anyway. */
const serviceDownTime = 60

/** What there is to ask of an all-in-one: its folder, and the cloud if it runs. */
export function stateDirChecks(
  { clock, environment }: StateDirChecksDeps,
  { stateDir, limitMs }: { readonly stateDir: string; readonly limitMs: number },
): readonly Check[] {
  const path = resolve(stateDir)
  const socket = join(path, controlSocket)
  const transport = new ControlTransport(socket, { errors: novaErrorCatalogue })
  let asked: Promise<JsonObject | null> | undefined
  const describe = () => {
    asked ??= existsSync(socket) ? transport.describe().catch(() => null) : Promise.resolve(null)
    return asked
  }
  const start = `start it: micronova up --state-dir ${path}`
  return [
    nodeVersion(process.versions.node),
    openFiles(),
    stateFolder(path),
    temporaryFolder(null),
    {
      name: 'cloud',
      async run() {
        if (!existsSync(socket)) return warning(`no micronova runs with state directory ${path}`, start)
        const described = await describe()
        if (described === null) return failed(`there is a control socket, ${socket}, and nobody answers: the cloud was killed`, start)
        const { pid, hosts, state } = described
        return ok(`process ${String(pid)} is ${String(state)}, hosts ${Array.isArray(hosts) ? hosts.join(', ') : ''}`)
      },
    },
    ...['conductor', 'compute'].map((topic) =>
      ifThere(
        async () => (await describe()) !== null,
        ping(clock, async () => ({ transport, close: async () => {} }), {
          name: topic,
          topic,
          silence: `nova-${topic} of the cloud did not answer`,
          mend: `see the log in ${path}, and start the cloud anew`,
          timeoutSeconds: Math.max(1, Math.floor(limitMs / 1000) - 1),
        }),
      ),
    ),
    database({ clock }, { name: 'database', url: `sqlite:///${join(path, 'nova.sqlite')}`, settings: {}, serviceDownTime }),
    hypervisor('fake.FakeDriver', environment.PATH ?? ''),
  ]
}

function ifThere(isThere: () => Promise<boolean>, check: Check): Check {
  return { name: check.name, run: async (signal) => ((await isThere()) ? check.run(signal) : skipped('no cloud answers')) }
}
