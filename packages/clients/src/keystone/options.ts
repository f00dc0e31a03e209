import { type Config, defineOptions, opt, type Section } from '@micronova/config'
import { ClientError } from '../errors.js'
import { type AdapterSection, adapterOptions, authGroup, sessionOptions } from '../session/options.js'

const group = 'oslo_limit'

const credentialOptions = authGroup(group)
const sessionGroup = defineOptions(group, sessionOptions)

/** The defaults of `service_type` and `valid_interfaces` are those of the SDK, not of the options. */
const adapterGroup = defineOptions(group, {
  ...adapterOptions('identity'),
  service_type: opt.string({ help: 'Type of Keystone in the catalogue. Unset: identity.' }),
  valid_interfaces: opt.list({ help: 'Which of its addresses to use; the first that is there. Unset: public.' }),
})

const endpointOptions = defineOptions(group, {
  endpoint_id: opt.string({
    help: 'Id of the endpoint of Nova in Keystone: its service and its region are those that limits are asked for.',
  }),
})

/** `[oslo_limit]`, for a program that asks Keystone for limits. */
export const limitsOptions = [credentialOptions, sessionGroup, adapterGroup, endpointOptions] as const

export interface LimitsSection {
  readonly credentials: Section<typeof credentialOptions>
  readonly session: Section<typeof sessionGroup>
  readonly adapter: AdapterSection
  readonly endpointId: string
}

/** @throws ClientError `configuration` */
export function limitsSection(config: Config): LimitsSection {
  const adapter = config.section(adapterGroup)
  const { endpoint_id: endpointId } = config.section(endpointOptions)
  if (endpointId === null || endpointId === '')
    throw new ClientError('configuration', '[oslo_limit] endpoint_id is needed to ask Keystone for limits')
  return {
    credentials: config.section(credentialOptions),
    session: config.section(sessionGroup),
    adapter: {
      ...adapter,
      service_type: adapter.service_type ?? 'identity',
      valid_interfaces: adapter.valid_interfaces.length === 0 ? ['public'] : adapter.valid_interfaces,
    },
    endpointId,
  }
}
