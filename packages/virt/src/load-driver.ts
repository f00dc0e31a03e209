import type { VirtDriver } from './driver.js'
import { VirtDriverError } from './errors.js'
import { FakeBuildAbortDriver, FakeFinishMigrationFailDriver, FakeRescheduleDriver } from './fake/failing-drivers.js'
import { FakeDriver, type FakeDriverDeps, type FakeDriverOptions } from './fake/fake-driver.js'
import { FakeLiveMigrateDriver } from './fake/lingering-live-migration.js'

export type VirtDriverDeps = FakeDriverDeps

export interface VirtDriverOptions {
  /** `[DEFAULT] compute_driver`. */
  readonly computeDriver: string | null
  /** Where the fake driver keeps its guests over a restart. Absent: in memory alone. */
  readonly stateFile?: string
  /** `[DEFAULT] my_block_storage_ip`. */
  readonly blockStorageIp?: string
}

type MakeDriver = (deps: VirtDriverDeps, options: FakeDriverOptions) => VirtDriver

const mediumSize = { vcpus: 10, memoryMb: 8192, localGb: 1028 }

/** By the value of `compute_driver`, which upstream reads as a name below `nova.virt`. */
const drivers: Readonly<Record<string, MakeDriver>> = {
  'fake.FakeDriver': (deps, options) => new FakeDriver(deps, options),
  'fake.SmallFakeDriver': (deps, options) => new FakeDriver(deps, { ...options, size: { vcpus: 2, memoryMb: 8192, localGb: 1028 } }),
  'fake.MediumFakeDriver': (deps, options) => new FakeDriver(deps, { ...options, size: mediumSize }),
  'fake.SameHostColdMigrateDriver': (deps, options) => new FakeDriver(deps, { ...options, size: mediumSize, toSameHost: true }),
  'fake.FakeBuildAbortDriver': (deps, options) => new FakeBuildAbortDriver(deps, options),
  'fake.FakeRescheduleDriver': (deps, options) => new FakeRescheduleDriver(deps, options),
  'fake.FakeFinishMigrationFailDriver': (deps, options) => new FakeFinishMigrationFailDriver(deps, options),
  'fake.FakeLiveMigrateDriver': (deps, options) => new FakeLiveMigrateDriver(deps, options),
}

/**
 * The driver that the configuration names. Nothing is started; that is `initHost`.
 *
 * @throws VirtDriverError `missing_option` or `unknown_driver`; upstream's process exits with 1 in either case
 */
export function loadVirtDriver(deps: VirtDriverDeps, { computeDriver, ...options }: VirtDriverOptions): VirtDriver {
  if (computeDriver === null || computeDriver === '')
    throw new VirtDriverError('missing_option', 'the option compute_driver of the group DEFAULT is required and not set')
  const make = Object.hasOwn(drivers, computeDriver) ? drivers[computeDriver] : undefined
  if (make === undefined) {
    const known = Object.keys(drivers).join(', ')
    throw new VirtDriverError('unknown_driver', `compute_driver ${computeDriver} is none of the drivers that there are: ${known}`)
  }
  return make(deps, options)
}
