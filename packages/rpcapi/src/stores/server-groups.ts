import { InstanceGroup, isNovaError, type RequestContext } from '@micronova/model'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import type { ConductorApi } from '../apis.js'
import { RemoteObjects } from './remote-objects.js'

/** Server groups as a compute sees them: the conductor reads them from above its cell. */
export interface ServerGroups {
  /** Null: it is in none, or the group is gone. */
  ofInstance(ctx: RequestContext, instanceUuid: string): Promise<InstanceGroup | null>
  /** By uuid or name, as a scheduler hint has it. Null: there is no such group. */
  byHint(ctx: RequestContext, hint: string): Promise<InstanceGroup | null>
  /** @throws NovaError `InstanceGroupNotFound` */
  byUuid(ctx: RequestContext, uuid: string): Promise<InstanceGroup>
  /** Where its members are, but for those named. */
  hosts(ctx: RequestContext, group: InstanceGroup, exclude: readonly string[]): Promise<readonly string[]>
}

const uuidLike = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i

export function createServerGroups(conductor: ConductorApi, registry: ObjectRegistry): ServerGroups {
  const remote = new RemoteObjects(conductor, registry)
  const by = (ctx: RequestContext, method: string, key: string) => remote.classMethod<InstanceGroup>(ctx, InstanceGroup, method, [key])
  return {
    ofInstance: (ctx, instanceUuid) => orNone(by(ctx, 'get_by_instance_uuid', instanceUuid)),
    byHint: (ctx, hint) => orNone(by(ctx, uuidLike.test(hint) ? 'get_by_uuid' : 'get_by_name', hint)),
    byUuid: (ctx, uuid) => by(ctx, 'get_by_uuid', uuid),
    hosts: (ctx, group, exclude) => remote.method<readonly string[]>(ctx, group, 'get_hosts', [], { exclude }),
  }
}

async function orNone(group: Promise<InstanceGroup>): Promise<InstanceGroup | null> {
  try {
    return await group
  } catch (err) {
    if (isNovaError(err, 'InstanceGroupNotFound')) return null
    throw err
  }
}
