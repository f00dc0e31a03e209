import { RecordingLogger } from '@micronova/log'
import type { PeriodicTask } from '@micronova/service'
import { FakeClock } from '@micronova/testing'
import { createPeriodicTasks, type PeriodicParts, type PeriodicSection, periodicOptions, SelfRequests } from '../../src/periodic/index.js'
import { computeFixture, type Fixture, type FixtureOptions, forever, host } from './compute-fixture.js'
import { defaultsOf } from './tracker-fixture.js'

export interface PeriodicFixture extends Fixture {
  readonly parts: PeriodicParts
  readonly clock: FakeClock
  readonly log: RecordingLogger
  readonly tasks: readonly PeriodicTask[]
  /** Run the task of this name once. */
  run(name: string, signal?: AbortSignal): Promise<void>
}

export interface PeriodicFixtureOptions extends FixtureOptions {
  readonly periodic?: Partial<PeriodicSection>
  readonly usageAudit?: PeriodicParts['usageAudit']
  /** What a cast to this compute's own queue rejects with. */
  readonly castFails?: Error
}

/** The periodic tasks over stores in memory. What they ask of this service itself is in `sent`. */
export async function periodicFixture(options: PeriodicFixtureOptions = {}): Promise<PeriodicFixture> {
  const clock = new FakeClock()
  const log = new RecordingLogger('nova.compute.manager')
  const fixture = computeFixture({ ...options, clock })
  await fixture.parts.driver.initHost(host, forever)
  const cast = (method: string) => async (_ctx: unknown, args: object) => {
    if (options.castFails) throw options.castFails
    fixture.sent.push({ method, args: { ...args } })
  }
  const requests = new SelfRequests({
    stores: fixture.parts.stores,
    compute: {
      confirmResize: cast('confirm_resize'),
      stopInstance: cast('stop_instance'),
      terminateInstance: cast('terminate_instance'),
      shelveOffloadInstance: cast('shelve_offload_instance'),
      unrescueInstance: cast('unrescue_instance'),
    },
  })
  const parts: PeriodicParts = {
    ...fixture.parts,
    log,
    periodic: { ...defaultsOf(periodicOptions), ...options.periodic },
    requests,
    usageAudit: options.usageAudit ?? { isOn: false, period: 'month' },
    serviceDownTimeSeconds: 60,
  }
  const tasks = createPeriodicTasks(parts)
  const run = async (name: string, signal = forever) => {
    const task = tasks.find((other) => other.name === name)
    if (task === undefined) throw new Error(`there is no task ${name}`)
    fixture.calls.length = 0
    await task.run(signal)
  }
  return { ...fixture, parts, clock, log, tasks, run }
}
