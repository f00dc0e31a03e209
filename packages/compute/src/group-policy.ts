import { type Instance, type InstanceGroup, isNovaError, novaError, type RequestContext, type RequestSpec } from '@micronova/model'
import type { ComputeParts } from './parts.js'
import { theOnlyNode } from './the-only-node.js'

/** What a user said about where the instance shall be: `{ group: '<uuid or name>' }`, in a request spec `{ group: ['...'] }`. */
export type SchedulerHints = Readonly<Record<string, unknown>>

/** The hints of a request; of the filter properties, where a request spec does not come along. */
export function schedulerHints(filterProperties: Readonly<Record<string, unknown>>, requestSpec: RequestSpec | null): SchedulerHints {
  const ofSpec = requestSpec?.objIsSet('scheduler_hints') ? requestSpec.scheduler_hints : null
  if (ofSpec !== null && Object.keys(ofSpec).length > 0) return ofSpec
  return (filterProperties.scheduler_hints ?? {}) as SchedulerHints
}

/**
 * The scheduler honours the policy of a server group, but two of its members may be placed at the same time: this looks again when
 * the instance is about to be here.
 *
 * @param hints of the request; without a group in them nobody is asked. Null: they are not known, the instance's own group is asked for
 * @throws NovaError `GroupAffinityViolation`: this host must not have the instance
 * @see nova 26.2.2, `compute/manager.py`, `_validate_instance_group_policy`
 */
export async function checkGroupPolicy(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  hints: SchedulerHints | null,
): Promise<void> {
  if (!parts.settings.checksGroupPolicy) return
  const group = await groupOf(parts, ctx, instance, hints)
  if (group === null || (group.policy !== 'anti-affinity' && group.policy !== 'affinity')) return
  const check = group.policy === 'affinity' ? checkAffinity : checkAntiAffinity
  // One after the other: of two members that come at once the later one sees the first.
  await parts.locks.run(`group ${group.uuid}`, () => check(parts, ctx, instance, group))
}

async function groupOf(
  { serverGroups }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  hints: SchedulerHints | null,
): Promise<InstanceGroup | null> {
  if (hints === null) return serverGroups.ofInstance(ctx, instance.uuid)
  const hint: unknown = Array.isArray(hints.group) ? hints.group[0] : hints.group
  return typeof hint === 'string' && hint !== '' ? serverGroups.byHint(ctx, hint) : null
}

/** Members that are here, or on their way here, are at most as many as the rule allows. */
async function checkAntiAffinity(parts: ComputeParts, ctx: RequestContext, instance: Instance, { uuid }: InstanceGroup): Promise<void> {
  const { stores, host, serverGroups } = parts
  const [present, coming, group] = await Promise.all([
    stores.instances.listByHost(ctx, host, []),
    stores.migrations.listInProgressAndError(ctx, host, await theOnlyNode(parts)),
    serverGroups.byUuid(ctx, uuid).catch(gone),
  ])
  const here = new Set([
    ...present.map((other) => other.uuid),
    ...coming.filter(({ status }) => status !== 'error').map((migration) => migration.instance_uuid),
  ])
  const others = (group?.members ?? []).filter((member) => member !== instance.uuid && here.has(member))
  if (others.length >= (group?.rules.max_server_per_host ?? 1)) throw violated('Anti-affinity')
}

async function checkAffinity(parts: ComputeParts, ctx: RequestContext, instance: Instance, group: InstanceGroup): Promise<void> {
  const hosts = await parts.serverGroups.hosts(ctx, group, [instance.uuid])
  if (hosts.length > 0 && !hosts.includes(parts.host)) throw violated('Affinity')
}

function gone(err: unknown): null {
  if (isNovaError(err, 'InstanceGroupNotFound')) return null
  throw err
}

function violated(policy: string) {
  return novaError('GroupAffinityViolation', { policy })
}
