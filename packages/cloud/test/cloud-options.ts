import { join } from 'node:path'
import { computeOptions, computeSettings, periodicOptions, resourceOptions } from '@micronova/compute'
import { parseConfig, systemSources } from '@micronova/config'
import { messagingOptions, rabbitOptions, rpcOptions, transportOptions } from '@micronova/messaging'
import { hostOptions, type ServiceConfig, serviceOptions } from '@micronova/service'
import { temporaryFolder } from '@micronova/testing'
import { type CloudOptions, type StateFolder, takeStateFolder } from '../src/index.js'

/** A state folder of the test's own. */
export function stateFolder(t: Parameters<typeof temporaryFolder>[0]): StateFolder {
  return takeStateFolder(join(temporaryFolder(t), 'state'))
}

/** A cloud with Nova's defaults, one compute and nothing outside of `folder`. */
export function cloudOptions(folder: StateFolder, changes: Partial<CloudOptions> = {}): CloudOptions {
  const groups = [...messagingOptions, ...computeOptions, serviceOptions, hostOptions('host1'), periodicOptions, resourceOptions]
  const parsed = parseConfig([], {
    program: 'micronova',
    groups,
    defaults: { DEFAULT: { state_path: folder.path } },
    sources: systemSources({ HOME: folder.path }),
    defaultConfigFiles: [],
  })
  if (parsed.kind !== 'config') throw new Error('no configuration')
  const { config } = parsed
  return {
    folder,
    hosts: ['host1'],
    controller: 'host1',
    transportUrl: 'memory://',
    transport: transportOptions({ rpc: config.section(rpcOptions), rabbit: config.section(rabbitOptions) }),
    databaseUrl: null,
    computeDriver: 'fake.FakeDriver',
    hostIp: '127.0.0.1',
    service: { ...config.section(serviceOptions), host: 'host1', tempdir: folder.path } as ServiceConfig,
    settings: computeSettings(config),
    periodic: config.section(periodicOptions),
    resources: config.section(resourceOptions),
    version: '26.2.2',
    ...changes,
  }
}
