import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureJson } from '@micronova/testing'
import { settings } from '../../test/support/compute-fixture.js'
import { periodicFixture } from '../../test/support/periodic-fixture.js'
import { takeCalls } from '../../test/support/tracker-fixture.js'
import { periodicOptions } from './index.js'

interface Reference {
  readonly ComputeManager: {
    readonly order: readonly string[]
    readonly tasks: readonly {
      readonly name: string
      readonly spacing_option?: string
      readonly spacing_default: number
      readonly run_immediately: string
      readonly external_process_ok: string | null
    }[]
  }
}
const { order, tasks: reference } = readFixtureJson<Reference>('reference/periodic-tasks.json').ComputeManager

/** Part of another task here. */
const absent = ['_run_pending_deletes']

test('the tasks are those of Zed whose feature exists, in its order', async () => {
  const { tasks } = await periodicFixture()
  assert.deepEqual(
    tasks.map(({ name }) => name),
    order.filter((name) => !absent.includes(name)),
  )
})

test('each task runs as often as in Zed, and at once only where it does there', async () => {
  const { tasks } = await periodicFixture()
  const ours = tasks.map((task) => [task.name, task.spacingSeconds(), task.runImmediately, task.externalProcessOk ?? false])
  const theirs = order
    .filter((name) => !absent.includes(name))
    .map((name) => reference.find((task) => task.name === name))
    .map((task) => [task?.name, task?.spacing_default, task?.run_immediately === 'True', task?.external_process_ok === 'True'])
  assert.deepEqual(ours, theirs)
})

test('a spacing that has an option is that option', async () => {
  const spacings = Object.fromEntries(Object.keys(periodicOptions.options).map((name, i) => [name, 1000 + i]))
  spacings['image_cache.manager_interval'] = 4711
  spacings.volume_usage_poll_interval = 4712
  const volumes = { ...settings.volumes, usagePollSeconds: 4712 }
  const { tasks } = await periodicFixture({ periodic: spacings, settings: { imageCacheIntervalSeconds: 4711, volumes } })
  for (const task of tasks) {
    const option = reference.find(({ name }) => name === task.name)?.spacing_option
    assert.equal(task.spacingSeconds(), option === undefined ? 0 : spacings[option], task.name)
  }
})

test('no task asks for anything of an instance where there is none', async () => {
  const fixture = await periodicFixture({
    periodic: {
      instance_build_timeout: 60,
      reclaim_instance_interval: 60,
      rescue_timeout: 60,
      reboot_timeout: 60,
      resize_confirm_window: 60,
    },
    settings: { shelvedOffloadSeconds: 60 },
  })
  const asked = []
  for (const { name } of fixture.tasks) {
    await fixture.run(name)
    asked.push([name, takeCalls(fixture)])
  }
  assert.deepEqual(asked, [
    ['_check_instance_build_time', ['instances.listByFilters']],
    ['_sync_scheduler_instance_info', ['instances.listByHost', 'cast sync_instance_info']],
    ['_heal_instance_info_cache', ['instances.listByHost']],
    ['_poll_rebooting_instances', ['instances.listByFilters']],
    ['_poll_rescued_instances', ['instances.listByFilters']],
    ['_poll_unconfirmed_resizes', ['migrations.listUnconfirmed']],
    ['_poll_shelved_instances', ['instances.listByFilters']],
    ['_instance_usage_audit', []],
    ['_poll_volume_usage', []],
    ['_sync_power_states', ['instances.listByHost']],
    ['_reclaim_queued_deletes', ['instances.listByFilters']],
    ['update_available_resource', ['computeNodes.listByHost', 'tracker.updateAvailableResource']],
    ['_cleanup_running_deleted_instances', []],
    ['_run_image_cache_manager_pass', ['instances.listByFilters']],
    ['_cleanup_incomplete_migrations', ['migrations.listByFilters']],
    ['_cleanup_expired_console_auth_tokens', ['consoleAuthTokens.cleanExpiredForHost']],
  ])
})
