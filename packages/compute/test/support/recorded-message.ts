import { systemClock } from '@micronova/lifecycle'
import type { Json } from '@micronova/messaging'
import { adminContext, Instance, Migration, type MigrationContext, novaRegistry } from '@micronova/model'
import { createNovaSerializer } from '@micronova/rpcapi'
import { readFixtureLines } from '@micronova/testing'
import type { WireArguments } from '../../src/operation.js'
import { countingRandom, type Fixture, rootDisk } from './compute-fixture.js'

interface RecordedLine {
  readonly message: { readonly method?: string; readonly args: Readonly<Record<string, Json>> }
}

/** The arguments of a recorded message, as they are when they have come in. */
export async function recordedArguments(fixture: string, method: string, nth = 0): Promise<Record<string, unknown>> {
  const messages = readFixtureLines(fixture).map((line) => (JSON.parse(line) as RecordedLine).message)
  const message = messages.filter((one) => one.method === method)[nth]
  if (message === undefined) throw new Error(`${fixture} has no ${method} number ${nth}`)
  const ctx = adminContext({ clock: systemClock, random: countingRandom })
  const serializer = createNovaSerializer({ registry: novaRegistry() })
  const entries = Object.entries(message.args).map(async ([name, value]) => [name, await serializer.deserializeEntity(ctx, value)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

/**
 * Store what the message says of its instance and its migration, so that the operation can go on from there.
 *
 * @param context of the migration, which the API does not read and so does not send
 */
export async function seedRecorded(
  { stores, ctx }: Pick<Fixture, 'stores' | 'ctx'>,
  args: WireArguments,
  context: MigrationContext | null = null,
): Promise<void> {
  const { instance, migration } = args
  if (!(instance instanceof Instance)) throw new Error('the message has no instance')
  await keep(instance, new Instance(), (stored) => stores.instances.create(ctx, stored as Instance))
  await rootDisk({ stores, ctx }, instance)
  await stores.actions.start(ctx, instance.uuid, 'test')
  if (!(migration instanceof Migration)) return
  await keep(migration, new Migration(), (stored) => stores.migrations.create(ctx, stored as Migration))
  if (context === null) return
  context.migration_id = migration.id
  await storeContext({ stores, ctx }, instance, context)
}

/** A row of what `object` says; the store decides the id, which `object` has then too. What the sender had changed stays changed. */
async function keep<T extends Instance | Migration>(object: T, stored: T, create: (stored: T) => Promise<void>): Promise<void> {
  const apart: readonly string[] = [
    'id',
    'created_at',
    'updated_at',
    'deleted_at',
    'deleted',
    'fault',
    'services',
    'tags',
    'keypairs',
    'security_groups',
    'ec2_ids',
  ]
  for (const [name, value] of Object.entries(object.objClone().objGetSet()))
    if (!apart.includes(name)) stored.objSet(name as 'uuid', value as never)
  await create(stored)
  object.objSetStored({ id: stored.id })
}

async function storeContext(
  { stores, ctx }: Pick<Fixture, 'stores' | 'ctx'>,
  { uuid }: Instance,
  context: MigrationContext,
): Promise<void> {
  const stored = await stores.instances.getByUuid(ctx, uuid, ['migration_context'])
  stored.migration_context = context
  await stores.instances.save(ctx, stored)
}
