/** What a fixture needs of node:test's context. */
export interface Cleanup {
  after(fn: () => void | Promise<void>): void
}

/** Undoes what fixtures have made, the last first, whatever of it fails: a program goes before its database. */
export class Cleanups implements Cleanup {
  readonly #undo: (() => void | Promise<void>)[] = []

  constructor(t: Cleanup) {
    t.after(() => this.#run())
  }

  after(fn: () => void | Promise<void>): void {
    this.#undo.push(fn)
  }

  async #run(): Promise<void> {
    const failures: unknown[] = []
    for (const undo of this.#undo.reverse()) {
      try {
        await undo()
      } catch (err) {
        failures.push(err)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'the test left something behind')
  }
}
