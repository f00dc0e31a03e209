import { fileURLToPath } from 'node:url'
import { type Clock, systemClock } from '@micronova/lifecycle'
import { RecordingLogger } from '@micronova/log'
import { PrivsepHelper, type PrivsepSettings } from '../../src/index.js'
import { testContext } from './test-helper.js'

interface Cleanup {
  after(fn: () => void | Promise<void>): void
}

const helper = fileURLToPath(new URL('test-helper.js', import.meta.url))

/** As root the capabilities are given up as the launcher would do it; anyone else has none to give up. */
const isRoot = process.geteuid?.() === 0
const command = isRoot ? `setpriv --bounding-set -all,+net_admin,+chown ${process.execPath} ${helper}` : `${process.execPath} ${helper}`

export function startContext(
  t: Cleanup,
  { settings = {}, clock = systemClock }: { settings?: Partial<PrivsepSettings>; clock?: Clock } = {},
) {
  const log = new RecordingLogger('nova.privsep')
  const context = isRoot ? testContext : { ...testContext, capabilities: [] }
  const privsep = new PrivsepHelper(
    { log, getLogger: (name) => (name === 'oslo_privsep.daemon' ? log.child('daemon') : log.child(name)), clock },
    context,
    {
      settings: {
        user: null,
        group: null,
        capabilities: [],
        helper_command: command,
        thread_pool_size: 4,
        logger_name: 'oslo_privsep.daemon',
        ...settings,
      },
      defaults: { program: helper, rootHelper: [] },
    },
  )
  t.after(() => privsep.stop(AbortSignal.timeout(1000)))
  return { privsep, privileged: privsep.privileged, log }
}
