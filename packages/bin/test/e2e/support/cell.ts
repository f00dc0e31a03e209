import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Database, openDatabase } from '@micronova/db'
import { temporaryFolder } from '@micronova/testing'
import { type Cleanup, Cleanups } from './cleanups.js'
import { ControlPlane, type ControlPlaneOptions } from './control-plane.js'
import { novaConf, type Settings } from './nova-conf.js'
import { type ProgramName, RunningService } from './running-service.js'
import { createDatabase, createVirtualHost, systemDeps } from './services.js'

export interface InstanceState {
  readonly host: string | null
  readonly vm_state: string | null
  readonly task_state: string | null
  readonly power_state: number | null
  /** 0, or the id. */
  readonly deleted: number | null
}

export interface CellOptions {
  /** An `amqp://` URL; default: a virtual host of its own on the machine's broker. */
  readonly brokerUrl?: string
}

/** A cell of a cloud for one test: broker, database and folder of its own, and the programs that run on them. Gone after the test. */
export class Cell {
  readonly cleanups: Cleanups
  readonly brokerUrl: string
  readonly databaseUrl: string
  readonly folder: string
  /** The rows, without anything of ours in between but the driver. */
  readonly database: Database
  #files = 0

  static async create(t: Cleanup, { brokerUrl }: CellOptions = {}): Promise<Cell> {
    const cleanups = new Cleanups(t)
    const folder = temporaryFolder(cleanups)
    await mkdir(join(folder, 'log'))
    const databaseUrl = await createDatabase(cleanups)
    const url = brokerUrl ?? (await createVirtualHost(cleanups))
    const database = await openDatabase(databaseUrl, systemDeps)
    cleanups.after(() => database.close())
    return new Cell(cleanups, url, databaseUrl, folder, database)
  }

  private constructor(cleanups: Cleanups, brokerUrl: string, databaseUrl: string, folder: string, database: Database) {
    this.cleanups = cleanups
    this.brokerUrl = brokerUrl
    this.databaseUrl = databaseUrl
    this.folder = folder
    this.database = database
  }

  get transportUrl(): string {
    return this.brokerUrl.replace('amqp:', 'rabbit:')
  }

  /** Write a nova.conf, or write it anew. @returns its path */
  configFile(settings: Settings = {}, path = join(this.folder, `nova-${++this.#files}.conf`)): string {
    writeFileSync(path, novaConf(this, settings))
    return path
  }

  /** Execute a program; it is not waited for. */
  run(program: ProgramName, settings: Settings = {}): RunningService {
    return this.execute(program, '--config-file', this.configFile(settings))
  }

  execute(program: ProgramName, ...args: readonly string[]): RunningService {
    return new RunningService(this.cleanups, program, args)
  }

  /** Execute a program through a shell, which has it as its arguments. */
  executeIn(script: string, program: ProgramName, settings: Settings = {}): RunningService {
    return new RunningService(this.cleanups, program, ['--config-file', this.configFile(settings)], script)
  }

  /** Execute a program and wait until it serves. */
  async start(program: ProgramName, settings: Settings = {}): Promise<RunningService> {
    const service = this.run(program, settings)
    await service.started()
    return service
  }

  /** The guests of the fake hypervisor on `host`. */
  guests(host: string): string[] {
    const file = JSON.parse(readFileSync(join(this.folder, 'state', 'fake-guests', `${host}.json`), 'utf8')) as {
      guests: { uuid: string }[]
    }
    return file.guests.map(({ uuid }) => uuid).sort()
  }

  /** Methods in the journal of `host` that have not ended; a line that is just being written is among them. */
  unfinishedWork(host: string): string[] {
    const accepted = new Map<number, string>()
    const lines = readFileSync(join(this.folder, 'state', 'journal', `${host}.jsonl`), 'utf8').split('\n')
    const beingWritten = lines.pop()
    for (const line of lines) {
      const { kind, id, method } = JSON.parse(line.slice(line.indexOf(' '))) as { kind: string; id: number; method: string }
      if (kind === 'accepted') accepted.set(id, method)
      else accepted.delete(id)
    }
    return [...accepted.values(), ...(beingWritten ? [beingWritten] : [])]
  }

  /** How instances stand in the database, by uuid; deleted ones too. */
  async instances(): Promise<ReadonlyMap<string, InstanceState>> {
    const columns = ['uuid', 'host', 'vm_state', 'task_state', 'power_state', 'deleted'] as const
    const rows = await this.database.kysely.selectFrom('instances').select(columns).execute()
    return new Map(rows.map(({ uuid, ...state }) => [uuid, state]))
  }

  controlPlane(options?: ControlPlaneOptions): ControlPlane {
    return new ControlPlane(this.cleanups, this.transportUrl, options)
  }
}
