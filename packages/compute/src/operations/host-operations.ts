import type { RequestContext } from '@micronova/model'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'

/** Reboot, shut down or start the host itself. Wire: `host_power_action`, call, compute 5.0 and 6.0. */
export const hostPowerAction = defineOperation({
  method: 'host_power_action',
  parameters: ['action'],
  policy: {},
  decode: (args) => ({ action: String(args.action) }),
  run: ({ driver }, _ctx, { action }) => (driver.hostActions ?? notImplemented()).powerAction(action),
})

/** Begin or end maintenance of a host. Wire: `host_maintenance_mode`, call, compute 5.0 and 6.0. */
export const hostMaintenanceMode = defineOperation({
  method: 'host_maintenance_mode',
  parameters: ['host', 'mode'],
  policy: {},
  decode: (args) => ({ host: String(args.host), enabled: args.mode === true }),
  run: ({ driver }, _ctx, { host, enabled }) => (driver.hostActions ?? notImplemented()).maintenanceMode(host, enabled),
})

/** Wire: `get_host_uptime`, call, compute 5.0 and 6.0. */
export const getHostUptime = defineOperation({
  method: 'get_host_uptime',
  parameters: [],
  policy: {},
  decode: () => ({}),
  run: ({ driver }) => (driver.hostUptime ?? notImplemented()).hostUptime(),
})

type CacheOutcome = 'cached' | 'existing' | 'unsupported' | 'error'

/** Fetch images before a guest needs them. Wire: `cache_images`, call, compute 5.4 and 6.0; answers what became of each. */
export const cacheImages = defineOperation({
  method: 'cache_images',
  parameters: ['image_ids'],
  policy: {},
  decode: (args) => ({ imageIds: args.image_ids as readonly string[] }),
  async run(parts, ctx, { imageIds }) {
    parts.log.info(`Caching ${imageIds.length} image(s) by request`)
    const outcomes: [string, CacheOutcome][] = []
    for (const id of imageIds) outcomes.push([id, await cache(parts, ctx, id)])
    return Object.fromEntries(outcomes)
  },
})

async function cache({ driver, log }: ComputeParts, ctx: RequestContext, imageId: string): Promise<CacheOutcome> {
  const { imageCache } = driver
  if (imageCache?.cache === undefined) {
    log.warning(`${driver.name} does not cache images by request`)
    return 'unsupported'
  }
  try {
    return (await imageCache.cache(ctx, imageId)) ? 'cached' : 'existing'
  } catch (err) {
    log.error(`The image ${imageId} could not be cached`, { err })
    return 'error'
  }
}
