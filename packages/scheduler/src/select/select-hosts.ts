import type { AllocationRequest } from '@micronova/clients'
import type { Random } from '@micronova/lifecycle'
import { novaError, type RequestContext, type RequestSpec, type Selection } from '@micronova/model'
import type { FilterDeps, HostFilter } from '../filters/filter.js'
import { runFilters } from '../filters/run-filters.js'
import type { HostState } from '../hosts/host-state.js'
import { narrowHosts } from '../hosts/narrow-hosts.js'
import type { FilterSchedulerSettings, MetricsSettings } from '../options.js'
import { type WeighedHost, weighHosts } from '../weights/weigh-hosts.js'
import type { HostWeigher } from '../weights/weigher.js'
import type { Candidates } from './candidates.js'
import { type ClaimDeps, claim, unclaim } from './claim.js'
import { selectionOf } from './selection.js'

export interface SelectDeps extends Omit<ClaimDeps, 'clock'>, Omit<FilterDeps, 'metrics'> {
  readonly clock: ClaimDeps['clock'] & FilterDeps['clock']
  readonly random: Pick<Random, 'next'>
  readonly settings: FilterSchedulerSettings
  readonly metrics: MetricsSettings
  readonly filters: readonly HostFilter[]
  readonly weighers: readonly HostWeigher[]
}

export interface SelectRequest {
  readonly spec: RequestSpec
  /** One for each instance; null: its uuid is not known. */
  readonly instances: readonly (string | null)[]
  /** null: Placement was not asked, and nothing is claimed. */
  readonly candidates: Candidates | null
  /** Further hosts for each instance, at most. */
  readonly alternates: number
}

/**
 * A host for each instance, and its alternates in the same cell. Each instance takes from its host before the next one is placed.
 *
 * @throws NovaError `NoValidHost` if not all can be placed; then nothing stays claimed. `AllocationUpdateFailed`
 * @see nova 26.2.2, `scheduler/manager.py`, `_schedule`
 */
export async function selectHosts(
  ctx: RequestContext,
  all: readonly HostState[],
  request: SelectRequest,
  deps: SelectDeps,
  signal: AbortSignal,
): Promise<Selection[][]> {
  const { instances } = request
  const claimed: string[] = []
  const { chosen, hosts } = await place(ctx, all, request, claimed, deps, signal).catch(async (err) => {
    await unclaim(ctx, claimed, deps)
    throw err
  })
  if (chosen.length < instances.length) {
    await unclaim(ctx, claimed, deps)
    deps.log.debug(`There are ${chosen.length} hosts available but ${instances.length} instances requested to build.`)
    throw novaError('NoValidHost', { reason: 'There are not enough hosts available.' })
  }
  const last = instances.length - 1
  const others = last > 0 && request.alternates > 0 ? sorted(hosts, request.spec, last, deps) : hosts
  const taken = new Set(chosen)
  return chosen.map((host) => [selection(host, request, deps), ...alternatesOf(host, taken, others, request, deps)])
}

interface Placed {
  /** One for each instance, as far as it went. */
  readonly chosen: readonly HostState[]
  /** What is left for alternates, best first. */
  readonly hosts: readonly HostState[]
}

/** @param claimed gets the uuid of each instance that has allocations from now on */
async function place(
  ctx: RequestContext,
  all: readonly HostState[],
  request: SelectRequest,
  claimed: string[],
  deps: SelectDeps,
  signal: AbortSignal,
): Promise<Placed> {
  const { spec, instances } = request
  const chosen: HostState[] = []
  let hosts = all
  for (const [index, uuid] of instances.entries()) {
    if (uuid !== null) spec.objSetStored({ instance_uuid: uuid })
    hosts = sorted(hosts, spec, index, deps)
    const host = await firstClaimed(ctx, hosts, uuid, request, deps, signal)
    if (host === null) break
    if (uuid !== null && request.candidates !== null) claimed.push(uuid)
    chosen.push(host)
    consume(host, spec, uuid, deps)
  }
  return { chosen, hosts }
}

/** Hosts that may be had, best first; among the best of them one by chance if so configured. */
function sorted(hosts: readonly HostState[], spec: RequestSpec, index: number, deps: SelectDeps): readonly HostState[] {
  const { settings, random, log } = deps
  const narrowed = narrowHosts(hosts, spec, log)
  const passed = narrowed.isForced ? narrowed.hosts : runFilters(deps.filters, narrowed.hosts, spec, index, deps)
  if (passed.length === 0) return []
  const weighed = weighHosts(deps.weighers, passed, spec, deps)
  const best = weighed[0]!.weight
  const order = weighed.map(({ host }) => host)
  if (settings.shuffle_best_same_weighed_hosts) shuffleFirst(order, countOf(weighed, best), random)
  if (log.isEnabled('DEBUG')) log.debug(`Weighed ${weighed.map(({ host, weight }) => `[host: ${host}, weight: ${weight}]`).join(', ')}`)
  const at = Math.floor(random.next() * Math.min(settings.host_subset_size, order.length))
  return at === 0 ? order : [order[at]!, ...order.slice(0, at), ...order.slice(at + 1)]
}

/** Equal ones stand together, at the beginning. */
function countOf(weighed: readonly WeighedHost[], best: number): number {
  const end = weighed.findIndex(({ weight }) => weight !== best)
  return end < 0 ? weighed.length : end
}

function shuffleFirst<T>(items: T[], count: number, random: Pick<Random, 'next'>): void {
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random.next() * (last + 1))
    const item = items[last]!
    items[last] = items[other]!
    items[other] = item
  }
}

/** Without Placement the first host; otherwise the first that gives what its first candidate offers. */
async function firstClaimed(
  ctx: RequestContext,
  hosts: readonly HostState[],
  uuid: string | null,
  { spec, candidates }: SelectRequest,
  deps: SelectDeps,
  signal: AbortSignal,
): Promise<HostState | null> {
  if (uuid === null || candidates === null) return hosts[0] ?? null
  for (const host of hosts) {
    const offer = offerOf(candidates, host)
    if (offer === null) deps.log.debug(`Host state ${host.uuid} has no matching allocation request and is skipped.`)
    else if (await claim(ctx, spec, uuid, offer, deps, signal)) return host
  }
  if (hosts.length > 0) deps.log.debug('Unable to successfully claim against any host.')
  return null
}

function offerOf(candidates: Candidates | null, host: HostState): AllocationRequest | null {
  return candidates?.byProvider.get(host.uuid)?.[0] ?? null
}

/** Members of a server group are seen by the filters for the next instance of the request. */
function consume(host: HostState, spec: RequestSpec, uuid: string | null, { log }: SelectDeps): void {
  log.debug(`Selected host: ${host}`, uuid === null ? {} : { instanceUuid: uuid })
  try {
    host.consume(spec)
  } catch (err) {
    // The claim of the compute decides; another host may be tried then.
    log.warning(`Selected host: ${host.host} failed to consume from instance.`, { err })
  }
  const group = spec.objIsSet('instance_group') ? spec.instance_group : null
  if (group === null) return
  group.objSetStored({ hosts: [...((group.objIsSet('hosts') ? group.hosts : null) ?? []), host.host] })
  if (uuid !== null) host.addInstance(uuid)
}

function selection(host: HostState, { candidates }: SelectRequest, { defaultAvailabilityZone }: SelectDeps): Selection {
  return selectionOf(host, offerOf(candidates, host), defaultAvailabilityZone)
}

/** The best hosts of the cell that nobody got: those that did have less left. */
function alternatesOf(
  host: HostState,
  chosen: ReadonlySet<HostState>,
  hosts: readonly HostState[],
  request: SelectRequest,
  deps: SelectDeps,
): Selection[] {
  const found: Selection[] = []
  for (const other of hosts) {
    if (found.length >= request.alternates) break
    if (other.cellUuid !== host.cellUuid || chosen.has(other)) continue
    if (request.candidates !== null && offerOf(request.candidates, other) === null) continue
    found.push(selection(other, request, deps))
  }
  return found
}
