import { join } from 'node:path'
import { nullLogger } from '@micronova/log'
import { temporaryFolder } from '@micronova/testing'
import { FakeDriver } from '../../src/index.js'
import { virtDriverContract } from './virt-driver-contract.js'

const deps = { log: nullLogger }

virtDriverContract('FakeDriver in memory', () => () => new FakeDriver(deps), { keepsGuests: false })

virtDriverContract(
  'FakeDriver with a state file',
  (t) => {
    const stateFile = join(temporaryFolder(t), 'guests.json')
    return () => new FakeDriver(deps, { stateFile })
  },
  { keepsGuests: true },
)
