// Every notification of Nova 26.2.2 by name: what our services tell, and what is nova-api's to tell.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readFixtureJson } from '@micronova/testing'

/** Phases by action. */
type Events = Readonly<Record<string, string>>

const both = 'start end'
const withError = 'start end error'

/** Versioned, `instance.<action>.<phase>`, told with `action` or declared by an operation as its `notify`. */
const actions: Events = {
  delete: both,
  shutdown: both,
  soft_delete: both,
  restore: both,
  power_off: both,
  power_on: both,
  reboot: withError,
  pause: both,
  unpause: both,
  suspend: both,
  resume: both,
  unrescue: both,
  resize: withError,
  resize_confirm: both,
  resize_finish: both,
  resize_revert: both,
  shelve: both,
  shelve_offload: both,
  unshelve: both,
  trigger_crash_dump: both,
  interface_attach: withError,
  interface_detach: both,
  live_migration_pre: both,
  live_migration_post: both,
  live_migration_post_dest: both,
  live_migration_rollback: both,
  live_migration_rollback_dest: both,
  live_migration_abort: both,
  live_migration_force_complete: both,
}

/** Versioned, told by a method of its own: what is called, and with which words. */
const methods: Readonly<Record<string, readonly [method: string, words: string]>> = {
  'instance.create': ['notifications.create', withError],
  'instance.rebuild': ['notifications.rebuild', withError],
  'instance.evacuate': ['notifications.rebuild', withError],
  'instance.rebuild_scheduled': ['notifications.rebuildScheduled', ''],
  'instance.rescue': ['notifications.rescue', both],
  'instance.snapshot': ['notifications.snapshot', both],
  'instance.resize_prep': ['notifications.resizePrep', both],
  'instance.volume_attach': ['notifications.volume', `volume_attach ${withError}`],
  'instance.volume_detach': ['notifications.volume', `volume_detach ${both}`],
  'instance.volume_swap': ['notifications.volumeSwap', withError],
  'instance.exists': ['notifications.exists', ''],
  'instance.update': ['updates.saved', ''],
  'volume.usage': ['notifications.volumeUsage', ''],
  'compute.exception': ['notifications.exception', ''],
  'metrics.update': ['metricsTold?.measured', ''],
  'service.<create, update, delete>': ['notifications.changed', 'create update delete'],
  'aggregate.cache_images': ['cachingObserver?.caching', both],
  'aggregate.cache_images.progress': ['cachingObserver?.progress', ''],
  'compute_task.<method>.error': ['notifications.failed', ''],
  'scheduler.select_destinations': ['notifications.selectDestinations', both],
  // In the older form alone.
  'compute.instance.create_ip, delete_ip': ['notifications.fixedIp', both],
}

/** Objects that are sent as a whole, by who sends them in Zed. */
const ofApi = ['FlavorNotification', 'KeypairNotification', 'ServerGroupNotification']
/** Of its libvirt driver, which is not here. */
const ofLibvirt = ['LibvirtErrorNotification']

const packages = join(dirname(fileURLToPath(import.meta.url)), '../../../..')
const services = ['compute', 'conductor', 'scheduler'].map((name) => sourcesOf(join(packages, name, 'src'))).join('\n')
const own = sourcesOf(join(packages, 'notifications/src'))

function sourcesOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  return sources.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
}

test('each kind of notification is made here, or is of a service or a driver that is not here', () => {
  const { nova } = readFixtureJson<{ readonly nova: Readonly<Record<string, unknown>> }>('reference/objects.json')
  const kinds = Object.keys(nova).filter((name) => name.endsWith('Notification'))
  const made = kinds.filter((name) => own.includes(`new ${name}(`))
  assert.deepEqual([...made, ...ofApi, ...ofLibvirt].sort(), kinds.sort())
})

for (const [action, phases] of Object.entries(actions)) {
  test(`instance.${action} is told by an operation: ${phases}`, () => {
    if (services.includes(`notify: '${action}'`)) {
      // The runner tells the start and the end of what is declared.
      assert.ok(/notifications\.action\(ctx, instance, action, 'start'\)/.test(services))
      phases.includes('error') && assertCalled('notifications.action', [action, 'error'])
    } else for (const phase of phases.split(' ')) assertCalled('notifications.action', [action, phase])
  })
}

for (const [event, [method, words]] of Object.entries(methods)) {
  test(`${event} is told`, () => {
    const [first = '', ...rest] = words.split(' ')
    const alwaysWith = method === 'notifications.volume' ? [first] : []
    const phases = method === 'notifications.volume' ? rest : words.split(' ')
    for (const phase of phases) assertCalled(method, [...alwaysWith, ...(phase === '' ? [] : [phase])])
  })
}

/** Somewhere `method` is called with these literals among its arguments, in this order. */
function assertCalled(method: string, literals: readonly string[]): void {
  const calls = services.split(`${method}(`).slice(1)
  const wanted = new RegExp(`^[^;]*?${literals.map((literal) => `'${literal}'`).join('[^;]*?')}`)
  assert.ok(
    calls.some((rest) => wanted.test(rest.slice(0, 200))),
    `${method}(${literals.join(', ')}) is called nowhere`,
  )
}
