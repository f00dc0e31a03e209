import assert from 'node:assert/strict'
import { test } from 'node:test'
import { novaRegistry, RequestSpec, Selection } from '@micronova/model'
import { readFixtureLines } from '@micronova/testing'
import { schedulingCloud } from '../contract/scheduling-cloud.js'

interface Message {
  readonly sender: string
  readonly message: {
    readonly method?: string
    readonly args?: { readonly instance_uuids: readonly string[]; readonly spec_obj: Primitive; readonly return_alternates: boolean }
    readonly result?: readonly (readonly Primitive[])[]
    readonly _msg_id?: string
  }
}

type Primitive = Parameters<ReturnType<typeof novaRegistry>['fromPrimitive']>[0]

const registry = novaRegistry()

/** What a conductor asked for, and what a Python scheduler answered. */
function conversations(recording: string) {
  const all = readFixtureLines(`wire/${recording}.jsonl`).map((line) => JSON.parse(line) as Message)
  return all.flatMap(({ message: { method, args, _msg_id: id } }) => {
    if (method !== 'select_destinations' || args === undefined) return []
    const reply = all.find(({ message }) => message._msg_id === id && message.result !== undefined)
    return reply?.message.result ? [{ args, result: reply.message.result }] : []
  })
}

function decoded<T>(primitive: Primitive, objectClass: abstract new (...args: never[]) => T): T {
  const object: unknown = registry.fromPrimitive(primitive)
  assert.ok(object instanceof objectClass)
  return object
}

/** The order of changes means nothing. */
function sorted(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, item) => (key === 'nova_object.changes' ? [...item].sort() : item))
}

for (const recording of ['03-boot', '06-resize-confirm', '09c-boot-rescheduled', '15-cold-migrate', '16-live-migrate']) {
  test(`${recording}: the conductor gets the selections that a Zed scheduler gave it, to the letter`, async (t) => {
    const recorded = conversations(recording)
    assert.ok(recorded.length > 0)
    for (const { args, result } of recorded) {
      const cloud = await schedulingCloud(t)
      const [expected = []] = result.map((list) => list.map((primitive) => decoded(primitive, Selection)))
      const cell = await cloud.cell('cell1', expected[0]!.cell_uuid)
      for (const [index, { service_host, nodename, compute_node_uuid: uuid }] of expected.entries())
        await cell.host(service_host, { hypervisor_hostname: nodename, uuid, free_ram_mb: 8000 - index * 1000 })
      const request = {
        spec: decoded(args.spec_obj, RequestSpec),
        instanceUuids: args.instance_uuids,
        returnObjects: true,
        returnAlternates: args.return_alternates,
      }
      const [selections = []] = (await cloud.scheduler.selectDestinations(
        cloud.ctx,
        request,
        new AbortController().signal,
      )) as Selection[][]
      assert.deepEqual(sorted(selections.map((selection) => selection.objToPrimitive())), sorted(result[0]))
    }
  })
}
