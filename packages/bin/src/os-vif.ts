import { dirname, join } from 'node:path'
import type { ParsedConfig } from '@micronova/config'
import type { Clock } from '@micronova/lifecycle'
import type { Logging } from '@micronova/log'
import { type HelperDefaults, type PrivilegedModules, type PrivsepContext, PrivsepHelper, privsepOptions } from '@micronova/privsep'
import { LinuxBridgePlugin, noopPlugin, OsVif, OvsPlugin, osVifLinuxBridgeOptions, osVifOvsOptions } from '@micronova/vif'
import { linuxBridgeContext, ovsContext } from '@micronova/vif/privileged'

const ovsPrivsepOptions = privsepOptions(ovsContext)
const linuxBridgePrivsepOptions = privsepOptions(linuxBridgeContext)

export const osVifGroups = [osVifOvsOptions, osVifLinuxBridgeOptions, ovsPrivsepOptions, linuxBridgePrivsepOptions]

/** The privileged helpers of nova-compute: each is started by the first call that needs it. */
export interface PrivsepHelpers {
  readonly ovs: PrivsepHelper<typeof ovsContext.modules>
  readonly linuxBridge: PrivsepHelper<typeof linuxBridgeContext.modules>
  /** End those that run. */
  readonly closers: readonly (() => Promise<void>)[]
}

/** Time for calls in hand when the service ends. */
const stopMs = 5000

/** Starts nothing. A section that cannot work is named in the log, and again by each call of its functions. */
export function openPrivsep(
  config: ParsedConfig,
  { logging, clock }: { readonly logging: Pick<Logging, 'getLogger'>; readonly clock: Clock },
): PrivsepHelpers {
  const log = logging.getLogger('oslo.privsep')
  const open = <M extends PrivilegedModules>(context: PrivsepContext<M>, options: typeof ovsPrivsepOptions): PrivsepHelper<M> => {
    const settings = config.section(options)
    const helper = new PrivsepHelper({ log, getLogger: (name) => logging.getLogger(name), clock }, context, {
      settings,
      defaults: helperDefaults(),
    })
    const mistake = helper.misconfigured()
    if (mistake !== null) log.warning(`privileged functions of ${context.name} will fail: ${mistake}`)
    return helper
  }
  const ovs = open(ovsContext, ovsPrivsepOptions)
  const linuxBridge = open(linuxBridgeContext, linuxBridgePrivsepOptions)
  return { ovs, linuxBridge, closers: [ovs, linuxBridge].map((helper) => () => helper.stop(AbortSignal.timeout(stopMs))) }
}

/** Beside the launcher of this program, under the name that sudo's rule has; root needs no sudo. */
function helperDefaults(): HelperDefaults {
  return {
    program: join(dirname(process.argv[1] ?? '/usr/bin/nova-compute'), 'micronova-privsep-helper'),
    rootHelper: process.geteuid?.() === 0 ? [] : ['sudo', '-n'],
  }
}

/** The plugs that come with os-vif. */
export function openOsVif(
  config: ParsedConfig,
  { logging, helpers }: { readonly logging: Logging; readonly helpers: PrivsepHelpers },
): OsVif {
  return new OsVif({
    log: logging.getLogger('os_vif'),
    plugins: [
      new LinuxBridgePlugin({ privileged: helpers.linuxBridge.privileged }, config.section(osVifLinuxBridgeOptions)),
      noopPlugin,
      new OvsPlugin({ privileged: helpers.ovs.privileged }, config.section(osVifOvsOptions)),
    ],
  })
}
