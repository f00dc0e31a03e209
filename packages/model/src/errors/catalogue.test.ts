import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureJson, readFixtureLines } from '@micronova/testing'
import { ObjectFieldNotSet, VersionedObjectError } from '@micronova/versionedobjects'
import { type Failure, isKindOf, isNovaError, NovaError, type NovaErrorEntry, novaError, novaErrorCatalogue, novaErrors } from '../index.js'
import { lineageOf } from './nova-error.js'

interface ReferenceError {
  readonly bases: readonly string[]
  readonly code: number
  readonly msg_fmt_keys?: readonly string[]
  readonly safe?: boolean
}

const entries: Readonly<Record<string, NovaErrorEntry>> = novaErrors

/** The message template, which may be a base's. */
function template(kind: string): string {
  const entry = entries[kind]
  return entry === undefined ? '' : (entry.message ?? template(entry.base))
}

function recordedFailures(): Failure[] {
  const recordings = ['01-compute-startup', '09-errors', '10-notifications', '16-live-migrate']
  return recordings.flatMap((name) =>
    readFixtureLines(`wire/${name}.jsonl`).flatMap((line) => {
      const { message } = JSON.parse(line) as { message: { failure?: string | null } }
      return typeof message.failure === 'string' ? [JSON.parse(message.failure) as Failure] : []
    }),
  )
}

test('the catalogue holds the 506 exceptions of Nova with bases, status and the names in their messages', () => {
  const { exceptions } = readFixtureJson<{ exceptions: Readonly<Record<string, ReferenceError>> }>('reference/exceptions.json')
  assert.equal(Object.keys(novaErrors).length, 506)
  assert.deepEqual(Object.keys(novaErrors), Object.keys(exceptions).sort())
  for (const [kind, expected] of Object.entries(exceptions)) {
    const entry = entries[kind]!
    assert.deepEqual([entry.base], expected.bases, kind)
    assert.equal(entry.code, expected.code, kind)
    assert.equal(entry.safe, expected.safe, kind)
    const names = [...template(kind).matchAll(/%\((\w+)\)/g)].map((match) => match[1])
    // The first one needs arguments of another kind and never crosses the wire.
    if (kind !== 'ConvertedException') assert.deepEqual([...new Set(names)].sort(), expected.msg_fmt_keys ?? [], kind)
  }
})

test('the errors of the recordings are rebuilt, and go out again as they came', () => {
  const known = recordedFailures().filter(({ module }) => module === 'nova.exception' || module === 'oslo_versionedobjects.exception')
  assert.equal(known.length, 7)
  for (const failure of known) {
    const err = novaErrorCatalogue.fromFailure(failure)
    assert.ok(err instanceof NovaError || err instanceof VersionedObjectError)
    assert.equal(err.kind, failure.class)
    const { tb: _, ...expected } = failure
    assert.deepEqual(novaErrorCatalogue.toFailure(err), expected)
    assert.deepEqual(Object.keys(novaErrorCatalogue.toFailure(err)!.kwargs), Object.keys(failure.kwargs))
  }
})

test('our own errors have the messages of the recorded ones', () => {
  const own: readonly NovaError[] = [
    novaError('ComputeHostNotFound', { host: 'compute1' }),
    novaError('InstanceNotFound', { instance_id: '00000000-0000-0000-0000-000000000001' }),
    novaError('InstanceGroupNotFound', { group_uuid: '' }),
  ]
  for (const err of own) {
    const recorded = recordedFailures().find((failure) => failure.class === err.kind)!
    const { tb: _, ...expected } = recorded
    assert.deepEqual(novaErrorCatalogue.toFailure(err), expected)
  }
})

test('an object that is unknown here is told as upstream tells it', () => {
  const recorded = recordedFailures().find((failure) => failure.class === 'UnsupportedObjectError')!
  const { tb: _, ...expected } = recorded
  const err = new VersionedObjectError('UnsupportedObjectError', 'Unsupported object type Nonesuch', { objtype: 'Nonesuch' })
  assert.deepEqual(novaErrorCatalogue.toFailure(err), expected)
})

test('errors of fields go out as what Python raises', () => {
  const unset = novaErrorCatalogue.toFailure(new ObjectFieldNotSet('Instance', 'flavor'))
  assert.deepEqual(unset, {
    class: 'NotImplementedError',
    module: 'builtins',
    message: "Cannot load 'flavor' in the base class",
    args: ["Cannot load 'flavor' in the base class"],
    kwargs: {},
  })
  assert.equal(novaErrorCatalogue.toFailure(new VersionedObjectError('ValueError', 'no'))?.class, 'ValueError')
})

test('what the catalogue does not know it leaves to the transport', () => {
  assert.equal(novaErrorCatalogue.toFailure(new TypeError('a bug of ours')), undefined)
  assert.equal(novaErrorCatalogue.toFailure('text'), undefined)
  const failure = { message: '', tb: [], args: [], kwargs: {} }
  for (const [module, name] of [
    ['builtins', 'SystemExit'],
    ['nova.exception', 'NoSuchKind'],
    ['nova.exception', 'constructor'],
    ['oslo_versionedobjects.exception', 'ValueError'],
    ['os', 'InstanceNotFound'],
  ] as const)
    assert.equal(novaErrorCatalogue.fromFailure({ ...failure, module, class: name }), undefined)
})

test('an error is of its kind and of those that it is derived from', () => {
  const err = novaError('InstanceNotFound', { instance_id: 'x' })
  assert.deepEqual(lineageOf('InstanceNotFound'), ['InstanceNotFound', 'NotFound', 'NovaException', 'Exception'])
  assert.ok(isNovaError(err, 'InstanceNotFound') && isNovaError(err, 'NotFound') && isNovaError(err, 'NovaException'))
  assert.ok(!isNovaError(err, 'ComputeHostNotFound'))
  assert.ok(!isNovaError(new Error('InstanceNotFound'), 'NovaException'))
})

test('kinds hold across packages: object errors, and errors that name their Python class', () => {
  const remote = Object.assign(new Error('gone'), { className: 'KeyError' })
  assert.ok(isKindOf(remote, 'LookupError') && !isKindOf(remote, 'ValueError'))
  assert.ok(isKindOf(Object.assign(new Error(), { className: 'InstanceNotFound' }), 'NotFound'))
  assert.ok(isKindOf(new ObjectFieldNotSet('Instance', 'id'), 'NotImplementedError'))
  assert.ok(isKindOf(new VersionedObjectError('ReadOnlyFieldError', ''), 'VersionedObjectsException'))
  assert.ok(isKindOf(novaError('InstanceNotFound'), 'NotFound'))
  assert.ok(!isKindOf(new Error('plain'), 'Exception') && !isKindOf(undefined, 'Exception'))
})

test('an error carries status, cause, and the traceback of the peer', () => {
  const cause = new Error('disk full')
  const err = novaError('BuildAbortException', { instance_uuid: 'u', reason: cause }, { cause })
  assert.equal(err.message, 'Build of instance u aborted: disk full')
  assert.equal(err.code, 500)
  assert.equal(err.cause, cause)
  assert.deepEqual(novaErrorCatalogue.toFailure(err)?.kwargs, { instance_uuid: 'u', reason: 'disk full', code: 500 })
  const rebuilt = novaErrorCatalogue.fromFailure({
    class: 'NovaException',
    module: 'nova.exception',
    message: 'x',
    tb: ['line\n'],
    args: ['x'],
    kwargs: { code: 418 },
  })
  assert.ok(rebuilt instanceof NovaError)
  assert.deepEqual([rebuilt.code, rebuilt.remoteTraceback], [418, ['line\n']])
})
