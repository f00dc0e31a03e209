import type { Aggregate, InstanceList, RequestSpec, Selection } from '@micronova/model'
import { arg, call, cast, optional, type RpcContract, returns } from '../contract.js'

/** @see nova 26.2.2, `scheduler/rpcapi.py` */
export const schedulerContract = {
  topic: 'scheduler',
  version: '4.0',
  aliases: {
    grizzly: '2.6',
    havana: '2.9',
    icehouse: '3.0',
    juno: '3.0',
    kilo: '4.2',
    liberty: '4.2',
    mitaka: '4.3',
    newton: '4.3',
    ocata: '4.3',
    pike: '4.4',
  },
  methods: {
    /** For each instance a list of hosts: the selected one, then its alternates. */
    select_destinations: call(
      'any',
      {
        instance_uuids: arg<readonly string[]>(),
        spec_obj: arg<RequestSpec>(),
        return_objects: optional(false),
        return_alternates: optional(false),
      },
      returns<readonly (readonly Selection[])[]>(),
      {
        long: true,
        forms: [
          { version: '4.5' },
          {
            version: '4.4',
            omit: ['return_objects', 'return_alternates'],
            refuse: { arguments: ['return_objects', 'return_alternates'], kind: 'SelectionObjectsWithOldRPCVersionNotSupported' },
          },
          { version: '4.3', omit: ['instance_uuids', 'return_objects', 'return_alternates'] },
          {
            version: '4.0',
            omit: ['instance_uuids', 'spec_obj', 'return_objects', 'return_alternates'],
            legacyArguments: ['request_spec', 'filter_properties'],
          },
        ],
      },
    ),
    update_aggregates: cast('fanout', { aggregates: arg<readonly Aggregate[]>() }, { forms: [{ version: '4.1' }] }),
    delete_aggregate: cast('fanout', { aggregate: arg<Aggregate>() }, { forms: [{ version: '4.1' }] }),
    update_instance_info: cast('fanout', { host_name: arg<string>(), instance_info: arg<InstanceList>() }, { forms: [{ version: '4.2' }] }),
    delete_instance_info: cast('fanout', { host_name: arg<string>(), instance_uuid: arg<string>() }, { forms: [{ version: '4.2' }] }),
    sync_instance_info: cast(
      'fanout',
      { host_name: arg<string>(), instance_uuids: arg<readonly string[]>() },
      { forms: [{ version: '4.2' }] },
    ),
  },
} as const satisfies RpcContract
