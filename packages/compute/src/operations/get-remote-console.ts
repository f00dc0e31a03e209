import { ConsoleAuthToken, elevated, type Instance, isNovaError, novaError, type RequestContext } from '@micronova/model'
import type { RemoteConsole, RemoteConsoleKind } from '@micronova/virt'
import { notImplemented } from '../not-implemented.js'
import { defineOperation, type Operation } from '../operation.js'
import type { ComputeParts } from '../parts.js'

const expected = ['ConsoleTypeInvalid', 'InstanceNotReady', 'InstanceNotFound', 'ConsoleTypeUnavailable', 'NotImplementedError']
const expectedOfSerial = ['SocketPortRangeExhaustedException', 'ImageSerialPortNumberInvalid', 'ImageSerialPortNumberExceedFlavorValue']

/** A VNC console. Wire: `get_vnc_console`, call, compute 5.0 and 6.0. */
export const getVncConsole = consoleOperation('get_vnc_console', 'vnc', 'novnc', expected)
/** A SPICE console. Wire: `get_spice_console`, call, compute 5.0 and 6.0. */
export const getSpiceConsole = consoleOperation('get_spice_console', 'spice', 'spice-html5', expected)
/** An RDP console. Wire: `get_rdp_console`, call, compute 5.0 and 6.0. */
export const getRdpConsole = consoleOperation('get_rdp_console', 'rdp', 'rdp-html5', expected)
/** An MKS console, of VMware. Wire: `get_mks_console`, call, compute 5.0 and 6.0. */
export const getMksConsole = consoleOperation('get_mks_console', 'mks', 'webmks', expected)
/** A serial console, whatever its type is called. Wire: `get_serial_console`, call, compute 5.0 and 6.0. */
export const getSerialConsole = consoleOperation('get_serial_console', 'serial', null, [...expected, ...expectedOfSerial])

/** @param only the one type that there is; null: any */
function consoleOperation(method: string, kind: RemoteConsoleKind, only: string | null, kinds: readonly string[]): Operation {
  return defineOperation({
    method,
    parameters: ['console_type', 'instance'],
    policy: { recordFault: true, expected: kinds },
    decode: (args) => ({ instance: args.instance as Instance, type: String(args.console_type) }),
    async run(parts, ctx, { instance, type }) {
      const proxyUrl = parts.settings.consoles.proxyUrls[kind]
      if (proxyUrl === null) throw novaError('ConsoleTypeUnavailable', { console_type: type })
      if (only !== null && type !== only) throw novaError('ConsoleTypeInvalid', { console_type: type })
      try {
        return await permitConsole(parts, elevated(ctx), instance, { kind, type, proxyUrl })
      } catch (err) {
        if (!isNovaError(err, 'InstanceNotFound') || instance.vm_state !== 'building') throw err
        throw novaError('InstanceNotReady', { instance_id: instance.uuid })
      }
    },
  })
}

/** A token for whoever asked, under which the proxy finds the guest's console. */
async function permitConsole(
  { driver, stores, settings }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  { kind, type, proxyUrl }: { readonly kind: RemoteConsoleKind; readonly type: string; readonly proxyUrl: string },
): Promise<Readonly<Record<string, unknown>>> {
  const console = await (driver.remoteConsoles?.[kind] ?? notImplemented())(ctx, instance)
  const { host, port, internalAccessPath, tlsPort } = console
  const permit = new ConsoleAuthToken({
    console_type: type,
    host,
    port,
    internal_access_path: internalAccessPath,
    instance_uuid: instance.uuid,
    access_url_base: proxyUrl,
  })
  const token = await stores.consoleAuthTokens.authorize(ctx, permit, settings.consoles.tokenTtlSeconds)
  const accessUrl = accessUrlOf(proxyUrl, type, token)
  const tls = tlsPort === undefined ? {} : { tlsPort }
  return { host, port, internal_access_path: internalAccessPath, ...tls, token, access_url: accessUrl }
}

/** noVNC takes the token in a path of its own since 1.1. @see nova 26.2.2, `objects/console_auth_token.py`, `access_url` */
export function accessUrlOf(proxyUrl: string, type: string, token: string): string {
  return type === 'novnc' ? `${proxyUrl}?path=${encodeURIComponent(`?token=${token}`)}` : `${proxyUrl}?token=${token}`
}

const kindOfType: Readonly<Record<string, RemoteConsoleKind>> = {
  'spice-html5': 'spice',
  'rdp-html5': 'rdp',
  serial: 'serial',
  webmks: 'mks',
}

/**
 * Is a guest's console still at this port? A proxy asks before it connects anyone, as the port may be another guest's by now.
 * Wire: `validate_console_port`, call, compute 5.0 and 6.0.
 */
export const validateConsolePort = defineOperation({
  method: 'validate_console_port',
  parameters: ['instance', 'port', 'console_type'],
  policy: { recordFault: true, expected: ['ConsoleTypeInvalid', 'InstanceNotReady', 'InstanceNotFound'] },
  decode: (args) => ({ instance: args.instance as Instance, port: args.port, type: String(args.console_type) }),
  async run({ driver }, ctx, { instance, port, type }) {
    const find = driver.remoteConsoles?.[kindOfType[type] ?? 'vnc'] ?? notImplemented()
    const console: RemoteConsole = await find(ctx, instance)
    return String(console.port) === port
  },
})
