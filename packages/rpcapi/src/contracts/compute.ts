import type {
  BlockDeviceMapping,
  BlockDeviceMappingList,
  Diagnostics,
  Flavor,
  Instance,
  InstanceExternalEvent,
  LibvirtLiveMigrateData,
  Migration,
  MigrationContext,
  NetworkRequestList,
  RequestSpec,
  SchedulerLimits,
  Selection,
} from '@micronova/model'
import { type Argument, arg, call, cast, type MethodForm, optional, type RpcContract, returns } from '../contract.js'

/** A dict whose keys are not ours to declare: image properties, filter properties, limits. */
type Dict = Readonly<Record<string, unknown>>
type Uuids = readonly string[]

const instance = arg<Instance>()
const migration = arg<Migration>()
const requestSpec = arg<RequestSpec | null>()
const text = arg<string>()
const textOrNull = arg<string | null>()
const consoleOf = { instance, console_type: text } satisfies Record<string, Argument>

/** Sent alike to computes of the 5.x and the 6.x series. */
const same = { forms: [{ version: '6.0' }, { version: '5.0' }] } as const

/** 6.0, or 5.x where the compute knows only that series. `older`: forms before `version` that lack `omit`. */
function since(version: string, ...older: readonly MethodForm[]) {
  return { forms: [{ version: '6.0' }, { version }, ...older] }
}

const long = { long: true } as const
const tooOld = { tooOld: { kind: 'MigrationError', kwargs: { reason: 'Compute too old' } } } as const
const tooOldBefore = { tooOld: { kind: 'MigrationPreCheckError', kwargs: { reason: 'Compute too old' } } } as const
const withoutAccelerators = { version: '5.0', omit: ['accel_uuids'] } as const

/**
 * Operations of nova-compute: all 72 methods that a Zed peer can send, 6.1 at most.
 *
 * @see nova 26.2.2, `compute/rpcapi.py`
 */
export const computeContract = {
  topic: 'compute',
  version: '6.0',
  aliases: {
    icehouse: '3.23',
    juno: '3.35',
    kilo: '4.0',
    liberty: '4.5',
    mitaka: '4.11',
    newton: '4.13',
    ocata: '4.13',
    pike: '4.17',
    queens: '5.0',
    rocky: '5.0',
    stein: '5.1',
    train: '5.3',
    ussuri: '5.11',
    victoria: '5.12',
    wallaby: '6.0',
    xena: '6.0',
    yoga: '6.0',
    zed: '6.1',
  },
  methods: {
    // Building and deleting
    build_and_run_instance: cast(
      'host',
      {
        instance,
        image: arg<Dict>(),
        request_spec: requestSpec,
        filter_properties: arg<Dict>(),
        admin_password: optional<string | null>(null),
        injected_files: optional<readonly unknown[] | null>(null),
        requested_networks: optional<NetworkRequestList | null>(null),
        security_groups: optional<readonly string[] | null>(null),
        block_device_mapping: optional<BlockDeviceMappingList | null>(null),
        node: optional<string | null>(null),
        limits: optional<Dict | null>(null),
        host_list: optional<readonly Selection[] | null>(null),
        accel_uuids: optional<Uuids | null>(null),
      },
      since('5.11', withoutAccelerators),
    ),
    terminate_instance: cast('instance', { instance, bdms: arg<BlockDeviceMappingList | null>() }, same),
    soft_delete_instance: cast('instance', { instance }, same),
    restore_instance: cast('instance', { instance }, same),
    rebuild_instance: cast(
      'host_or_instance',
      {
        instance,
        new_pass: textOrNull,
        injected_files: arg<readonly unknown[]>(),
        image_ref: text,
        orig_image_ref: text,
        orig_sys_metadata: arg<Dict | null>(),
        bdms: arg<BlockDeviceMappingList | null>(),
        recreate: arg<boolean>(),
        on_shared_storage: arg<boolean | null>(),
        preserve_ephemeral: arg<boolean>(),
        migration: arg<Migration | null>(),
        node: textOrNull,
        limits: arg<Dict | null>(),
        request_spec: requestSpec,
        accel_uuids: arg<Uuids>(),
        reimage_boot_volume: arg<boolean>(),
      },
      {
        forms: [
          { version: '6.1', rename: { node: 'scheduled_node' } },
          ...(['6.0', '5.12', '5.0'] as const).map((version) => ({
            version,
            rename: { node: 'scheduled_node' },
            omit: version === '5.0' ? ['reimage_boot_volume', 'accel_uuids'] : ['reimage_boot_volume'],
            refuse: {
              arguments: ['reimage_boot_volume'],
              kind: 'NovaException' as const,
              message: 'Compute RPC version does not support reimage_boot_volume parameter.',
            },
          })),
        ],
      },
    ),

    // Power
    start_instance: cast('instance', { instance }, same),
    stop_instance: call('instance', { instance, clean_shutdown: optional(true) }, returns<void>(), {
      ...same,
      castFlag: { name: 'do_cast', default: true },
    }),
    reboot_instance: cast('instance', { instance, block_device_info: arg<Dict | null>(), reboot_type: arg<'SOFT' | 'HARD'>() }, same),
    pause_instance: cast('instance', { instance }, same),
    unpause_instance: cast('instance', { instance }, same),
    suspend_instance: cast('instance', { instance }, same),
    resume_instance: cast('instance', { instance }, same),
    trigger_crash_dump: cast('instance', { instance }, same),

    // Looking and logging in
    get_console_output: call('instance', { instance, tail_length: arg<string | number | null>() }, returns<string>(), same),
    get_diagnostics: call('instance', { instance }, returns<Dict>(), same),
    get_instance_diagnostics: call('instance', { instance }, returns<Diagnostics>(), same),
    get_vnc_console: call('instance', consoleOf, returns<Dict>(), same),
    get_spice_console: call('instance', consoleOf, returns<Dict>(), same),
    get_rdp_console: call('instance', consoleOf, returns<Dict>(), same),
    get_mks_console: call('instance', consoleOf, returns<Dict>(), same),
    get_serial_console: call('instance', consoleOf, returns<Dict>(), same),
    validate_console_port: call('instance', { instance, port: text, console_type: text }, returns<boolean>(), same),
    set_admin_password: call('instance', { instance, new_pass: textOrNull }, returns<void>(), same),
    rescue_instance: cast(
      'instance',
      {
        rescue_password: textOrNull,
        clean_shutdown: optional(true),
        rescue_image_ref: optional<string | null>(null),
        instance,
      },
      same,
    ),
    unrescue_instance: cast('instance', { instance }, same),
    inject_network_info: cast('instance', { instance }, same),

    // Images
    snapshot_instance: cast('instance', { instance, image_id: text }, same),
    backup_instance: cast('instance', { instance, image_id: text, backup_type: text, rotation: arg<number>() }, same),
    cache_images: call('host', { image_ids: arg<Uuids>() }, returns<Readonly<Record<string, string>>>(), {
      ...since('5.4'),
      ...long,
      tooOld: { kind: 'NovaException', message: 'Compute RPC version pin does not allow cache_images() to be called' },
    }),
    quiesce_instance: call('instance', { instance }, returns<void>(), same),
    unquiesce_instance: cast('instance', { instance, mapping: optional<BlockDeviceMappingList | null>(null) }, same),
    volume_snapshot_create: cast('instance', { instance, volume_id: text, create_info: arg<Dict>() }, same),
    volume_snapshot_delete: cast('instance', { instance, volume_id: text, snapshot_id: text, delete_info: arg<Dict>() }, same),

    // Volumes and ports
    attach_volume: cast('instance', { instance, bdm: arg<BlockDeviceMapping>() }, same),
    detach_volume: cast('instance', { instance, volume_id: text, attachment_id: optional<string | null>(null) }, same),
    swap_volume: cast('instance', { instance, old_volume_id: text, new_volume_id: text, new_attachment_id: textOrNull }, same),
    reserve_block_device_name: call(
      'instance',
      {
        instance,
        device: textOrNull,
        volume_id: text,
        disk_bus: textOrNull,
        device_type: textOrNull,
        tag: textOrNull,
        multiattach: arg<boolean>(),
      },
      returns<BlockDeviceMapping>(),
      { ...same, ...long },
    ),
    remove_volume_connection: call('host', { instance, volume_id: text }, returns<void>(), same),
    attach_interface: call(
      'instance',
      { instance, network_id: textOrNull, port_id: textOrNull, requested_ip: textOrNull, tag: optional<string | null>(null) },
      returns<Dict>(),
      same,
    ),
    detach_interface: cast('instance', { instance, port_id: text }, same),
    add_fixed_ip_to_instance: cast('instance', { instance, network_id: text }, same),
    remove_fixed_ip_from_instance: cast('instance', { instance, address: text }, same),

    // Hosts
    get_host_uptime: call('host', {}, returns<string>(), same),
    set_host_enabled: call('host', { enabled: arg<boolean>() }, returns<string>(), { ...same, ...long }),
    host_power_action: call('host', { action: text }, returns<string>(), same),
    host_maintenance_mode: call('host', { host_param: text, mode: arg<boolean>() }, returns<string>(), {
      forms: [
        { version: '6.0', rename: { host_param: 'host' } },
        { version: '5.0', rename: { host_param: 'host' } },
      ],
    }),
    external_instance_event: cast(
      'host_or_instance',
      { instances: arg<readonly Instance[]>(), events: arg<readonly InstanceExternalEvent[]>() },
      same,
    ),

    // Resize and cold migration
    prep_resize: cast(
      'host',
      {
        instance,
        image: arg<Dict>(),
        flavor: arg<Flavor>(),
        request_spec: requestSpec,
        filter_properties: arg<Dict>(),
        node: textOrNull,
        migration: arg<Migration | null>(),
        clean_shutdown: arg<boolean>(),
        host_list: arg<readonly Selection[] | null>(),
      },
      {
        forms: [
          { version: '6.0' },
          { version: '5.1', rename: { flavor: 'instance_type' } },
          { version: '5.0', rename: { flavor: 'instance_type' }, omit: ['request_spec'], legacyArguments: ['request_spec'] },
        ],
      },
    ),
    resize_instance: cast(
      'instance',
      { instance, migration, image: arg<Dict>(), flavor: arg<Flavor>(), clean_shutdown: optional(true), request_spec: requestSpec },
      {
        forms: [
          { version: '6.0' },
          { version: '5.2', rename: { flavor: 'instance_type' } },
          { version: '5.0', rename: { flavor: 'instance_type' }, omit: ['request_spec'] },
        ],
      },
    ),
    finish_resize: cast(
      'host',
      { instance, migration, image: arg<Dict>(), disk_info: arg<unknown>(), request_spec: requestSpec },
      since('5.2', { version: '5.0', omit: ['request_spec'] }),
    ),
    confirm_resize: call('host_or_instance', { instance, migration }, returns<void>(), {
      ...same,
      castFlag: { name: 'cast', default: true },
    }),
    revert_resize: cast(
      'host_or_instance',
      { instance, migration, request_spec: requestSpec },
      since('5.2', { version: '5.0', omit: ['request_spec'] }),
    ),
    finish_revert_resize: cast(
      'host',
      { instance, migration, request_spec: requestSpec },
      since('5.2', { version: '5.0', omit: ['request_spec'] }),
    ),
    prep_snapshot_based_resize_at_dest: call(
      'host',
      { instance, flavor: arg<Flavor>(), nodename: text, migration, limits: arg<Dict>(), request_spec: requestSpec },
      returns<MigrationContext | null>(),
      { forms: [{ version: '6.0', omit: ['request_spec'] }, { version: '5.5' }], ...long, ...tooOldBefore },
    ),
    prep_snapshot_based_resize_at_source: call(
      'instance',
      { instance, migration, snapshot_id: optional<string | null>(null) },
      returns<void>(),
      { ...since('5.6'), ...long, ...tooOld },
    ),
    finish_snapshot_based_resize_at_dest: call(
      'migration_dest',
      { instance, migration, snapshot_id: textOrNull, request_spec: requestSpec },
      returns<void>(),
      { forms: [{ version: '6.0', omit: ['request_spec'] }, { version: '5.7' }], ...long, ...tooOld },
    ),
    confirm_snapshot_based_resize_at_source: call('migration_source', { instance, migration }, returns<void>(), {
      ...since('5.8'),
      ...long,
      ...tooOld,
    }),
    revert_snapshot_based_resize_at_dest: call('migration_dest', { instance, migration }, returns<void>(), {
      ...since('5.9'),
      ...long,
      ...tooOld,
    }),
    finish_revert_snapshot_based_resize_at_source: call('migration_source', { instance, migration }, returns<void>(), {
      ...since('5.10'),
      ...long,
      ...tooOld,
    }),
    shelve_instance: cast(
      'instance',
      {
        instance,
        image_id: optional<string | null>(null),
        clean_shutdown: optional(true),
        accel_uuids: optional<Uuids | null>(null),
      },
      since('5.13', { ...withoutAccelerators, refuse: { arguments: ['accel_uuids'], kind: 'ForbiddenWithAccelerators' } }),
    ),
    shelve_offload_instance: cast(
      'instance',
      { instance, clean_shutdown: optional(true), accel_uuids: optional<Uuids | null>(null) },
      since('5.13', withoutAccelerators),
    ),
    unshelve_instance: cast(
      'host',
      {
        instance,
        image: optional<Dict | null>(null),
        filter_properties: optional<Dict | null>(null),
        node: optional<string | null>(null),
        request_spec: requestSpec,
        accel_uuids: optional<Uuids | null>(null),
      },
      since('5.13', { version: '5.2', omit: ['accel_uuids'] }, { version: '5.0', omit: ['accel_uuids', 'request_spec'] }),
    ),

    // Live migration
    check_can_live_migrate_destination: call(
      'host',
      {
        instance,
        block_migration: arg<boolean | null>(),
        disk_over_commit: arg<boolean | null>(),
        migration: arg<Migration | null>(),
        limits: arg<SchedulerLimits | null>(),
      },
      returns<LibvirtLiveMigrateData>(),
      { ...since('5.3', { version: '5.0', omit: ['migration', 'limits'] }), ...long },
    ),
    check_can_live_migrate_source: call(
      'instance',
      { instance, dest_check_data: arg<LibvirtLiveMigrateData>() },
      returns<LibvirtLiveMigrateData>(),
      same,
    ),
    check_instance_shared_storage: call(
      'host_or_instance',
      { instance: optional<Instance | null>(null), data: arg<unknown>() },
      returns<boolean>(),
      { forms: [{ version: '6.0', omit: ['instance'] }, { version: '5.0' }] },
    ),
    live_migration: cast(
      'host',
      {
        instance,
        dest: text,
        block_migration: arg<boolean | null>(),
        migrate_data: optional<LibvirtLiveMigrateData | null>(null),
        migration,
      },
      same,
    ),
    live_migration_force_complete: cast(
      'migration_source',
      { instance, migration },
      {
        forms: [
          { version: '6.0', omit: ['migration'] },
          { version: '5.0', omit: ['migration'] },
        ],
      },
    ),
    live_migration_abort: cast('instance', { instance, migration_id: arg<number>() }, same),
    pre_live_migration: call(
      'host',
      { instance, block_migration: arg<boolean | null>(), disk: arg<unknown>(), migrate_data: arg<LibvirtLiveMigrateData>() },
      returns<LibvirtLiveMigrateData>(),
      { forms: [{ version: '6.0', omit: ['block_migration'] }, { version: '5.0' }], ...long },
    ),
    post_live_migration_at_destination: call('host', { instance, block_migration: arg<boolean | null>() }, returns<void>(), {
      ...same,
      ...long,
    }),
    rollback_live_migration_at_destination: cast(
      'host',
      { instance, destroy_disks: arg<boolean>(), migrate_data: arg<LibvirtLiveMigrateData | null>() },
      same,
    ),
    drop_move_claim_at_destination: call('host', { instance }, returns<void>(), since('5.3')),
  },
} as const satisfies RpcContract
