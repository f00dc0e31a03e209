import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from '@micronova/log'
import { JournalFailed, JournalFull } from '../errors.js'
import { type AcceptedRecord, decodeRecord, encodeRecord, type JournalRecord } from './record.js'

export interface JournalFileDeps {
  readonly log: Logger
}

export interface JournalFileOptions {
  readonly path: string
  /** Unfinished work beyond this is refused. About 10 KB is a build, so the default holds some 6,000 of them. */
  readonly maxBytes?: number
  /** The file is written anew when it is larger than this and most of it is finished: bounds both disk and replay time. */
  readonly compactAboveBytes?: number
}

/** A line that waits to be written, and who waits for it. */
interface Pending {
  readonly line: Buffer
  readonly durable: boolean
  settle(err?: unknown): void
}

/**
 * An append-only file of accepted and finished work. `accept` returns when its line is on the disk; lines that come
 * while the disk is busy go there together, so a hundred requests at once cost a few syncs and not a hundred.
 *
 * Only its owner can read the file, as requests carry passwords and tokens; it is empty when all work is finished.
 */
export class JournalFile {
  readonly #log: Logger
  readonly #path: string
  readonly #maxBytes: number
  readonly #compactAboveBytes: number
  readonly #live = new Map<number, Buffer>()
  #liveBytes = 0
  #handle: FileHandle | null = null
  #size = 0
  #nextId = 1
  #pending: Pending[] = []
  #writing: Promise<void> | null = null

  constructor({ log }: JournalFileDeps, { path, maxBytes = 64 * 1024 * 1024, compactAboveBytes = 1024 * 1024 }: JournalFileOptions) {
    this.#log = log
    this.#path = path
    this.#maxBytes = maxBytes
    this.#compactAboveBytes = compactAboveBytes
  }

  /** Work that was accepted and has not ended. */
  get unfinished(): number {
    return this.#live.size
  }

  /**
   * Read what an earlier process left and make the file ready.
   *
   * @returns work that was accepted and not finished, oldest first
   * @throws JournalFailed
   */
  async open(): Promise<AcceptedRecord[]> {
    return this.#failing('open', async () => {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
      const unfinished = this.#read(await textOf(this.#path))
      await this.#rewrite()
      return unfinished
    })
  }

  /**
   * Write that work was accepted. Returns its id when the line is durable.
   *
   * @throws JournalFull, JournalFailed
   */
  async accept(method: string, text: string): Promise<number> {
    const id = this.#nextId++
    const line = Buffer.from(encodeRecord({ kind: 'accepted', id, method, text }))
    if (this.#liveBytes + line.length > this.#maxBytes) throw new JournalFull(this.#path, this.#maxBytes)
    this.#keep(id, line)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#enqueue({ line, durable: true, settle: (err) => (err === undefined ? resolve() : reject(err)) })
      })
    } catch (err) {
      this.#drop(id)
      throw err
    }
    return id
  }

  /**
   * Write that work has ended. Not synced: a lost line makes the next start look at the work again and find it done.
   */
  finish(id: number): void {
    if (!this.#drop(id)) return
    const line = Buffer.from(encodeRecord({ kind: 'finished', id }))
    this.#enqueue({
      line,
      durable: false,
      settle: (err) => {
        if (err !== undefined) this.#log.warning(`Finished work ${id} could not be taken off the journal`, { err })
      },
    })
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing
    await this.#handle?.close()
    this.#handle = null
  }

  #read(text: string): AcceptedRecord[] {
    const accepted = new Map<number, AcceptedRecord>()
    const lines = text.split('\n')
    const tail = lines.pop()
    let damaged = 0
    for (const line of lines) {
      const record = decodeRecord(line)
      if (record === null) damaged++
      else apply(accepted, record)
      this.#nextId = Math.max(this.#nextId, (record?.id ?? 0) + 1)
    }
    if (tail !== '') this.#log.info(`The journal ${this.#path} ends in a line that was never completed; its message was not acknowledged`)
    if (damaged > 0) this.#log.error(`The journal ${this.#path} has ${damaged} damaged lines; the work in them is lost`)
    for (const record of accepted.values()) this.#keep(record.id, Buffer.from(encodeRecord(record)))
    return [...accepted.values()]
  }

  #keep(id: number, line: Buffer): void {
    this.#live.set(id, line)
    this.#liveBytes += line.length
  }

  #drop(id: number): boolean {
    const line = this.#live.get(id)
    if (line === undefined) return false
    this.#liveBytes -= line.length
    return this.#live.delete(id)
  }

  #enqueue(pending: Pending): void {
    this.#pending.push(pending)
    this.#writing ??= this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending
      this.#pending = []
      try {
        await this.#failing('write', () => this.#write(batch))
        for (const { settle } of batch) settle()
      } catch (err) {
        for (const { settle } of batch) settle(err)
      }
    }
    this.#writing = null // in the same turn in which nothing was pending, so that none is left unwritten
  }

  async #write(batch: readonly Pending[]): Promise<void> {
    if (this.#handle === null) throw new Error('it is not open')
    const lines = Buffer.concat(batch.map(({ line }) => line))
    try {
      await writeFully(this.#handle, lines, this.#size)
      if (batch.some(({ durable }) => durable)) await this.#handle.datasync()
    } catch (err) {
      await this.#handle.truncate(this.#size).catch(() => {}) // refused work must not come up at the next start
      throw err
    }
    this.#size += lines.length
    if (this.#live.size === 0) await this.#empty(this.#handle)
    else if (this.#size > this.#compactAboveBytes && this.#liveBytes < this.#size / 2) await this.#compact()
  }

  /** Nothing is unfinished: no request, with what is secret in it, need stay on the disk. */
  async #empty(handle: FileHandle): Promise<void> {
    try {
      await handle.truncate(0)
      this.#size = 0
    } catch (err) {
      this.#log.warning(`The journal ${this.#path} could not be emptied`, { err })
    }
  }

  async #compact(): Promise<void> {
    try {
      await this.#rewrite()
    } catch (err) {
      this.#log.warning(`The journal ${this.#path} could not be made smaller`, { err })
    }
  }

  /** Write what is unfinished into a new file that takes the place of the old one, which stays whole until then. */
  async #rewrite(): Promise<void> {
    const lines = Buffer.concat([...this.#live.values()])
    const temporary = `${this.#path}.new`
    const handle = await open(temporary, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600)
    try {
      await writeFully(handle, lines, 0)
      await handle.datasync()
      await rename(temporary, this.#path)
      await syncFolder(dirname(this.#path))
    } catch (err) {
      await handle.close()
      throw err
    }
    await this.#handle?.close()
    this.#handle = handle
    this.#size = lines.length
  }

  async #failing<T>(action: string, body: () => Promise<T>): Promise<T> {
    try {
      return await body()
    } catch (cause) {
      throw new JournalFailed(action, this.#path, { cause })
    }
  }
}

function apply(accepted: Map<number, AcceptedRecord>, record: JournalRecord): void {
  if (record.kind === 'accepted') accepted.set(record.id, record)
  else accepted.delete(record.id)
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw err
  }
}

async function writeFully(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** Makes the rename itself survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
