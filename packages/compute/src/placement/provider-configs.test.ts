import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { temporaryFolder } from '@micronova/testing'
import { warnOfProviderConfigs } from './provider-configs.js'

test('files that would add to the providers of the host are named; other files, and no folder, are fine', async (t) => {
  const folder = temporaryFolder(t)
  const log = new RecordingLogger('nova')
  await warnOfProviderConfigs(`${folder}/none`, log)
  writeFileSync(`${folder}/README`, '')
  await warnOfProviderConfigs(folder, log)
  assert.deepEqual(log.messages(), [])
  for (const name of ['b.yaml', 'a.yaml']) writeFileSync(`${folder}/${name}`, '')
  await warnOfProviderConfigs(folder, log)
  assert.match(log.messages('WARNING').join(), /a\.yaml, b\.yaml in .* have no effect/)
})
