import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { Instance, novaRegistry } from '@micronova/model'
import { readFixtureLines } from '@micronova/testing'
import type { JsonObject, VersionedObject } from '@micronova/versionedobjects'
import { valuesOf } from '../../builders.js'
import type { TestCell } from '../../databases.js'

export async function recordedInstanceTests(t: TestContext, { stores, ctx }: TestCell): Promise<void> {
  await t.test('an instance off the wire is stored and read again as it was', async () => {
    const recorded = recordedInstance()
    await stores.instances.create(ctx, new Instance({ ...valuesOf(recorded), uuid: recorded.uuid }))
    const attributes = ['metadata', 'system_metadata', 'flavor', 'keypairs', 'pci_requests', 'numa_topology'] as const
    const [ours, theirs] = [await stores.instances.getByUuid(ctx, recorded.uuid, attributes), recorded].map(dataOf) as [
      JsonObject,
      JsonObject,
    ]
    for (const name of Object.keys(ours).filter((name) => !['id', 'created_at', 'info_cache'].includes(name)))
      assert.deepEqual(ours[name], theirs[name], name)
  })
}

function dataOf(object: VersionedObject): JsonObject {
  return object.objToPrimitive()['nova_object.data'] as JsonObject
}

/** The instance that a conductor handed to nova-compute to be built. */
function recordedInstance(): Instance {
  const messages = readFixtureLines('wire/03-boot.jsonl').map((line) => JSON.parse(line).message)
  const build = messages.find(({ method }) => method === 'build_and_run_instance')
  return novaRegistry().fromPrimitive(build.args.instance) as Instance
}
