import type { Section } from '../model.js'

export interface PackageFacts {
  /** Of Nova: whose behaviour this is. */
  readonly version: string
  /** Of Micronova. */
  readonly micronova: string
  /** `nova-compute`. */
  readonly program: string
  /** Of the libraries that are part of the program, by name. */
  readonly libraries: Readonly<Record<string, string>>
}

/** What a report is told of the machine: `process`, node:os. */
export interface RuntimeFacts {
  readonly versions: NodeJS.ProcessVersions
  readonly system: string
}

/** The first three names are upstream's. */
export function packageSection({ version, micronova, program, libraries }: PackageFacts, { versions, system }: RuntimeFacts): Section {
  const { node = '', v8 = '', openssl = '', uv = '', zlib = '' } = versions
  const runtime = { node, v8, openssl, libuv: uv, zlib }
  return {
    name: 'package',
    title: 'Package',
    form: 'values',
    model: { product: 'OpenStack Nova', vendor: 'Micronova', version, micronova, program, system, runtime, libraries },
  }
}
