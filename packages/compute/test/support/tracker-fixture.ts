import type { OptionGroup, Section } from '@micronova/config'
import { RecordingLogger } from '@micronova/log'
import type { ToldMetric } from '@micronova/notifications'
import { readFixtureLines } from '@micronova/testing'
import { FakeDriver, type VirtDriver } from '@micronova/virt'
import { CpuMonitor } from '../../src/resource-tracker/cpu-monitor.js'
import { type ResourceSection, resourceOptions } from '../../src/resource-tracker/options.js'
import { HostResourceTracker } from '../../src/resource-tracker/tracker.js'
import { computeFixture, type Fixture, type FixtureOptions, forever, host } from './compute-fixture.js'

/** The values of options that no file sets. */
export function defaultsOf<G extends OptionGroup>({ options }: G): Section<G> {
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])) as Section<G>
}

export interface TrackerFixture extends Fixture {
  /** What was told to be measured of which node. */
  readonly measured: readonly (readonly [node: string, metrics: readonly ToldMetric[]])[]
  readonly tracker: HostResourceTracker
  readonly log: RecordingLogger
  /** Another tracker over the same stores: the service was restarted. */
  restarted(): HostResourceTracker
}

export interface TrackerFixtureOptions extends FixtureOptions {
  readonly resources?: Partial<ResourceSection>
}

/** The real tracker in the place of the one that grants everything. Its driver is up, its node not measured yet. */
export async function trackerFixture(options: TrackerFixtureOptions = {}): Promise<TrackerFixture> {
  const log = new RecordingLogger('nova.compute.resource_tracker')
  const driver: VirtDriver = options.driver ?? new FakeDriver({ log })
  await driver.initHost(host, forever)
  const fixture = computeFixture({ ...options, driver })
  const resources = { ...defaultsOf(resourceOptions), ...options.resources }
  const monitor = new CpuMonitor({ driver, clock: fixture.parts.clock, log }, resources.compute_monitors)
  const measured: [node: string, metrics: readonly ToldMetric[]][] = []
  const metricsTold = { measured: async (_: unknown, node: string, metrics: readonly ToldMetric[]) => void measured.push([node, metrics]) }
  const deps = { stores: fixture.parts.stores, driver, monitor, metricsTold, log }
  const restarted = () => new HostResourceTracker(deps, { host, hostIp: '127.0.0.1', resources })
  const tracker = restarted()
  return { ...fixture, parts: { ...fixture.parts, tracker, log }, tracker, log, measured, restarted }
}

/** The calls of the stores since the last time, by name. */
export function takeCalls({ calls }: Pick<Fixture, 'calls'>): string[] {
  return calls.splice(0).map(({ method }) => method)
}

/** An object that a Python nova-compute sent to its conductor, in wire form without the marks of changes. */
export interface RecordedObject {
  readonly fields: Readonly<Record<string, unknown>>
  readonly changes: readonly string[]
}

/** The first `<name>.<method>` of a recording, as `ComputeNode.save`, that changes `field` if that is given. */
export function recordedObject(fixture: string, name: string, method: string, field?: string): RecordedObject {
  for (const line of readFixtureLines(fixture)) {
    const { sender, message } = JSON.parse(line) as { sender: string; message: { method?: string; args?: Record<string, unknown> } }
    const objinst = message.args?.objinst as Record<string, unknown> | undefined
    if (sender !== 'nova-compute' || objinst?.['nova_object.name'] !== name || message.args?.objmethod !== method) continue
    const changes = objinst['nova_object.changes'] as string[]
    if (field === undefined || changes.includes(field))
      return { fields: withoutChanges(objinst['nova_object.data']) as Readonly<Record<string, unknown>>, changes }
  }
  throw new Error(`${fixture} has no ${name}.${method}`)
}

/** A wire form without the marks of changes in it. */
export function withoutChanges(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutChanges)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => key !== 'nova_object.changes')
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutChanges(inner)]))
}
