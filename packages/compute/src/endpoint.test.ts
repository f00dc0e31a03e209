import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint } from '@micronova/messaging'
import type { RequestContext } from '@micronova/model'
import { readFixtureJson } from '@micronova/testing'
import { operationParts } from '../test/support/compute-fixture.js'
import { computeEndpoints } from './endpoint.js'
import { operations } from './operations/index.js'

interface ReferenceMethod {
  readonly called_by_client: boolean
  readonly args: readonly { readonly name: string; readonly default?: string }[]
  readonly decorators: readonly { readonly name: string; readonly args?: readonly string[] }[]
}
interface Reference {
  readonly meta: {
    readonly server_target_version: string
    readonly server_second_endpoint: { readonly version: string; readonly overrides: Readonly<Record<string, ReferenceMethod>> }
  }
  readonly server: Readonly<Record<string, ReferenceMethod>>
}

const reference = readFixtureJson<Reference>('reference/rpc-compute.json')
const remote = Object.entries(reference.server).filter(([, { called_by_client }]) => called_by_client)
const [present, before] = computeEndpoints(operationParts()) as [Endpoint<RequestContext>, Endpoint<RequestContext>]

/** `a`, `b=null` without self and context. */
function signature(args: ReferenceMethod['args']): string[] {
  const own = args.filter(({ name }) => name !== 'context' && name !== 'ctxt')
  return own.map(({ name, default: value }) => (value === undefined ? name : `${name}=${value === 'None' ? 'null' : value}`))
}

function declared(endpoint: Endpoint<RequestContext>, method: string): string[] | undefined {
  return endpoint.methods[method]?.parameters.map((p) => (p.default === undefined ? p.name : `${p.name}=${JSON.stringify(p.default)}`))
}

test('the endpoints have the versions of a Zed compute', () => {
  assert.equal(present.target.version, reference.meta.server_target_version)
  assert.equal(before.target.version, reference.meta.server_second_endpoint.version)
  assert.equal(present.target.namespace, undefined)
})

test('every method that a client of Zed calls is there, and no other', () => {
  assert.deepEqual(Object.keys(present.methods).sort(), remote.map(([name]) => name).sort())
})

for (const [name, { args }] of remote) {
  test(`${name} has the parameters of Zed in both versions`, () => {
    assert.deepEqual(declared(present, name), signature(args))
    assert.deepEqual(declared(before, name), signature(reference.meta.server_second_endpoint.overrides[name]?.args ?? args))
  })
}

/** Zed has the context manager `errors_out_migration_ctxt` within these, not the decorator around them. */
const failMigrationWithin = ['prep_resize', 'resize_instance']

test('the policy of every operation is what the decorators of Zed do', () => {
  for (const { method, policy } of operations) {
    if (method === 'build_and_run_instance') continue // Zed decorates an inner method: compute__do_build_and_run_instance
    const decorators = reference.server[method]?.decorators ?? []
    const has = (name: string) => decorators.some((decorator) => decorator.name === name)
    const expected = decorators.find(({ name }) => name === 'expected_exceptions')?.args ?? []
    assert.deepEqual(
      {
        method,
        event: policy.event ?? null,
        recordFault: policy.recordFault ?? false,
        revertTaskState: policy.revertTaskState ?? false,
        failMigration: policy.failMigration ?? false,
        expected: [...(policy.expected ?? [])].sort(),
      },
      {
        method,
        event: has('wrap_instance_event') ? `compute_${method}` : null,
        recordFault: has('wrap_instance_fault'),
        revertTaskState: has('reverts_task_state'),
        failMigration: has('errors_out_migration') || failMigrationWithin.includes(method),
        expected: expected.map((kind) => kind.replace('exception.', '')).sort(),
      },
    )
  }
})

test('every operation that changes an instance has it for itself, but for what may take long or is about a guest that is stuck', () => {
  const looking = operations.filter(
    ({ method }) =>
      method.startsWith('get_') ||
      method.startsWith('validate_') ||
      method.startsWith('check_instance_') ||
      method === 'set_host_enabled' ||
      method === 'external_instance_event',
  )
  const withoutInstance = operations.filter(({ parameters }) => !parameters.some(({ name }) => name === 'instance'))
  const overlapping = [
    ...['backup_instance', 'snapshot_instance', 'volume_snapshot_create', 'volume_snapshot_delete'],
    ...operations.map(({ method }) => method).filter((method) => method.includes('live_migrat')),
    ...['quiesce_instance', 'unquiesce_instance', 'trigger_crash_dump'],
  ]
  assert.deepEqual(
    operations
      .filter(({ policy }) => policy.lock === undefined)
      .map(({ method }) => method)
      .sort(),
    [...new Set([...looking, ...withoutInstance].map(({ method }) => method).concat(overlapping))].sort(),
  )
})
