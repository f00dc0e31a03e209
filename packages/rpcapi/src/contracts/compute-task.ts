import type {
  Aggregate,
  BlockDeviceMappingList,
  BuildRequest,
  Flavor,
  Instance,
  Migration,
  NetworkRequestList,
  RequestSpec,
  Selection,
  TagList,
} from '@micronova/model'
import { arg, call, cast, optional, type RpcContract, returns } from '../contract.js'

/** A dict whose keys are not ours to declare: image properties, filter properties, hints. */
type Dict = Readonly<Record<string, unknown>>

const instance = arg<Instance>()
const migration = arg<Migration>()
const withoutHost = ['host_list'] as const
const withoutSpec = [...withoutHost, 'request_spec'] as const
const withoutShutdown = [...withoutSpec, 'clean_shutdown'] as const
const conductorTooOld = { kind: 'ServiceTooOld', message: 'nova-conductor too old' } as const

/**
 * Work that spans hosts, orchestrated by the conductor.
 *
 * @see nova 26.2.2, `conductor/rpcapi.py`, `ComputeTaskAPI`
 */
export const computeTaskContract = {
  topic: 'conductor',
  namespace: 'compute_task',
  version: '1.0',
  aliases: {},
  methods: {
    live_migrate_instance: cast(
      'any',
      {
        instance,
        scheduler_hint: arg<Dict>(),
        block_migration: arg<boolean | null>(),
        disk_over_commit: arg<boolean | null>(),
        request_spec: arg<RequestSpec | null>(),
      },
      { forms: [{ version: '1.15' }] },
    ),
    migrate_server: call(
      'any',
      {
        instance,
        scheduler_hint: arg<Dict>(),
        live: arg<boolean>(),
        rebuild: arg<boolean>(),
        flavor: arg<Flavor | null>(),
        block_migration: arg<boolean | null>(),
        disk_over_commit: arg<boolean | null>(),
        reservations: optional<readonly string[] | null>(null),
        clean_shutdown: optional(true),
        request_spec: optional<RequestSpec | null>(null),
        host_list: optional<readonly Selection[] | null>(null),
      },
      returns<void>(),
      {
        long: true,
        castFlag: { name: 'do_cast', default: false },
        forms: [
          { version: '1.20' },
          { version: '1.13', omit: withoutHost },
          { version: '1.11', omit: withoutSpec },
          { version: '1.10', omit: withoutShutdown },
          { version: '1.6', omit: [...withoutShutdown, 'flavor'], legacyArguments: ['flavor'] },
        ],
      },
    ),
    /** From the API in cells v1 days; now from a compute that could not build: it asks for the next host. */
    build_instances: cast(
      'any',
      {
        instances: arg<readonly Instance[]>(),
        image: arg<Dict>(),
        filter_properties: arg<Dict>(),
        admin_password: arg<string | null>(),
        injected_files: arg<readonly unknown[]>(),
        requested_networks: arg<NetworkRequestList | null>(),
        security_groups: arg<readonly string[] | null>(),
        block_device_mapping: arg<BlockDeviceMappingList | null>(),
        legacy_bdm: optional(true),
        request_spec: optional<RequestSpec | null>(null),
        host_lists: optional<readonly (readonly Selection[])[] | null>(null),
      },
      {
        forms: [
          { version: '1.19', omit: ['block_device_mapping', 'legacy_bdm'] },
          { version: '1.18', omit: ['block_device_mapping', 'legacy_bdm', 'host_lists'] },
          { version: '1.10', omit: ['block_device_mapping', 'legacy_bdm', 'host_lists', 'request_spec'] },
          {
            version: '1.5',
            omit: ['host_lists', 'request_spec', 'block_device_mapping', 'requested_networks'],
            legacyArguments: ['requested_networks', 'block_device_mapping'],
          },
        ],
      },
    ),
    schedule_and_build_instances: cast(
      'any',
      {
        build_requests: arg<readonly BuildRequest[]>(),
        request_specs: arg<readonly RequestSpec[]>(),
        image: arg<Dict>(),
        admin_password: arg<string | null>(),
        injected_files: arg<readonly unknown[]>(),
        requested_networks: arg<NetworkRequestList | null>(),
        block_device_mapping: arg<BlockDeviceMappingList | null>(),
        tags: optional<TagList | null>(null),
      },
      { forms: [{ version: '1.17' }, { version: '1.16', omit: ['tags'] }] },
    ),
    unshelve_instance: cast(
      'any',
      { instance, request_spec: optional<RequestSpec | null>(null) },
      { forms: [{ version: '1.14' }, { version: '1.3', omit: ['request_spec'] }] },
    ),
    rebuild_instance: cast(
      'any',
      {
        instance,
        new_pass: arg<string | null>(),
        injected_files: arg<readonly unknown[]>(),
        image_ref: arg<string>(),
        orig_image_ref: arg<string>(),
        orig_sys_metadata: arg<Dict>(),
        bdms: arg<BlockDeviceMappingList | null>(),
        recreate: optional(false),
        on_shared_storage: optional(false),
        preserve_ephemeral: optional(false),
        host: optional<string | null>(null),
        request_spec: optional<RequestSpec | null>(null),
        reimage_boot_volume: optional(false),
      },
      {
        forms: [
          { version: '1.24' },
          {
            version: '1.12',
            omit: ['reimage_boot_volume'],
            refuse: {
              arguments: ['reimage_boot_volume'],
              kind: 'NovaException',
              message: 'Conductor RPC version does not support reimage_boot_volume parameter.',
            },
          },
          { version: '1.8', omit: ['reimage_boot_volume', 'request_spec'] },
        ],
      },
    ),
    cache_images: cast(
      'any',
      { aggregate: arg<Aggregate>(), image_ids: arg<readonly string[]>() },
      {
        forms: [{ version: '1.21' }],
        tooOld: { kind: 'NovaException', message: 'Conductor RPC version pin does not allow cache_images() to be called' },
      },
    ),
    confirm_snapshot_based_resize: call('any', { instance, migration }, returns<void>(), {
      forms: [{ version: '1.22' }],
      castFlag: { name: 'do_cast', default: true },
      tooOld: conductorTooOld,
    }),
    revert_snapshot_based_resize: cast('any', { instance, migration }, { forms: [{ version: '1.23' }], tooOld: conductorTooOld }),
  },
} as const satisfies RpcContract
