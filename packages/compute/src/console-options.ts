import { type Config, defineOptions, opt } from '@micronova/config'
import type { RemoteConsoleKind } from '@micronova/virt'

const vncOptions = defineOptions('vnc', {
  enabled: opt.boolean({
    default: true,
    deprecatedNames: [{ name: 'vnc_enabled', group: 'DEFAULT' }],
    help: 'Users may have VNC consoles of their guests.',
  }),
  novncproxy_base_url: opt.uri({
    default: 'http://127.0.0.1:6080/vnc_auto.html',
    deprecatedNames: [{ name: 'novncproxy_base_url', group: 'DEFAULT' }],
    help: 'Where users reach the noVNC proxy; a token is added to it.',
  }),
})

const spiceOptions = defineOptions('spice', {
  enabled: opt.boolean({ default: false, help: 'Users may have SPICE consoles of their guests.' }),
  html5proxy_base_url: opt.uri({
    default: 'http://127.0.0.1:6082/spice_auto.html',
    help: 'Where users reach the SPICE proxy; a token is added to it.',
  }),
})

const rdpOptions = defineOptions('rdp', {
  enabled: opt.boolean({ default: false, help: 'Users may have RDP consoles of their guests.' }),
  html5_proxy_base_url: opt.uri({
    default: 'http://127.0.0.1:6083/',
    schemes: ['http', 'https'],
    help: 'Where users reach the RDP proxy; a token is added to it.',
  }),
})

const mksOptions = defineOptions('mks', {
  enabled: opt.boolean({ default: false, help: 'Users may have MKS consoles of their guests.' }),
  mksproxy_base_url: opt.uri({
    default: 'http://127.0.0.1:6090/',
    schemes: ['http', 'https'],
    help: 'Where users reach the MKS proxy; a token is added to it.',
  }),
})

const serialOptions = defineOptions('serial_console', {
  enabled: opt.boolean({ default: false, help: 'Users may have serial consoles of their guests.' }),
  base_url: opt.uri({ default: 'ws://127.0.0.1:6083/', help: 'Where users reach the proxy of serial consoles; a token is added to it.' }),
})

const consoleAuthOptions = defineOptions('consoleauth', {
  token_ttl: opt.integer({
    default: 600,
    min: 0,
    deprecatedNames: [{ name: 'console_token_ttl', group: 'DEFAULT' }],
    help: 'Seconds for which the token of a console is good.',
  }),
})

export const consoleOptions = [vncOptions, spiceOptions, rdpOptions, mksOptions, serialOptions, consoleAuthOptions] as const

export interface ConsoleSettings {
  /** Address of its proxy, or null if users may not have this kind. */
  readonly proxyUrls: Readonly<Record<RemoteConsoleKind, string | null>>
  readonly tokenTtlSeconds: number
}

export function consoleSettings(config: Config): ConsoleSettings {
  const vnc = config.section(vncOptions)
  const spice = config.section(spiceOptions)
  const rdp = config.section(rdpOptions)
  const mks = config.section(mksOptions)
  const serial = config.section(serialOptions)
  return {
    proxyUrls: {
      vnc: vnc.enabled ? vnc.novncproxy_base_url : null,
      spice: spice.enabled ? spice.html5proxy_base_url : null,
      rdp: rdp.enabled ? rdp.html5_proxy_base_url : null,
      mks: mks.enabled ? mks.mksproxy_base_url : null,
      serial: serial.enabled ? serial.base_url : null,
    },
    tokenTtlSeconds: config.section(consoleAuthOptions).token_ttl,
  }
}
