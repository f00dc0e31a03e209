import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allContents, both, contents, python, pythonDeployment, skip } from './python.js'

test('schemas that ours made are up to date for Python, and both list the same cells and hosts', { skip }, async (t) => {
  const deployment = await pythonDeployment(t)
  await deployment.ok(0, 'api_db', 'sync')
  await deployment.ok(0, 'cell_v2', 'map_cell0')
  await deployment.ok(0, 'db', 'sync')
  await deployment.ok(0, 'cell_v2', 'create_cell', '--name', 'cell1')
  const before = await contents(deployment.urls.main)

  for (const args of [
    ['db', 'version'],
    ['api_db', 'version'],
    ['cell_v2', 'list_cells'],
    ['cell_v2', 'list_cells', '--verbose'],
  ]) {
    const { ours, theirs } = await both(deployment, ...args)
    assert.equal(ours.status, 0)
    assert.deepEqual(ours, theirs, args.join(' '))
  }
  const sync = await python(deployment, 'db', 'sync')
  assert.equal(sync.status, 0, sync.stdout)
  assert.match(sync.log, /alembic/)
  assert.doesNotMatch(sync.log, /Running upgrade/)
  assert.deepEqual(await contents(deployment.urls.main), before)
})

test('schemas that Python made are up to date for ours', { skip }, async (t) => {
  const deployment = await pythonDeployment(t)
  for (const args of [
    ['api_db', 'sync'],
    ['cell_v2', 'map_cell0'],
    ['db', 'sync'],
  ]) {
    const { status, stdout } = await python(deployment, ...args)
    assert.equal(status, 0, stdout)
  }
  const before = await allContents(deployment)
  assert.equal(await deployment.ok(0, 'db', 'version'), 'ccb0fa1a2252\n')
  assert.equal(await deployment.ok(0, 'api_db', 'version'), 'b30f573d3377\n')
  assert.equal(await deployment.ok(0, 'cell_v2', 'map_cell0'), 'Cell0 is already setup\n')
  await deployment.ok(0, 'db', 'sync')
  await deployment.ok(0, 'api_db', 'sync')
  assert.deepEqual(await allContents(deployment), before)
  const { ours, theirs } = await both(deployment, 'cell_v2', 'list_cells', '--verbose')
  assert.deepEqual(ours, theirs)
})
