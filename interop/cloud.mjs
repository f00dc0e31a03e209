// The cloud's processes, driven through cloud.sh: which kind of which program runs on which host, and when it is ready.
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Client } from './client.mjs'
import { provision } from './provision.mjs'
import { pollUntil } from './wait.mjs'

const run = promisify(execFile)
const script = fileURLToPath(new URL('cloud.sh', import.meta.url))

/** The host that conductors and schedulers stand on. */
export const CONTROLLER = 'controller1'

/**
 * One process of Nova.
 * @typedef {{ kind: 'python' | 'ours', program: string, host: string }} Member
 */

/** @param {Member} member */
export const nameOf = ({ kind, program, host }) => `${kind}-${program}-${host}`

/** @returns {Member} of what {@link nameOf} gives */
function memberOf(name) {
  const [kind, ...rest] = name.split('-')
  return { kind, program: rest.slice(0, -1).join('-'), host: rest.at(-1) }
}

/** Its name in the cloud's list of services. */
const isServiceOf = (member) => (service) => service.binary === member.program && service.host === member.host

export class Cloud {
  settings
  client
  /** Ids of what {@link provision} made. */
  made

  /** Brings everything up that is not Nova's own, and nova-api. */
  async up() {
    await this.#script('up')
    await this.attach()
    // Of an earlier run that was told to keep them: they may be of an older build.
    for (const name of await this.running()) if (name.startsWith('ours-')) await this.stop(memberOf(name))
    this.made = await provision(this.client, this.settings)
  }

  /** Where it is said who uses the cloud; see lock.mjs. */
  async lockFile() {
    const { stateDir } = JSON.parse(await this.#script('settings'))
    mkdirSync(stateDir, { recursive: true, mode: 0o700 })
    return join(stateDir, 'lock')
  }

  /** Takes a cloud as it is. */
  async attach() {
    this.settings = JSON.parse(await this.#script('settings'))
    mkdirSync(join(this.settings.stateDir, 'log'), { recursive: true })
    this.client = new Client(this.settings)
    await this.client.login()
  }

  /** Names of what runs: of services, and as {@link nameOf} of Nova's members. */
  async running() {
    return (await this.#script('status')).split('\n').filter(Boolean)
  }

  /** Two further cells; who has looked for cells before looks again. */
  async cells() {
    for (const name of await this.running()) if (/^(python|ours)-/.test(name)) await this.stop(memberOf(name))
    await this.#script('cells')
  }

  /**
   * Starts and stops so that exactly these members run.
   * @param {readonly Member[]} members
   */
  async arrange(members) {
    const running = await this.running()
    const wanted = new Set(members.map(nameOf))
    for (const name of running) {
      if (/^(python|ours)-/.test(name) && !wanted.has(name)) await this.stop(memberOf(name))
    }
    // The conductor first: a compute that does not find one waits.
    const order = ['nova-conductor', 'nova-scheduler', 'nova-compute']
    for (const program of order) {
      const absent = members.filter((member) => member.program === program && !running.includes(nameOf(member)))
      await Promise.all(absent.map((member) => this.start(member)))
    }
    await Promise.all(members.map((member) => this.waitUntilUp(member)))
    await this.discoverHosts(members)
  }

  /**
   * Returns when the process runs, before it is ready.
   * @param {Member} member
   * @param {{ config?: string }} [options] `config`: one more file of options
   */
  async start(member, { config } = {}) {
    await this.#script('start', member.kind, member.program, member.host, { EXTRA_CONFIG: config ?? '' })
  }

  /** @param {Member} member */
  async stop(member) {
    await this.#script('stop', member.kind, member.program, member.host)
  }

  async startService(name) {
    await this.#script('start-service', name)
  }

  async stopService(name) {
    await this.#script('stop-service', name)
  }

  /**
   * Until nova-api calls it up by a report that came after this call.
   * @param {Member} member
   */
  async waitUntilUp(member, timeoutMs = 90_000) {
    const isIt = isServiceOf(member)
    const before = (await this.services()).find(isIt)?.updated_at
    return pollUntil(
      `${nameOf(member)} to report`,
      async () => {
        const service = (await this.services()).find(isIt)
        if (!(await this.running()).includes(nameOf(member))) throw new Error(`${nameOf(member)} ended:\n${this.lastLines(member, 15)}`)
        return service?.state === 'up' && service.updated_at !== before && service
      },
      { timeoutMs, everyMs: 500 },
    )
  }

  async services() {
    return (await this.client.nova('GET', '/os-services')).body.services
  }

  /** Maps hosts that are new to the cell. */
  async discoverHosts(members) {
    const hypervisors = (await this.client.nova('GET', '/os-hypervisors')).body.hypervisors
    const known = new Set(hypervisors.map((one) => one.hypervisor_hostname))
    const unknown = members.filter((member) => member.program === 'nova-compute' && !known.has(member.host))
    if (unknown.length > 0) await this.#script('discover')
  }

  /** @param {Member} member */
  logFile(member) {
    return join(this.settings.stateDir, 'log', `${nameOf(member)}.log`)
  }

  /** @param {Member} member */
  lastLines(member, count) {
    try {
      return readFileSync(this.logFile(member), 'utf8').trimEnd().split('\n').slice(-count).join('\n')
    } catch {
      return '(no log)'
    }
  }

  async down() {
    await this.#script('down')
  }

  async #script(verb, ...args) {
    const env = typeof args.at(-1) === 'object' ? args.pop() : {}
    try {
      const { stdout } = await run(script, [verb, ...args], { env: { ...process.env, ...env }, timeout: 600_000 })
      return stdout
    } catch (error) {
      throw new Error(`cloud.sh ${[verb, ...args].join(' ')}: ${(error.stderr || error.message).trim()}`, { cause: error })
    }
  }
}
