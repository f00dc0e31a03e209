import { type Check, type Finding, failed, ok } from '../check.js'

const oldest = 20

export function nodeVersion(version: string): Check {
  return { name: 'node', run: async () => judgeNodeVersion(version) }
}

/** @param version `20.19.2` */
export function judgeNodeVersion(version: string): Finding {
  if (Number(version.split('.')[0]) >= oldest) return ok(`Node.js ${version}`)
  return failed(`Node.js is ${version}, and ${oldest} is needed`, `install Node.js ${oldest} or a later one`)
}
