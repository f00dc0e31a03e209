import { type Config, defineOptions, opt } from '@micronova/config'

const defaultOptions = defineOptions('DEFAULT', {
  network_allocate_retries: opt.integer({
    default: 0,
    min: 0,
    help: 'How often the networks of an instance are tried to allocate again after a failure.',
  }),
  flat_injected: opt.boolean({
    default: false,
    help: 'Addresses may be written into the guest before it starts. Noted with each network.',
  }),
})

const neutronGroupOptions = defineOptions('neutron', {
  ovs_bridge: opt.string({ default: 'br-int', help: 'Bridge of Open vSwitch to which ports are plugged that do not name their own.' }),
})

export const networkOptions = [defaultOptions, neutronGroupOptions] as const

export interface NetworkSettings {
  readonly allocateRetries: number
  readonly ovsBridge: string
  readonly injected: boolean
}

export function networkSettings(config: Config): NetworkSettings {
  const defaults = config.section(defaultOptions)
  return {
    allocateRetries: defaults.network_allocate_retries,
    ovsBridge: config.section(neutronGroupOptions).ovs_bridge,
    injected: defaults.flat_injected,
  }
}
