import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type PowerState, powerStates } from '@micronova/model'
import { VirtDriverError } from '../errors.js'

/** A guest of the fake hypervisor, with what it holds of the host. */
export interface FakeGuest {
  readonly uuid: string
  readonly powerState: PowerState
  readonly vcpus: number
  readonly memoryMb: number
  readonly rootGb: number
  /** Uuids of the ports of its interfaces. */
  readonly ports: readonly string[]
}

/**
 * The guests of a fake hypervisor. With a file they outlive the process, as real ones do: a change has been written
 * when its promise resolves. Changes that come while the file is written go into the next write together.
 */
export class FakeGuests {
  readonly #path: string | null
  readonly #guests = new Map<string, FakeGuest>()
  #written: Promise<void> = Promise.resolve()
  #next: Promise<void> | null = null

  /** @param path null: in memory alone */
  constructor(path: string | null) {
    this.#path = path
  }

  get all(): readonly FakeGuest[] {
    return [...this.#guests.values()]
  }

  get(uuid: string): FakeGuest | undefined {
    return this.#guests.get(uuid)
  }

  /** Read the guests of an earlier process; the folder of the file is made if need be. @throws VirtDriverError `bad_state_file` */
  async load(): Promise<void> {
    if (this.#path === null) return
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    for (const guest of await guestsIn(this.#path)) this.#guests.set(guest.uuid, guest)
  }

  put(guest: FakeGuest): Promise<void> {
    this.#guests.set(guest.uuid, guest)
    return this.#save()
  }

  remove(uuid: string): Promise<void> {
    return this.#guests.delete(uuid) ? this.#save() : Promise.resolve()
  }

  #save(): Promise<void> {
    const path = this.#path
    if (path === null) return Promise.resolve()
    this.#next ??= this.#written.then(async () => {
      this.#next = null
      await replaceFile(path, JSON.stringify({ guests: this.all }))
    })
    const saved = this.#next
    this.#written = saved.catch(() => {})
    return saved
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

async function guestsIn(path: string): Promise<readonly FakeGuest[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw err
  }
  try {
    return (JSON.parse(text) as { guests: unknown[] }).guests.map(guestFrom)
  } catch (cause) {
    throw new VirtDriverError('bad_state_file', `${path} does not hold the guests of a fake driver`, { cause })
  }
}

function guestFrom(value: unknown): FakeGuest {
  const { uuid, powerState, vcpus, memoryMb, rootGb, ports = [] } = value as Record<string, unknown>
  const states: readonly unknown[] = Object.values(powerStates)
  if (typeof uuid !== 'string' || !states.includes(powerState)) throw new Error('not a guest')
  if (!Array.isArray(ports)) throw new Error('not the ports of a guest')
  const numbers = { vcpus: Number(vcpus), memoryMb: Number(memoryMb), rootGb: Number(rootGb) }
  return { uuid, powerState: powerState as PowerState, ...numbers, ports: ports.map(String) }
}
