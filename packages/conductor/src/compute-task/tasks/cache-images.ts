import type { Aggregate, RequestContext } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import type { CellScope, ComputeTaskDeps, Deployment } from '../compute-task-deps.js'
import { inParallel } from '../in-parallel.js'
import { scopeOfCell } from '../scope.js'
import { isComputeUp } from '../services.js'

/** What a compute says of an image. */
type CacheResult = 'cached' | 'existing' | 'error' | 'unsupported'

/**
 * Let the computes of an aggregate fetch images before they need them, `precache_concurrency` of them at once. Those that are down are
 * left out.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `cache_images`
 */
export async function cacheImages(
  deps: ComputeTaskDeps,
  deployment: Deployment,
  ctx: RequestContext,
  aggregate: Aggregate,
  imageIds: readonly string[],
): Promise<void> {
  const hosts = aggregate.hosts ?? []
  await deps.cachingObserver?.caching(ctx, aggregate, 'start')
  const mappings = await deployment.api.hostMappings.listByHosts(ctx, hosts)
  const cells = new Map(mappings.map(({ cell_mapping: cell }) => [cell.uuid, cell]))
  deps.log.info(`Preparing to request pre-caching of image(s) ${imageIds.join(',')} on ${hosts.length} hosts across ${cells.size} cells.`, {
    context: ctx,
  })
  const scopes = new Map<string, CellScope>()
  for (const [uuid, cell] of cells) scopes.set(uuid, await scopeOfCell(deployment, cell))
  const begunMs = deps.clock.monotonicMs()
  let done = 0
  const results = await inParallel(mappings, deps.settings.precacheConcurrency, async ({ host, cell_mapping: cell }) => {
    const result = await cacheOn(deps, scopes.get(cell.uuid)!, ctx, host, imageIds)
    const step = { host, results: result ?? Object.fromEntries(imageIds.map((id) => [id, 'skipped'])), index: ++done, total: hosts.length }
    await deps.cachingObserver?.progress(ctx, aggregate, step)
    return result
  })
  tell(deps, ctx, imageIds, results, deps.clock.monotonicMs() - begunMs)
  await deps.cachingObserver?.caching(ctx, aggregate, 'end')
}

/** null: the host is down. A compute that fails has failed for each image. */
async function cacheOn(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  host: string,
  imageIds: readonly string[],
): Promise<Readonly<Record<string, string>> | null> {
  try {
    if (await isComputeUp(deps, scope, ctx, host)) return await scope.compute.cacheImages(ctx, { host, imageIds })
    deps.log.info(`Skipping image pre-cache request to compute ${host} because it is not up`, { context: ctx })
    return null
  } catch (err) {
    deps.log.warning(`Image pre-cache request to compute ${host} failed: ${messageOf(err)}`, { context: ctx })
    return Object.fromEntries(imageIds.map((id) => [id, 'error']))
  }
}

function tell(
  { log }: ComputeTaskDeps,
  ctx: RequestContext,
  imageIds: readonly string[],
  results: readonly (Readonly<Record<string, string>> | null)[],
  tookMs: number,
): void {
  const count = (wanted: CacheResult, id?: string) =>
    results
      .flatMap((result) => Object.entries(result ?? {}))
      .filter(([image, status]) => status === wanted && (id === undefined || id === image)).length
  const skipped = results.filter((result) => result === null).length
  log.info(
    `Image pre-cache operation for image(s) ${imageIds.join(',')} completed in ${(tookMs / 1000).toFixed(2)} seconds; ${count('cached')} cached, ${count('existing')} existing, ${count('error')} errors, ${count('unsupported')} unsupported, ${skipped} skipped (down) hosts`,
    { context: ctx },
  )
  for (const id of imageIds) {
    const failed = count('error', id)
    if (failed > 0) log.warning(`Image pre-cache operation for image ${id} failed ${failed} times`, { context: ctx })
  }
}
