import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestName } from './nearest-name.js'

test('the nearest name is the one with the fewest slips', () => {
  const names = ['state_path', 'instances_path', 'report_interval', 'my_ip']
  assert.equal(nearestName('state_pth', names), 'state_path')
  assert.equal(nearestName('reprot_interval', names), 'report_interval')
  assert.equal(nearestName('my-ip', names), 'my_ip')
  assert.equal(nearestName('use_neutron', names), undefined)
})
