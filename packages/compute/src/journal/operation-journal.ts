import type { ReceivedWork, WorkJournal } from '@micronova/messaging'
import type { JournalFile } from './journal-file.js'

/** Casts that change an instance and that `recover` knows how to take up again. */
export const journalledMethods: ReadonlySet<string> = new Set([
  'attach_volume',
  'backup_instance',
  'build_and_run_instance',
  'confirm_resize',
  'detach_volume',
  'finish_resize',
  'finish_revert_resize',
  'pause_instance',
  'prep_resize',
  'reboot_instance',
  'rebuild_instance',
  'rescue_instance',
  'restore_instance',
  'resize_instance',
  'resume_instance',
  'revert_resize',
  'set_admin_password',
  'shelve_instance',
  'shelve_offload_instance',
  'snapshot_instance',
  'soft_delete_instance',
  'start_instance',
  'stop_instance',
  'suspend_instance',
  'terminate_instance',
  'unpause_instance',
  'unrescue_instance',
  'unshelve_instance',
])

/** Calls whose caller cannot see what an interrupted one has left: nobody would find it. They are never run again. */
const journalledCalls: ReadonlySet<string> = new Set(['attach_interface'])

/**
 * Writes down work before its message is acknowledged. Most calls are not written: their caller waits, sees that nothing
 * came, and may ask again.
 */
export class OperationJournal implements WorkJournal {
  readonly #file: Pick<JournalFile, 'accept' | 'finish'>

  constructor(file: Pick<JournalFile, 'accept' | 'finish'>) {
    this.#file = file
  }

  accept({ method, namespace, isCall, text }: ReceivedWork): Promise<{ finished(): void }> | null {
    if (namespace !== null || !(isCall ? journalledCalls : journalledMethods).has(method)) return null
    return this.#write(method, text)
  }

  async #write(method: string, text: string): Promise<{ finished(): void }> {
    const id = await this.#file.accept(method, text)
    return { finished: () => this.#file.finish(id) }
  }
}
