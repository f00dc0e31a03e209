import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@micronova/testing'
import { RunningService } from './support/running-service.js'

const blockLoop = fileURLToPath(new URL('./support/block-loop.js', import.meta.url))
const giveUpMs = 30_000

interface Options {
  /** Further lines of nova.conf. */
  readonly settings?: string
  readonly block?: 'javascript' | 'native'
  readonly logDir?: false
  /** Default: nova-conductor. A nova-compute waits for its conductor, for ever. */
  readonly program?: 'nova-compute' | 'nova-conductor'
}

/** A service by itself, which needs neither a broker nor a database server. */
class Solo {
  readonly folder: string
  readonly reports: string
  readonly service: RunningService

  static async start(t: TestContext, options: Options = {}): Promise<Solo> {
    const conductor = new Solo(t, options)
    await conductor.service.started()
    return conductor
  }

  constructor(t: TestContext, { settings = '', block, logDir, program = 'nova-conductor' }: Options) {
    this.folder = temporaryFolder(t)
    this.reports = join(this.folder, 'reports')
    mkdirSync(this.reports)
    const path = join(this.folder, 'nova.conf')
    writeFileSync(
      path,
      `[DEFAULT]
transport_url = memory://
host = host1
state_path = ${this.folder}
compute_driver = fake.FakeDriver
use_stderr = true
debug = ${block !== undefined}
[database]
connection = sqlite:///${this.folder}/nova.sqlite
[service_user]
password = s3cret-of-the-service
[conductor]
workers = 1
[oslo_reports]
${logDir === false ? '' : `log_dir = ${this.reports}`}
${settings.replaceAll('FOLDER', this.folder)}
`,
    )
    const environment = block && { NODE_OPTIONS: `--import ${blockLoop}`, BLOCK_AT: join(this.folder, 'block'), BLOCK_HOW: block }
    this.service = new RunningService(t, program, ['--config-file', path], '', environment)
  }

  /** Resolves when the event loop is stuck. */
  async block(): Promise<void> {
    await this.service.logged(/A report can be had of a stuck event loop/)
    writeFileSync(join(this.folder, 'block'), '')
    await this.service.logged(/^blocked$/)
  }

  /** Texts of the reports, once there are `count` whole ones. */
  async written(isWhole: (text: string) => boolean, count = 1): Promise<string[]> {
    const watcher = watch(this.reports)
    const giveUp = setTimeout(() => watcher.close(), giveUpMs)
    try {
      for (;;) {
        const changed = new Promise<boolean>((resolve) => {
          watcher.once('change', () => resolve(true)).once('close', () => resolve(false))
        })
        const whole = readdirSync(this.reports)
          .map((name) => readFileSync(join(this.reports, name), 'utf8'))
          .filter(isWhole)
        if (whole.length >= count) return whole
        if (!(await changed)) throw new Error(`${whole.length} whole reports of ${count} came: ${readdirSync(this.reports).join(', ')}`)
      }
    } finally {
      clearTimeout(giveUp)
      watcher.close()
    }
  }
}

const isWholeText = (text: string) => /Configuration +====[\s\S]*\nservice_user: [\s\S]*\n\n?\w+: [\s\S]*\n$/.test(text)

test('SIGUSR2 makes a file that says what the service is, what it does and how it is configured, without secrets', async (t) => {
  const conductor = await Solo.start(t)
  conductor.service.signal('SIGUSR2')
  const [report = ''] = await conductor.written(isWholeText)
  const titles = [...report.matchAll(/^==== +(.*?) +====$/gm)].map(([, title]) => title)
  assert.deepEqual(titles, [
    'Guru Meditation',
    'Package',
    'Threads',
    'Green Threads',
    'Processes',
    'Start-up',
    'Connections',
    'Periodic Tasks',
    'Runtime',
    'Configuration',
  ])
  assert.match(report, /\nversion = 26\.2\.2\n/)
  assert.match(report, /step +started +seconds +outcome\n {2}parse_args .* done\n/)
  assert.match(report, /rpc +conductor +host1 +running +0 +0\n/)
  assert.match(report, /\n {2}password = \*{4}\n/)
  assert.doesNotMatch(report, /s3cret-of-the-service/)
  const [name = ''] = readdirSync(conductor.reports)
  assert.match(name, /^nova-conductor_gurumeditation_\d{14}$/)
  assert.equal(statSync(join(conductor.reports, name)).mode & 0o777, 0o600)
})

test('a service that has not started yet answers as well: a nova-compute that waits for its conductor says so', async (t) => {
  const compute = new Solo(t, { program: 'nova-compute', settings: 'file_event_handler = FOLDER/trigger' })
  await compute.service.logged(/Start-up step load_virt_driver done/)
  writeFileSync(join(compute.folder, 'trigger'), '')
  const [report = ''] = await compute.written(isWholeText)
  assert.match(report, /\n {2}conductor .* running\n/)
})

test('without a folder the report comes to standard error', async (t) => {
  const { service } = await Solo.start(t, { logDir: false })
  service.signal('SIGUSR2')
  await service.logged(/^==== +Guru Meditation +====$/)
  await service.logged(/^==== +Configuration +====$/)
})

test('an event loop stuck in JavaScript brings a whole report with the stack that it is stuck in', async (t) => {
  const conductor = await Solo.start(t, { block: 'javascript' })
  await conductor.block()
  conductor.service.signal('SIGUSR2')
  const [report = ''] = await conductor.written(isWholeText)
  assert.match(report, /The event loop is stuck in what follows/)
  assert.match(report, /block-loop\.js:\d+ in spinForGood\n/)
  assert.match(report, /delay_seconds = it does not turn\n/)
  assert.match(report, /rpc +conductor +host1 +running/)
})

test('an event loop stuck in native code brings a report that says so, with the child process that it waits for', async (t) => {
  const conductor = await Solo.start(t, { block: 'native' })
  await conductor.block()
  conductor.service.signal('SIGUSR2')
  const [report = ''] = await conductor.written(isWholeText)
  assert.match(report, /the main thread is in native code/)
  assert.match(report, /child process: \d+ \/bin\/sh -c sleep 600\n/)
  assert.match(report, /parse_args/)
})

test('a trigger file that comes into being, or is touched, brings a report; SIGUSR2 then brings none', async (t) => {
  const conductor = await Solo.start(t, { settings: 'file_event_handler = FOLDER/trigger' })
  conductor.service.signal('SIGUSR2')
  await conductor.service.logged(/Caught SIGUSR2; reports are asked for by \[oslo_reports\] file_event_handler/)
  const trigger = join(conductor.folder, 'trigger')
  writeFileSync(trigger, '')
  await conductor.written(isWholeText)
  const later = new Date(Date.now() + 5000)
  utimesSync(trigger, later, later)
  await conductor.written(isWholeText, 2)
})

test('a trigger file brings a report out of a stuck event loop, as JSON where that is configured', async (t) => {
  const settings = 'file_event_handler = FOLDER/trigger\n[micronova]\nreport_format = json'
  const conductor = await Solo.start(t, { block: 'javascript', settings })
  await conductor.block()
  writeFileSync(join(conductor.folder, 'trigger'), '')
  const [report = ''] = await conductor.written((text) => text.endsWith('}\n'))
  const { threads, configuration } = JSON.parse(report)
  assert.ok(threads.threads[0].stack.some((frame: { name: string }) => frame.name === 'spinForGood'))
  assert.equal(configuration.service_user.password, '****')
})
