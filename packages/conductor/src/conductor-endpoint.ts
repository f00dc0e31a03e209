import { type Endpoint, PythonError, type RemoteMethod } from '@micronova/messaging'
import { NovaError, type RequestContext } from '@micronova/model'
import type { VersionManifest } from '@micronova/rpcapi'
import { VersionedObject, VersionedObjectError } from '@micronova/versionedobjects'
import type { ObjectDispatcher } from './dispatch/object-dispatcher.js'

type Kwargs = Readonly<Record<string, unknown>>

const parameters = (...names: readonly string[]) => names.map((name) => ({ name }))

/**
 * ConductorAPI 3.0: the methods of versioned objects, for services without a database.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `ConductorManager`
 */
export function conductorEndpoint(dispatcher: ObjectDispatcher): Endpoint<RequestContext> {
  const methods: Record<string, RemoteMethod<RequestContext>> = {
    object_class_action_versions: {
      parameters: parameters('objname', 'objmethod', 'object_versions', 'args', 'kwargs'),
      isExpected,
      run: (ctx, { objname, objmethod, object_versions, args, kwargs }) =>
        dispatcher.classAction(ctx, String(objname), String(objmethod), manifestOf(object_versions), listOf(args), dictOf(kwargs)),
    },
    object_action: {
      parameters: parameters('objinst', 'objmethod', 'args', 'kwargs'),
      isExpected,
      run: (ctx, { objinst, objmethod, args, kwargs }) =>
        dispatcher.objectAction(ctx, objectOf(objinst), String(objmethod), listOf(args), dictOf(kwargs)),
    },
    object_backport_versions: {
      parameters: parameters('objinst', 'object_versions'),
      isExpected,
      run: async (_ctx, { objinst, object_versions }) => backported(objectOf(objinst), manifestOf(object_versions)),
    },
    /** Of the time of nova-network: there are no such rules. */
    provider_fw_rule_get_all: { parameters: [], run: async () => [] },
  }
  return { target: { version: '3.0' }, methods }
}

/** What a caller did wrong or must expect. The rest is a fault of this side, and belongs into its log. */
function isExpected(err: unknown): boolean {
  return err instanceof NovaError || err instanceof VersionedObjectError || err instanceof PythonError
}

function backported(object: VersionedObject, manifest: VersionManifest) {
  const version = manifest[object.objName]
  if (version === undefined) throw new PythonError('KeyError', object.objName)
  return object.objToPrimitive({ version, manifest })
}

function objectOf(value: unknown): VersionedObject {
  if (value instanceof VersionedObject) return value
  throw new PythonError('TypeError', "argument 'objinst' must be a versioned object")
}

function manifestOf(value: unknown): VersionManifest {
  const manifest = dictOf(value)
  if (Object.values(manifest).every((version) => typeof version === 'string')) return manifest as VersionManifest
  throw new PythonError('TypeError', "argument 'object_versions' must map names to versions")
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new PythonError('TypeError', "argument 'args' must be list")
}

function dictOf(value: unknown): Kwargs {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof VersionedObject)) return value as Kwargs
  throw new PythonError('TypeError', 'a dict is needed')
}
