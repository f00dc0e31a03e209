import type { JsonObject } from '@micronova/messaging'
import type { VersionedObject } from '@micronova/versionedobjects'
import { arg, call, type RpcContract, returns } from '../contract.js'

/** Version of each class of an object's tree that the caller understands: `{ Instance: '2.7', Flavor: '1.2', ... }`. */
export type VersionManifest = Readonly<Record<string, string>>

const forms = [{ version: '3.0' }] as const

/**
 * The indirection API: methods of versioned objects, run where the database is.
 *
 * @see nova 26.2.2, `conductor/rpcapi.py`, `ConductorAPI`
 */
export const conductorContract = {
  topic: 'conductor',
  version: '3.0',
  aliases: {
    grizzly: '1.48',
    havana: '1.58',
    icehouse: '2.0',
    juno: '2.0',
    kilo: '2.1',
    liberty: '3.0',
    mitaka: '3.0',
    newton: '3.0',
    ocata: '3.0',
  },
  methods: {
    /** A method of a class, such as `Instance.get_by_uuid`. Answers what the method answers, at the caller's version. */
    object_class_action_versions: call(
      'any',
      {
        objname: arg<string>(),
        objmethod: arg<string>(),
        object_versions: arg<VersionManifest>(),
        args: arg<readonly unknown[]>(),
        kwargs: arg<Readonly<Record<string, unknown>>>(),
      },
      returns<unknown>(),
      { forms },
    ),
    /** A method of an object, such as `Instance.save`. Answers the fields that it changed, and its result. */
    object_action: call(
      'any',
      {
        objinst: arg<VersionedObject>(),
        objmethod: arg<string>(),
        args: arg<readonly unknown[]>(),
        kwargs: arg<Readonly<Record<string, unknown>>>(),
      },
      returns<readonly [updates: Readonly<Record<string, unknown>>, result: unknown]>(),
      { forms },
    ),
    /** The primitive of an object that is too new for the caller, at the versions that it understands. */
    object_backport_versions: call(
      'any',
      { objinst: arg<VersionedObject | JsonObject>(), object_versions: arg<VersionManifest>() },
      returns<VersionedObject>(),
      { forms },
    ),
  },
} as const satisfies RpcContract
