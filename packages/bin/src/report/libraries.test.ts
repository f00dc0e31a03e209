import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { libraries } from './libraries.js'

test('a report names the libraries with the versions that are installed', () => {
  for (const [name, version] of Object.entries(libraries)) {
    const manifest = new URL(`../../../../../node_modules/${name}/package.json`, import.meta.url)
    assert.equal(version, (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version, name)
  }
})
