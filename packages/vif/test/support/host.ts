import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@micronova/lifecycle'
import { RecordingLogger } from '@micronova/log'
import { PrivsepHelper } from '@micronova/privsep'
import type { PrivilegedModules, PrivsepContext } from '@micronova/privsep/privileged'
import { temporaryFolder } from '@micronova/testing'

interface Cleanup {
  after(fn: () => void | Promise<void>): void
}

const launcher = fileURLToPath(new URL('../../../../../bin/micronova-privsep-helper', import.meta.url))
let hosts = 0

/** A host of a test's own: a network namespace, in which the privileged helper runs too. */
export class TestHost {
  readonly #namespace: string
  readonly #t: Cleanup

  constructor(t: Cleanup) {
    this.#t = t
    this.#namespace = `micronova-test-${process.pid}-${hosts++}`
    execFileSync('ip', ['netns', 'add', this.#namespace])
    t.after(() => void execFileSync('ip', ['netns', 'delete', this.#namespace]))
    this.run('ip', 'link', 'set', 'lo', 'up')
  }

  /** What a command prints that is run on this host. */
  run(...command: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.#namespace, ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /** A device that stands for a physical one: the end of a cable whose other end is plugged in somewhere, so that it has a carrier. */
  addDevice(name: string): void {
    this.run('ip', 'link', 'add', 'name', name, 'type', 'veth', 'peer', 'name', `${name}-far`)
    for (const end of [name, `${name}-far`]) this.run('ip', 'link', 'set', end, 'up')
  }

  /** What `ip` knows of a device; undefined if there is none. */
  link(name: string):
    | {
        mtu: number
        master?: string
        operstate: string
        flags: string[]
        linkinfo?: { info_kind: string; info_data?: Record<string, unknown> }
      }
    | undefined {
    const links = JSON.parse(this.run('ip', '-json', '-details', 'link', 'show')) as { ifname: string }[]
    return links.find(({ ifname }) => ifname === name) as ReturnType<TestHost['link']>
  }

  /** The helper of a context, through the real launcher. */
  privileged<M extends PrivilegedModules>(context: PrivsepContext<M>): PrivsepHelper<M> {
    const log = new RecordingLogger()
    const helper = new PrivsepHelper({ log, getLogger: () => log, clock: systemClock }, context, {
      settings: {
        user: null,
        group: null,
        capabilities: [],
        helper_command: `ip netns exec ${this.#namespace} ${launcher}`,
        thread_pool_size: null,
        logger_name: 'helper',
      },
      defaults: { program: launcher, rootHelper: [] },
    })
    this.#t.after(() => helper.stop(AbortSignal.timeout(1000)))
    return helper
  }

  /** Open vSwitch with its datapath in user space, and nothing of it outside of a temporary folder and this host. */
  async startOpenVSwitch(): Promise<{ readonly connection: string; vsctl(...args: readonly string[]): string }> {
    const folder = temporaryFolder(this.#t)
    const socket = join(folder, 'db.sock')
    const database = join(folder, 'conf.db')
    execFileSync('ovsdb-tool', ['create', database, '/usr/share/openvswitch/vswitch.ovsschema'])
    await this.#daemon(folder, 'ovsdb-server', database, `--remote=punix:${socket}`, `--unixctl=${join(folder, 'ovsdb.ctl')}`)
    while (!existsSync(socket)) await delay(5)
    const connection = `unix:${socket}`
    const vsctl = (...args: readonly string[]) => this.run('ovs-vsctl', `--db=${connection}`, '--timeout=20', ...args).trimEnd()
    vsctl('--no-wait', 'init')
    await this.#daemon(folder, 'ovs-vswitchd', connection, `--unixctl=${join(folder, 'vswitchd.ctl')}`, '--no-chdir')
    return { connection, vsctl }
  }

  async #daemon(folder: string, ...command: readonly string[]): Promise<void> {
    const child: ChildProcess = spawn('ip', ['netns', 'exec', this.#namespace, ...command, '-vconsole:off'], {
      stdio: 'ignore',
      env: { ...process.env, OVS_RUNDIR: folder, OVS_LOGDIR: folder, OVS_DBDIR: folder },
    })
    await once(child, 'spawn')
    this.#t.after(async () => {
      const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve()
      child.kill('SIGKILL')
      await gone
    })
  }
}
