import type { DatabaseStores } from '@micronova/db'
import { systemRandom } from '@micronova/lifecycle'
import { ComputeNode, Flavor, Instance, Migration, Service } from '@micronova/model'
import { ctx } from './deployment.js'

/** A nova-compute on `host` with one node. */
export async function aCompute(stores: DatabaseStores, host: string): Promise<{ readonly service: Service; readonly node: ComputeNode }> {
  const service = new Service({
    host,
    binary: 'nova-compute',
    topic: 'compute',
    report_count: 0,
    disabled: false,
    forced_down: false,
    version: 64,
    last_seen_up: new Date(),
  })
  await stores.services.create(ctx, service)
  const node = new ComputeNode({
    host,
    hypervisor_hostname: `${host}.example`,
    hypervisor_type: 'fake',
    hypervisor_version: 1,
    vcpus: 2,
    memory_mb: 1024,
    local_gb: 10,
    vcpus_used: 0,
    memory_mb_used: 0,
    local_gb_used: 0,
    cpu_info: '',
    mapped: 0,
  })
  await stores.computeNodes.create(ctx, node)
  return { service, node }
}

/** An instance, as the API makes one. */
export async function anInstance(
  stores: DatabaseStores,
  values: { readonly host?: string; readonly node?: string } = {},
): Promise<Instance> {
  const flavor = new Flavor({ id: 1, name: 'tiny', memory_mb: 64, vcpus: 1, root_gb: 1, ephemeral_gb: 0, flavorid: '1', swap: 0 })
  flavor.objResetChanges()
  const instance = new Instance({
    uuid: systemRandom.uuid(),
    user_id: 'user',
    project_id: 'project',
    vm_state: 'active',
    display_name: 'vm',
    memory_mb: 64,
    vcpus: 1,
    root_gb: 1,
    ephemeral_gb: 0,
    system_metadata: { image_hw_machine_type: 'pc', image_disk_format: 'raw' },
    metadata: {},
    flavor,
    old_flavor: null,
    new_flavor: null,
    ...values,
  })
  await stores.instances.create(ctx, instance)
  return instance
}

/** A move from `host` to another that has not ended. */
export async function aMigration(
  stores: DatabaseStores,
  { host, uuid, node }: { host: string; uuid: string; node: string },
): Promise<Migration> {
  const migration = new Migration({
    instance_uuid: uuid,
    source_compute: host,
    source_node: node,
    dest_compute: 'elsewhere',
    dest_node: 'elsewhere',
    status: 'finished',
    migration_type: 'migration',
    hidden: false,
  })
  await stores.migrations.create(ctx, migration)
  return migration
}
