import type { NewServiceRecord, ServiceRecord, ServiceRecords } from '../src/service-record.js'

/** The services table in memory, with one row at most. */
export class FakeRecords implements ServiceRecords {
  readonly calls: string[] = []
  /** `report_count` of each save. */
  readonly saved: number[] = []
  row: ServiceRecord | null
  createFails: Error | null = null
  /** The row that appears when `create` fails. */
  siblingMakes: ServiceRecord | null = null
  saveFails: Error | null = null

  constructor(row: ServiceRecord | null = null) {
    this.row = row
  }

  async find(host: string, binary: string): Promise<ServiceRecord | null> {
    this.calls.push(`find ${host} ${binary}`)
    return this.row
  }

  async create(record: NewServiceRecord): Promise<ServiceRecord> {
    this.calls.push('create')
    if (this.createFails !== null) {
      this.row = this.siblingMakes
      throw this.createFails
    }
    this.row = { ...record }
    return this.row
  }

  async save(record: ServiceRecord): Promise<void> {
    this.calls.push('save')
    if (this.saveFails !== null) throw this.saveFails
    this.saved.push(record.report_count)
  }
}
