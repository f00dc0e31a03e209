import { systemRandom } from '@micronova/lifecycle'
import {
  BlockDeviceMapping,
  BlockDeviceMappingList,
  BuildRequest,
  Flavor,
  ImageMeta,
  ImageMetaProps,
  Instance,
  InstanceMapping,
  InstancePCIRequests,
  RequestSpec,
  SchedulerLimits,
  SecurityGroup,
  SecurityGroupList,
  Selection,
  Tag,
  TagList,
} from '@micronova/model'
import { cell1Uuid, type TestDeployment } from './deployment.js'

export function aFlavor(values: Partial<{ id: number; name: string; vcpus: number; memory_mb: number }> = {}): Flavor {
  const flavor = { id: 1, name: 'm1.tiny', flavorid: '1', vcpus: 1, memory_mb: 512, root_gb: 1, ephemeral_gb: 0, swap: 0 }
  return new Flavor({ ...flavor, rxtx_factor: 1, disabled: false, is_public: true, extra_specs: {}, ...values })
}

/** `count` new servers, as the API leaves them in the API database. */
export async function newServers(
  { api, ctx }: TestDeployment,
  count = 1,
): Promise<{ buildRequests: BuildRequest[]; requestSpecs: RequestSpec[] }> {
  const buildRequests: BuildRequest[] = []
  const requestSpecs: RequestSpec[] = []
  for (let at = 0; at < count; at++) {
    const instance = newInstance()
    const { uuid: instance_uuid } = instance
    const request = new BuildRequest({ instance_uuid, project_id: 'p1', instance, block_device_mappings: aDisk(), tags: new TagList() })
    const spec = specFor(instance)
    await api.buildRequests.create(ctx, request)
    await api.requestSpecs.create(ctx, spec)
    await api.instanceMappings.create(ctx, new InstanceMapping({ instance_uuid, project_id: 'p1', user_id: 'u1' }))
    buildRequests.push(request)
    requestSpecs.push(spec)
  }
  return { buildRequests, requestSpecs }
}

export function specFor({ uuid: instance_uuid, flavor }: Instance): RequestSpec {
  return new RequestSpec({
    instance_uuid,
    flavor,
    num_instances: 1,
    project_id: 'p1',
    user_id: 'u1',
    image: new ImageMeta({ id: systemRandom.uuid(), properties: new ImageMetaProps() }),
    limits: new SchedulerLimits({ vcpu: null, memory_mb: null, disk_gb: null, numa_topology: null }),
    instance_group: null,
    is_bfv: false,
    security_groups: new SecurityGroupList({ objects: [new SecurityGroup({ name: 'default' })] }),
  })
}

export function newInstance(values: object = {}): Instance {
  const states = { vm_state: 'building', task_state: 'scheduling', power_state: 0, host: null, node: null, launched_at: null }
  const owner = { user_id: 'u1', project_id: 'p1', instance_type_id: 1, memory_mb: 512, vcpus: 1, root_gb: 1, ephemeral_gb: 0 }
  return new Instance({
    uuid: systemRandom.uuid(),
    display_name: 'vm1',
    image_ref: 'an-image',
    system_metadata: {},
    metadata: {},
    flavor: aFlavor(),
    numa_topology: null,
    pci_requests: new InstancePCIRequests({ requests: [] }),
    ...states,
    ...owner,
    ...values,
  })
}

export function aDisk(): BlockDeviceMappingList {
  const disk = { source_type: 'image', destination_type: 'local', device_type: 'disk', boot_index: 0, delete_on_termination: true } as const
  return new BlockDeviceMappingList({
    objects: [new BlockDeviceMapping({ ...disk, no_device: false, device_name: null, volume_size: null })],
  })
}

/** What the API sends for new servers. */
export function buildOrder(servers: { buildRequests: readonly BuildRequest[]; requestSpecs: readonly RequestSpec[] }) {
  const tags = new TagList({ objects: [new Tag({ tag: 'red' })] })
  return {
    build_requests: servers.buildRequests,
    request_specs: servers.requestSpecs,
    image: { id: 'an-image' },
    admin_password: 'secret',
    injected_files: [],
    requested_networks: null,
    block_device_mapping: aDisk(),
    tags,
  }
}

/** A host that the scheduler chose, and the claim that it stands for. */
export async function aSelection(
  { cell1, ctx }: Pick<TestDeployment, 'cell1' | 'ctx'>,
  host: string,
  resources: Record<string, number> = { VCPU: 1, MEMORY_MB: 512 },
  cellUuid = cell1Uuid,
): Promise<Selection> {
  const node = await cell1.computeNodes.getByHostAndNode(ctx, host, host)
  return new Selection({
    service_host: host,
    nodename: host,
    cell_uuid: cellUuid,
    compute_node_uuid: node.uuid,
    limits: new SchedulerLimits({ vcpu: null, memory_mb: null, disk_gb: null, numa_topology: null }),
    allocation_request: JSON.stringify({ allocations: { [node.uuid]: { resources } }, mappings: { '': [node.uuid] } }),
    allocation_request_version: '1.36',
    availability_zone: 'nova',
  })
}

/** An instance that runs on `host` and holds what its flavor says there. */
export async function runningInstance(
  deployment: TestDeployment,
  host: string,
  values: object = {},
): Promise<{ instance: Instance; spec: RequestSpec }> {
  const { api, cell1, clients, ctx } = deployment
  const instance = newInstance({ vm_state: 'active', task_state: null, power_state: 1, host, node: host, ...values })
  await cell1.instances.create(ctx, instance)
  const cell = (await api.cellMappings.list(ctx)).find(({ uuid }) => uuid === cell1Uuid)!
  const { uuid: instance_uuid } = instance
  await api.instanceMappings.create(ctx, new InstanceMapping({ instance_uuid, project_id: 'p1', user_id: 'u1', cell_mapping: cell }))
  const spec = specFor(instance)
  await api.requestSpecs.create(ctx, spec)
  const node = await cell1.computeNodes.getByHostAndNode(ctx, host, host)
  const allocations = { [node.uuid]: { resources: { VCPU: 1, MEMORY_MB: 512 } } }
  await clients.placement.putAllocations(ctx, instance_uuid, { allocations, project_id: 'p1', user_id: 'u1', consumer_generation: null })
  return { instance, spec }
}

/** A scheduler that puts each instance onto the next of `hosts`. */
export function schedulerFor(hosts: () => readonly (readonly Selection[])[]) {
  return { select_destinations: () => hosts().map((list) => list.map((selection) => selection.objToPrimitive())) }
}

/** As the scheduler claims what it selects. */
export async function claimed({ clients, ctx }: TestDeployment, uuid: string, { allocation_request: text }: Selection): Promise<void> {
  const { allocations } = JSON.parse(text ?? '') as { allocations: Record<string, { resources: Record<string, number> }> }
  await clients.placement.putAllocations(ctx, uuid, { allocations, project_id: 'p1', user_id: 'u1', consumer_generation: null })
}
