import { test } from 'node:test'
import { systemRandom } from '@micronova/lifecycle'
import { FakeStores } from '@micronova/rpcapi'
import { openSqliteStores, secondsClock } from '../contract/sqlite-stores.js'
import { replay } from './replay.js'

const files = [
  '01-compute-startup.jsonl',
  '02-compute-restart.jsonl',
  '03-boot.jsonl',
  '04-stop-start-reboot.jsonl',
  '05-pause-suspend-resume.jsonl',
  '08-delete.jsonl',
  '09-errors.jsonl',
  '09b-boot-fails.jsonl',
  '09c-boot-rescheduled.jsonl',
]

for (const file of files) {
  test(`the conductor over a database answers each request of ${file} as the Python conductor did`, async (t) => {
    const { stores, close } = await openSqliteStores()
    t.after(close)
    await replay(file, stores)
  })

  test(`the conductor over fake stores answers each request of ${file} as the Python conductor did`, async () => {
    await replay(file, new FakeStores({ clock: secondsClock(), random: systemRandom }))
  })
}
